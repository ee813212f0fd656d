/* An object and who maps it.
 *
 * An object that shrinks leaves every page table that shows what it lost, also where a private
 * mapping had made such a page its own: the next touch is a SIGBUS, as on Linux. */
#include "vm/aspace_priv.h"

bool vmo_is_mapped_writable(struct vmo *vmo)
{
    bool found = false;
    struct mapping *m;
    spin_lock(&vmo->map_lock);
    list_for_each(m, &vmo->mappings, vmo_link)
        found |= (m->flags & VM_SHARED) && (m->may & VM_WRITE);
    spin_unlock(&vmo->map_lock);
    return found;
}

/* Behind those that this round has not seen, which so are always first in the list. */
static void mark_seen(struct mapping *m, u64 round)
{
    spin_lock(&m->vmo->map_lock);
    m->shrink_seen = round;
    list_remove(&m->vmo_link);
    list_push_back(&m->vmo->mappings, &m->vmo_link);
    spin_unlock(&m->vmo->map_lock);
}

/* Zaps what this address space shows of the object from page `first` on. */
static void aspace_forget(struct aspace *as, struct vmo *vmo, u64 first, u64 round)
{
    mutex_lock(&as->lock);
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        if (m->vmo != vmo)
            continue;
        mark_seen(m, round);
        u64 index = m->offset / PAGE_SIZE;
        u64 skip = first > index ? first - index : 0;
        if (skip >= mapping_pages(m))
            continue;
        vaddr_t from = m->start + skip * PAGE_SIZE;
        aspace_zap(as, from, m->end);
        /* Without memory for this the copies stay, unseen until the object grows again. */
        if (!mapping_punch_prepare(m, from, m->end))
            mapping_punch(m, from, m->end);
    }
    mutex_unlock(&as->lock);
}

/* The next address space with a mapping that this round has not seen, with a reference. One that is
 * being torn down is passed over, entries and all. */
static struct aspace *next_unseen(struct vmo *vmo, u64 round)
{
    struct aspace *as = NULL;
    spin_lock(&vmo->map_lock);
    while (!as && !list_empty(&vmo->mappings)) {
        struct mapping *m = list_first(&vmo->mappings, struct mapping, vmo_link);
        if (m->shrink_seen == round)
            break;
        if (aspace_tryget(m->as)) {
            as = m->as;
        } else {
            m->shrink_seen = round;
            list_remove(&m->vmo_link);
            list_push_back(&vmo->mappings, &m->vmo_link);
        }
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
        aspace_forget(as, vmo, first, round);
}
