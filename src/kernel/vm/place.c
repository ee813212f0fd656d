/* Where new mappings go: top-down below the stack.
 *
 * map_hint is the address below which the search begins; above it everything was found taken. It
 * falls with each mapping made and rises with each unmapping, so the usual search is one step. */
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

bool range_is_free(struct aspace *as, vaddr_t addr, size_t size)
{
    struct mapping *m = mapping_at_or_above(as, addr);
    return !m || claimed_from(m) >= addr + size;
}

/* The highest free [*out, *out+size) with *out+size <= top. */
static bool search_below(struct aspace *as, vaddr_t top, size_t size, vaddr_t *out)
{
    struct mapping *above = mapping_at_or_above(as, top);
    struct rb_node *last = above ? rb_prev(&above->node) : rb_last(&as->tree);
    struct mapping *m = last ? rb_entry(last, struct mapping, node) : NULL;
    if (above)
        top = MIN(top, claimed_from(above));
    for (;;) {
        vaddr_t bottom = m ? m->end : USER_MIN;
        if (top >= bottom && top - bottom >= size) {
            *out = top - size;
            return true;
        }
        if (!m)
            return false;
        top = MIN(top, claimed_from(m));
        m = mapping_prev(m);
    }
}

int choose_address(struct aspace *as, vaddr_t hint, size_t size, vaddr_t *out)
{
    ASSERT(mutex_held(&as->lock));
    hint = ROUND_DOWN(hint, PAGE_SIZE);
    if (hint && range_valid(hint, size) && range_is_free(as, hint, size)) {
        *out = hint;
        return 0;
    }
    if (!search_below(as, as->map_hint, size, out) && !search_below(as, as->mmap_top, size, out) &&
        !search_below(as, USER_TOP, size, out))
        return -ENOMEM;
    if (*out < as->mmap_top)
        as->map_hint = *out;
    return 0;
}
