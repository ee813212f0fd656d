/* make PMM=both: the two allocators in lock-step. The buddy decides; the linear one, which is
 * known to be right, does the same to the same pages, and the first difference between them is a
 * panic: a page handed out that is not free, a free that is none, a request refused that could be
 * served, a count.
 *
 * One lock around each pair of steps: this build is for finding faults, not for speed. */
#include "arch/spinlock.h"
#include "mm/mm_priv.h"
#include "mm/page_words.h"
#include "mm/pmm_cache.h"
#include "mm/pmm_linear.h"
#include "mm/pmm_pool.h"

const char pool_name[] = "both";

static struct spinlock lock = SPINLOCK_INIT("pmm both");
static struct linear_pmm mirror; /* lock */

static size_t mirror_bytes(u64 npages) { return ROUND_UP(npages, PAGE_SIZE); }

size_t pool_table_bytes(u64 npages) { return mirror_bytes(npages) + cached_table_bytes(npages); }

void pool_init(void *table, u64 npages)
{
    linear_init(&mirror, table, npages);
    cached_init((u8 *)table + mirror_bytes(npages), npages);
}

static void compare_counts(const char *step)
{
    u64 n = cached_nfree();
    if (n != mirror.nfree)
        panic("pmm both: after %s: buddy has %lu free pages, linear %lu", step, n, mirror.nfree);
}

/* ALLOCATED in the mirror, these very pages: with its search beginning and ending here the linear
 * allocator can only take them or refuse. */
static void mirror_take(u64 first, u64 n)
{
    u64 hint = mirror.hint;
    mirror.hint = first;
    if (linear_alloc(&mirror, n, 1, first + n) != first)
        panic("pmm both: buddy handed out %lu pages at %#lx, which are not free in linear", n, first << PAGE_SHIFT);
    mirror.hint = hint;
}

static void mirror_give(u64 first, u64 n)
{
    u64 bad = linear_free(&mirror, first, n);
    if (bad != LINEAR_NONE)
        panic("pmm both: page %#lx freed, which is not allocated in linear", bad << PAGE_SHIFT);
}

/* The buddy found nothing. What it looked for is a run of its natural alignment (pmm_buddy.h): with
 * size and alignment widened to that the linear allocator must not find one either. */
static void compare_refusal(u64 n, u64 align, u64 limit)
{
    u64 size = MAX(align, 1ull);
    while (size < n && size < BUDDY_MAX_PAGES)
        size *= 2;
    u64 unit = MIN(size, BUDDY_MAX_PAGES);
    if (n == 0 || n > UINT64_MAX - unit)
        return;
    u64 first = linear_alloc(&mirror, ROUND_UP(n, unit), size, limit);
    if (first != LINEAR_NONE)
        panic("pmm both: buddy has no %lu pages aligned to %lu below %#lx, linear finds them at %#lx", n, align,
              limit, first << PAGE_SHIFT);
}

void pool_add(u64 first, u64 n)
{
    spin_lock(&lock);
    cached_add(first, n);
    if (linear_add(&mirror, first, n) != n)
        panic("pmm both: some of %lu pages added at %#lx are not new to linear", n, first << PAGE_SHIFT);
    compare_counts("add");
    spin_unlock(&lock);
}

void pool_adopt(u64 first, u64 n)
{
    spin_lock(&lock);
    linear_adopt(&mirror, first, n);
    spin_unlock(&lock);
}

static void mirror_result(u64 first, u64 n, u64 align, u64 limit)
{
    if (first == BUDDY_NONE)
        compare_refusal(n, align, limit);
    else
        mirror_take(first, n);
    compare_counts("alloc");
}

u64 pool_alloc_page(void)
{
    spin_lock(&lock);
    u64 page = cached_alloc_page();
    mirror_result(page, 1, 1, UINT64_MAX);
    spin_unlock(&lock);
    return page;
}

u64 pool_alloc(u64 n, u64 align, u64 limit)
{
    spin_lock(&lock);
    u64 first = cached_alloc(n, align, limit);
    mirror_result(first, n, align, limit);
    spin_unlock(&lock);
    return first;
}

void pool_free_page(u64 page)
{
    spin_lock(&lock);
    mirror_give(page, 1);
    cached_free_page(page);
    compare_counts("free");
    spin_unlock(&lock);
}

void pool_free(u64 first, u64 n)
{
    spin_lock(&lock);
    mirror_give(first, n);
    cached_free(first, n);
    compare_counts("free");
    spin_unlock(&lock);
}

bool pool_reserve(u64 first, u64 n)
{
    spin_lock(&lock);
    bool done = cached_reserve(first, n), same = (linear_reserve(&mirror, first, n) == LINEAR_NONE) == done;
    if (!same)
        panic("pmm both: %lu pages at %#lx: reserved by buddy: %d, not so by linear", n, first << PAGE_SHIFT, done);
    compare_counts("reserve");
    spin_unlock(&lock);
    return done;
}

u64 pool_nfree(void)
{
    spin_lock(&lock);
    u64 n = mirror.nfree;
    spin_unlock(&lock);
    return n;
}

u64 pool_nfree_sure(void) { return pool_nfree(); }

static bool agree(u64 page)
{
    return __atomic_load_n(&mirror.state[page], __ATOMIC_RELAXED) == pmm_state(page << PAGE_SHIFT);
}

static void check_page(u64 page)
{
    unsigned look = 0;
    while (!agree(page) && look++ < CHECK_LOOKS)
        check_pause();
    if (look > CHECK_LOOKS)
        panic("pmm both: page %#lx has state %u in linear and %u in its word", page << PAGE_SHIFT, mirror.state[page],
              pmm_state(page << PAGE_SHIFT));
}

void pool_check(void)
{
    cached_check();
    cached_drain();
    for (u64 i = 0; i < mirror.npages; i++)
        check_page(i);
}
