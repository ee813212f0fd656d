/* Physical pages: limits, states and reference counts around a policy that only knows which page
 * numbers are free (pmm_pool.h).
 *
 * Tables: one word per page (page_words.h) and what the policy needs, from page 0 to the end of
 * RAM, taken from boot_alloc. Memory that only devices claim above RAM costs nothing. Pages below
 * 1 MiB are RESERVED until somebody adds them, the first 64 KiB for ever.
 *
 * References: counting is atomic and needs no lock: who calls page_get or page_put owns a
 * reference, so the count cannot reach 0 under its hands. */
#include "mm/pmm.h"
#include "arch/page_ops.h"
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "mm/alloc_fault.h"
#include "mm/boot_alloc.h"
#include "mm/mm_priv.h"
#include "mm/page_words.h"
#include "mm/pmm_pool.h"

#define BOOT_REACH (4ull << 30) /* what boot's page tables map */
#define DMA32_PAGES ((4ull << 30) >> PAGE_SHIFT)

static const struct memmap *memory; /* after the start: add_lock */
static u64 ram_pages, reserved_pages; /* reserved_pages: atomic */
static struct spinlock add_lock = SPINLOCK_INIT("pmm add");

static NOINLINE NORETURN void bad_page(paddr_t page)
{
    panic("pmm: %#lx is not the address of a page", page);
}

static u64 page_number(paddr_t page)
{
    if (unlikely(!IS_ALIGNED(page, PAGE_SIZE) || page >> PAGE_SHIFT >= page_count))
        bad_page(page);
    return page >> PAGE_SHIFT;
}

static void count_reserved(i64 n) { __atomic_fetch_add(&reserved_pages, (u64)n, __ATOMIC_RELAXED); }

/* --- start ---------------------------------------------------------------------------------- */

/* [first, end) are RESERVED and belong to the caller. */
static void put_into_circulation(u64 first, u64 end)
{
    if (first >= end)
        return;
    words_fill(first, end - first, WORD_FREE);
    pool_add(first, end - first);
    count_reserved(-(i64)(end - first));
}

/* The usable ranges between two addresses. */
static void add_usable(paddr_t low, paddr_t high)
{
    for (unsigned i = 0; i < memory->n; i++) {
        const struct mem_range *r = &memory->range[i];
        paddr_t base = MAX(r->base, low), end = MIN(r->base + r->size, high);
        if (r->kind == MEM_USABLE && base < end)
            put_into_circulation(base >> PAGE_SHIFT, end >> PAGE_SHIFT);
    }
}

static void withhold(paddr_t base, u64 size, void *ctx)
{
    if (pmm_reserve(base, size >> PAGE_SHIFT))
        panic("pmm: boot memory at %#lx was not free", base);
}

static void make_tables(u64 npages)
{
    u64 nchunks = words_chunks(npages);
    u8 *states = boot_alloc(nchunks, PAGE_SIZE);
    void *policy = boot_alloc(pool_table_bytes(npages), PAGE_SIZE);
    u32 *words = boot_alloc_raw((nchunks << CHUNK_SHIFT) * sizeof *words, PAGE_SIZE);
    if (!states || !policy || !words)
        panic("pmm: no room below 4 GiB for the tables of %lu pages", npages);
    words_init(words, states, npages);
    pool_init(policy, npages);
}

void pmm_init(const struct memmap *map)
{
    ASSERT(!memory);
    u64 npages = memmap_ram_end(map) >> PAGE_SHIFT;
    if (npages == 0)
        panic("pmm: the firmware's memory map has no RAM");
    make_tables(npages);
    memory = map;
    for (unsigned i = 0; i < map->n; i++)
        if (mem_kind_is_ram(map->range[i].kind))
            ram_pages += map->range[i].size >> PAGE_SHIFT;
    reserved_pages = ram_pages;
    page_ops_init();
    add_usable(LOW_MEMORY_END, BOOT_REACH);
    boot_alloc_close();
    boot_alloc_for_each_used(withhold, NULL);
}

void pmm_init_rest(void)
{
    add_usable(BOOT_REACH, UINT64_MAX);
    u64 nfree = pool_nfree();
    debug_raw("boot-alloc used ");
    debug_dec(boot_alloc_used() / 1024);
    debug_raw(" KiB\npmm-");
    debug_raw(pool_name);
    debug_raw(" free ");
    debug_dec(nfree);
    debug_raw(" pages (");
    debug_hex(nfree);
    debug_raw(") of ");
    debug_dec(ram_pages);
    debug_raw("\n");
}

/* How many pages from pa on, up to end, lie in one range of RAM and are RESERVED. */
static u64 reserved_run(paddr_t pa, paddr_t end)
{
    const struct mem_range *r = memmap_range_at(memory, pa);
    if (!r || !mem_kind_is_ram(r->kind))
        return 0;
    u64 first = pa >> PAGE_SHIFT, n = 0, most = (MIN(end, r->base + r->size) - pa) >> PAGE_SHIFT;
    while (n < most && word_peek(first + n) == WORD_RESERVED)
        n++;
    return n;
}

u64 pmm_add_range(paddr_t base, u64 size)
{
    u64 added = 0, limit = page_count << PAGE_SHIFT;
    if (base >= limit)
        return 0;
    paddr_t end = ROUND_DOWN(base + MIN(size, limit - base), PAGE_SIZE);
    spin_lock(&add_lock); /* two callers must not both find a page RESERVED */
    for (paddr_t pa = MAX(ROUND_UP(base, PAGE_SIZE), FIRMWARE_END); pa < end;) {
        u64 first = pa >> PAGE_SHIFT, n = reserved_run(pa, end);
        put_into_circulation(first, first + n);
        added += n;
        pa += MAX(n, 1ull) << PAGE_SHIFT;
    }
    spin_unlock(&add_lock);
    return added;
}

void pmm_move_map(const struct memmap *map)
{
    spin_lock(&add_lock);
    memory = map;
    spin_unlock(&add_lock);
}

int pmm_adopt(paddr_t base, size_t n)
{
    u64 first = base >> PAGE_SHIFT;
    if (!IS_ALIGNED(base, PAGE_SIZE) || base < LOW_MEMORY_END || first >= page_count || n > page_count - first)
        return -EBUSY;
    spin_lock(&add_lock);
    bool ours = reserved_run(base, base + (n << PAGE_SHIFT)) == n;
    for (u64 i = first; ours && i < first + n; i++)
        __atomic_store_n(word_of(i), 1, __ATOMIC_RELAXED);
    if (ours) {
        pool_adopt(first, n);
        count_reserved(-(i64)n);
    }
    spin_unlock(&add_lock);
    return ours ? 0 : -EBUSY;
}

/* --- allocation ----------------------------------------------------------------------------- */

static NOINLINE NORETURN void handed_out_twice(u64 page, u32 word)
{
    panic("pmm: page %#lx handed out although its word is %#x", page << PAGE_SHIFT, word);
}

/* FREE -> ALLOCATED with one reference. The page left the pool, so nobody else looks at it. */
static void claim(u64 page)
{
    u32 *word = word_of(page);
    if (unlikely(*word != WORD_FREE))
        handed_out_twice(page, *word);
    __atomic_store_n(word, 1, __ATOMIC_RELAXED);
}

paddr_t pmm_alloc_page(void)
{
    if (alloc_shall_fail())
        return 0;
    u64 page = pool_alloc_page();
    if (unlikely(page == POOL_NONE))
        return 0;
    claim(page);
    return page << PAGE_SHIFT;
}

paddr_t pmm_alloc_page_zeroed(void)
{
    paddr_t page = pmm_alloc_page();
    if (page)
        page_clear(page);
    return page;
}

#define RESERVE_SHIFT 9 /* a 512th of memory, and as many pages as a few threads need to start */
#define RESERVE_LEAST 24

u64 pmm_reserve_pages(void) { return (ram_pages >> RESERVE_SHIFT) + RESERVE_LEAST; }

paddr_t pmm_alloc_for(enum pmm_use use)
{
    u64 reserve = pmm_reserve_pages();
    return likely(pmm_has(use == PMM_PROGRAM_TABLE ? reserve / 2 : reserve)) ? pmm_alloc_page() : 0;
}

paddr_t pmm_alloc_pages(size_t n, size_t align, enum pmm_zone zone)
{
    if (alloc_shall_fail())
        return 0;
    u64 first = pool_alloc(n, align, zone == ZONE_DMA32 ? DMA32_PAGES : UINT64_MAX);
    if (first == POOL_NONE)
        return 0;
    for (u64 i = first; i < first + n; i++)
        claim(i);
    return first << PAGE_SHIFT;
}

static NOINLINE NORETURN void bad_free(u64 page, u32 word)
{
    if (word > 1 && word <= WORD_REFS_MAX)
        panic("pmm: page %#lx freed with %u references", page << PAGE_SHIFT, word);
    panic("pmm: page %#lx freed while %s", page << PAGE_SHIFT, word == WORD_FREE ? "free already" : "reserved");
}

/* Takes the one reference of a page that its owner gives back. */
static void drop_only_reference(u64 page)
{
    u32 one = 1;
    if (!__atomic_compare_exchange_n(word_of(page), &one, WORD_FREE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        bad_free(page, one);
}

void pmm_free_page(paddr_t page)
{
    u64 n = page_number(page);
    drop_only_reference(n);
    pool_free_page(n);
}

void pmm_free_pages(paddr_t base, size_t n)
{
    u64 first = page_number(base);
    if (n > page_count - first)
        panic("pmm: %lu pages freed at %#lx reach beyond RAM", n, base);
    for (u64 i = first; i < first + n; i++)
        drop_only_reference(i);
    pool_free(first, n);
}

static bool all_ram(paddr_t base, size_t n)
{
    bool ram = true;
    spin_lock(&add_lock);
    for (size_t i = 0; ram && i < n; i++)
        ram = mem_kind_is_ram(memmap_kind_at(memory, base + i * PAGE_SIZE));
    spin_unlock(&add_lock);
    return ram;
}

int pmm_reserve(paddr_t base, size_t n)
{
    u64 first = base >> PAGE_SHIFT;
    if (!IS_ALIGNED(base, PAGE_SIZE) || first > page_count || n > page_count - first || !all_ram(base, n))
        return -EINVAL;
    if (!pool_reserve(first, n))
        return -EBUSY;
    words_fill(first, n, WORD_RESERVED);
    count_reserved((i64)n);
    return 0;
}

static enum page_state state_of_word(u32 word)
{
    return word == WORD_FREE ? PAGE_FREE : word == WORD_RESERVED ? PAGE_RESERVED : PAGE_ALLOCATED;
}

enum page_state pmm_state(paddr_t page)
{
    u64 n = page >> PAGE_SHIFT;
    return n < page_count ? state_of_word(word_peek(n)) : PAGE_RESERVED;
}

struct pmm_stats pmm_stats(void)
{
    return (struct pmm_stats){ .total = ram_pages, .free = pool_nfree(),
                               .reserved = __atomic_load_n(&reserved_pages, __ATOMIC_RELAXED) };
}

bool pmm_has(u64 npages) { return pool_nfree_sure() > npages || pool_nfree() > npages; }

u64 pmm_total(void) { return ram_pages; }

static u64 words_free(void)
{
    u64 nfree = 0;
    for (u64 i = 0; i < page_count; i++)
        nfree += word_peek(i) == WORD_FREE;
    return nfree;
}

void pmm_check(void)
{
    u64 words = words_free(), pool = pool_nfree();
    for (unsigned look = 0; words != pool && look < CHECK_LOOKS; look++) {
        check_pause();
        words = words_free();
        pool = pool_nfree();
    }
    if (words != pool)
        panic("pmm: %lu pages are free by their words, %lu in the pool", words, pool);
    pool_check();
}

/* --- references ----------------------------------------------------------------------------- */

static NOINLINE NORETURN void bad_reference(const char *what, u64 page, u32 word)
{
    panic("pmm: %s page %#lx, which is %s (%#x)", what, page << PAGE_SHIFT,
          word == WORD_FREE ? "free" : word == WORD_RESERVED ? "reserved" : "referenced too often", word);
}

static bool is_count(u32 word) { return word - 1 < WORD_REFS_MAX; }

void page_get(paddr_t page)
{
    u64 n = page_number(page);
    u32 old = __atomic_fetch_add(word_of(n), 1, __ATOMIC_RELAXED);
    if (unlikely(!is_count(old) || old == WORD_REFS_MAX))
        bad_reference("page_get of", n, old);
}

static inline void reference_drop(paddr_t page)
{
    u64 n = page_number(page);
    u32 old = __atomic_fetch_sub(word_of(n), 1, __ATOMIC_ACQ_REL);
    if (unlikely(!is_count(old)))
        bad_reference("page_put of", n, old);
    if (old == 1)
        pool_free_page(n);
}

void page_put(paddr_t page) { reference_drop(page); }

void page_put_all(const paddr_t *page, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        reference_drop(page[i]);
}

u32 page_refs(paddr_t page)
{
    u32 word = word_peek(page_number(page));
    return is_count(word) ? word : 0;
}

/* --- contents ------------------------------------------------------------------------------- */

void page_clear(paddr_t page) { page_fill_zero(phys_to_virt(page)); }

void page_copy(paddr_t dst, paddr_t src) { page_copy_words(phys_to_virt(dst), phys_to_virt(src)); }
