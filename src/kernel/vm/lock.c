/* mlock. Pages never leave memory, so to lock a mapping is to count it, to bring its pages in (the
 * caller does), and to keep them from MADV_DONTNEED. */
#include "vm/aspace_priv.h"
#include "lib/errno.h"

#define LOCK_FLAGS (VM_LOCKED | VM_ONFAULT)

/* Bytes of [start, end) that are not locked yet; *reach: where the first hole begins, or end. */
static u64 unlocked_bytes(struct aspace *as, vaddr_t start, vaddr_t end, vaddr_t *reach)
{
    u64 bytes = 0;
    *reach = start;
    struct mapping *m = mapping_at_or_above(as, start);
    for (; m && m->start <= *reach && *reach < end; m = mapping_next(m)) {
        bytes += m->flags & VM_LOCKED ? 0 : MIN(m->end, end) - *reach;
        *reach = MIN(m->end, end);
    }
    return bytes;
}

static int lock_locked(struct aspace *as, vaddr_t start, vaddr_t end, unsigned how, u64 limit)
{
    vaddr_t reach;
    u64 more = unlocked_bytes(as, start, end, &reach);
    if (how && as->stats.locked_bytes + more > limit)
        return -ENOMEM;
    int r = reach > start ? aspace_advise_locked(as, start, reach, how, LOCK_FLAGS) : 0;
    return !r && reach < end ? -ENOMEM : r;
}

int aspace_lock(struct aspace *as, vaddr_t addr, size_t size, unsigned how, u64 limit)
{
    if (!range_valid(addr, size))
        return -ENOMEM;
    mutex_lock(&as->lock);
    int r = lock_locked(as, addr, addr + size, how, limit);
    mutex_unlock(&as->lock);
    return r;
}

int aspace_lock_all(struct aspace *as, bool current, unsigned how, unsigned future, u64 limit)
{
    mutex_lock(&as->lock);
    int r = current && how && as->stats.mapped_bytes > limit ? -ENOMEM : 0;
    if (!r)
        as->lock_future = future;
    for (struct mapping *m = current && !r ? mapping_at_or_above(as, 0) : NULL; m; m = mapping_next(m))
        mapping_set_flags(m, (m->flags & ~(unsigned)LOCK_FLAGS) | how);
    if (current && !r)
        mapping_merge_range(as, 0, USER_TOP);
    mutex_unlock(&as->lock);
    return r;
}

unsigned aspace_lock_future(struct aspace *as) { return __atomic_load_n(&as->lock_future, __ATOMIC_RELAXED); }

bool aspace_next(struct aspace *as, vaddr_t from, vaddr_t *start, vaddr_t *end)
{
    mutex_lock(&as->lock);
    struct mapping *m = mapping_at_or_above(as, from);
    if (m) {
        *start = MAX(m->start, from);
        *end = m->end;
    }
    mutex_unlock(&as->lock);
    return m;
}
