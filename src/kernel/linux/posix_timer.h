/* A POSIX timer: a deadline by one of the clocks, and what is sent then. Private to linux/.
 *
 *   off --set--> armed --due--> waits (its signal is on its way) --taken--> armed (interval) or off
 *
 * Like the interval timer it goes on when its signal is taken; what would have been sent meanwhile
 * is counted (timer_getoverrun(2)). State is guarded by the signal lock of its process. */
#pragma once
#include "linux/signal_priv.h"

struct ptimer {
    struct list link;
    struct lx_process *lx;
    struct lx_sigentry *entry; /* what is sent; NULL: nothing (SIGEV_NONE) */
    int id, tid;               /* tid: the thread it is sent to; 0: the process */
    int clock_id;
    bool is_cpu, by_real;      /* what deadline_ns is counted by; neither: monotonic time */
    bool waits;
    u64 deadline_ns;           /* 0: off */
    u64 interval_ns;
    u64 overruns, last_overrun;
    struct timer timer;
    struct cpu_timer cpu;
    struct clock_watch watch;  /* of the real clock, if it is timed by that */
};

struct ptimer_setting { u64 value_ns, interval_ns; };

/* clock_id must be one that timers can be made of (sys_timer.c judges). entry is taken over. */
void ptimer_init(struct ptimer *t, struct lx_process *lx, int clock_id, struct lx_sigentry *entry);
/* Its function runs no more and its signal is its process's; t and, unless it is on its way, its
 * entry may be freed: true. No lock held. */
bool ptimer_fini(struct ptimer *t) MUST_CHECK;
struct ptimer_setting ptimer_get(struct ptimer *t);
/* absolute: value_ns is a time, not a span. Returns what it was. One caller at a time. */
struct ptimer_setting ptimer_set(struct ptimer *t, struct ptimer_setting s, bool absolute);
