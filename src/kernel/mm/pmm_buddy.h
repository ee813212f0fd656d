/* The buddy allocator: which pages are free, in blocks of 2^order pages that begin at a multiple
 * of their size. Pure: pages are numbers, the caller brings the memory and the lock, and knows
 * what the pages that are not free are used for.
 *
 * A request is served from whole blocks: n pages aligned to a pages come from a free block of n or
 * a, whichever is more, rounded up to a power of two; more than the largest block from several in a
 * row. What n leaves over is free again at once. */
#pragma once
#include "lib/bittree.h"

#define BUDDY_ORDERS 11 /* 4 KiB to 4 MiB */
#define BUDDY_MAX_PAGES (1ull << (BUDDY_ORDERS - 1))
#define BUDDY_NONE UINT64_MAX

struct buddy {
    struct bittree free[BUDDY_ORDERS]; /* bit i of order k: the block at page i << k is free */
    u64 npages, nfree;
};

/* Memory for npages (> 0), about a quarter of a byte each. */
size_t buddy_table_bytes(u64 npages);
/* table: that many bytes, zero, aligned to 8. No page is free. */
void buddy_init(struct buddy *b, void *table, u64 npages);
/* Makes n pages free that are not. */
void buddy_free(struct buddy *b, u64 first, u64 n);
/* Makes n single pages free, in any order; neighbours that come one after the other cost less. */
void buddy_free_batch(struct buddy *b, const u32 *page, unsigned n);
/* n pages from [low, high), beginning at a multiple of align (a power of two): the first page, or
 * BUDDY_NONE. low: a multiple of BUDDY_MAX_PAGES. The smallest block that will do is used, of
 * several the lowest. n == 0: BUDDY_NONE. */
u64 buddy_alloc(struct buddy *b, u64 n, u64 align, u64 low, u64 high);
/* Single pages from `low` on, the smallest blocks first, so that large ones last. Fills page[], of
 * each block the highest first. Returns how many: at most `want`, at least half of it if there are
 * as many, because a larger block is not cut for the rest. */
unsigned buddy_alloc_batch(struct buddy *b, u32 *page, unsigned want, u64 low);
/* Takes just these n pages. False, and nothing changed, when one of them is not free. */
bool buddy_take(struct buddy *b, u64 first, u64 n);
bool buddy_is_free(const struct buddy *b, u64 page);
/* Walks all blocks and panics on the first broken invariant. */
void buddy_check(const struct buddy *b);
