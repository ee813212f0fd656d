/* mprotect. */
#include "vm/aspace_priv.h"
#include "lib/errno.h"

/* How far from start on everything is mapped and may get these rights; short of *end: *error says why. */
static vaddr_t protect_reach(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot, int *error)
{
    vaddr_t at = start;
    *error = 0;
    for (struct mapping *m = mapping_at_or_above(as, start); at < end && !*error; m = mapping_next(m)) {
        if (!m || m->start > at)
            *error = -ENOMEM;
        else if (prot & ~m->may)
            *error = -EACCES;
        else
            at = m->end;
    }
    return MIN(at, end);
}

static int split_around(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct mapping *m = mapping_find(as, start);
    if (m->start == start && m->end == end)
        return 0;
    int r = mapping_split_at(as, start);
    if (!r)
        r = mapping_split_at(as, end);
    if (r)
        mapping_merge_range(as, start, end);
    return r;
}

static void protect_mapping(struct mapping *m, unsigned prot)
{
    unsigned old = m->prot;
    if (old == prot)
        return;
    mapping_set_prot(m, prot);
    mapping_apply_prot(m, old);
}

/* Who protects the same pages again and again finds a mapping of just these (border_keep). */
static bool protect_whole(struct mapping *m, vaddr_t start, vaddr_t end, unsigned prot)
{
    if (!m || m->start != start || m->end != end || (prot & ~m->may))
        return false;
    protect_mapping(m, prot);
    return true;
}

static int protect_parts(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot)
{
    int r = split_around(as, start, end);
    if (r)
        return r;
    bool several = false;
    for (struct mapping *m = mapping_find(as, start); m && m->start < end; m = mapping_next(m)) {
        several |= m->end < end;
        protect_mapping(m, prot);
    }
    if (several)
        mapping_merge_range(as, start + PAGE_SIZE, end - PAGE_SIZE);
    return 0;
}

/* What lies before the first obstacle is changed, as on Linux. */
static int protect_locked(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot)
{
    int obstacle = 0;
    if (!protect_whole(mapping_at_or_above(as, start), start, end, prot)) {
        end = protect_reach(as, start, end, prot, &obstacle);
        int r = end > start ? protect_parts(as, start, end, prot) : obstacle;
        if (r)
            return r;
    }
    border_keep(as, start);
    border_keep(as, end);
    return obstacle;
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

int aspace_protect_stack(struct aspace *as, vaddr_t addr, size_t size, unsigned prot)
{
    vaddr_t end = addr + ROUND_UP(size, PAGE_SIZE);
    mutex_lock(&as->lock);
    struct mapping *m = mapping_at_or_above(as, addr);
    int r = !m || m->start >= end ? -ENOMEM : m->flags & VM_GROWSDOWN ? 0 : -EINVAL;
    if (!r)
        r = protect_locked(as, m->start, end, prot);
    mutex_unlock(&as->lock);
    return r;
}
