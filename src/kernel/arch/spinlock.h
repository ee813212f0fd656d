/* Named spinlocks that know their holder.
 *
 * Rules: never sleep with one held (taking one turns preemption off); a lock that an interrupt
 * handler takes is taken everywhere with the _irqsave pair; order is written in docs/locks.md. */
#pragma once
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "lib/assert.h"

struct spinlock { u32 locked; u32 holder; /* cpu id + 1, 0: nobody */ const char *name; };
#define SPINLOCK_INIT(n) { .name = (n) }

static inline void spin_init(struct spinlock *l, const char *name) { *l = (struct spinlock)SPINLOCK_INIT(name); }
static inline bool spin_held(const struct spinlock *l) { return l->holder == this_cpu()->id + 1; }

void spin_deadlock(struct spinlock *l) NORETURN; /* panics with its name */
void spin_wait(struct spinlock *l);              /* slow path; finds the deadlock of one CPU */

/* Called by the _unlock functions when the count of locks falls to 0 and need_resched is set and
 * interrupts are on. Declared here (bottom), defined in init's switchboard; sched does the work. */
void upcall_preempt(void);

static inline void spin_lock(struct spinlock *l)
{
    preempt_disable();
    if (unlikely(__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE)))
        spin_wait(l);
    l->holder = this_cpu()->id + 1;
}
static inline void spin_unlock_no_resched(struct spinlock *l)
{
    l->holder = 0;
    __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
    preempt_enable_no_resched();
}
static inline void preempt_check(void)
{
    struct cpu *c = this_cpu();
    if (unlikely(c->need_resched) && c->preempt_count == 0 && c->irq_depth == 0 && irqs_enabled())
        upcall_preempt();
}
static inline void spin_unlock(struct spinlock *l)
{
    spin_unlock_no_resched(l);
    preempt_check();
}
static inline u64 spin_lock_irqsave(struct spinlock *l)
{
    u64 state = irq_save();
    spin_lock(l);
    return state;
}
static inline void spin_unlock_irqrestore(struct spinlock *l, u64 state)
{
    spin_unlock_no_resched(l);
    irq_restore(state);
    preempt_check();
}
