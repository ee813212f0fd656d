/* Making mappings. Anonymous memory gets an overlay when it is first written to, and none at all if
 * it can be part of a neighbour. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

/* Anonymous memory begins in the middle of its overlay's indices on every level of the tree (slot
 * 32 of 64, six times): so it can grow either way and the tree stays as low as its size allows. */
#define ANON_INDEX 0x820820820ull

static u64 anon_offset(size_t size, unsigned flags)
{
    u64 index = ANON_INDEX;
    if (flags & VM_GROWSDOWN) /* what is used first is the end: let that be the end of a leaf */
        index += VMO_NODE_SLOTS / 2 - MIN(size / PAGE_SIZE, ANON_INDEX / 2);
    return index * PAGE_SIZE;
}

static int place(struct aspace *as, size_t size, unsigned flags, vaddr_t *addr)
{
    if (!(flags & (VM_FIXED | VM_NOREPLACE)))
        return choose_address(as, *addr, size, flags, addr);
    if (!range_valid(*addr, size))
        return -EINVAL;
    if (flags & VM_NOREPLACE) {
        struct mapping *m = mapping_at_or_above(as, *addr);
        return m && m->start < *addr + size ? -EEXIST : 0;
    }
    return 0;
}

/* What is in the way goes only when nothing can fail any more. */
static int map_new(const struct mapping *wanted, bool taken)
{
    struct mapping *m = mapping_alloc(wanted);
    if (!m)
        return -ENOMEM;
    int r = taken ? aspace_unmap_locked(m->as, m->start, m->end) : 0;
    if (r) {
        mapping_free(m);
        return r;
    }
    mapping_insert(m);
    if (taken)
        mapping_merge(m);
    return 0;
}

static int map_at(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                  unsigned may, unsigned flags, vaddr_t addr)
{
    struct mapping wanted = {
        .as = as, .vmo = vmo, .offset = vmo ? offset : anon_offset(size, flags), .start = addr,
        .end = addr + size, .prot = prot, .may = may, .flags = flags & VM_KEPT_FLAGS,
    };
    struct mapping *m = flags & VM_FIXED ? mapping_at_or_above(as, addr) : NULL;
    bool taken = m && m->start < addr + size;
    return !taken && mapping_join_neighbour(&wanted) ? 0 : map_new(&wanted, taken);
}

int aspace_map_locked(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                      unsigned may, unsigned flags, vaddr_t *addr)
{
    struct vmo *shared = NULL;
    flags |= as->lock_future;
    int r = place(as, size, flags, addr);
    if (!r && !vmo && (flags & VM_SHARED)) {
        r = vmo_create_anon(size, &shared);
        vmo = shared;
        offset = 0;
    }
    if (!r)
        r = map_at(as, vmo, offset, size, prot, may, flags, *addr);
    if (shared)
        vmo_put(shared);
    return r;
}

static int populate_page(struct aspace *as, vaddr_t va, bool write)
{
    struct mapping *m = mapping_find(as, va);
    if (!m)
        return -ENOMEM;
    if (!m->prot || (write && !(m->prot & VM_WRITE)))
        return -EACCES;
    return mapping_fault(m, va, write || ((m->prot & VM_WRITE) && !(m->flags & VM_SHARED)));
}

/* The lock is let go of between pieces: a large range must not keep other threads away. */
#define POPULATE_PIECE (64 * PAGE_SIZE)

int aspace_populate(struct aspace *as, vaddr_t addr, size_t size, bool write)
{
    if (!range_valid(addr, size))
        return -ENOMEM;
    int r = 0;
    for (vaddr_t va = addr, end = addr + size; va < end && !r;) {
        mutex_lock(&as->lock);
        for (vaddr_t stop = MIN(end, va + POPULATE_PIECE); va < stop && !r; va += PAGE_SIZE)
            r = populate_page(as, va, write);
        mutex_unlock(&as->lock);
    }
    return r;
}

int aspace_map(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
               unsigned may, unsigned flags, vaddr_t *addr)
{
    if (!size || size > USER_TOP)
        return size ? -ENOMEM : -EINVAL;
    size = ROUND_UP(size, PAGE_SIZE);
    if (!IS_ALIGNED(offset, PAGE_SIZE) || offset + size < offset || (prot & ~may))
        return -EINVAL;
    if (vmo && vmo_is_phys(vmo) && !(flags & VM_SHARED))
        return -EINVAL;
    mutex_lock(&as->lock);
    int r = aspace_map_locked(as, vmo, offset, size, prot, may, flags, addr);
    if ((flags | as->lock_future) & VM_LOCKED)
        flags |= (flags | as->lock_future) & VM_ONFAULT ? 0 : VM_POPULATE;
    mutex_unlock(&as->lock);
    /* Best effort, as MAP_POPULATE is: what fails here fails again at the touch, with a signal. */
    if (!r && (flags & VM_POPULATE))
        (void)!aspace_populate(as, *addr, size, false);
    return r;
}
