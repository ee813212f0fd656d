/* make PMM=linear: the baseline, one lock around it and nothing in front. */
#include "arch/spinlock.h"
#include "mm/mm_priv.h"
#include "mm/page_words.h"
#include "mm/pmm_linear.h"
#include "mm/pmm_pool.h"

const char pool_name[] = "linear";

static struct spinlock lock = SPINLOCK_INIT("linear pmm");
static struct linear_pmm pool; /* lock */

size_t pool_table_bytes(u64 npages) { return npages; }
void pool_init(void *table, u64 npages) { linear_init(&pool, table, npages); }

void pool_add(u64 first, u64 n)
{
    spin_lock(&lock);
    u64 added = linear_add(&pool, first, n);
    spin_unlock(&lock);
    ASSERT(added == n);
}

void pool_adopt(u64 first, u64 n)
{
    spin_lock(&lock);
    linear_adopt(&pool, first, n);
    spin_unlock(&lock);
}

u64 pool_alloc(u64 n, u64 align, u64 limit)
{
    spin_lock(&lock);
    u64 first = linear_alloc(&pool, n, align, limit);
    spin_unlock(&lock);
    return first;
}

u64 pool_alloc_page(void) { return pool_alloc(1, 1, UINT64_MAX); }

void pool_free(u64 first, u64 n)
{
    spin_lock(&lock);
    u64 bad = linear_free(&pool, first, n);
    spin_unlock(&lock);
    if (bad != LINEAR_NONE)
        panic("pmm: page %#lx freed, which is not allocated", bad << PAGE_SHIFT);
}

void pool_free_page(u64 page) { pool_free(page, 1); }

bool pool_reserve(u64 first, u64 n)
{
    spin_lock(&lock);
    u64 bad = linear_reserve(&pool, first, n);
    spin_unlock(&lock);
    return bad == LINEAR_NONE;
}

u64 pool_nfree(void) { return __atomic_load_n(&pool.nfree, __ATOMIC_RELAXED); }

u64 pool_nfree_sure(void) { return pool_nfree(); }

static bool agree(u64 page)
{
    return __atomic_load_n(&pool.state[page], __ATOMIC_RELAXED) == pmm_state(page << PAGE_SHIFT);
}

static void check_page(u64 page)
{
    unsigned look = 0;
    while (!agree(page) && look++ < CHECK_LOOKS)
        check_pause();
    if (look > CHECK_LOOKS)
        panic("pmm: page %#lx has state %u here and %u in its word", page << PAGE_SHIFT, pool.state[page],
              pmm_state(page << PAGE_SHIFT));
}

void pool_check(void)
{
    for (u64 i = 0; i < pool.npages; i++)
        check_page(i);
}
