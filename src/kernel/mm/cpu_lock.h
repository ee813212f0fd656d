/* A lock for what belongs to one CPU: its own CPU finds it free, except while another one collects
 * memory from everybody. Smaller than a spinlock because it is taken for every page and object.
 *
 * Preemption is off while it is held. An interrupt handler that finds it taken would wait for what
 * it interrupted: that is a panic. Inside mm/. */
#pragma once
#include "arch/spinlock.h"

struct cpu_lock { u32 taken; };

void cpu_lock_wait(struct cpu_lock *l) KEEPS_REGISTERS; /* slow path */

/* name: of its kind. */
static inline void cpu_lock(struct cpu_lock *l, const char *name)
{
    preempt_disable();
    lock_taking(l, name, LOCK_CPU, NULL);
    if (unlikely(__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE)))
        cpu_lock_wait(l);
}
/* For who locks again at once. */
static inline void cpu_unlock_no_resched(struct cpu_lock *l)
{
    lock_releasing(l, "of a CPU", LOCK_CPU);
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    preempt_enable_no_resched();
}
static inline void cpu_unlock(struct cpu_lock *l)
{
    cpu_unlock_no_resched(l);
    preempt_check();
}
