/* The slow path of locks of one CPU. */
#include "mm/cpu_lock.h"

void cpu_lock_wait(struct cpu_lock *l)
{
    if (cpu_here->irq_depth)
        panic("mm: memory asked for by an interrupt handler of cpu %u, which interrupted the allocator", cpu_here->id);
    do {
        while (__atomic_load_n(&l->taken, __ATOMIC_RELAXED))
            cpu_relax();
    } while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE));
}
