/* The program break: anonymous memory that grows and shrinks at one end. It is an ordinary mapping
 * with a mark of its own, so that it merges only with itself. */
#include "vm/aspace_priv.h"

void aspace_brk_init(struct aspace *as, vaddr_t start)
{
    mutex_lock(&as->lock);
    as->brk_start = as->brk = start;
    mutex_unlock(&as->lock);
}

static int brk_grow(struct aspace *as, vaddr_t from, vaddr_t to)
{
    if (!range_valid(from, to - from) || !range_is_free(as, from, to - from))
        return -1;
    return aspace_map_locked(as, NULL, 0, to - from, VM_READ | VM_WRITE, VM_READ | VM_WRITE | VM_EXEC,
                             VM_FIXED | VM_BRK, &from);
}

vaddr_t aspace_brk(struct aspace *as, vaddr_t new_brk)
{
    mutex_lock(&as->lock);
    int r = -1;
    if (new_brk >= as->brk_start && new_brk < USER_TOP && as->brk_start) {
        vaddr_t from = ROUND_UP(as->brk, PAGE_SIZE), to = ROUND_UP(new_brk, PAGE_SIZE);
        r = to > from   ? brk_grow(as, from, to)
            : to < from ? aspace_unmap_locked(as, to, from)
                        : 0;
    }
    if (!r)
        as->brk = new_brk;
    vaddr_t now = as->brk;
    mutex_unlock(&as->lock);
    return now;
}
