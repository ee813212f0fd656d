/* Which CPUs know a table: pt->cpus has a bit for each that has it loaded, set before CR3 and taken
 * away after CR3 points elsewhere (pt_activate). A flush reads the mask after the entries changed: a
 * CPU that is not in it yet will see the change when it walks.
 *
 * A CPU with a kernel thread keeps the last program's table, because it will most often be that
 * program's turn again. The first flush ends this: it loads the kernel's own table rather than be
 * interrupted for every later one.
 *
 * A halted CPU is not woken. It has given the table back, and of the kernel's half it only uses what
 * is never unmapped, until it has left this state and flushed what it was told it missed:
 *
 *   AWAKE --tlb_idle_enter--> HALTED --tlb_flush_kernel of another CPU--> MISSED
 *   AWAKE <---- tlb_idle_leave: flushes if MISSED ----'---------------------' */
#include "arch/tlb.h"
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "arch/smp_call.h"
#include "arch/spinlock.h"

#define FLUSH_ALL_FROM 16 /* pages; a full flush is cheaper than more INVLPGs */
#define CR4_PGE (1ul << 7)

enum { AWAKE, HALTED, MISSED }; /* cpu->tlb_idle */

struct flush { struct pagetable *pt; vaddr_t va, end; };

static void flush_user_here(const struct flush *f)
{
    if (f->end - f->va > FLUSH_ALL_FROM * PAGE_SIZE)
        write_cr3(f->pt->root);
    else
        for (vaddr_t va = f->va; va < f->end; va += PAGE_SIZE)
            invlpg(va);
}

static void flush_user_fn(void *ctx)
{
    const struct flush *f = ctx;
    struct cpu *c = this_cpu();

    if (c->pagetable != f->pt)
        return; /* left it meanwhile */
    if (c->pagetable_borrowed)
        pt_activate(&kernel_pagetable);
    else
        flush_user_here(f);
}

static void here(void (*fn)(void *), void *ctx)
{
    u64 irq = irq_save();
    fn(ctx);
    irq_restore(irq);
}

/* Preemption stays off from this CPU's flush to the others': whoever moves between the two would
 * leave one out. */
void tlb_flush_range(struct pagetable *pt, vaddr_t va, vaddr_t end)
{
    struct flush f = { pt, va, end };

    preempt_disable();
    here(flush_user_fn, &f);
    if (ncpus > 1) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the entries before the mask */
        smp_call(__atomic_load_n(&pt->cpus, __ATOMIC_RELAXED), flush_user_fn, &f);
    }
    preempt_enable_no_resched();
    preempt_check();
}

void tlb_flush_here(struct pagetable *pt, vaddr_t va, vaddr_t end)
{
    struct flush f = { pt, va, end };

    here(flush_user_fn, &f);
}

void tlb_flush_user(struct pagetable *pt) { tlb_flush_range(pt, 0, USER_TOP); }

static void leave_fn(void *ctx)
{
    if (this_cpu()->pagetable == ctx)
        pt_activate(&kernel_pagetable);
}

void tlb_leave(struct pagetable *pt)
{
    here(leave_fn, pt);
    cpu_mask others = __atomic_load_n(&pt->cpus, __ATOMIC_ACQUIRE);
    if (others)
        smp_call(others, leave_fn, pt);
    ASSERT(!__atomic_load_n(&pt->cpus, __ATOMIC_ACQUIRE));
}

/* Kernel pages are global: a new CR3 does not touch them. (SDM vol. 3, 4.10.4.1) */
void tlb_flush_all_here(void)
{
    u64 cr4 = read_cr4();

    if (cr4 & CR4_PGE) {
        write_cr4(cr4 & ~CR4_PGE);
        write_cr4(cr4);
    } else {
        write_cr3(read_cr3());
    }
}

static void flush_kernel_fn(void *ctx)
{
    const struct flush *f = ctx;

    if (f->end - f->va > FLUSH_ALL_FROM * PAGE_SIZE)
        tlb_flush_all_here();
    else
        for (vaddr_t va = f->va; va < f->end; va += PAGE_SIZE)
            invlpg(va);
}

void tlb_idle_enter(void)
{
    if (ncpus == 1)
        return;
    pt_activate(&kernel_pagetable);
    __atomic_store_n(&this_cpu()->tlb_idle, HALTED, __ATOMIC_SEQ_CST);
}

void tlb_idle_leave(void)
{
    if (__atomic_exchange_n(&this_cpu()->tlb_idle, AWAKE, __ATOMIC_SEQ_CST) == MISSED)
        tlb_flush_all_here();
}

/* False: it is awake and must be asked. */
static bool tell_halted(struct cpu *c)
{
    u32 was = HALTED;
    return __atomic_compare_exchange_n(&c->tlb_idle, &was, MISSED, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
           was == MISSED;
}

static cpu_mask awake_others(void)
{
    cpu_mask awake = 0;
    for (u32 i = 0; i < cpus_running(); i++)
        if (i != this_cpu()->id && !tell_halted(&cpus[i]))
            awake |= cpu_bit(i);
    return awake;
}

void tlb_flush_kernel(vaddr_t va, vaddr_t end)
{
    struct flush f = { .va = va, .end = end };

    preempt_disable();
    here(flush_kernel_fn, &f);
    if (ncpus > 1) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        smp_call(awake_others(), flush_kernel_fn, &f);
    }
    preempt_enable_no_resched();
    preempt_check();
}
