/* Free pages in two places: in the buddy allocator under buddy_lock, and in one list per CPU, each
 * under a lock that its own CPU finds free unless another one is out of memory.
 *
 *     buddy --refill (BATCH pages, when the list is empty)--> list --pop--> caller
 *     buddy <--drain (BATCH pages, when the list is full)---- list <--push-- caller
 *
 * Pages in a list cannot merge and are missing for runs: whoever finds too little drains all lists
 * and tries once more. Memory that 32-bit devices can reach (below 4 GiB) is used last.
 * Order: list lock, then buddy_lock; never two lists at once. */
#include "mm/pmm_cache.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/cpu_lock.h"

#define LIST_LOCK "page list"
#define LIST_PAGES 64u
#define BATCH 32u
#define HIGH_FIRST ((4ull << 30) >> PAGE_SHIFT)

struct page_list {
    struct cpu_lock lock;
    u32 n;                /* lock; counting may read it without */
    u32 page[LIST_PAGES]; /* lock; the last one goes out first */
} ALIGNED(64);

static struct page_list lists[MAX_CPUS];
static struct spinlock buddy_lock = SPINLOCK_INIT("buddy");
static struct buddy buddy; /* buddy_lock */

size_t cached_table_bytes(u64 npages) { return buddy_table_bytes(npages); }

void cached_init(void *table, u64 npages)
{
    buddy_init(&buddy, table, npages);
    for (unsigned i = 0; i < MAX_CPUS; i++)
        cpus[i].page_list = &lists[i];
}

void cached_add(u64 first, u64 n)
{
    spin_lock(&buddy_lock);
    buddy_free(&buddy, first, n);
    spin_unlock(&buddy_lock);
}

/* --- the lists ------------------------------------------------------------------------------ */

static NOINLINE void refill_locked(struct page_list *l)
{
    spin_lock(&buddy_lock);
    l->n = buddy.npages > HIGH_FIRST ? buddy_alloc_batch(&buddy, l->page, BATCH, HIGH_FIRST) : 0;
    if (l->n == 0)
        l->n = buddy_alloc_batch(&buddy, l->page, BATCH, 0);
    spin_unlock(&buddy_lock);
}

/* Gives back the n pages that were not used for longest. */
static NOINLINE void drain_locked(struct page_list *l, u32 n)
{
    spin_lock(&buddy_lock);
    buddy_free_batch(&buddy, l->page, n);
    spin_unlock(&buddy_lock);
    l->n -= n;
    memmove(l->page, l->page + n, l->n * sizeof l->page[0]);
}

void cached_drain(void)
{
    for (unsigned i = 0; i < MAX_CPUS; i++) {
        struct page_list *l = &lists[i];
        if (__atomic_load_n(&l->n, __ATOMIC_RELAXED) == 0)
            continue;
        cpu_lock(&l->lock, LIST_LOCK);
        drain_locked(l, l->n);
        cpu_unlock(&l->lock);
    }
}

/* Any list will do, so it does not matter if the thread moves to another CPU before it locks. */
static struct page_list *my_list(void) { return this_cpu()->page_list; }

static NOINLINE u64 alloc_last_page(void)
{
    u32 page;
    cached_drain();
    spin_lock(&buddy_lock);
    unsigned got = buddy_alloc_batch(&buddy, &page, 1, 0);
    spin_unlock(&buddy_lock);
    return got ? page : BUDDY_NONE;
}

static NOINLINE u64 alloc_slow(struct page_list *l)
{
    cpu_lock(&l->lock, LIST_LOCK);
    if (l->n == 0)
        refill_locked(l);
    u64 page = l->n ? l->page[--l->n] : BUDDY_NONE;
    cpu_unlock(&l->lock);
    return page != BUDDY_NONE ? page : alloc_last_page();
}

u64 cached_alloc_page(void)
{
    struct page_list *l = my_list();
    cpu_lock(&l->lock, LIST_LOCK);
    u32 n = l->n;
    if (unlikely(n == 0)) {
        cpu_unlock_no_resched(&l->lock);
        return alloc_slow(l);
    }
    l->n = n - 1;
    u64 page = l->page[n - 1];
    cpu_unlock(&l->lock);
    return page;
}

static NOINLINE void free_slow(struct page_list *l, u64 page)
{
    cpu_lock(&l->lock, LIST_LOCK);
    if (l->n == LIST_PAGES)
        drain_locked(l, BATCH);
    l->page[l->n++] = (u32)page;
    cpu_unlock(&l->lock);
}

void cached_free_page(u64 page)
{
    struct page_list *l = my_list();
    cpu_lock(&l->lock, LIST_LOCK);
    u32 n = l->n;
    if (unlikely(n == LIST_PAGES)) {
        cpu_unlock_no_resched(&l->lock);
        free_slow(l, page);
        return;
    }
    l->page[n] = (u32)page;
    l->n = n + 1;
    cpu_unlock(&l->lock);
}

/* --- runs and named pages ------------------------------------------------------------------- */

static u64 alloc_run(u64 n, u64 align, u64 limit)
{
    u64 first = BUDDY_NONE;
    spin_lock(&buddy_lock);
    if (limit > HIGH_FIRST && buddy.npages > HIGH_FIRST)
        first = buddy_alloc(&buddy, n, align, HIGH_FIRST, limit);
    if (first == BUDDY_NONE)
        first = buddy_alloc(&buddy, n, align, 0, limit);
    spin_unlock(&buddy_lock);
    return first;
}

u64 cached_alloc(u64 n, u64 align, u64 limit)
{
    u64 first = alloc_run(n, align, limit);
    if (first != BUDDY_NONE)
        return first;
    cached_drain();
    return alloc_run(n, align, limit);
}

void cached_free(u64 first, u64 n) { cached_add(first, n); }

bool cached_reserve(u64 first, u64 n)
{
    cached_drain();
    spin_lock(&buddy_lock);
    bool done = buddy_take(&buddy, first, n);
    spin_unlock(&buddy_lock);
    return done;
}

u64 cached_nfree_sure(void) { return __atomic_load_n(&buddy.nfree, __ATOMIC_RELAXED); }

u64 cached_nfree(void)
{
    u64 n = __atomic_load_n(&buddy.nfree, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < MAX_CPUS; i++)
        n += __atomic_load_n(&lists[i].n, __ATOMIC_RELAXED);
    return n;
}

/* Under the list's lock too: a drain gives the pages away before it takes them off the list. */
static void check_list(unsigned cpu)
{
    struct page_list *l = &lists[cpu];
    cpu_lock(&l->lock, LIST_LOCK);
    spin_lock(&buddy_lock);
    for (u32 k = 0; k < l->n; k++)
        if (buddy_is_free(&buddy, l->page[k]))
            panic("pmm: page %#lx is free twice: also in the list of cpu %u", (u64)l->page[k], cpu);
    spin_unlock(&buddy_lock);
    cpu_unlock(&l->lock);
}

void cached_check(void)
{
    spin_lock(&buddy_lock);
    buddy_check(&buddy);
    spin_unlock(&buddy_lock);
    for (unsigned i = 0; i < MAX_CPUS; i++)
        check_list(i);
}
