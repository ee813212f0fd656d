/* Copy-on-write clones of objects. What private mappings do is in overlay.c. */
#include "vm/vmo_priv.h"
#include "lib/errno.h"
#include "mm/pmm.h"

/* Both trees name the page from now on. */
static int page_share(struct vmo *src, u64 from, paddr_t page, struct vmo *dst, u64 to)
{
    int r = vmo_tree_own(&src->tree, from);
    if (r)
        return r;
    page_get(page);
    r = vmo_tree_set(&dst->tree, to, page);
    if (r) {
        page_put(page);
        return r;
    }
    vmo_tree_mark(&src->tree, from);
    vmo_tree_mark(&dst->tree, to);
    return 0;
}

/* Pages of a mapped object cannot be marked (vmo_priv.h): they are copied at once. */
static int page_duplicate(paddr_t page, struct vmo *dst, u64 to)
{
    paddr_t copy = vm_page_alloc();
    if (!copy)
        return -ENOMEM;
    page_copy(copy, page);
    int r = vmo_tree_set(&dst->tree, to, copy);
    if (r)
        page_put(copy);
    return r;
}

static int pages_clone_locked(struct vmo *src, u64 first, u64 end, struct vmo *dst, u64 to, bool share)
{
    paddr_t page;
    for (u64 i = first; vmo_tree_next(&src->tree, &i, &page) && i < end; i++) {
        int r = share ? page_share(src, i, page, dst, to + (i - first))
                      : page_duplicate(page, dst, to + (i - first));
        if (r)
            return r;
    }
    return 0;
}

static bool vmo_is_mapped(struct vmo *v)
{
    spin_lock(&v->map_lock);
    bool mapped = !list_empty(&v->mappings);
    spin_unlock(&v->map_lock);
    return mapped;
}

/* Only anonymous objects: what a pager has not supplied yet has no place in the copy's tree. */
int vmo_clone_cow(struct vmo *src, u64 offset, u64 size, struct vmo **out)
{
    if (!IS_ALIGNED(offset, PAGE_SIZE) || offset + size < offset || src->ops != &vmo_anon_ops || src->pager)
        return -EINVAL;
    struct vmo *v;
    int r = vmo_alloc(&vmo_anon_ops, size, &v);
    if (r)
        return r;
    mutex_lock(&src->lock);
    if (vmo_is_mapped(src) || offset || size < src->size)
        r = pages_clone_locked(src, offset / PAGE_SIZE, offset / PAGE_SIZE + pages_of(size), v, 0,
                               !vmo_is_mapped(src));
    else
        vmo_tree_share(&src->tree, &v->tree);
    mutex_unlock(&src->lock);
    if (r)
        vmo_put(v);
    else
        *out = v;
    return r;
}
