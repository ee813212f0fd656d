/* Life, size and pages of a VMO. What it is made of and the invariants: vmo_priv.h. */
#include "vm/pager_priv.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pmm.h"
#include "mm/slab.h"

static void vmo_destroy(struct kobject *obj)
{
    struct vmo *v = container_of(obj, struct vmo, obj);
    ASSERT(list_empty(&v->mappings));
    vmo_tree_fini(&v->tree);
    pager_free(v->pager);
    kfree(v);
}

static const struct kobject_ops vmo_kobject_ops = { .name = "vmo", .destroy = vmo_destroy };

int vmo_alloc(const struct vmo_ops *ops, u64 size, struct vmo **out)
{
    struct vmo *v = kzalloc(sizeof(*v));
    if (!v)
        return -ENOMEM;
    kobject_init(&v->obj, KOBJ_VMO, &vmo_kobject_ops);
    mutex_init(&v->lock, "vmo");
    spin_init(&v->map_lock, "vmo-mappings");
    list_init(&v->mappings);
    vmo_tree_init(&v->tree);
    v->ops = ops;
    v->size = size;
    *out = v;
    return 0;
}

void vmo_get(struct vmo *vmo) { kobject_get(&vmo->obj); }
void vmo_put(struct vmo *vmo) { kobject_put(&vmo->obj); }

void vmo_set_owner(struct vmo *vmo, const struct vmo_owner_ops *ops, void *owner)
{
    ASSERT(!vmo->owner_ops && list_empty(&vmo->mappings));
    vmo->owner_ops = ops;
    vmo->owner = owner;
}

void *vmo_owner(struct vmo *vmo, const struct vmo_owner_ops *ops) { return vmo->owner_ops == ops ? vmo->owner : NULL; }

u64 vmo_size(struct vmo *vmo)
{
    return __atomic_load_n(&vmo->size, __ATOMIC_RELAXED);
}

u64 vmo_pages_present(struct vmo *vmo)
{
    return __atomic_load_n(&vmo->tree.npages, __ATOMIC_RELAXED);
}

u64 vmo_pages_stored(struct vmo *vmo)
{
    u64 absent = vmo->pager ? __atomic_load_n(&vmo->pager->nabsent, __ATOMIC_RELAXED) : 0;
    return vmo_pages_present(vmo) + absent;
}

/* A marked page becomes the tree's alone by claim or by copy. */
static int page_own_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    ASSERT(mutex_held(&vmo->lock));
    int r = vmo_tree_own(&vmo->tree, index);
    if (r)
        return r;
    *page = vmo_tree_lookup(&vmo->tree, index, NULL);
    if (page_refs(*page) == 1) {
        vmo_tree_claim(&vmo->tree, index);
        return 0;
    }
    paddr_t copy = vm_page_alloc();
    if (!copy)
        return -ENOMEM;
    page_copy(copy, *page);
    *page = copy;
    return vmo_tree_set(&vmo->tree, index, copy); /* the path is owned: cannot fail */
}

int vmo_page_get_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    ASSERT(mutex_held(&vmo->lock));
    bool cow;
    *page = vmo_tree_lookup(&vmo->tree, index, &cow);
    if (*page)
        return cow ? page_own_locked(vmo, index, page) : 0;
    if (vmo_is_supplied(vmo, index))
        return pager_page_locked(vmo, index, page);
    int r = vmo->ops->get_page(vmo, index, page);
    if (r)
        return r;
    r = vmo_tree_set(&vmo->tree, index, *page);
    if (r) {
        page_put(*page);
        vmo_settle_locked(vmo);
    }
    return r;
}

u64 vmo_supply(struct vmo *vmo, u64 index, paddr_t base, u64 n)
{
    u64 done = 0;
    struct vmo_run run;
    mutex_lock(&vmo->lock);
    while (done < n && !vmo_run_own(&vmo->tree, index + done, &run)) {
        for (u64 i = 0; i < run.n && done < n; i++, done++) {
            ASSERT(!vmo_run_page(&run, i));
            vmo_run_fill(&run, i, base + done * PAGE_SIZE);
        }
    }
    vmo_settle_locked(vmo);
    mutex_unlock(&vmo->lock);
    return done;
}

/* Bytes behind the end in the last page were perhaps written through a mapping; they must read as
 * zeroes if the object grows over them: those of [from, to) in from's page. */
static int tail_clear_locked(struct vmo *vmo, u64 from, u64 to)
{
    bool cow;
    u64 index = from / PAGE_SIZE, used = from % PAGE_SIZE;
    paddr_t page = used ? vmo_tree_lookup(&vmo->tree, index, &cow) : 0;
    if (!page)
        return 0;
    int r = cow ? page_own_locked(vmo, index, &page) : 0;
    if (!r)
        memset((u8 *)phys_to_virt(page) + used, 0, MIN(to - from, PAGE_SIZE - used));
    return r;
}

/* Growing, only what becomes visible is cleared: a file that grows by a few bytes at a time
 * would clear the rest of its last page each time. */
static int grow_locked(struct vmo *vmo, u64 size)
{
    int r = tail_clear_locked(vmo, vmo->size, size);
    if (r)
        return r;
    __atomic_store_n(&vmo->size, size, __ATOMIC_RELAXED);
    vmo_settle_locked(vmo);
    return 0;
}

static int shrink_locked(struct vmo *vmo, u64 size)
{
    u64 first = pages_of(size), end = pages_of(vmo->size);
    int r = vmo_tree_remove_prepare(&vmo->tree, first, end);
    if (!r)
        r = tail_clear_locked(vmo, size, UINT64_MAX);
    if (r)
        return r;
    vmo_tree_remove(&vmo->tree, first, end);
    __atomic_store_n(&vmo->size, size, __ATOMIC_RELAXED);
    if (vmo->pager)
        pager_cut_locked(vmo, size);
    vmo_settle_locked(vmo);
    return 0;
}

int vmo_resize(struct vmo *vmo, u64 size)
{
    if (vmo_is_phys(vmo))
        return -EINVAL;
    if (size > 1ull << 62)
        return -EFBIG;
    mutex_lock(&vmo->lock);
    bool shrinks = pages_of(size) < pages_of(vmo->size);
    int r = size > vmo->size ? grow_locked(vmo, size) : shrink_locked(vmo, size);
    mutex_unlock(&vmo->lock);
    /* A fault that saw the old size has put its entry in before it lets go of its aspace lock,
     * which vmo_unmap_from takes: it finds that entry too. */
    if (!r && shrinks)
        vmo_unmap_from(vmo, pages_of(size));
    return r;
}
