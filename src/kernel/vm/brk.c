/* The program break: anonymous memory that grows and shrinks at one end. It is an ordinary mapping
 * with a mark of its own, so that it merges only with itself. */
#include "vm/aspace_priv.h"

void aspace_brk_init(struct aspace *as, vaddr_t start)
{
    mutex_lock(&as->lock);
    as->brk_start = as->brk = start;
    mutex_unlock(&as->lock);
}

/* The heap's mapping itself grows, if nothing speaks against it. */
static bool heap_extend(struct aspace *as, vaddr_t from, vaddr_t to)
{
    struct mapping *m = mapping_find(as, from - 1);
    if (!m || (m->flags & (VM_BRK | VM_LOCKED)) != VM_BRK || m->prot != (VM_READ | VM_WRITE) || as->lock_future ||
        !mapping_can_cover(m, m->start, to))
        return false;
    mapping_resize(m, m->start, to);
    return true;
}

static int brk_grow(struct aspace *as, vaddr_t from, vaddr_t to)
{
    if (!range_valid(from, to - from) || !range_is_free(as, from, to - from))
        return -1;
    if (heap_extend(as, from, to))
        return 0;
    return aspace_map_locked(as, NULL, 0, to - from, VM_READ | VM_WRITE, VM_READ | VM_WRITE | VM_EXEC,
                             VM_FIXED | VM_BRK, &from);
}

static int brk_move_locked(struct aspace *as, vaddr_t new_brk, u64 grow_limit)
{
    if (new_brk < as->brk_start || new_brk >= USER_TOP || !as->brk_start)
        return -1;
    if (new_brk > as->brk && new_brk - as->brk > grow_limit)
        return -1;
    vaddr_t from = ROUND_UP(as->brk, PAGE_SIZE), to = ROUND_UP(new_brk, PAGE_SIZE);
    if (to == from)
        return 0;
    return to > from ? brk_grow(as, from, to) : aspace_unmap_locked(as, to, from);
}

vaddr_t aspace_brk(struct aspace *as, vaddr_t new_brk, u64 grow_limit)
{
    mutex_lock(&as->lock);
    vaddr_t old = as->brk;
    if (!brk_move_locked(as, new_brk, grow_limit))
        as->brk = new_brk;
    vaddr_t now = as->brk;
    bool populate = now > old && as->lock_future == VM_LOCKED;
    mutex_unlock(&as->lock);
    if (populate)
        (void)!aspace_populate(as, ROUND_DOWN(old, PAGE_SIZE), ROUND_UP(now, PAGE_SIZE) - ROUND_DOWN(old, PAGE_SIZE), false);
    return now;
}
