/* Time. Nanoseconds in u64 everywhere: 584 years. */
#pragma once
#include "lib/rbtree.h"
#include "lib/types.h"

#define NSEC_PER_SEC 1000000000ull
#define TICK_HZ 250u

u64 clock_now_ns(void);                  /* monotonic, since boot */
u64 clock_realtime_ns(void);             /* since 1970-01-01 00:00 UTC */
u64 clock_realtime_offset_ns(void);      /* realtime - monotonic, wrapping */
void clock_set_realtime_ns(u64 ns);      /* from the RTC at boot, or clock_settime */

/* One-shot timers. fn runs in the timer interrupt: it may wake threads, nothing more.
 * Resolution: one tick. Before its memory goes away a timer must be cancelled, even if it fired.
 * timer_cancel returns after fn has finished if it was running; true if it had not fired. */
struct timer { struct rb_node node; u64 deadline_ns; void (*fn)(struct timer *t); bool armed; };
void timer_init(struct timer *t, void (*fn)(struct timer *t));
void timer_arm(struct timer *t, u64 deadline_ns); /* re-arms if armed */
bool timer_cancel(struct timer *t);
/* Runs what is due. Called by the timer interrupt. */
void timer_run(void);

/* Sleeps at least that long: 0 or -EINTR. */
int sleep_until_ns(u64 deadline_ns, bool interruptible);
