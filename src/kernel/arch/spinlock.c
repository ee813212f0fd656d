/* The slow paths of spinlocks. */
#include "arch/spinlock.h"
#include "arch/smp_call.h"

void spin_deadlock(struct spinlock *l)
{
    panic("spinlock '%s': taken twice by cpu %u", l->name, this_cpu()->id);
}

void preempt_now(void)
{
    const struct cpu *c = this_cpu();
    if (c->preempt_count == 0 && c->irq_depth == 0 && irqs_enabled())
        upcall_preempt();
}

/* The holder may be waiting for this CPU to answer it, which no interrupt tells now. */
static void answer_calls(void)
{
    if (!irqs_enabled())
        smp_call_answer();
}

void spin_wait(struct spinlock *l)
{
    if (spin_held(l))
        spin_deadlock(l);
    for (u32 nobody = 1; nobody;) {
        while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED)) {
            answer_calls();
            cpu_relax();
        }
        nobody = 0;
        __atomic_compare_exchange_n(&l->locked, &nobody, this_cpu()->id + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
    }
}
