/* make PMM=buddy: the buddy allocator with its per-CPU lists. */
#include "mm/pmm_cache.h"
#include "mm/pmm_pool.h"

const char pool_name[] = "buddy";

size_t pool_table_bytes(u64 npages) { return cached_table_bytes(npages); }
void pool_init(void *table, u64 npages) { cached_init(table, npages); }
void pool_add(u64 first, u64 n) { cached_add(first, n); }
void pool_adopt(u64 first, u64 n) {} /* keeps no record of what is not free */
u64 pool_alloc_page(void) { return cached_alloc_page(); }
u64 pool_alloc(u64 n, u64 align, u64 limit) { return cached_alloc(n, align, limit); }
void pool_free_page(u64 page) { cached_free_page(page); }
void pool_free(u64 first, u64 n) { cached_free(first, n); }
bool pool_reserve(u64 first, u64 n) { return cached_reserve(first, n); }
u64 pool_nfree(void) { return cached_nfree(); }
u64 pool_nfree_sure(void) { return cached_nfree_sure(); }
void pool_check(void) { cached_check(); }
