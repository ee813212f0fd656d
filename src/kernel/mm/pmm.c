/* Physical pages: the lock, the limits and the reference counts around an allocator that itself
 * only knows page numbers (pmm_linear.c).
 *
 * Tables: one state byte and one reference count per page from 0 to the end of RAM, taken from
 * boot_alloc. Memory that only devices claim above RAM costs nothing. Pages below 1 MiB stay
 * RESERVED for ever.
 *
 * References: 0 unless ALLOCATED. Counting is atomic and needs no lock: who calls page_get or
 * page_put owns a reference, so the count cannot reach 0 under its hands. */
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/alloc_fault.h"
#include "mm/boot_alloc.h"
#include "mm/mm_priv.h"
#include "mm/pmm.h"
#include "mm/pmm_linear.h"

#define DMA32_PAGES ((4ull << 30) >> PAGE_SHIFT)

static struct spinlock pmm_lock = SPINLOCK_INIT("pmm");
static struct linear_pmm pool; /* pmm_lock */
static u32 *refs;              /* atomic */
static const struct memmap *memory;
static u64 ram_pages;

static u64 page_number(paddr_t page)
{
    if (!IS_ALIGNED(page, PAGE_SIZE) || page >> PAGE_SHIFT >= pool.npages)
        panic("pmm: %#lx is not the address of a page", page);
    return page >> PAGE_SHIFT;
}

/* --- start ---------------------------------------------------------------------------------- */

static void withhold(paddr_t base, u64 size, void *ctx)
{
    u64 bad = linear_reserve(&pool, base >> PAGE_SHIFT, size >> PAGE_SHIFT);
    ASSERT(bad == LINEAR_NONE);
}

static void log_start(void)
{
    debug_raw("boot-alloc used ");
    debug_dec(boot_alloc_used() / 1024);
    debug_raw(" KiB\npmm-linear free ");
    debug_dec(pool.nfree);
    debug_raw(" pages (");
    debug_hex(pool.nfree);
    debug_raw(") of ");
    debug_dec(ram_pages);
    debug_raw("\n");
}

void pmm_init(const struct memmap *map)
{
    ASSERT(!memory);
    u64 npages = memmap_ram_end(map) >> PAGE_SHIFT;
    if (npages == 0)
        panic("pmm: the firmware's memory map has no RAM");
    u8 *state = boot_alloc(npages, PAGE_SIZE);
    refs = boot_alloc(npages * sizeof *refs, PAGE_SIZE);
    if (!state || !refs)
        panic("pmm: no room below 4 GiB for the tables of %lu pages", npages);
    linear_init(&pool, state, npages);
    for (unsigned i = 0; i < map->n; i++) {
        const struct mem_range *r = &map->range[i];
        paddr_t base = MAX(r->base, LOW_MEMORY_END), end = r->base + r->size;
        if (mem_kind_is_ram(r->kind))
            ram_pages += r->size >> PAGE_SHIFT;
        if (r->kind == MEM_USABLE && base < end)
            linear_add(&pool, base >> PAGE_SHIFT, (end - base) >> PAGE_SHIFT);
    }
    boot_alloc_close();
    boot_alloc_for_each_used(withhold, NULL);
    memory = map;
    log_start();
}

u64 pmm_add_range(paddr_t base, u64 size)
{
    u64 added = 0, limit = pool.npages << PAGE_SHIFT;
    if (base >= limit)
        return 0;
    paddr_t end = ROUND_DOWN(base + MIN(size, limit - base), PAGE_SIZE);
    u64 irq = spin_lock_irqsave(&pmm_lock);
    for (paddr_t pa = MAX(ROUND_UP(base, PAGE_SIZE), LOW_MEMORY_END); pa < end; pa += PAGE_SIZE)
        if (mem_kind_is_ram(memmap_kind_at(memory, pa)))
            added += linear_add(&pool, pa >> PAGE_SHIFT, 1);
    spin_unlock_irqrestore(&pmm_lock, irq);
    return added;
}

/* --- allocation ----------------------------------------------------------------------------- */

paddr_t pmm_alloc_pages(size_t n, size_t align, enum pmm_zone zone)
{
    if (alloc_shall_fail())
        return 0;
    u64 limit = zone == ZONE_DMA32 ? DMA32_PAGES : UINT64_MAX;
    u64 irq = spin_lock_irqsave(&pmm_lock);
    u64 first = linear_alloc(&pool, n, align, limit);
    if (first != LINEAR_NONE)
        for (u64 i = first; i < first + n; i++)
            __atomic_store_n(&refs[i], 1, __ATOMIC_RELAXED);
    spin_unlock_irqrestore(&pmm_lock, irq);
    return first == LINEAR_NONE ? 0 : first << PAGE_SHIFT;
}

paddr_t pmm_alloc_page(void) { return pmm_alloc_pages(1, 1, ZONE_ANY); }

paddr_t pmm_alloc_page_zeroed(void)
{
    paddr_t page = pmm_alloc_page();
    if (page)
        page_clear(page);
    return page;
}

/* The pages' references are 0 already. */
static void release(u64 first, u64 n)
{
    u64 irq = spin_lock_irqsave(&pmm_lock);
    u64 bad = linear_free(&pool, first, n);
    u8 state = bad < pool.npages ? pool.state[bad] : PAGE_RESERVED;
    spin_unlock_irqrestore(&pmm_lock, irq);
    if (bad != LINEAR_NONE)
        panic("pmm: page %#lx freed while %s", bad << PAGE_SHIFT,
              state == PAGE_FREE ? "free already" : "reserved");
}

/* Takes the one reference of a page that its owner gives back. */
static void drop_only_reference(u64 page)
{
    u32 one = 1;
    if (__atomic_compare_exchange_n(&refs[page], &one, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    if (one > 1)
        panic("pmm: page %#lx freed with %u references", page << PAGE_SHIFT, one);
    panic("pmm: page %#lx freed while %s", page << PAGE_SHIFT,
          pool.state[page] == PAGE_FREE ? "free already" : "reserved");
}

void pmm_free_pages(paddr_t base, size_t n)
{
    u64 first = page_number(base);
    if (n > pool.npages - first)
        panic("pmm: %lu pages freed at %#lx reach beyond RAM", n, base);
    for (u64 i = first; i < first + n; i++)
        drop_only_reference(i);
    release(first, n);
}

void pmm_free_page(paddr_t page) { pmm_free_pages(page, 1); }

static bool all_ram(paddr_t base, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!mem_kind_is_ram(memmap_kind_at(memory, base + i * PAGE_SIZE)))
            return false;
    return true;
}

int pmm_reserve(paddr_t base, size_t n)
{
    if (!IS_ALIGNED(base, PAGE_SIZE) || base >> PAGE_SHIFT > pool.npages ||
        n > pool.npages - (base >> PAGE_SHIFT) || !all_ram(base, n))
        return -EINVAL;
    u64 irq = spin_lock_irqsave(&pmm_lock);
    u64 bad = linear_reserve(&pool, base >> PAGE_SHIFT, n);
    spin_unlock_irqrestore(&pmm_lock, irq);
    return bad == LINEAR_NONE ? 0 : -EBUSY;
}

enum page_state pmm_state(paddr_t page)
{
    u64 n = page >> PAGE_SHIFT;
    return n < pool.npages ? __atomic_load_n(&pool.state[n], __ATOMIC_RELAXED) : PAGE_RESERVED;
}

struct pmm_stats pmm_stats(void)
{
    u64 irq = spin_lock_irqsave(&pmm_lock);
    struct pmm_stats s = { .total = ram_pages, .free = pool.nfree,
                           .reserved = ram_pages - pool.nfree - pool.nallocated };
    spin_unlock_irqrestore(&pmm_lock, irq);
    return s;
}

/* --- references ----------------------------------------------------------------------------- */

void page_get(paddr_t page)
{
    u32 old = __atomic_fetch_add(&refs[page_number(page)], 1, __ATOMIC_RELAXED);
    if (old == 0 || old == UINT32_MAX)
        panic("pmm: reference to page %#lx, which has %u", page, old);
}

void page_put(paddr_t page)
{
    u64 n = page_number(page);
    u32 old = __atomic_fetch_sub(&refs[n], 1, __ATOMIC_ACQ_REL);
    if (old == 0)
        panic("pmm: page %#lx put without a reference", page);
    if (old == 1)
        release(n, 1);
}

u32 page_refs(paddr_t page) { return __atomic_load_n(&refs[page_number(page)], __ATOMIC_ACQUIRE); }

/* --- contents ------------------------------------------------------------------------------- */

void page_clear(paddr_t page) { memset(phys_to_virt(page), 0, PAGE_SIZE); }

void page_copy(paddr_t dst, paddr_t src) { memcpy(phys_to_virt(dst), phys_to_virt(src), PAGE_SIZE); }
