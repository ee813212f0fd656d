/* mprotect. */
#include "vm/aspace_priv.h"
#include "lib/errno.h"

/* 0 if [start, end) is all mapped and may get these rights. */
static int protect_check(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot)
{
    vaddr_t at = start;
    for (struct mapping *m = mapping_at_or_above(as, start); at < end; m = mapping_next(m)) {
        if (!m || m->start > at)
            return -ENOMEM;
        if (prot & ~m->may)
            return -EACCES;
        at = m->end;
    }
    return 0;
}

static int protect_locked(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot)
{
    int r = protect_check(as, start, end, prot);
    if (!r)
        r = mapping_split_at(as, start);
    if (!r)
        r = mapping_split_at(as, end);
    for (struct mapping *m = r ? NULL : mapping_at_or_above(as, start); m && m->start < end; m = mapping_next(m)) {
        if (m->prot == prot)
            continue;
        unsigned old = m->prot;
        mapping_set_prot(m, prot);
        mapping_apply_prot(m, old);
    }
    mapping_merge_range(as, start, end);
    return r;
}

int aspace_protect(struct aspace *as, vaddr_t addr, size_t size, unsigned prot)
{
    if (!size)
        return IS_ALIGNED(addr, PAGE_SIZE) ? 0 : -EINVAL;
    if (!IS_ALIGNED(addr, PAGE_SIZE))
        return -EINVAL;
    if (size > USER_TOP || !range_valid(addr, ROUND_UP(size, PAGE_SIZE)))
        return -ENOMEM;
    mutex_lock(&as->lock);
    int r = protect_locked(as, addr, addr + ROUND_UP(size, PAGE_SIZE), prot);
    mutex_unlock(&as->lock);
    return r;
}
