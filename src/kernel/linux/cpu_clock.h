/* Clocks that count CPU time, of the caller's threads and processes and of others', and timers on
 * them. Private to linux/. */
#pragma once
#include "lib/list.h"

struct lx_process;

/* Which part: both, ring 3, or both to the nanosecond (the kernel's accounting makes no difference
 * between the first and the last). Numbers of Linux's clock ids. */
enum cpu_clock_part { CPU_CLOCK_PROF, CPU_CLOCK_VIRT, CPU_CLOCK_SCHED };
struct cpu_clock { enum cpu_clock_part part; bool per_thread; int id; /* tid or pid; never 0 */ };

/* What a clock id means to the caller. False: no CPU clock (it may be another clock).
 * uapi/linux/time.h, and the layout of dynamic ids: ~id << 3, thread bit 4, part in bits 0 and 1. */
bool cpu_clock_parse(int clock_id, struct cpu_clock *out);
/* -EINVAL: no such process, or no such thread in the caller's process. */
int cpu_clock_read(const struct cpu_clock *c, u64 *ns) MUST_CHECK;

/* fire() runs in a thread of the watched process on its way to ring 3, with that process's signal
 * lock held, up to 4 ms of CPU time late (128 ms for threads that ran alone on another CPU when the
 * timer was armed). It may arm its timer again, for later. */
struct cpu_timer {
    struct list link;
    struct cpu_clock clock;
    u64 deadline_ns;
    void (*fire)(struct cpu_timer *t);
    bool armed;
};
/* The signal lock of lx held. The clock is one of lx's process; deadline by that clock. */
void cpu_timer_arm_locked(struct lx_process *lx, struct cpu_timer *t, u64 deadline_ns);
void cpu_timer_cancel_locked(struct lx_process *lx, struct cpu_timer *t);
/* The caller's process used CPU time: fires what is due. From linux_user_return. */
void cpu_timers_check(void);
/* Of lx's process itself, its signal lock held. */
u64 cpu_clock_own_locked(struct lx_process *lx, enum cpu_clock_part part);
