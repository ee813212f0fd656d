/* Life of an address space: create, destroy, and what can be asked of it. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define STACK_LIMIT_DEFAULT (8ull << 20)
/* Room for the stack and its random offset above the mappings. */
#define MMAP_TOP_DEFAULT (USER_TOP - (256ul << 20))

int aspace_create(struct aspace **out)
{
    struct aspace *as = kzalloc(sizeof(*as));
    if (!as)
        return -ENOMEM;
    int r = pt_create(&as->pt);
    if (r) {
        kfree(as);
        return r;
    }
    as->refs = 1;
    mutex_init(&as->lock, "aspace");
    as->tree.update = mapping_summarise;
    as->mmap_top = MMAP_TOP_DEFAULT;
    as->stack_limit = STACK_LIMIT_DEFAULT;
    as->size_limit = UINT64_MAX;
    *out = as;
    return 0;
}

struct aspace *aspace_get(struct aspace *as)
{
    u32 before = __atomic_fetch_add(&as->refs, 1, __ATOMIC_RELAXED);
    ASSERT(before > 0);
    return as;
}

bool aspace_tryget(struct aspace *as)
{
    u32 refs = __atomic_load_n(&as->refs, __ATOMIC_RELAXED);
    while (refs)
        if (__atomic_compare_exchange_n(&as->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    return false;
}

/* The end of a mapping that is out of the tree already. */
static void mapping_dismiss(struct mapping *m)
{
    if (m->vmo) {
        spin_lock(&m->vmo->map_lock);
        list_remove(&m->vmo_link);
        spin_unlock(&m->vmo->map_lock);
    }
    mapping_free(m);
}

static void aspace_destroy(struct aspace *as)
{
    mutex_lock(&as->lock);
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m))
        aspace_zap(as, m->start, m->end);
    struct rb_node *n;
    while ((n = rb_pluck(&as->tree)))
        mapping_dismiss(rb_entry(n, struct mapping, node));
    mutex_unlock(&as->lock);
    kfree(as->spare);
    pt_destroy(&as->pt);
    kfree(as);
}

void aspace_put(struct aspace *as)
{
    if (as && __atomic_sub_fetch(&as->refs, 1, __ATOMIC_ACQ_REL) == 0)
        aspace_destroy(as);
}

struct pagetable *aspace_pagetable(struct aspace *as) { return &as->pt; }

void aspace_set_limits(struct aspace *as, u64 stack_bytes, u64 all_bytes)
{
    mutex_lock(&as->lock);
    as->stack_limit = stack_bytes;
    as->size_limit = all_bytes;
    mutex_unlock(&as->lock);
}

void aspace_set_mmap_top(struct aspace *as, vaddr_t top)
{
    ASSERT(IS_ALIGNED(top, PAGE_SIZE) && top > USER_MIN && top <= USER_TOP);
    mutex_lock(&as->lock);
    as->mmap_top = top;
    mutex_unlock(&as->lock);
}

int aspace_find_shared(struct aspace *as, vaddr_t addr, struct vmo **vmo, u64 *offset)
{
    mutex_lock(&as->lock);
    struct mapping *m = mapping_for_access(as, addr);
    bool shared = m && (m->flags & VM_SHARED);
    *vmo = shared ? m->vmo : NULL;
    *offset = shared ? m->offset + (addr - m->start) : 0;
    if (shared)
        vmo_get(m->vmo);
    mutex_unlock(&as->lock);
    return m ? shared : -EFAULT;
}

void aspace_for_each(struct aspace *as, void (*fn)(const struct mapping_info *m, void *ctx), void *ctx)
{
    mutex_lock(&as->lock);
    borders_settle(as);
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        struct mapping_info info = {
            .start = m->start, .end = m->end, .prot = m->prot, .may = m->may,
            .offset = m->vmo ? m->offset : 0,
            .flags = m->flags & (VM_SHARED | VM_GROWSDOWN | VM_LOCKED | VM_DONTFORK | VM_WIPEONFORK), .vmo = m->vmo,
            .is_stack = m->flags & VM_GROWSDOWN, .is_brk = m->flags & VM_BRK, .is_device = mapping_is_phys(m),
        };
        fn(&info, ctx);
    }
    mutex_unlock(&as->lock);
}

struct aspace_stats aspace_stats(struct aspace *as)
{
    struct aspace_stats s = as->stats;
    s.peak_pages = MAX(s.peak_pages, s.resident_pages);
    return s;
}
