/* mremap: shrink, grow in place, or move. A move changes the mapping's address and leaves its pages
 * where they are, in the overlay or the VMO; the page table is filled again by faults. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

struct remap { vaddr_t addr; size_t old_size, new_size; bool may_move; vaddr_t fixed; };

/* Room in m's overlay for more pages behind its end: if another mapping is in the way, m gets an
 * overlay of its own with the same pages. */
static int room_make(struct mapping *m, size_t more)
{
    if (mapping_can_cover(m, m->start, m->end + more))
        return 0;
    if (!m->own)
        return -ENOMEM;
    struct overlay *fresh;
    int r = overlay_copy(m->own, mapping_index(m, m->start), mapping_index(m, m->end), &fresh);
    if (r)
        return r;
    r = mapping_punch_prepare(m, m->start, m->end);
    if (r) {
        overlay_put(fresh);
        return r;
    }
    aspace_zap(m->as, m->start, m->end); /* the entries might allow writes to pages now marked */
    mapping_punch(m, m->start, m->end);
    overlay_put(m->own);
    m->own = fresh;
    return mapping_can_cover(m, m->start, m->end + more) ? 0 : -ENOMEM;
}

static int grow_in_place(struct aspace *as, const struct remap *q)
{
    struct mapping *m = mapping_find(as, q->addr);
    vaddr_t end = q->addr + q->old_size;
    size_t more = q->new_size - q->old_size;
    if (m->end != end || !range_valid(end, more) || !range_is_free(as, end, more))
        return -ENOMEM;
    int r = room_make(m, more);
    if (r)
        return r;
    mapping_resize(m, m->start, end + more);
    mapping_merge(m);
    return 0;
}

static int move_target(struct aspace *as, const struct remap *q, vaddr_t *to)
{
    if (!q->fixed)
        return choose_address(as, 0, q->new_size, to);
    *to = q->fixed;
    return aspace_unmap_locked(as, q->fixed, q->fixed + q->new_size);
}

/* [addr, addr+old_size) becomes a mapping of its own, which then goes elsewhere. */
static int move(struct aspace *as, const struct remap *q, vaddr_t *out)
{
    int r = mapping_split_at(as, q->addr);
    if (!r)
        r = mapping_split_at(as, q->addr + q->old_size);
    if (!r && q->new_size > q->old_size)
        r = room_make(mapping_find(as, q->addr), q->new_size - q->old_size);
    vaddr_t to;
    if (!r)
        r = move_target(as, q, &to);
    if (r)
        return r;
    struct mapping *m = mapping_find(as, q->addr);
    ASSERT(m && m->start == q->addr && m->end == q->addr + q->old_size);
    aspace_zap(as, m->start, m->end);
    pt_trim(&as->pt, m->start, m->end);
    mapping_erase(m);
    m->start = to;
    m->end = to + q->new_size;
    m->ahead_va = 0;
    if (m->own)
        overlay_cover(m->own, mapping_index(m, m->start), mapping_index(m, m->end));
    mapping_insert(m);
    mapping_merge(m);
    *out = to;
    return 0;
}

/* mremap of nothing: the same shared memory shown once more (mremap(2)). */
static int duplicate(struct aspace *as, struct mapping *m, struct remap *q, vaddr_t *out)
{
    if (!(m->flags & VM_SHARED))
        return -EINVAL;
    if (!q->may_move)
        return -ENOMEM;
    struct vmo *vmo = m->vmo;
    *out = q->fixed;
    vmo_get(vmo); /* with a fixed place, m itself may be in the way */
    int r = aspace_map_locked(as, vmo, m->offset + (q->addr - m->start), q->new_size, m->prot, m->may,
                              (m->flags & VM_KEPT_FLAGS) | (q->fixed ? VM_FIXED : 0), out);
    vmo_put(vmo);
    return r;
}

static int remap_locked(struct aspace *as, struct remap *q, vaddr_t *out)
{
    struct mapping *m = mapping_find(as, q->addr);
    if (!m)
        return -EFAULT;
    if (!q->old_size)
        return duplicate(as, m, q, out);
    if (q->old_size > m->end - q->addr)
        return -EFAULT; /* more than one mapping: as Linux */
    if (q->new_size < q->old_size) {
        int r = aspace_unmap_locked(as, q->addr + q->new_size, q->addr + q->old_size);
        if (r)
            return r;
        q->old_size = q->new_size;
    }
    *out = q->addr;
    if (q->fixed)
        return move(as, q, out);
    if (q->new_size == q->old_size || !grow_in_place(as, q))
        return 0;
    return q->may_move ? move(as, q, out) : -ENOMEM;
}

int aspace_remap(struct aspace *as, vaddr_t addr, size_t old_size, size_t new_size, bool may_move,
                 vaddr_t fixed, vaddr_t *out)
{
    if (old_size > USER_TOP || new_size > USER_TOP)
        return -EINVAL;
    struct remap q = { addr, ROUND_UP(old_size, PAGE_SIZE), ROUND_UP(new_size, PAGE_SIZE), may_move, fixed };
    if (!range_valid(addr, MAX(q.old_size, PAGE_SIZE)) || !q.new_size)
        return -EINVAL;
    if (fixed && (!range_valid(fixed, q.new_size) ||
                  (fixed < addr + q.old_size && addr < fixed + q.new_size)))
        return -EINVAL;
    mutex_lock(&as->lock);
    int r = remap_locked(as, &q, out);
    mapping_merge_range(as, addr, addr + q.old_size);
    mutex_unlock(&as->lock);
    return r;
}
