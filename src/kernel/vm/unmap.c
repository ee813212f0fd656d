/* Taking mappings away: munmap, MADV_DONTNEED, and objects that shrink under their mappings. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

/* The overlay dies with its only mapping: then there is no need to pick its pages out one by one. */
static bool takes_all_of_overlay(const struct mapping *m, vaddr_t start, vaddr_t end)
{
    return m->own && m->own->refs == 1 && start == m->start && end == m->end;
}

int mapping_punch_prepare(struct mapping *m, vaddr_t start, vaddr_t end)
{
    if (!m->own || takes_all_of_overlay(m, start, end))
        return 0;
    return vmo_tree_remove_prepare(&m->own->tree, mapping_index(m, start), mapping_index(m, end));
}

/* Nobody changes an overlay between the two steps: the address space's lock is held. */
void mapping_punch(struct mapping *m, vaddr_t start, vaddr_t end)
{
    ASSERT(mutex_held(&m->as->lock));
    if (!m->own)
        return;
    if (takes_all_of_overlay(m, start, end)) {
        overlay_put(m->own);
        m->own = NULL;
    } else {
        vmo_tree_remove(&m->own->tree, mapping_index(m, start), mapping_index(m, end));
    }
}

static int unmap_prepare(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct mapping *m = mapping_at_or_above(as, start);
    int r = 0;
    if (m && m->start < start && m->end > end) /* a hole in the middle: the one case that adds a mapping */
        r = mapping_split_at(as, end);
    for (; m && m->start < end && !r; m = mapping_next(m))
        r = mapping_punch_prepare(m, MAX(m->start, start), MIN(m->end, end));
    return r;
}

/* What of m lies in [start, end) goes: all, its head or its tail. */
static void mapping_cut(struct mapping *m, vaddr_t start, vaddr_t end)
{
    vaddr_t from = MAX(m->start, start), to = MIN(m->end, end);
    aspace_zap(m->as, from, to);
    mapping_punch(m, from, to);
    if (from > m->start) {
        mapping_resize(m, m->start, from);
    } else if (to < m->end) {
        mapping_resize(m, to, m->end);
    } else {
        mapping_erase(m);
        mapping_free(m);
    }
}

int aspace_unmap_locked(struct aspace *as, vaddr_t start, vaddr_t end)
{
    int r = unmap_prepare(as, start, end);
    if (r) {
        mapping_merge_range(as, start, end);
        return r;
    }
    struct mapping *m = mapping_at_or_above(as, start);
    while (m && m->start < end) {
        struct mapping *next = mapping_next(m);
        mapping_cut(m, start, end);
        m = next;
    }
    pt_trim(&as->pt, start, end);
    return 0;
}

int aspace_unmap(struct aspace *as, vaddr_t addr, size_t size)
{
    if (size > USER_TOP || !range_valid(addr, ROUND_UP(size, PAGE_SIZE)))
        return -EINVAL;
    mutex_lock(&as->lock);
    int r = aspace_unmap_locked(as, addr, addr + ROUND_UP(size, PAGE_SIZE));
    mutex_unlock(&as->lock);
    return r;
}

static int mapping_discard(struct mapping *m, vaddr_t start, vaddr_t end)
{
    if (mapping_is_phys(m))
        return 0;
    int r = mapping_punch_prepare(m, start, end);
    if (r)
        return r;
    aspace_zap(m->as, start, end);
    mapping_punch(m, start, end);
    return 0;
}

int aspace_discard(struct aspace *as, vaddr_t addr, size_t size, unsigned not)
{
    if (size > USER_TOP || !range_valid(addr, ROUND_UP(size, PAGE_SIZE)))
        return -EINVAL;
    vaddr_t end = addr + ROUND_UP(size, PAGE_SIZE), at = addr;
    int r = 0;
    bool hole = false;
    mutex_lock(&as->lock);
    struct mapping *m = mapping_at_or_above(as, addr);
    for (; m && m->start < end && !r; m = mapping_next(m)) {
        hole |= m->start > at;
        r = m->flags & not ? -EINVAL : mapping_discard(m, MAX(m->start, addr), MIN(m->end, end));
        at = m->end;
    }
    mutex_unlock(&as->lock);
    return r ? r : hole || at < end ? -ENOMEM : 0;
}
