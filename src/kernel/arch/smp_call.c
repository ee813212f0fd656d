/* Each CPU has one call of its own to make and an inbox that says whose calls wait for it.
 *
 *     caller: fill in calls[me], set bit `me` in each inbox, interrupt whose inbox was empty,
 *             wait until nobody is left in calls[me].left
 *     called: empty the inbox, run each call, take itself out of that call's `left`
 *
 * No lock and no memory: a CPU makes one call at a time, with preemption off. */
#include "arch/smp_call.h"
#include "arch/lapic.h"
#include "arch/spinlock.h"
#include "arch/trap.h"

struct call {
    void (*fn)(void *ctx);
    void *ctx;
    cpu_mask left; /* atomic: who has not run it yet */
} ALIGNED(64);
struct inbox { cpu_mask from; /* atomic */ } ALIGNED(64);

static struct call calls[MAX_CPUS];
static struct inbox inboxes[MAX_CPUS];

void smp_call_answer(void)
{
    u32 me = this_cpu()->id;
    if (likely(!__atomic_load_n(&inboxes[me].from, __ATOMIC_RELAXED)))
        return;
    cpu_mask from = __atomic_exchange_n(&inboxes[me].from, 0, __ATOMIC_SEQ_CST);
    for (; from; from &= from - 1) {
        struct call *c = &calls[__builtin_ctzl(from)];
        c->fn(c->ctx);
        __atomic_and_fetch(&c->left, ~cpu_bit(me), __ATOMIC_SEQ_CST);
    }
}

static void post(u32 me, u32 to)
{
    if (__atomic_fetch_or(&inboxes[to].from, cpu_bit(me), __ATOMIC_SEQ_CST) == 0)
        lapic_send_ipi(cpus[to].lapic_id, VEC_IPI_CALL);
}

static void wait_for_all(struct call *c)
{
    while (__atomic_load_n(&c->left, __ATOMIC_ACQUIRE)) {
        u64 irq = irq_save();
        smp_call_answer();
        irq_restore(irq);
        cpu_relax();
    }
}

void smp_call(cpu_mask who, void (*fn)(void *ctx), void *ctx)
{
    preempt_disable();
    u32 me = this_cpu()->id;
    struct call *c = &calls[me];
    ASSERT(cpu_irq_depth() == 0);
    who &= cpus_running_mask() & ~cpu_bit(me);
    if (who) {
        ASSERT(!c->left);
        c->fn = fn;
        c->ctx = ctx;
        __atomic_store_n(&c->left, who, __ATOMIC_SEQ_CST);
        for (cpu_mask m = who; m; m &= m - 1)
            post(me, (u32)__builtin_ctzl(m));
        wait_for_all(c);
    }
    preempt_enable_no_resched();
    preempt_check();
}

void smp_send_resched(u32 cpu) { lapic_send_ipi(cpus[cpu].lapic_id, VEC_IPI_RESCHED); }
