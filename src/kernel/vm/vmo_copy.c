/* Copy-on-write: clones, and the private VMOs that stand behind private mappings. */
#include "vm/vmo_priv.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"

int vmo_create_private(struct vmo *source, struct vmo **out)
{
    struct vmo *v;
    int r = vmo_alloc(&vmo_anon_ops, 0, &v);
    if (r)
        return r;
    v->private = true;
    v->source = source;
    if (source)
        vmo_get(source);
    *out = v;
    return 0;
}

int vmo_clone_private(struct vmo *src, struct vmo **out)
{
    ASSERT(src->private);
    struct vmo *v;
    int r = vmo_create_private(src->source, &v);
    if (r)
        return r;
    mutex_lock(&src->lock);
    vmo_tree_share(&src->tree, &v->tree);
    mutex_unlock(&src->lock);
    *out = v;
    return 0;
}

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
    paddr_t copy = pmm_alloc_page();
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

int vmo_clone_pages(struct vmo *src, u64 first, u64 n, u64 to, struct vmo **out)
{
    ASSERT(src->private && !src->source);
    struct vmo *v;
    int r = vmo_create_private(NULL, &v);
    if (r)
        return r;
    mutex_lock(&src->lock);
    r = pages_clone_locked(src, first, first + n, v, to, true);
    mutex_unlock(&src->lock);
    if (r)
        vmo_put(v);
    else
        *out = v;
    return r;
}

static bool vmo_is_mapped(struct vmo *v)
{
    spin_lock(&v->map_lock);
    bool mapped = !list_empty(&v->mappings) || !list_empty(&v->overlaid);
    spin_unlock(&v->map_lock);
    return mapped;
}

/* Only anonymous objects: what a pager has not supplied yet has no place in the copy's tree. */
int vmo_clone_cow(struct vmo *src, u64 offset, u64 size, struct vmo **out)
{
    ASSERT(!src->private);
    if (!IS_ALIGNED(offset, PAGE_SIZE) || offset + size < offset || src->ops != &vmo_anon_ops)
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

/* What the private VMO shows where it has no page of its own; with a reference. */
static int source_page(struct vmo *vmo, u64 index, paddr_t *page)
{
    if (!vmo->source) {
        *page = vm_zero_page();
        return 0;
    }
    struct vmo_page p = { 0 };
    int r = vmo_fault(vmo->source, index, false, 0, &p);
    *page = p.page;
    return r;
}

/* The first write to a page that is not ours yet. */
static int private_fill_locked(struct vmo *vmo, u64 index, paddr_t *page)
{
    paddr_t from;
    int r = source_page(vmo, index, &from);
    if (r)
        return r;
    *page = vmo->source ? pmm_alloc_page() : pmm_alloc_page_zeroed();
    if (!*page) {
        vm_page_put(from);
        return -ENOMEM;
    }
    if (vmo->source)
        page_copy(*page, from);
    vm_page_put(from);
    r = vmo_tree_set(&vmo->tree, index, *page);
    if (r)
        page_put(*page);
    return r;
}

static int private_page_locked(struct vmo *vmo, u64 index, bool write, paddr_t mapped, struct vmo_page *out)
{
    bool cow;
    int r = 0;
    out->page = vmo_tree_lookup(&vmo->tree, index, &cow);
    if (!out->page && !write) {
        out->writable = false;
        return source_page(vmo, index, &out->page);
    }
    if (!out->page)
        r = private_fill_locked(vmo, index, &out->page);
    else if (cow && write)
        r = vmo_page_own_locked(vmo, index, out->page == mapped, &out->page);
    out->writable = write || !cow;
    if (!r)
        page_get(out->page);
    return r;
}

int vmo_private_fault(struct vmo *vmo, u64 index, bool write, paddr_t mapped, struct vmo_page *out)
{
    /* A truncated file takes the private copies behind its end along, as on Linux. */
    if (vmo->source && index >= pages_of(vmo_size(vmo->source)))
        return -ENXIO;
    mutex_lock(&vmo->lock);
    int r = private_page_locked(vmo, index, write, mapped, out);
    mutex_unlock(&vmo->lock);
    return r;
}
