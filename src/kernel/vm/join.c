/* Splitting mappings and joining them again, so that a heap made of many small mmaps stays one
 * mapping. Programs that protect a page for a moment (a collector's, a just-in-time compiler's) do so
 * again and again: the last few borders that mprotect made needless are kept until others take
 * their place, which saves the next split.
 *
 * Two neighbours are one if they have the same rights and show the same thing on end. Anonymous
 * memory that nobody wrote to has no place in an overlay yet: it takes the one next to its
 * neighbour's. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

int mapping_split_at(struct aspace *as, vaddr_t addr)
{
    struct mapping *m = mapping_find(as, addr);
    if (!m || m->start == addr)
        return 0;
    struct mapping *high = mapping_alloc(m);
    if (!high)
        return -ENOMEM;
    high->offset += addr - m->start;
    high->start = addr;
    mapping_resize(m, m->start, addr);
    mapping_insert(high);
    return 0;
}

static bool same_kind(const struct mapping *a, const struct mapping *b)
{
    return a->vmo == b->vmo && a->prot == b->prot && a->may == b->may && a->flags == b->flags &&
           !(a->flags & (VM_NO_MERGE | VM_GROWSDOWN));
}

/* Can low and high, side by side, be one mapping? */
static bool can_join(const struct mapping *low, const struct mapping *high)
{
    if (low->end != high->start || !same_kind(low, high))
        return false;
    bool on_end = low->offset + (low->end - low->start) == high->offset;
    if (low->vmo && !on_end)
        return false;
    if (low->own == high->own)
        return !low->own || on_end;
    if (low->own && high->own)
        return false;
    return low->own ? mapping_can_cover(low, low->start, high->end) : mapping_can_cover(high, low->start, high->end);
}

bool mapping_join_neighbour(const struct mapping *wanted)
{
    struct mapping *high = mapping_at_or_above(wanted->as, wanted->start), *low;
    if (high) {
        low = mapping_prev(high);
    } else {
        struct rb_node *last = rb_last(&wanted->as->tree);
        low = last ? rb_entry(last, struct mapping, node) : NULL;
    }
    if (low && can_join(low, wanted)) {
        mapping_resize(low, low->start, wanted->end);
        mapping_merge(low);
        return true;
    }
    if (high && can_join(wanted, high)) {
        mapping_resize(high, wanted->start, high->end);
        return true;
    }
    return false;
}

static void join(struct mapping *low, struct mapping *high)
{
    vaddr_t end = high->end;
    if (high->own && !low->own) {
        low->own = overlay_get(high->own);
        low->offset = high->offset - (low->end - low->start);
    }
    mapping_erase(high);
    mapping_free(high);
    mapping_resize(low, low->start, end);
}

void mapping_merge(struct mapping *m)
{
    struct mapping *next = mapping_next(m), *prev = mapping_prev(m);
    if (next && can_join(m, next))
        join(m, next);
    if (prev && can_join(prev, m))
        join(prev, m);
}

void mapping_merge_range(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct mapping *m = mapping_at_or_above(as, start ? start - 1 : 0);
    while (m && m->start <= end) {
        struct mapping *next = mapping_next(m);
        if (next && can_join(m, next))
            join(m, next);
        else
            m = next;
    }
}

static void border_join(struct aspace *as, vaddr_t addr)
{
    struct mapping *high = mapping_find(as, addr);
    struct mapping *low = high && high->start == addr ? mapping_prev(high) : NULL;
    if (low && can_join(low, high))
        join(low, high);
}

void border_keep(struct aspace *as, vaddr_t addr)
{
    for (unsigned i = 0; i < BORDERS_KEPT; i++)
        if (as->border[i] == addr)
            return;
    vaddr_t *slot = &as->border[as->next_border++ % BORDERS_KEPT];
    vaddr_t before = *slot;
    *slot = addr;
    if (before)
        border_join(as, before);
}

void borders_settle(struct aspace *as)
{
    for (unsigned i = 0; i < BORDERS_KEPT; i++) {
        if (as->border[i])
            border_join(as, as->border[i]);
        as->border[i] = 0;
    }
}
