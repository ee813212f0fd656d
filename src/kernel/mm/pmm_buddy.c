/* The buddy allocator, without lists: one bit per possible block and order says whether exactly
 * this block is free. Nothing is kept inside free memory, so no stray write can break it.
 *
 * Invariants (buddy_check):
 *   - a free page is covered by exactly one free block;
 *   - two buddies are never both free: freeing merges as far up as it can. Hence an aligned run of
 *     2^k free pages (k up to the largest order) always lies in one free block, and looking at the
 *     blocks of order k and above is enough to find it. */
#include "mm/pmm_buddy.h"
#include "lib/assert.h"

#define TOP (BUDDY_ORDERS - 1)

static u64 blocks_of(u64 npages, unsigned order) { return (npages + (1ull << order) - 1) >> order; }

size_t buddy_table_bytes(u64 npages)
{
    size_t words = 0;
    for (unsigned k = 0; k < BUDDY_ORDERS; k++)
        words += bittree_words(blocks_of(npages, k));
    return words * sizeof(u64);
}

void buddy_init(struct buddy *b, void *table, u64 npages)
{
    u64 *mem = table;
    ASSERT(npages > 0 && npages <= UINT32_MAX);
    *b = (struct buddy){ .npages = npages };
    for (unsigned k = 0; k < BUDDY_ORDERS; k++) {
        bittree_init(&b->free[k], mem, blocks_of(npages, k));
        mem += bittree_words(blocks_of(npages, k));
    }
}

static bool in_range(const struct buddy *b, u64 first, u64 n)
{
    return first <= b->npages && n <= b->npages - first;
}

/* --- freeing -------------------------------------------------------------------------------- */

static void free_block(struct buddy *b, u64 page, unsigned order)
{
    u64 i = page >> order;
    for (; order < TOP && bittree_test(&b->free[order], i ^ 1); order++, i >>= 1)
        bittree_clear(&b->free[order], i ^ 1);
    bittree_set(&b->free[order], i);
}

/* The largest order of a block that begins at page and has at most n (> 0) pages. */
static unsigned order_at(u64 page, u64 n)
{
    unsigned fits = 63 - (unsigned)__builtin_clzll(n);
    unsigned aligned = page ? (unsigned)__builtin_ctzll(page) : TOP;
    return MIN(MIN(fits, aligned), (unsigned)TOP);
}

/* Without counting: for what is left over of blocks. */
static void free_range(struct buddy *b, u64 first, u64 end)
{
    while (first < end) {
        unsigned order = order_at(first, end - first);
        free_block(b, first, order);
        first += 1ull << order;
    }
}

void buddy_free(struct buddy *b, u64 first, u64 n)
{
    ASSERT(in_range(b, first, n));
    free_range(b, first, first + n);
    b->nfree += n;
}

/* How many of page[0..n) follow each other in steps of one, up or down. */
static unsigned run_length(const u32 *page, unsigned n)
{
    unsigned len = 1;
    if (n < 2 || (page[1] - page[0] != 1u && page[0] - page[1] != 1u))
        return 1;
    u32 step = page[1] - page[0];
    while (len < n && page[len] - page[len - 1] == step)
        len++;
    return len;
}

void buddy_free_batch(struct buddy *b, const u32 *page, unsigned n)
{
    for (unsigned i = 0, len; i < n; i += len) {
        len = run_length(page + i, n - i);
        u32 first = MIN(page[i], page[i + len - 1]);
        ASSERT(first + (u64)len <= b->npages);
        free_range(b, first, first + len);
    }
    b->nfree += n;
}

/* --- allocation ----------------------------------------------------------------------------- */

/* Takes the lowest 2^order pages of a free block of order `have`. */
static void split(struct buddy *b, u64 page, unsigned have, unsigned order)
{
    bittree_clear(&b->free[have], page >> have);
    while (have-- > order)
        bittree_set(&b->free[have], (page >> have) + 1);
}

/* A block of exactly this order whose first n pages end at or below high. */
static u64 alloc_block(struct buddy *b, unsigned order, u64 n, u64 low, u64 high)
{
    for (unsigned have = order; have < BUDDY_ORDERS; have++) {
        if (bittree_empty(&b->free[have]))
            continue;
        u64 i = bittree_next(&b->free[have], low >> have);
        if (i == BITTREE_NONE || i << have > high || n > high - (i << have))
            continue;
        split(b, i << have, have, order);
        return i << have;
    }
    return BUDDY_NONE;
}

/* First of nblocks free blocks of the largest order in a row, at a multiple of step blocks. */
static u64 find_run(const struct buddy *b, u64 nblocks, u64 step, u64 from)
{
    const struct bittree *t = &b->free[TOP];
    for (;;) {
        u64 first = bittree_next(t, from), n = 0;
        if (first == BITTREE_NONE)
            return BUDDY_NONE;
        first = ROUND_UP(first, step);
        while (n < nblocks && first + n < t->nbits && bittree_test(t, first + n))
            n++;
        if (n == nblocks)
            return first;
        from = first + n + 1;
    }
}

static u64 alloc_run(struct buddy *b, u64 n, u64 align, u64 low, u64 high)
{
    u64 nblocks = blocks_of(n, TOP), first = find_run(b, nblocks, MAX(align >> TOP, 1ull), low >> TOP);
    if (first == BUDDY_NONE || first << TOP > high || n > high - (first << TOP))
        return BUDDY_NONE;
    for (u64 i = first; i < first + nblocks; i++)
        bittree_clear(&b->free[TOP], i);
    return first << TOP;
}

static unsigned order_for(u64 n) { return n > 1 ? 64 - (unsigned)__builtin_clzll(n - 1) : 0; }

u64 buddy_alloc(struct buddy *b, u64 n, u64 align, u64 low, u64 high)
{
    ASSERT(align > 0 && (align & (align - 1)) == 0 && low % BUDDY_MAX_PAGES == 0);
    if (n == 0 || n > b->nfree)
        return BUDDY_NONE;
    unsigned order = order_for(MAX(n, align));
    u64 first = order < BUDDY_ORDERS ? alloc_block(b, order, n, low, high) : alloc_run(b, n, align, low, high);
    if (first == BUDDY_NONE)
        return BUDDY_NONE;
    u64 taken = order < BUDDY_ORDERS ? 1ull << order : blocks_of(n, TOP) << TOP;
    free_range(b, first + n, first + taken);
    b->nfree -= n;
    return first;
}

/* Smallest order that has a free block at or behind low; BUDDY_ORDERS if none has. */
static unsigned smallest_order(const struct buddy *b, u64 low)
{
    unsigned order = 0;
    while (order < BUDDY_ORDERS && (bittree_empty(&b->free[order]) ||
                                    (low && bittree_next(&b->free[order], low >> order) == BITTREE_NONE)))
        order++;
    return order;
}

unsigned buddy_alloc_batch(struct buddy *b, u32 *page, unsigned want, u64 low)
{
    unsigned got = 0;
    while (got < want) {
        unsigned have = smallest_order(b, low), order = 31 - (unsigned)__builtin_clz(want - got);
        if (have == BUDDY_ORDERS || (have > order && got > 0 && got >= want / 2))
            break; /* enough: a block cut for the last few would leave crumbs for the next time */
        order = MIN(have, order);
        u64 first = alloc_block(b, order, 1, low, UINT64_MAX);
        b->nfree -= 1ull << order;
        for (u64 i = 1ull << order; i-- > 0;)
            page[got++] = (u32)(first + i);
    }
    return got;
}

/* --- named pages ---------------------------------------------------------------------------- */

/* Order of the free block that covers page; BUDDY_ORDERS if there is none. */
static unsigned covering_order(const struct buddy *b, u64 page)
{
    unsigned order = 0;
    while (order < BUDDY_ORDERS && !bittree_test(&b->free[order], page >> order))
        order++;
    return order;
}

bool buddy_is_free(const struct buddy *b, u64 page)
{
    return page < b->npages && covering_order(b, page) < BUDDY_ORDERS;
}

static u64 block_end(u64 page, unsigned order) { return ((page >> order) + 1) << order; }

bool buddy_take(struct buddy *b, u64 first, u64 n)
{
    if (!in_range(b, first, n))
        return false;
    u64 end = first + n;
    for (u64 p = first; p < end;) {
        unsigned order = covering_order(b, p);
        if (order == BUDDY_ORDERS)
            return false;
        p = block_end(p, order);
    }
    for (u64 p = first, next; p < end; p = next) {
        unsigned order = covering_order(b, p);
        u64 start = ROUND_DOWN(p, 1ull << order);
        next = block_end(p, order);
        bittree_clear(&b->free[order], p >> order);
        free_range(b, start, p); /* only before the first block and behind the last */
        if (next > end)
            free_range(b, end, next);
    }
    b->nfree -= n;
    return true;
}

/* --- self-check ----------------------------------------------------------------------------- */

static void check_block(const struct buddy *b, u64 i, unsigned order)
{
    u64 page = i << order;
    if (page >= b->npages || b->npages - page < 1ull << order)
        panic("buddy: free block of order %u at page %#lx reaches beyond the last page", order, page);
    if (order < TOP && bittree_test(&b->free[order], i ^ 1))
        panic("buddy: order %u, page %#lx: free beside its free buddy", order, page);
    for (unsigned up = order + 1; up < BUDDY_ORDERS; up++)
        if (bittree_test(&b->free[up], page >> up))
            panic("buddy: page %#lx is in free blocks of orders %u and %u", page, order, up);
}

void buddy_check(const struct buddy *b)
{
    u64 nfree = 0;
    for (unsigned k = 0; k < BUDDY_ORDERS; k++) {
        u64 i = bittree_next(&b->free[k], 0);
        for (; i != BITTREE_NONE; i = bittree_next(&b->free[k], i + 1)) {
            check_block(b, i, k);
            nfree += 1ull << k;
        }
    }
    if (nfree != b->nfree)
        panic("buddy: %lu pages are free, not %lu", nfree, b->nfree);
}
