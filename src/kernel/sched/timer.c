/* One-shot timers, driven by the tick. One queue for all CPUs; whichever CPU's tick comes first
 * runs what is due, one function at a time, without the lock.
 *
 * `running` lets timer_cancel wait for a function that another CPU is in the middle of: after it
 * returns nobody touches the timer's memory. A function that cancels its own timer does not wait
 * for itself. */
#include "arch/spinlock.h"
#include "sched/clock.h"
#include "sched/timerq.h"

static struct spinlock lock = SPINLOCK_INIT("timers"); /* irqsave */
static struct timerq queue;                            /* guarded by lock */
static struct timer *running[MAX_CPUS];                /* guarded by lock */

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
    *t = (struct timer){ .fn = fn };
}

void timer_arm(struct timer *t, u64 deadline_ns)
{
    u64 state = spin_lock_irqsave(&lock);
    if (t->armed)
        timerq_remove(&queue, t);
    t->deadline_ns = deadline_ns;
    timerq_insert(&queue, t);
    spin_unlock_irqrestore(&lock, state);
}

static bool running_elsewhere_locked(const struct timer *t)
{
    for (u32 i = 0; i < ncpus; i++)
        if (running[i] == t && i != this_cpu()->id)
            return true;
    return false;
}

bool timer_cancel(struct timer *t)
{
    bool pending = false;
    for (;;) {
        u64 state = spin_lock_irqsave(&lock);
        if (t->armed) {
            timerq_remove(&queue, t);
            pending = true;
        }
        bool busy = running_elsewhere_locked(t);
        spin_unlock_irqrestore(&lock, state);
        if (!busy)
            return pending;
        cpu_relax();
    }
}

void timer_run(void)
{
    u64 now = clock_now_ns();
    u64 state = spin_lock_irqsave(&lock);
    struct timer *t;
    while ((t = timerq_pop_due(&queue, now))) {
        running[this_cpu()->id] = t;
        void (*fn)(struct timer *) = t->fn;
        spin_unlock_no_resched(&lock); /* interrupts stay off: fn is an interrupt handler's part */
        fn(t);
        spin_lock(&lock);
        running[this_cpu()->id] = NULL;
    }
    spin_unlock_irqrestore(&lock, state);
}
