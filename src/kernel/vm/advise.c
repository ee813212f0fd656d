/* What may be asked of a range, or said of it, that maps nothing: advice on fork, and what
 * is resident. */
#include "vm/aspace_priv.h"
#include "lib/errno.h"

static int advise_check(struct aspace *as, vaddr_t start, vaddr_t end, unsigned set)
{
    vaddr_t at = start;
    for (struct mapping *m = mapping_at_or_above(as, start); at < end; m = mapping_next(m)) {
        if (!m || m->start > at)
            return -ENOMEM;
        if ((set & VM_WIPEONFORK) && (m->vmo || (m->flags & VM_SHARED)))
            return -EINVAL;
        at = m->end;
    }
    return 0;
}

int aspace_advise_locked(struct aspace *as, vaddr_t start, vaddr_t end, unsigned set, unsigned clear)
{
    int r = advise_check(as, start, end, set);
    if (!r)
        r = mapping_split_at(as, start);
    if (!r)
        r = mapping_split_at(as, end);
    if (!r)
        for (struct mapping *m = mapping_at_or_above(as, start); m && m->start < end; m = mapping_next(m))
            mapping_set_flags(m, (m->flags & ~clear) | set);
    mapping_merge_range(as, start, end);
    return r;
}

int aspace_advise(struct aspace *as, vaddr_t addr, size_t size, unsigned set, unsigned clear)
{
    if (!range_valid(addr, size))
        return -ENOMEM;
    mutex_lock(&as->lock);
    int r = aspace_advise_locked(as, addr, addr + size, set, clear);
    mutex_unlock(&as->lock);
    return r;
}

int aspace_examine(struct aspace *as, vaddr_t addr, size_t size, unsigned *any)
{
    vaddr_t at = addr, end = addr + size;
    bool hole = false;
    *any = 0;
    if (!range_valid(addr, size))
        return -ENOMEM;
    mutex_lock(&as->lock);
    struct mapping *m = mapping_at_or_above(as, addr);
    for (; m && m->start < end; m = mapping_next(m)) {
        *any |= m->flags;
        hole |= m->start > at;
        at = m->end;
    }
    mutex_unlock(&as->lock);
    return hole || at < end ? -ENOMEM : 0;
}

static bool page_present(struct mapping *m, vaddr_t va)
{
    u64 index = mapping_index(m, va);
    if (pt_query(&m->as->pt, va, NULL, NULL) || (m->own && vmo_tree_lookup(&m->own->tree, index, NULL)))
        return true;
    if (!m->vmo || mapping_is_phys(m))
        return m->vmo;
    mutex_lock(&m->vmo->lock);
    bool present = vmo_tree_lookup(&m->vmo->tree, index, NULL);
    mutex_unlock(&m->vmo->lock);
    return present;
}

int aspace_present(struct aspace *as, vaddr_t addr, size_t npages, u8 *vec)
{
    int r = 0;
    mutex_lock(&as->lock);
    struct mapping *m = mapping_at_or_above(as, addr);
    for (size_t i = 0; i < npages && !r; i++) {
        vaddr_t va = addr + i * PAGE_SIZE;
        while (m && m->end <= va)
            m = mapping_next(m);
        if (!m || m->start > va)
            r = -ENOMEM;
        else
            vec[i] = page_present(m, va);
    }
    mutex_unlock(&as->lock);
    return r;
}
