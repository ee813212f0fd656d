/* Time. Nanoseconds in u64 everywhere: 584 years. */
#pragma once
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/types.h"

#define NSEC_PER_SEC 1000000000ull
#define TICK_HZ 250u       /* how often what runs is looked at, at most */
#define TIME_NEVER UINT64_MAX

u64 clock_now_ns(void);                  /* monotonic, since boot */
u64 clock_realtime_ns(void);             /* since 1970-01-01 00:00 UTC */
u64 clock_realtime_offset_ns(void);      /* realtime - monotonic, wrapping */
void clock_set_realtime_ns(u64 ns);      /* from the RTC at boot, or clock_settime */

/* Who waits for a moment of the real time hears of each clock_set_realtime_ns: changed() runs after
 * the setting, with a lock held and interrupts off; it may arm timers and wake threads. After
 * clock_watch_remove it runs no more. */
struct clock_watch { struct list link; void (*changed)(struct clock_watch *w); };
void clock_watch_add(struct clock_watch *w, void (*changed)(struct clock_watch *w));
void clock_watch_remove(struct clock_watch *w); /* twice is fine; never added is not */

/* One-shot timers. fn runs in the clock interrupt of the CPU where the timer was armed, with
 * interrupts off: it may wake threads and arm timers (this one, too), nothing more. It runs at the
 * deadline or as soon after as interrupts are on, never before.
 * Before its memory goes away a timer must be cancelled, even if it fired. timer_cancel returns
 * after fn has finished if it was running; true if it had not fired. */
struct timer { struct rb_node node; u64 deadline_ns; void (*fn)(struct timer *t); u32 cpu; bool armed; };
void timer_init(struct timer *t, void (*fn)(struct timer *t));
void timer_arm(struct timer *t, u64 deadline_ns); /* re-arms if armed */
bool timer_cancel(struct timer *t);

/* The scheduler's wish: on this CPU call sched_tick() at deadline_ns, once; 0: not needed any more.
 * A few instructions when the hardware's next interrupt comes early enough. Interrupts off, and
 * cpu->current is the thread the wish is about. */
void tick_want(u64 deadline_ns);
/* Somebody now watches the running thread's CPU time (thread.cpu_watch): look soon. */
void tick_look_soon(void);

/* What interrupts a CPU at a given time (a driver's). arm() is called with interrupts off on the
 * CPU in question and forgets what it was armed for before. The interrupt comes at deadline_ns or
 * at once if that has passed; it may come early if the hardware cannot wait so long, for the core
 * arms it again. Its handler calls clock_event_interrupt(), with interrupts off. */
struct clock_event { const char *name; void (*arm)(u64 deadline_ns); };
/* On this CPU, from now on. */
void clock_event_use(const struct clock_event *e);
void clock_event_interrupt(void);
/* What CPU `id` uses; NULL: nothing yet. */
const struct clock_event *clock_event_of(u32 cpu);

/* Sleeps at least that long: 0 or -EINTR. */
int sleep_until_ns(u64 deadline_ns, bool interruptible);
