/* The policy behind pmm.c: which of the free pages to hand out. Implemented by the one file
 * pmm_select_NAME.c that `make PMM=NAME` chooses. Pages are numbers. Every function may be called
 * by several CPUs at once, but not from interrupt handlers. Inside mm/. */
#pragma once
#include "lib/types.h"

#define POOL_NONE UINT64_MAX

extern const char pool_name[];
/* Bytes of memory the policy needs for npages; pool_init gets as many, zero, page-aligned. */
size_t pool_table_bytes(u64 npages);
void pool_init(void *table, u64 npages);
/* n pages that the pool did not have become free. */
void pool_add(u64 first, u64 n);
/* n pages that the pool did not have are in use: pool_free will bring them. */
void pool_adopt(u64 first, u64 n);
/* One page, or n from below `limit` that begin at a multiple of align; POOL_NONE. */
u64 pool_alloc_page(void);
u64 pool_alloc(u64 n, u64 align, u64 limit);
/* Gives back what pool_alloc handed out, all of it or parts. */
void pool_free_page(u64 page);
void pool_free(u64 first, u64 n);
/* Takes these n pages if all are free. */
bool pool_reserve(u64 first, u64 n);
u64 pool_nfree(void);
u64 pool_nfree_sure(void); /* without looking far: at most as many */
/* Panics if the tables contradict themselves or the page words. Slow; nobody else may allocate. */
void pool_check(void);
