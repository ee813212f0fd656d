/* Kernel stacks: whole, guarded, and deep enough for the deepest chain. */
#include "arch/paging.h"
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "linux/linux.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "sched/thread.h"

#define STACKS 4
#define FRAGMENTS 64

static void fill(u64 *stack, u64 seed)
{
    for (size_t i = 0; i < KSTACK_PAGES * PAGE_SIZE / sizeof *stack; i++)
        stack[i] = seed + i;
}

static void expect_filled(const u64 *stack, u64 seed)
{
    for (size_t i = 0; i < KSTACK_PAGES * PAGE_SIZE / sizeof *stack; i++)
        ASSERT(stack[i] == seed + i);
}

static void expect_mapping(const void *stack)
{
    vaddr_t base = (vaddr_t)stack;
    unsigned flags;
    ASSERT(!pt_query(&kernel_pagetable, base - PAGE_SIZE, NULL, NULL));
    for (size_t i = 0; i < KSTACK_PAGES; i++) {
        ASSERT(pt_query(&kernel_pagetable, base + i * PAGE_SIZE, NULL, &flags));
        ASSERT((flags & PT_WRITE) && !(flags & (PT_EXEC | PT_USER)));
    }
}

/* Out of memory in which no two free pages lie together. */
static void kstack_whole(void)
{
    paddr_t page[FRAGMENTS];
    u64 *stack[STACKS];
    for (unsigned i = 0; i < FRAGMENTS; i++) {
        page[i] = pmm_alloc_page();
        ASSERT(page[i]);
    }
    for (unsigned i = 0; i < FRAGMENTS; i += 2)
        pmm_free_page(page[i]);
    for (unsigned i = 0; i < STACKS; i++) {
        stack[i] = kstack_alloc(KSTACK_PAGES, "test");
        ASSERT(stack[i]);
        expect_mapping(stack[i]);
        fill(stack[i], i * 1000003ul);
    }
    for (unsigned i = 0; i < STACKS; i++) {
        expect_filled(stack[i], i * 1000003ul);
        kstack_free(stack[i], KSTACK_PAGES);
    }
    for (unsigned i = 1; i < FRAGMENTS; i += 2)
        pmm_free_page(page[i]);
}
SELFTEST("kstack-whole", kstack_whole);

struct chain { size_t used; bool done; };

/* Path, ELF, VMOs, pages, heap, mapping: all of execve that can fail, on a painted stack. */
static void deep_chain(void *arg)
{
    struct chain *c = arg;
    struct thread *t = thread_current();
    int r = linux_exec_try("/bin/sh");
    ASSERT(r == 0);
    c->used = kstack_used(t->kstack, t->kstack_pages);
    __atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
}

static void kstack_depth(void)
{
    struct chain c = { 0 };
    kstack_paint(true);
    struct thread *t = kthread_run("deep", deep_chain, &c);
    while (!__atomic_load_n(&c.done, __ATOMIC_ACQUIRE))
        sleep_ms(4);
    kstack_paint(false);
    kobject_put(&t->obj);
    kinfo("kstack: execve used %lu of %lu bytes", c.used, KSTACK_PAGES * PAGE_SIZE);
    ASSERT(c.used > 0 && c.used < KSTACK_PAGES * PAGE_SIZE * 3 / 4);
}
SELFTEST("kstack-depth", kstack_depth);
