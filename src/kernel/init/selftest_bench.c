/* How long the memory room's own operations take: "bench: NAME TICKS", ticks of the TSC for one
 * operation. Under QEMU's -icount shift=0 a tick is an instruction. Left out of selftest=all. */
#include "arch/cpu.h"
#include "arch/paging.h"
#include "init/selftest.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define ROUNDS 1000u
#define MANY 1000u

static BOOT_ONLY paddr_t page[MANY];
static BOOT_ONLY void *object[MANY];

static void report(const char *name, u64 start, u64 n)
{
    u64 tenths = (rdtsc() - start) * 10 / n;
    kinfo("bench: %s %lu.%lu", name, tenths / 10, tenths % 10);
}

static void bench_pages(void)
{
    u64 t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++) {
        paddr_t p = pmm_alloc_page();
        pmm_free_page(p);
    }
    report("page-alloc-free", t, ROUNDS);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        page[i] = pmm_alloc_page();
    report("page-alloc-1000", t, MANY);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        page_get(page[i]);
    report("page-get", t, MANY);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        page_put(page[i]);
    report("page-put", t, MANY);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        pmm_free_page(page[i]);
    report("page-free-1000", t, MANY);
}

static void bench_contents(void)
{
    paddr_t a = pmm_alloc_page(), b = pmm_alloc_page();
    u64 t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        page_clear(a);
    report("page-clear", t, ROUNDS);
    t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        page_copy(a, b);
    report("page-copy", t, ROUNDS);
    pmm_free_page(a);
    pmm_free_page(b);
}

static void bench_heap(void)
{
    u64 t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kfree(kmalloc(100));
    report("kmalloc-kfree-100", t, ROUNDS);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        object[i] = kmalloc(100);
    report("kmalloc-100-1000", t, MANY);
    t = rdtsc();
    for (unsigned i = 0; i < MANY; i++)
        kfree(object[i]);
    report("kfree-100-1000", t, MANY);
    t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kmem_free(kmem_alloc(4), 4);
    report("kmem-alloc-free-4", t, ROUNDS);
    t = rdtsc();
    for (unsigned i = 0; i < ROUNDS; i++)
        kstack_free(kstack_alloc(KSTACK_PAGES, "bench"), KSTACK_PAGES);
    report("kstack-alloc-free", t, ROUNDS);
}

/* Twice: the first time pages and caches are new. */
static void bench_memory(void)
{
    for (unsigned i = 0; i < 2; i++) {
        bench_pages();
        bench_contents();
        bench_heap();
    }
}
SELFTEST("bench-memory", bench_memory);
