/* Life of an address space: create, fork, destroy, and what can be asked of it. */
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
    as->mmap_top = as->map_hint = MMAP_TOP_DEFAULT;
    as->stack_limit = STACK_LIMIT_DEFAULT;
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

/* A kernel thread may still run on this table (it takes any): move this CPU off it. */
static void leave_pagetable(struct aspace *as)
{
    preempt_disable();
    if (this_cpu()->pagetable == &as->pt)
        pt_activate(&kernel_pagetable);
    preempt_enable();
}

static void aspace_destroy(struct aspace *as)
{
    mutex_lock(&as->lock);
    struct rb_node *n;
    while ((n = rb_first(&as->tree))) {
        struct mapping *m = rb_entry(n, struct mapping, node);
        mapping_zap(m, m->start, m->end);
        mapping_erase(m);
        mapping_free(m);
    }
    mutex_unlock(&as->lock);
    leave_pagetable(as);
    pt_destroy(&as->pt);
    kfree(as);
}

void aspace_put(struct aspace *as)
{
    if (as && __atomic_sub_fetch(&as->refs, 1, __ATOMIC_ACQ_REL) == 0)
        aspace_destroy(as);
}

struct pagetable *aspace_pagetable(struct aspace *as) { return &as->pt; }

/* The child's VMO for a private one of the parent, once per VMO: mappings that share one in the
 * parent share one in the child. *out without a reference of its own. */
static int twin_of(struct vmo *vmo, struct vmo **out)
{
    int r = 0;
    if (!vmo->fork_twin)
        r = vmo_clone_private(vmo, &vmo->fork_twin);
    *out = vmo->fork_twin;
    return r;
}

static int mapping_clone(struct mapping *m, struct aspace *child)
{
    struct vmo *vmo = m->vmo;
    if (vmo->private) {
        int r = twin_of(m->vmo, &vmo);
        if (r)
            return r;
        if (m->prot & VM_WRITE)
            mapping_write_protect(m);
    }
    struct mapping *c = mapping_alloc(child, vmo, m->start, m->end, m->offset);
    if (!c)
        return -ENOMEM;
    c->prot = m->prot;
    c->may = m->may;
    c->flags = m->flags;
    mapping_insert(c);
    return 0;
}

static void twins_forget(struct aspace *as)
{
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        if (m->vmo->private && m->vmo->fork_twin) {
            vmo_put(m->vmo->fork_twin);
            m->vmo->fork_twin = NULL;
        }
    }
}

static int clone_locked(struct aspace *as, struct aspace *child)
{
    child->mmap_top = as->mmap_top;
    child->map_hint = as->map_hint;
    child->brk_start = as->brk_start;
    child->brk = as->brk;
    child->stack_limit = as->stack_limit;
    int r = 0;
    for (struct mapping *m = mapping_at_or_above(as, 0); m && !r; m = mapping_next(m))
        r = mapping_clone(m, child);
    twins_forget(as);
    return r;
}

int aspace_clone(struct aspace *as, struct aspace **out)
{
    struct aspace *child;
    int r = aspace_create(&child);
    if (r)
        return r;
    mutex_lock(&as->lock);
    mutex_lock(&child->lock); /* nobody else knows it yet: no order to keep */
    r = clone_locked(as, child);
    mutex_unlock(&child->lock);
    mutex_unlock(&as->lock);
    if (r)
        aspace_put(child);
    else
        *out = child;
    return r;
}

void aspace_set_stack_limit(struct aspace *as, u64 bytes)
{
    mutex_lock(&as->lock);
    as->stack_limit = bytes;
    mutex_unlock(&as->lock);
}

void aspace_set_mmap_top(struct aspace *as, vaddr_t top)
{
    ASSERT(IS_ALIGNED(top, PAGE_SIZE) && top > USER_MIN && top <= USER_TOP);
    mutex_lock(&as->lock);
    as->mmap_top = as->map_hint = top;
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
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        struct vmo *shown = m->vmo->source ? m->vmo->source : m->vmo;
        struct mapping_info info = {
            .start = m->start, .end = m->end, .prot = m->prot, .may = m->may,
            .offset = m->vmo->private && !m->vmo->source ? 0 : m->offset,
            .flags = m->flags & (VM_SHARED | VM_GROWSDOWN), .vmo = shown,
            .is_stack = m->flags & VM_GROWSDOWN, .is_brk = m->flags & VM_BRK,
        };
        fn(&info, ctx);
    }
    mutex_unlock(&as->lock);
}

struct aspace_stats aspace_stats(struct aspace *as)
{
    mutex_lock(&as->lock);
    struct aspace_stats s = { as->mapped_bytes, as->resident_pages, as->nmappings };
    mutex_unlock(&as->lock);
    return s;
}
