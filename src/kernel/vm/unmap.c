/* Taking mappings away: munmap, MADV_DONTNEED, and objects that shrink under their mappings. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

int mapping_punch_prepare(struct mapping *m, vaddr_t start, vaddr_t end)
{
    if (!m->vmo->private)
        return 0;
    mutex_lock(&m->vmo->lock);
    int r = vmo_tree_remove_prepare(&m->vmo->tree, mapping_index(m, start), mapping_index(m, end));
    mutex_unlock(&m->vmo->lock);
    return r;
}

/* Nobody changes a private VMO between the two steps: it belongs to this address space, whose lock
 * is held. */
void mapping_punch(struct mapping *m, vaddr_t start, vaddr_t end)
{
    ASSERT(mutex_held(&m->as->lock));
    if (!m->vmo->private)
        return;
    mutex_lock(&m->vmo->lock);
    vmo_tree_remove(&m->vmo->tree, mapping_index(m, start), mapping_index(m, end));
    mutex_unlock(&m->vmo->lock);
}

/* The VMO dies with its only mapping: then there is no need to pick its pages out one by one. */
static bool mapping_is_last(struct mapping *m)
{
    return kobject_refs(&m->vmo->obj) == 1;
}

static int unmap_prepare(struct aspace *as, vaddr_t start, vaddr_t end)
{
    int r = mapping_split_at(as, start);
    if (!r)
        r = mapping_split_at(as, end);
    struct mapping *m = r ? NULL : mapping_at_or_above(as, start);
    for (; m && m->start < end && !r; m = mapping_next(m))
        if (!mapping_is_last(m))
            r = mapping_punch_prepare(m, m->start, m->end);
    return r;
}

static void mapping_remove(struct mapping *m)
{
    mapping_zap(m, m->start, m->end);
    if (!mapping_is_last(m))
        mapping_punch(m, m->start, m->end);
    mapping_erase(m);
    mapping_free(m);
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
        mapping_remove(m);
        m = next;
    }
    if (end <= as->mmap_top)
        as->map_hint = MAX(as->map_hint, end);
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
    if (vmo_is_phys(m->vmo))
        return 0;
    int r = mapping_punch_prepare(m, start, end);
    if (r)
        return r;
    mapping_zap(m, start, end);
    mapping_punch(m, start, end);
    return 0;
}

int aspace_discard(struct aspace *as, vaddr_t addr, size_t size)
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
        r = mapping_discard(m, MAX(m->start, addr), MIN(m->end, end));
        at = m->end;
    }
    mutex_unlock(&as->lock);
    return r ? r : hole || at < end ? -ENOMEM : 0;
}

/* Zaps what this address space shows of the object from page `first` on. */
static void aspace_forget(struct aspace *as, struct vmo *vmo, u64 first)
{
    mutex_lock(&as->lock);
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        if (m->vmo != vmo && m->vmo->source != vmo)
            continue;
        u64 index = m->offset / PAGE_SIZE;
        u64 skip = first > index ? first - index : 0;
        if (skip < mapping_pages(m))
            mapping_zap(m, m->start + skip * PAGE_SIZE, m->end);
    }
    mutex_unlock(&as->lock);
}

static struct mapping *unseen_in(struct list *head, size_t link_offset, u64 round)
{
    for (struct list *l = head->next; l != head; l = l->next) {
        struct mapping *m = (struct mapping *)((char *)l - link_offset);
        if (m->shrink_seen != round)
            return m;
    }
    return NULL;
}

/* The next address space with a mapping that this round has not seen, with a reference. */
static struct aspace *next_unseen(struct vmo *vmo, u64 round)
{
    struct aspace *as = NULL;
    struct mapping *m;
    spin_lock(&vmo->map_lock);
    while (!as) {
        m = unseen_in(&vmo->mappings, offsetof(struct mapping, vmo_link), round);
        if (!m)
            m = unseen_in(&vmo->overlaid, offsetof(struct mapping, source_link), round);
        if (!m)
            break;
        m->shrink_seen = round;
        if (aspace_tryget(m->as)) /* else it is being torn down, entries and all */
            as = m->as;
    }
    spin_unlock(&vmo->map_lock);
    return as;
}

void vmo_unmap_from(struct vmo *vmo, u64 first)
{
    spin_lock(&vmo->map_lock);
    u64 round = ++vmo->shrink_round;
    spin_unlock(&vmo->map_lock);
    for (struct aspace *as; (as = next_unseen(vmo, round)); aspace_put(as))
        aspace_forget(as, vmo, first);
}
