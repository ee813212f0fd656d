/* mremap: shrink, grow in place, or move. A move changes the mapping's address and leaves its pages
 * where they are, in the VMO; the page table is filled again by faults. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

struct remap { vaddr_t addr; size_t old_size, new_size; bool may_move; vaddr_t fixed; };

/* Can m show `more` bytes behind its end without showing another mapping's? */
static bool backing_can_grow(struct mapping *m, size_t more)
{
    u64 at = m->offset + (m->end - m->start);
    return at + more > at && (!m->vmo->private || vmo_range_unused(m->vmo, m, at, more));
}

/* Gives m (anonymous, private, alone in its range) a VMO of its own with the same pages, from which
 * it can grow. */
static int backing_renew(struct mapping *m)
{
    if (!m->vmo->private || m->vmo->source)
        return -ENOMEM;
    struct vmo *fresh;
    int r = vmo_clone_pages(m->vmo, m->offset / PAGE_SIZE, mapping_pages(m), m->offset / PAGE_SIZE, &fresh);
    if (r)
        return r;
    r = mapping_punch_prepare(m, m->start, m->end);
    struct mapping *n = r ? NULL : mapping_alloc(m->as, fresh, m->start, m->end, m->offset);
    vmo_put(fresh);
    if (!n)
        return -ENOMEM;
    n->prot = m->prot;
    n->may = m->may;
    n->flags = m->flags;
    mapping_zap(m, m->start, m->end); /* the entries might allow writes to pages now marked */
    mapping_punch(m, m->start, m->end);
    mapping_erase(m);
    mapping_free(m);
    mapping_insert(n);
    return 0;
}

static int grow_in_place(struct aspace *as, const struct remap *q)
{
    struct mapping *m = mapping_find(as, q->addr);
    vaddr_t end = q->addr + q->old_size;
    size_t more = q->new_size - q->old_size;
    if (m->end != end || !range_valid(end, more) || !range_is_free(as, end, more) || !backing_can_grow(m, more))
        return -ENOMEM;
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
    if (r)
        return r;
    struct mapping *m = mapping_find(as, q->addr);
    if (q->new_size > q->old_size && !backing_can_grow(m, q->new_size - q->old_size)) {
        r = backing_renew(m);
        if (r)
            return r;
    }
    vaddr_t to;
    r = move_target(as, q, &to);
    if (r)
        return r;
    m = mapping_find(as, q->addr);
    ASSERT(m && m->start == q->addr && m->end == q->addr + q->old_size);
    mapping_zap(m, m->start, m->end);
    mapping_erase(m);
    m->start = to;
    m->end = to + q->new_size;
    mapping_insert(m);
    mapping_merge(m);
    if (q->addr + q->old_size <= as->mmap_top)
        as->map_hint = MAX(as->map_hint, q->addr + q->old_size);
    *out = to;
    return 0;
}

static int remap_locked(struct aspace *as, struct remap *q, vaddr_t *out)
{
    struct mapping *m = mapping_find(as, q->addr);
    if (!m)
        return -EFAULT;
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
    if (!range_valid(addr, q.old_size) || !q.new_size)
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
