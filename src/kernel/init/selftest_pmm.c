/* Physical pages: all of them can be had, none of them is somebody else's, and running out is an
 * answer that one recovers from. */
#include "arch/paging.h"
#include "init/init.h"
#include "init/selftest.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/thread.h"

extern char __text_start[], __data_end[];

struct drain { u64 *page; u64 n, most; };

/* Everything that is free, also what caches keep. The array is taken first. */
static void drain_begin(struct drain *d)
{
    kstack_trim();
    heap_trim();
    d->most = pmm_stats().free;
    d->page = kmem_alloc(d->most * sizeof(u64) / PAGE_SIZE + 1);
    ASSERT(d->page);
    u64 free = pmm_stats().free;
    for (d->n = 0; d->n < d->most; d->n++) {
        paddr_t page = pmm_alloc_page();
        if (!page)
            break;
        d->page[d->n] = page;
    }
    ASSERT(d->n == free && pmm_stats().free == 0);
}

static void drain_end(struct drain *d)
{
    for (u64 i = 0; i < d->n; i++)
        pmm_free_page(d->page[i]);
    ASSERT(pmm_stats().free == d->n);
    kmem_free(d->page, d->most * sizeof(u64) / PAGE_SIZE + 1);
}

/* Marks every page that was handed out, so that the second time is seen. */
static void drain_check_distinct(const struct drain *d)
{
    for (u64 i = 0; i < d->n; i++) {
        ASSERT(IS_ALIGNED(d->page[i], PAGE_SIZE) && pmm_state(d->page[i]) == PAGE_ALLOCATED);
        ASSERT(page_refs(d->page[i]) == 1);
        page_get(d->page[i]);
    }
    for (u64 i = 0; i < d->n; i++) {
        ASSERT(page_refs(d->page[i]) == 2);
        page_put(d->page[i]);
    }
}

static void pmm_drain(void)
{
    struct drain d;
    drain_begin(&d);
    drain_check_distinct(&d);
    drain_end(&d);
}
SELFTEST("pmm-drain", pmm_drain);

static void never_runs(void *arg) { panic("a thread ran that could not be made"); }

static void pmm_exhausted(void)
{
    struct drain d;
    struct thread *t;
    drain_begin(&d);
    ASSERT(pmm_alloc_page() == 0 && pmm_alloc_page_zeroed() == 0);
    ASSERT(pmm_alloc_pages(2, 1, ZONE_ANY) == 0 && pmm_alloc_pages(1, 1, ZONE_DMA32) == 0);
    ASSERT(!kmem_alloc(1) && !kmalloc(PAGE_SIZE) && !kmalloc(1 << 20));
    ASSERT(thread_create("none", never_runs, NULL, &t) == -ENOMEM);
    drain_end(&d);
    void *p = kmalloc(1 << 20);
    ASSERT(p);
    kfree(p);
    heap_check();
}
SELFTEST("pmm-exhausted", pmm_exhausted);

static void expect_not_free(paddr_t base, u64 size)
{
    for (paddr_t pa = ROUND_DOWN(base, PAGE_SIZE); pa < base + size; pa += PAGE_SIZE)
        if (pmm_state(pa) == PAGE_FREE)
            panic("page %#lx is in use, and free", pa);
}

static void table_not_free(paddr_t table, void *ctx) { expect_not_free(table, PAGE_SIZE); }

/* What is mapped in the kernel's half by single pages: image, stacks, big heap pieces. */
static void leaf_not_free(const struct pt_leaf *leaf, void *ctx)
{
    if (leaf->va >= KERNEL_ARENA_BASE)
        expect_not_free(leaf->pa, leaf->size);
}

static void pmm_in_use(void)
{
    const struct memmap *map = boot_memmap();
    for (unsigned i = 0; i < map->n; i++) {
        const struct mem_range *r = &map->range[i];
        if (r->kind != MEM_USABLE && r->kind != MEM_MODULE && r->kind != MEM_BOOT_DATA)
            expect_not_free(r->base, MIN(r->size, 1ull << 30));
    }
    expect_not_free(0, 1 << 20);
    expect_not_free(virt_to_phys(__text_start), (u64)(__data_end - __text_start));
    pt_visit_tables(&kernel_pagetable, table_not_free, NULL);
    pt_visit(&kernel_pagetable, leaf_not_free, NULL);
}
SELFTEST("pmm-in-use", pmm_in_use);
