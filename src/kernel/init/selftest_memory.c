/* In-kernel tests of pages, kernel addresses and heap, beside selftest_pmm.c. They expect that nobody else allocates
 * meanwhile, which holds before the first program runs. */
#include "init/selftest.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "arch/paging.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"

static u64 seed = 20261122;
static u64 rnd(u64 below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % below;
}

static void pmm_runs(void)
{
    static const u16 sizes[] = { 1, 2, 3, 63, 64, 65, 512, 1024 };
    u64 nfree = pmm_stats().free;
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        paddr_t any = pmm_alloc_pages(sizes[i], 1, ZONE_ANY), low = pmm_alloc_pages(sizes[i], 512, ZONE_DMA32);
        if (!any || !low) {
            kinfo("selftest: no two runs of %u pages here", sizes[i]);
            ASSERT(sizes[i] > 65);
        }
        ASSERT(low % (512 * PAGE_SIZE) == 0 && low + sizes[i] * PAGE_SIZE <= 4ull << 30);
        if (any)
            pmm_free_pages(any, sizes[i]);
        if (low)
            pmm_free_pages(low, sizes[i]);
    }
    ASSERT(pmm_stats().free == nfree);
    pmm_check();
}
SELFTEST("pmm-runs", pmm_runs);

/* A page that is in use for something else never comes out. */
static void pmm_reserve_page(void)
{
    paddr_t page = pmm_alloc_page();
    pmm_free_page(page);
    int r = pmm_reserve(page, 1);
    ASSERT(r == 0 && pmm_state(page) == PAGE_RESERVED);
    r = pmm_reserve(page, 1);
    ASSERT(r != 0);
    ASSERT(pmm_add_range(page, PAGE_SIZE) == 1 && pmm_state(page) == PAGE_FREE);
}
SELFTEST("pmm-reserve", pmm_reserve_page);

static void page_contents(void)
{
    paddr_t a = pmm_alloc_page(), b = pmm_alloc_page_zeroed();
    u64 *x = phys_to_virt(a), *y = phys_to_virt(b);
    for (unsigned i = 0; i < 512; i++) {
        ASSERT(y[i] == 0);
        x[i] = ~(u64)i;
    }
    page_copy(b, a);
    page_clear(a);
    for (unsigned i = 0; i < 512; i++)
        ASSERT(x[i] == 0 && y[i] == ~(u64)i);
    pmm_free_page(a);
    pmm_free_page(b);
}
SELFTEST("page-contents", page_contents);

/* Pieces over many page tables; at the end pages and tables are back. */
static void kmem_gives_back(void)
{
    void *p[24];
    for (unsigned round = 0; round < 3; round++) {
        u64 nfree = pmm_stats().free;
        unsigned n = 0;
        while (n < ARRAY_SIZE(p) && (p[n] = kmem_map_phys(0, 5ul << 20, PT_UNCACHED)))
            n++;
        ASSERT(n > 0 && pmm_stats().free < nfree);
        while (n--)
            kmem_unmap_phys(p[n], 5ul << 20);
        ASSERT(round == 0 || pmm_stats().free == nfree); /* once, the arena's notes may grow */
    }
}
SELFTEST("kmem-gives-back", kmem_gives_back);

#define LIVE 400
struct piece { u8 *p; u32 size; u8 fill; };

static void check_and_free(struct piece *o)
{
    for (u32 k = 0; k < o->size; k++)
        if (o->p[k] != o->fill)
            panic("selftest: byte %u of an object of %u changed", k, o->size);
    kfree(o->p);
}

static void heap_stress(void)
{
    static BOOT_ONLY struct piece live[LIVE];
    heap_trim();
    struct heap_stats before = heap_stats();
    unsigned n = 0;
    for (unsigned step = 0; step < 100000; step++) {
        if (n < LIVE && rnd(100) < (step / 5000 % 2 ? 40 : 60)) {
            u32 size = (u32)rnd(rnd(16) ? 300 : 9000);
            u8 *p = kmalloc(size);
            if (!p)
                continue;
            live[n] = (struct piece){ p, size, (u8)rnd(256) };
            for (u32 k = 0; k < size; k++)
                p[k] = live[n].fill;
            n++;
        } else if (n) {
            u64 i = rnd(n);
            check_and_free(&live[i]);
            live[i] = live[--n];
        }
    }
    heap_check();
    while (n)
        check_and_free(&live[--n]);
    heap_trim();
    heap_check();
    struct heap_stats after = heap_stats();
    ASSERT(after.objects == before.objects && after.bytes_used == before.bytes_used);
}
SELFTEST("heap-stress", heap_stress);
