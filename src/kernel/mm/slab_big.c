/* Objects above the largest class: up to a page, one page by its direct-map address (the only
 * pointers of the heap that are page-aligned there, because slabs begin with their header); larger
 * ones from kmem, which knows their length. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab_priv.h"

static u64 big_objects, big_bytes; /* atomic */

static void count(i64 objects, i64 bytes)
{
    __atomic_fetch_add(&big_objects, (u64)objects, __ATOMIC_RELAXED);
    __atomic_fetch_add(&big_bytes, (u64)bytes, __ATOMIC_RELAXED);
}

static void *page_object(void)
{
    paddr_t page = pmm_alloc_page();
    return page ? phys_to_virt(page) : NULL;
}

void *big_alloc(size_t size)
{
    if (size > SIZE_MAX - PAGE_SIZE)
        return NULL;
    size_t npages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    void *p = npages == 1 ? page_object() : kmem_alloc(npages);
    if (p)
        count(1, (i64)(npages * PAGE_SIZE));
    return p;
}

static size_t pages_of(const void *p)
{
    size_t npages = is_direct(p) ? 1 : kmem_size(p);
    if (npages == 0)
        panic("heap: %p is not from the heap, or freed twice", p);
    return npages;
}

void big_free(void *p)
{
    size_t npages = pages_of(p);
    if (is_direct(p))
        pmm_free_page(virt_to_phys(p));
    else
        kmem_free(p, npages);
    count(-1, -(i64)(npages * PAGE_SIZE));
}

size_t big_usable(const void *p) { return pages_of(p) * PAGE_SIZE; }

void big_count(u64 *objects, u64 *bytes)
{
    *objects = __atomic_load_n(&big_objects, __ATOMIC_RELAXED);
    *bytes = __atomic_load_n(&big_bytes, __ATOMIC_RELAXED);
}
