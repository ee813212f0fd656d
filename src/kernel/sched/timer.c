/* One-shot timers, one queue for each CPU. A timer belongs to the CPU that armed it last: that one's
 * clock interrupt runs it, without the lock, and no other CPU's hardware is ever asked.
 *
 *   timer_arm --> queue of this CPU --clock_event_interrupt--> timer_run --> fn
 *
 * t->cpu names the queue whose lock guards the timer; it changes with that lock held. A timer whose
 * function is running stays with its CPU, whoever arms it meanwhile: that CPU looks at its queue
 * before it leaves the interrupt. So `running` of that one queue tells timer_cancel whether a
 * function is still in the middle of it; after timer_cancel nobody touches the timer's memory. A
 * function that cancels its own timer does not wait for itself. Two queues are never locked at once. */
#include "arch/spinlock.h"
#include "sched/tick_priv.h"
#include "sched/timerq.h"

struct timer_cpu {
    struct spinlock lock;  /* irqsave; guards the rest */
    struct timerq queue;
    struct timer *running; /* its function is being called */
};

static struct timer_cpu timers[MAX_CPUS] = { [0 ... MAX_CPUS - 1] = { .lock = SPINLOCK_INIT("timers") } };

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
    *t = (struct timer){ .fn = fn };
}

static struct timer_cpu *timer_lock(struct timer *t, u64 *irq_state)
{
    for (;;) {
        u32 cpu = __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);
        *irq_state = spin_lock_irqsave(&timers[cpu].lock);
        if (likely(t->cpu == cpu))
            return &timers[cpu];
        spin_unlock_irqrestore(&timers[cpu].lock, *irq_state); /* it moved meanwhile */
    }
}

void timer_arm(struct timer *t, u64 deadline_ns)
{
    for (;;) {
        u64 state;
        struct timer_cpu *c = timer_lock(t, &state);
        u32 here = cpu_here->id;
        bool stays = t->cpu == here || c->running == t;
        if (t->armed)
            timerq_remove(&c->queue, t);
        if (stays) {
            t->deadline_ns = deadline_ns;
            timerq_insert(&c->queue, t);
            if (t->cpu == here)
                tick_program(deadline_ns);
        } else {
            __atomic_store_n(&t->cpu, here, __ATOMIC_RELAXED);
        }
        spin_unlock_irqrestore(&c->lock, state);
        if (stays)
            return;
    }
}

bool timer_cancel(struct timer *t)
{
    bool pending = false;
    for (;;) {
        u64 state;
        struct timer_cpu *c = timer_lock(t, &state);
        if (t->armed) {
            timerq_remove(&c->queue, t);
            pending = true;
        }
        bool busy = c->running == t && t->cpu != cpu_here->id;
        spin_unlock_irqrestore(&c->lock, state);
        if (!busy)
            return pending;
        cpu_relax();
    }
}

/* What is armed for a time after now_ns waits for the next interrupt, even if that time has come
 * meanwhile: a function that arms its own timer again must not keep the CPU here for ever. */
void timer_run(u64 now_ns)
{
    struct timer_cpu *c = &timers[cpu_here->id];
    struct timer *t;
    spin_lock(&c->lock);
    while ((t = timerq_pop_due(&c->queue, now_ns))) {
        void (*fn)(struct timer *) = t->fn;
        c->running = t;
        spin_unlock_no_resched(&c->lock);
        fn(t);
        spin_lock(&c->lock);
        c->running = NULL;
    }
    spin_unlock_no_resched(&c->lock);
}

u64 timer_first_ns(void)
{
    struct timer_cpu *c = &timers[cpu_here->id];
    spin_lock(&c->lock);
    u64 first = c->queue.first ? c->queue.first->deadline_ns : TIME_NEVER;
    spin_unlock_no_resched(&c->lock);
    return first;
}
