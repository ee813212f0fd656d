/* Making mappings.
 *
 * Private memory gets a private VMO. New anonymous memory that lies next to some with the same
 * rights makes that mapping larger instead, so that a heap made of many small mmaps stays one
 * mapping; for room to grow either way, anonymous private mappings begin in the middle of their
 * VMO's offsets. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

/* 32 GiB: the page index takes four levels of the tree whichever way the mapping grows. */
#define ANON_BASE_OFFSET (1ull << 35)

static bool anon_like(const struct mapping *m, unsigned prot, unsigned may, unsigned flags)
{
    return m->vmo->private && !m->vmo->source && m->prot == prot && m->may == may &&
           m->flags == (flags & VM_KEPT_FLAGS) && !(m->flags & (VM_NO_MERGE | VM_GROWSDOWN));
}

/* New anonymous private memory at [start, end), free, as part of a neighbour. */
static bool extend_neighbour(struct aspace *as, vaddr_t start, vaddr_t end, unsigned prot,
                             unsigned may, unsigned flags)
{
    size_t size = end - start;
    struct mapping *high = mapping_at_or_above(as, start);
    struct rb_node *n = high ? rb_prev(&high->node) : rb_last(&as->tree);
    struct mapping *low = n ? rb_entry(n, struct mapping, node) : NULL;
    if (low && low->end == start && anon_like(low, prot, may, flags)) {
        u64 at = low->offset + (low->end - low->start);
        if (at + size < 2 * ANON_BASE_OFFSET && vmo_range_unused(low->vmo, low, at, size)) {
            mapping_resize(low, low->start, end);
            mapping_merge(low);
            return true;
        }
    }
    if (high && high->start == end && anon_like(high, prot, may, flags) && high->offset >= size &&
        vmo_range_unused(high->vmo, high, high->offset - size, size)) {
        mapping_resize(high, start, high->end);
        mapping_merge(high);
        return true;
    }
    return false;
}

/* The VMO that stands behind the mapping, with a reference, and the offset in it. */
static int backing_of(struct vmo *vmo, size_t size, unsigned flags, struct vmo **out, u64 *offset)
{
    if (!(flags & VM_SHARED)) {
        if (!vmo)
            *offset = ANON_BASE_OFFSET;
        return vmo_create_private(vmo, out);
    }
    if (!vmo) {
        *offset = 0;
        return vmo_create_anon(size, out);
    }
    vmo_get(vmo);
    *out = vmo;
    return 0;
}

static int place(struct aspace *as, size_t size, unsigned flags, vaddr_t *addr)
{
    if (!(flags & (VM_FIXED | VM_NOREPLACE)))
        return choose_address(as, *addr, size, addr);
    if (!range_valid(*addr, size))
        return -EINVAL;
    if (flags & VM_NOREPLACE) {
        struct mapping *m = mapping_at_or_above(as, *addr);
        return m && m->start < *addr + size ? -EEXIST : 0;
    }
    return 0;
}

static int map_new(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                   unsigned may, unsigned flags, vaddr_t addr)
{
    struct vmo *backing;
    int r = backing_of(vmo, size, flags, &backing, &offset);
    if (r)
        return r;
    struct mapping *m = mapping_alloc(as, backing, addr, addr + size, offset);
    vmo_put(backing);
    if (!m)
        return -ENOMEM;
    m->prot = prot;
    m->may = may;
    m->flags = flags & VM_KEPT_FLAGS;
    r = aspace_unmap_locked(as, addr, addr + size);
    if (r) {
        mapping_free(m);
        return r;
    }
    mapping_insert(m);
    mapping_merge(m);
    return 0;
}

int aspace_map_locked(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                      unsigned may, unsigned flags, vaddr_t *addr)
{
    int r = place(as, size, flags, addr);
    if (r)
        return r;
    bool anon = !vmo && !(flags & (VM_SHARED | VM_GROWSDOWN | VM_NO_MERGE));
    struct mapping *m = mapping_at_or_above(as, *addr);
    bool taken = m && m->start < *addr + size;
    if (anon && !taken && extend_neighbour(as, *addr, *addr + size, prot, may, flags))
        r = 0;
    else
        r = map_new(as, vmo, offset, size, prot, may, flags, *addr);
    if (!r && *addr < as->map_hint && *addr + size >= as->map_hint)
        as->map_hint = *addr;
    return r;
}

/* Best effort, as MAP_POPULATE is: what fails here fails again at the touch, with a signal. */
static void populate(struct aspace *as, vaddr_t addr, size_t size)
{
    for (vaddr_t va = addr; va < addr + size; va += PAGE_SIZE) {
        struct mapping *m = mapping_find(as, va);
        if (!m || !(m->prot & VM_READ) || mapping_fault(m, va, m->prot & VM_WRITE, false))
            return;
    }
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
    ASSERT(!vmo || !vmo->private);
    mutex_lock(&as->lock);
    int r = aspace_map_locked(as, vmo, offset, size, prot, may, flags, addr);
    if (!r && (flags & VM_POPULATE))
        populate(as, *addr, size);
    mutex_unlock(&as->lock);
    return r;
}
