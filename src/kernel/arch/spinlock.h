/* Named spinlocks that know their holder.
 *
 * Rules: never sleep with one held (taking one turns preemption off); a lock that an interrupt
 * handler takes is taken everywhere with the _irqsave pair; order is written in docs/locks.md. */
#pragma once
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "lib/assert.h"

struct spinlock {
    u32 locked; /* cpu id + 1 of the holder, 0: nobody */
    u8 kind;    /* enum lock_kind */
    const char *name;
};
#define SPINLOCK_INIT(n) { .name = (n) }
#define SPINLOCK_INIT_KIND(n, k) { .kind = (k), .name = (n) }

static inline void spin_init_kind(struct spinlock *l, const char *name, enum lock_kind kind)
{
    lock_gone(l, sizeof *l, "initialised");
    *l = (struct spinlock)SPINLOCK_INIT_KIND(name, (u8)kind);
}
static inline void spin_init(struct spinlock *l, const char *name) { spin_init_kind(l, name, LOCK_SPIN); }
/* As of now: for a panic, in which nobody else runs. */
static inline bool spin_is_free(const struct spinlock *l) { return l->locked == 0; }
static inline bool spin_held(const struct spinlock *l) { return l->locked == cpu_here->id + 1; }

void spin_deadlock(struct spinlock *l) NORETURN; /* panics with its name */
/* The slow paths keep every register, so that a function that takes a lock and calls nothing else
 * can keep its own in those that a call would destroy, and saves none. */
#define KEEPS_REGISTERS __attribute__((no_caller_saved_registers, cold))
void spin_wait(struct spinlock *l) KEEPS_REGISTERS; /* finds the deadlock of one CPU, too */
void preempt_now(void) KEEPS_REGISTERS;             /* upcall_preempt, if nothing forbids it */

/* Called by the _unlock functions when the count of locks falls to 0 and need_resched is set and
 * interrupts are on. Declared here (bottom), defined in init's switchboard; sched does the work. */
void upcall_preempt(void);

static inline void spin_lock(struct spinlock *l)
{
    preempt_disable();
    lock_taking(l, l->name, l->kind, NULL);
    u32 nobody = 0;
    if (unlikely(!__atomic_compare_exchange_n(&l->locked, &nobody, cpu_here->id + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
        spin_wait(l);
}
static inline void spin_unlock_no_resched(struct spinlock *l)
{
    lock_releasing(l, l->name, l->kind);
    __atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
    preempt_enable_no_resched();
}
static inline void preempt_check(void)
{
    if (unlikely(cpu_here->need_resched))
        preempt_now();
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
