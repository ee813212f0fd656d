/* The baseline allocator. Frozen: what it does is the definition of right.
 *
 * The lowest free page that fits is handed out, found by looking at every page from the hint on.
 * The hint only skips pages known not to be free, so it never changes the answer.
 *
 *     RESERVED --linear_add--> FREE --linear_alloc--> ALLOCATED
 *         ^--linear_reserve------'^-------linear_free-----'
 *         '----------------------linear_adopt-------------->          */
#include "mm/pmm_linear.h"
#include "lib/assert.h"
#include "lib/string.h"

_Static_assert(PAGE_FREE == 1 && PAGE_RESERVED == 0 && PAGE_ALLOCATED == 2, "only FREE has bit 0 set");
#define FREE_IN_ANY_BYTE 0x0101010101010101ull

void linear_init(struct linear_pmm *p, u8 *state, u64 npages)
{
    *p = (struct linear_pmm){ .state = state, .npages = npages, .hint = npages };
    memset(state, PAGE_RESERVED, npages);
}

static bool in_range(const struct linear_pmm *p, u64 first, u64 n)
{
    return first <= p->npages && n <= p->npages - first;
}

/* First page at or behind `from` whose state is not `want`; LINEAR_NONE if all n pages have it. */
static u64 first_unlike(const struct linear_pmm *p, u64 first, u64 n, enum page_state want)
{
    if (!in_range(p, first, n))
        return p->npages;
    for (u64 i = first; i < first + n; i++)
        if (p->state[i] != want)
            return i;
    return LINEAR_NONE;
}

/* First free page at or behind `from`; npages if there is none. */
static u64 next_free(const struct linear_pmm *p, u64 from)
{
    u64 eight;
    for (; from < p->npages; from++) {
        while (from % 8 == 0 && p->npages - from >= 8) {
            memcpy(&eight, p->state + from, 8);
            if (eight & FREE_IN_ANY_BYTE)
                break;
            from += 8;
        }
        if (from < p->npages && p->state[from] == PAGE_FREE)
            return from;
    }
    return p->npages;
}

u64 linear_add(struct linear_pmm *p, u64 first, u64 n)
{
    u64 added = 0;
    ASSERT(in_range(p, first, n));
    for (u64 i = first; i < first + n; i++) {
        if (p->state[i] != PAGE_RESERVED)
            continue;
        p->state[i] = PAGE_FREE;
        p->hint = MIN(p->hint, i);
        added++;
    }
    p->nfree += added;
    return added;
}

void linear_adopt(struct linear_pmm *p, u64 first, u64 n)
{
    ASSERT(first_unlike(p, first, n, PAGE_RESERVED) == LINEAR_NONE);
    memset(p->state + first, PAGE_ALLOCATED, n);
    p->nallocated += n;
}

u64 linear_alloc(struct linear_pmm *p, u64 n, u64 align, u64 limit)
{
    ASSERT(align > 0 && (align & (align - 1)) == 0);
    limit = MIN(limit, p->npages);
    u64 at = p->hint = next_free(p, p->hint);
    if (n == 0 || n > p->nfree)
        return LINEAR_NONE;
    while (at < limit) {
        at = ROUND_UP(at, align);
        if (at >= limit || n > limit - at)
            return LINEAR_NONE;
        u64 obstacle = first_unlike(p, at, n, PAGE_FREE);
        if (obstacle == LINEAR_NONE) {
            memset(p->state + at, PAGE_ALLOCATED, n);
            p->nfree -= n;
            p->nallocated += n;
            return at;
        }
        at = next_free(p, obstacle);
    }
    return LINEAR_NONE;
}

u64 linear_free(struct linear_pmm *p, u64 first, u64 n)
{
    u64 bad = first_unlike(p, first, n, PAGE_ALLOCATED);
    if (bad != LINEAR_NONE)
        return bad;
    memset(p->state + first, PAGE_FREE, n);
    p->nfree += n;
    p->nallocated -= n;
    if (n)
        p->hint = MIN(p->hint, first);
    return LINEAR_NONE;
}

u64 linear_reserve(struct linear_pmm *p, u64 first, u64 n)
{
    u64 bad = first_unlike(p, first, n, PAGE_FREE);
    if (bad != LINEAR_NONE)
        return bad;
    memset(p->state + first, PAGE_RESERVED, n);
    p->nfree -= n;
    return LINEAR_NONE;
}
