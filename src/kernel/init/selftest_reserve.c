/* Programs may take what they like: something stays for the kernel, and what they took was never a table's
 * part of it. */
#include "arch/paging.h"
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/reclaim.h"
#include "mm/slab.h"
#include "vm/aspace.h"

/* All that can be had for this use, chained through the pages. */
static u64 take_all(enum pmm_use use, paddr_t *chain)
{
    u64 n = 0;
    for (paddr_t page; (page = pmm_alloc_for(use)); n++) {
        *(paddr_t *)phys_to_virt(page) = *chain;
        *chain = page;
    }
    return n;
}

static void give_all(paddr_t chain)
{
    while (chain) {
        paddr_t next = *(paddr_t *)phys_to_virt(chain);
        pmm_free_page(chain);
        chain = next;
    }
}

/* Stacks, tables of the kernel's own half, heap of every kind. */
static void kernel_still_works(void)
{
    void *stack = kstack_alloc(KSTACK_PAGES, "reserve"), *big = kmem_alloc(3), *window = kmem_map_phys(0, 5ul << 20,
            PT_UNCACHED);
    ASSERT(stack && big && window);
    void *small = kmalloc(100), *page = kmalloc(3000);
    ASSERT(small && page);
    kfree(page);
    kfree(small);
    kmem_unmap_phys(window, 5ul << 20);
    kmem_free(big, 3);
    kstack_free(stack, KSTACK_PAGES);
}

static void kernel_reserve(void)
{
    (void)memory_reclaim();
    struct resources before = resources_now();
    u64 reserve = pmm_reserve_pages();
    paddr_t chain = 0;
    u64 n = take_all(PMM_PROGRAM_PAGE, &chain);
    ASSERT(n > 0 && pmm_stats().free == reserve && !pmm_alloc_for(PMM_PROGRAM_PAGE));
    kernel_still_works();
    (void)memory_reclaim();
    ASSERT(take_all(PMM_PROGRAM_TABLE, &chain) == reserve - reserve / 2 && pmm_stats().free == reserve / 2);
    kernel_still_works();
    give_all(chain);
    resources_expect(&before, "kernel-reserve");
}
SELFTEST("kernel-reserve", kernel_reserve);

/* The program's side: a shared object and a private mapping are refused their last pages with -ENOMEM, and
 * tables give out later than pages. */
static void program_refused(void)
{
    struct aspace *as;
    vaddr_t at = 0;
    u64 word = 1, filled = 0, size = pmm_total() * PAGE_SIZE;
    (void)memory_reclaim();
    struct resources before = resources_now();
    ASSERT(aspace_create(&as) == 0);
    ASSERT(aspace_map(as, NULL, 0, size, VM_READ | VM_WRITE, VM_READ | VM_WRITE, 0, &at) == 0);
    while (aspace_write(as, at + filled * PAGE_SIZE, &word, sizeof word) == sizeof word)
        filled++;
    ASSERT(filled > 0 && pmm_stats().free <= pmm_reserve_pages() && pmm_stats().free >= pmm_reserve_pages() / 2);
    kernel_still_works();
    aspace_put(as);
    resources_expect(&before, "program-refused");
}
SELFTEST("program-refused", program_refused);
