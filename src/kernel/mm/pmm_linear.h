/* The linear-scan allocator: an array with one state per page and nothing else to go wrong. It is
 * the baseline every later allocator is compared with, step by step. Pure: pages are numbers, the
 * caller brings the array and the lock. */
#pragma once
#include "mm/pmm.h"

struct linear_pmm {
    u8 *state; /* enum page_state, one byte per page */
    u64 npages;
    u64 hint;  /* no page below this one is free */
    u64 nfree, nallocated;
};

#define LINEAR_NONE UINT64_MAX

/* state: npages bytes; all pages begin RESERVED. */
void linear_init(struct linear_pmm *p, u8 *state, u64 npages);
/* RESERVED -> FREE where it applies; returns how many pages that were. */
u64 linear_add(struct linear_pmm *p, u64 first, u64 n);
/* RESERVED -> ALLOCATED: all n pages must be RESERVED. */
void linear_adopt(struct linear_pmm *p, u64 first, u64 n);
/* The lowest run of n free pages that begins at a multiple of align (a power of two) and ends at
 * or below `limit`: its first page, or LINEAR_NONE. n == 0: LINEAR_NONE. */
u64 linear_alloc(struct linear_pmm *p, u64 n, u64 align, u64 limit);
/* ALLOCATED -> FREE. All or nothing: the first page that is not allocated (or does not exist), or
 * LINEAR_NONE when all went well. */
u64 linear_free(struct linear_pmm *p, u64 first, u64 n);
/* FREE -> RESERVED. All or nothing: the first page that is not free, or LINEAR_NONE. */
u64 linear_reserve(struct linear_pmm *p, u64 first, u64 n);
