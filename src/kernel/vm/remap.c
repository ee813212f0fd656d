/* mremap: shrink, grow in place, or move. A move changes the mapping's address and leaves its pages
 * where they are, in the overlay or the VMO; the page table is filled again by faults. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

struct remap { vaddr_t addr; size_t old_size, new_size; unsigned how; vaddr_t fixed; };

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
    if (!(q->how & REMAP_FIXED))
        return choose_address(as, 0, q->new_size, 0, to);
    *to = q->fixed;
    return aspace_unmap_locked(as, q->fixed, q->fixed + q->new_size);
}

/* [addr, addr+old_size) becomes a mapping of its own. */
static int isolate(struct aspace *as, const struct remap *q)
{
    int r = mapping_split_at(as, q->addr);
    if (!r)
        r = mapping_split_at(as, q->addr + q->old_size);
    if (!r && q->new_size > q->old_size)
        r = room_make(mapping_find(as, q->addr), q->new_size - q->old_size);
    return r;
}

/* What stays behind: the same mapping without pages of its own, and not locked (mremap(2)). */
static int leave(const struct mapping *m, struct mapping **out)
{
    struct mapping like = *m;
    like.own = NULL;
    like.flags &= ~(unsigned)(VM_LOCKED | VM_ONFAULT);
    *out = mapping_alloc(&like);
    return *out ? 0 : -ENOMEM;
}

static void move_to(struct mapping *m, vaddr_t to, size_t size)
{
    struct aspace *as = m->as;
    aspace_zap(as, m->start, m->end);
    pt_trim(&as->pt, m->start, m->end);
    mapping_erase(m);
    m->start = to;
    m->end = to + size;
    m->ahead_va = 0;
    if (m->own)
        overlay_cover(m->own, mapping_index(m, m->start), mapping_index(m, m->end));
    mapping_insert(m);
}

static int move(struct aspace *as, const struct remap *q, vaddr_t *out)
{
    struct mapping *stays = NULL;
    vaddr_t to;
    int r = isolate(as, q);
    if (!r && (q->how & REMAP_LEAVE))
        r = leave(mapping_find(as, q->addr), &stays);
    if (!r)
        r = move_target(as, q, &to);
    if (r) {
        if (stays)
            mapping_free(stays);
        return r;
    }
    struct mapping *m = mapping_find(as, q->addr);
    ASSERT(m && m->start == q->addr && m->end == q->addr + q->old_size);
    move_to(m, to, q->new_size);
    if (stays)
        mapping_insert(stays);
    mapping_merge(m);
    *out = to;
    return 0;
}

/* mremap of nothing: the same shared memory shown once more (mremap(2)). */
static int duplicate(struct aspace *as, struct mapping *m, struct remap *q, vaddr_t *out)
{
    if (!(m->flags & VM_SHARED))
        return -EINVAL;
    if (!(q->how & REMAP_MAY_MOVE))
        return -ENOMEM;
    struct vmo *vmo = m->vmo;
    *out = q->fixed;
    vmo_get(vmo); /* with a fixed place, m itself may be in the way */
    int r = aspace_map_locked(as, vmo, m->offset + (q->addr - m->start), q->new_size, m->prot, m->may,
                              (m->flags & VM_KEPT_FLAGS) | (q->how & REMAP_FIXED ? VM_FIXED : 0), out);
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
    if ((q->how & REMAP_LEAVE) && (m->vmo || q->old_size != q->new_size))
        return -EINVAL;
    if (q->new_size < q->old_size) {
        int r = aspace_unmap_locked(as, q->addr + q->new_size, q->addr + q->old_size);
        if (r)
            return r;
        q->old_size = q->new_size;
    }
    *out = q->addr;
    if (q->how & (REMAP_FIXED | REMAP_LEAVE))
        return move(as, q, out);
    if (q->new_size == q->old_size || !grow_in_place(as, q))
        return 0;
    return q->how & REMAP_MAY_MOVE ? move(as, q, out) : -ENOMEM;
}

int aspace_remap(struct aspace *as, vaddr_t addr, size_t old_size, size_t new_size, unsigned how,
                 vaddr_t fixed, vaddr_t *out)
{
    if (old_size > USER_TOP || new_size > USER_TOP)
        return -EINVAL;
    struct remap q = { addr, ROUND_UP(old_size, PAGE_SIZE), ROUND_UP(new_size, PAGE_SIZE), how,
                       how & REMAP_FIXED ? fixed : 0 };
    if (!range_valid(addr, MAX(q.old_size, PAGE_SIZE)) || !q.new_size)
        return -EINVAL;
    if ((how & REMAP_FIXED) && (!range_valid(fixed, q.new_size) ||
                  (fixed < addr + q.old_size && addr < fixed + q.new_size)))
        return -EINVAL;
    mutex_lock(&as->lock);
    borders_settle(as);
    int r = remap_locked(as, &q, out);
    mapping_merge_range(as, addr, addr + q.old_size);
    mutex_unlock(&as->lock);
    return r;
}
