/* Where new mappings go: top-down below the stack, into the highest gap that is large enough.
 *
 * Each node of the tree knows the largest gap inside its subtree, so the search goes down only
 * where there is room. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

bool range_valid(vaddr_t addr, size_t size)
{
    return IS_ALIGNED(addr, PAGE_SIZE) && IS_ALIGNED(size, PAGE_SIZE) && size && addr >= USER_MIN &&
           addr < USER_TOP && size <= USER_TOP - addr;
}

/* A stack keeps its guard gap. */
static vaddr_t claimed_from(const struct mapping *m)
{
    if (!(m->flags & VM_GROWSDOWN))
        return m->start;
    return m->start > STACK_GUARD_BYTES ? m->start - STACK_GUARD_BYTES : 0;
}

static struct mapping *below(const struct rb_node *n) { return n ? rb_entry(n, struct mapping, node) : NULL; }

static u64 gap_between(vaddr_t end, vaddr_t start) { return start > end ? start - end : 0; }

bool mapping_summarise(struct rb_node *n)
{
    struct mapping *m = below(n), *l = below(n->left), *r = below(n->right);
    vaddr_t from = claimed_from(m);
    vaddr_t low = l ? l->low : from, high = r ? r->high : m->end;
    u64 gap = 0;
    if (l)
        gap = MAX(l->gap, gap_between(l->high, from));
    if (r)
        gap = MAX(gap, MAX(r->gap, gap_between(m->end, r->low)));
    bool changed = m->low != low || m->high != high || m->gap != gap;
    m->low = low;
    m->high = high;
    m->gap = gap;
    return changed;
}

bool range_is_free(struct aspace *as, vaddr_t addr, size_t size)
{
    struct mapping *m = mapping_at_or_above(as, addr);
    return !m || claimed_from(m) >= addr + size;
}

/* A search for the highest free [*out, *out+size) that ends at or below top. */
struct search { vaddr_t top; size_t size; vaddr_t out; };

static bool fits(struct search *s, vaddr_t from, vaddr_t to)
{
    to = MIN(to, s->top);
    if (to < from || to - from < s->size)
        return false;
    s->out = to - s->size;
    return true;
}

/* The subtree at n lies between `from` and `to`, which are taken. */
static bool search_subtree(struct search *s, const struct rb_node *n, vaddr_t from, vaddr_t to)
{
    while (n) {
        const struct mapping *m = rb_entry(n, struct mapping, node);
        if (from >= s->top)
            return false;
        if (m->gap < s->size && gap_between(from, m->low) < s->size && gap_between(m->high, to) < s->size)
            return false;
        if (m->end < s->top && search_subtree(s, n->right, m->end, to))
            return true;
        to = claimed_from(m);
        n = n->left;
    }
    return fits(s, from, to);
}

bool highest_gap(const struct rb_tree *tree, vaddr_t top, size_t size, vaddr_t *out)
{
    struct search s = { .top = top, .size = size };
    bool found = search_subtree(&s, tree->root, USER_MIN, USER_TOP);
    *out = s.out;
    return found;
}

#define LOW_FROM (1ul << 30) /* MAP_32BIT (mmap(2)): the second GiB, reached by any 32-bit offset */
#define LOW_TO (1ul << 31)

int choose_address(struct aspace *as, vaddr_t hint, size_t size, unsigned flags, vaddr_t *out)
{
    ASSERT(mutex_held(&as->lock));
    hint = ROUND_DOWN(hint, PAGE_SIZE);
    vaddr_t top = flags & VM_LOW ? LOW_TO : USER_TOP;
    if (hint && hint < top && size <= top - hint && range_valid(hint, size) && range_is_free(as, hint, size)) {
        *out = hint;
        return 0;
    }
    if (flags & VM_LOW)
        return highest_gap(&as->tree, LOW_TO, size, out) && *out >= LOW_FROM ? 0 : -ENOMEM;
    return highest_gap(&as->tree, as->mmap_top, size, out) || highest_gap(&as->tree, USER_TOP, size, out) ? 0 : -ENOMEM;
}
