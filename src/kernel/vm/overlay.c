/* Overlays; the theory is in overlay.h. */
#include "vm/overlay.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"

struct overlay *overlay_create(u64 low, u64 high)
{
    struct overlay *o = kmalloc(sizeof *o);
    if (o)
        *o = (struct overlay){ .refs = 1, .low = low, .high = high };
    return o;
}

void overlay_put(struct overlay *o)
{
    if (!o || --o->refs)
        return;
    ASSERT(!o->twin);
    vmo_tree_fini(&o->tree);
    kfree(o);
}

struct overlay *overlay_clone(struct overlay *src)
{
    struct overlay *o = overlay_create(src->low, src->high);
    if (o)
        vmo_tree_share(&src->tree, &o->tree);
    return o;
}

/* Both trees name the page from now on. */
static int page_share(struct overlay *src, u64 index, paddr_t page, struct overlay *dst)
{
    int r = vmo_tree_own(&src->tree, index);
    if (r)
        return r;
    page_get(page);
    r = vmo_tree_set(&dst->tree, index, page);
    if (r) {
        page_put(page);
        return r;
    }
    vmo_tree_mark(&src->tree, index);
    vmo_tree_mark(&dst->tree, index);
    return 0;
}

int overlay_copy(struct overlay *src, u64 first, u64 end, struct overlay **out)
{
    struct overlay *o = overlay_create(first, end);
    int r = o ? 0 : -ENOMEM;
    paddr_t page;
    for (u64 i = first; !r && vmo_tree_next(&src->tree, &i, &page) && i < end; i++)
        r = page_share(src, i, page, o);
    if (r)
        overlay_put(o);
    else
        *out = o;
    return r;
}

bool overlay_can_cover(const struct overlay *o, u64 first, u64 end, u64 to_first, u64 to_end)
{
    if (to_end <= to_first || to_end >> 52)
        return false;
    if (o->refs == 1)
        return true;
    return (to_first >= first || first == o->low) && (to_end <= end || end == o->high);
}

void overlay_cover(struct overlay *o, u64 to_first, u64 to_end)
{
    if (o->refs == 1) {
        o->low = to_first;
        o->high = to_end;
    } else {
        o->low = MIN(o->low, to_first);
        o->high = MAX(o->high, to_end);
    }
}
