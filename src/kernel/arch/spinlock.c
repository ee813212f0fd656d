/* The slow paths of spinlocks. */
#include "arch/spinlock.h"

void spin_deadlock(struct spinlock *l)
{
    panic("spinlock '%s': taken twice by cpu %u", l->name, this_cpu()->id);
}

void spin_wait(struct spinlock *l)
{
    if (spin_held(l))
        spin_deadlock(l);
    do {
        while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED))
            cpu_relax();
    } while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE));
}
