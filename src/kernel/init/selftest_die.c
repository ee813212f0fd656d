/* Deaths on purpose: each shows that one kind of kernel bug is named and explained. */
#include "init/selftest.h"
#include "lib/assert.h"
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "sched/policy.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/thread.h"

/* Deep enough to leave any stack; volatile so that the compiler keeps every frame. */
static NOINLINE int recurse(int depth)
{
    volatile char frame[512];

    frame[depth % 512] = (char)depth;
    int below = depth < 1000000 ? recurse(depth + 1) : 0;
    return below + frame[depth % 512];
}

static void overflow_thread(void *arg) { (void)recurse(0); }

static void die_stack(void)
{
    (void)kthread_run("overflower", overflow_thread, NULL);
    for (;;)
        thread_yield();
}
SELFTEST("die-stack", die_stack);

/* The last CPU goes to one of its trap stacks as if it had struck there, and beyond the end. */
static void overflow_on(void *arg) { (void)recurse(0); }

static void leave_for_trap_stack(void *which)
{
    if (thread_set_allowed_cpus(thread_current(), 1ull << (ncpus - 1)))
        panic("the last CPU cannot be had");
    irq_disable();
    context_leave(trap_stack_top((enum trap_stack)(vaddr_t)which), overflow_on, NULL);
}

static NORETURN void die_on(enum trap_stack which)
{
    (void)kthread_run("overflower", leave_for_trap_stack, (void *)(vaddr_t)which);
    for (;;)
        thread_yield();
}

static void die_nmi_stack(void) { die_on(TRAP_STACK_NMI); }
SELFTEST("die-nmi-stack", die_nmi_stack);

static void die_mc_stack(void) { die_on(TRAP_STACK_MC); }
SELFTEST("die-mc-stack", die_mc_stack);

static void die_df_stack(void) { die_on(TRAP_STACK_DF); }
SELFTEST("die-df-stack", die_df_stack);

/* Through a variable, so that the compiler does not see what is wrong. */
static volatile vaddr_t bad_address;

static void die_at(vaddr_t addr)
{
    bad_address = addr;
    *(volatile char *)bad_address = 1;
}

static void die_null(void) { die_at(8); }
SELFTEST("die-null", die_null);

static void die_ud(void) { __builtin_trap(); }
SELFTEST("die-ud", die_ud);

static void die_assert(void) { ASSERT(1 + 1 == 3); }
SELFTEST("die-assert", die_assert);

static void die_gp(void) { die_at(0x8000000000000000ul); }
SELFTEST("die-gp", die_gp);

extern char __text_start[];
static void die_text(void) { die_at((vaddr_t)__text_start); }
SELFTEST("die-write-text", die_text);

static void die_exec(void)
{
    static const unsigned char ret = 0xc3;
    ((void (*)(void))(vaddr_t)&ret)();
}
SELFTEST("die-exec-data", die_exec);

static void die_double_free_page(void)
{
    paddr_t p = pmm_alloc_page();
    pmm_free_page(p);
    pmm_free_page(p);
}
SELFTEST("die-free-page-twice", die_double_free_page);

static void die_double_free(void)
{
    void *p = kmalloc(100);
    kfree(p);
    kfree(p);
}
SELFTEST("die-kfree-twice", die_double_free);
