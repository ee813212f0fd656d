/* fork: a second address space that shows the same, copied by whoever writes first.
 *
 * Costs a step for each mapping and for each 2 MiB of the parent's page table, none for a page: an
 * overlay is cloned by its root, the parent's right to write is taken away a directory entry at a
 * time, and the child's page table starts empty. */
#include "arch/tlb.h"
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

/* The child's overlay for one of the parent's, once per overlay: mappings that share one in the
 * parent share one in the child. With a reference for the child's mapping. */
static struct overlay *twin_of(struct overlay *o)
{
    if (!o->twin)
        o->twin = overlay_clone(o);
    return o->twin ? overlay_get(o->twin) : NULL;
}

static int mapping_clone(struct mapping *m, struct aspace *child)
{
    struct mapping like = *m;
    like.as = child;
    like.own = NULL;
    like.flags &= ~(unsigned)(VM_LOCKED | VM_ONFAULT); /* mlock(2) */
    struct mapping *c = mapping_alloc(&like);
    if (!c)
        return -ENOMEM;
    if (m->own && !(m->flags & VM_WIPEONFORK)) {
        c->own = twin_of(m->own);
        if (!c->own) {
            mapping_free(c);
            return -ENOMEM;
        }
        pt_share(&m->as->pt, m->start, m->end);
    }
    mapping_append(c);
    return 0;
}

/* Nobody looks for a place in the child meanwhile, so that once is enough to say where there is one. */
static int mappings_clone(struct aspace *as, struct aspace *child)
{
    int r = 0;
    child->tree.update = NULL;
    for (struct mapping *m = mapping_at_or_above(as, 0); m && !r; m = mapping_next(m))
        if (!(m->flags & VM_DONTFORK))
            r = mapping_clone(m, child);
    child->tree.update = as->tree.update;
    rb_update_all(&child->tree);
    return r;
}

static void twins_forget(struct aspace *as)
{
    for (struct mapping *m = mapping_at_or_above(as, 0); m; m = mapping_next(m)) {
        if (m->own && m->own->twin) {
            overlay_put(m->own->twin);
            m->own->twin = NULL;
        }
    }
}

/* An overlay that a mapping left behind (DONTFORK, WIPEONFORK) shares with one that went along:
 * the child must not keep the pages that it cannot show. */
static int pages_leave_behind(struct mapping *m)
{
    if (!m->own || !m->own->twin || !(m->flags & (VM_DONTFORK | VM_WIPEONFORK)))
        return 0;
    struct vmo_tree *t = &m->own->twin->tree;
    int r = vmo_tree_remove_prepare(t, mapping_index(m, m->start), mapping_index(m, m->end));
    if (!r)
        vmo_tree_remove(t, mapping_index(m, m->start), mapping_index(m, m->end));
    return r;
}

static int clone_locked(struct aspace *as, struct aspace *child)
{
    borders_settle(as);
    child->mmap_top = as->mmap_top;
    child->brk_start = as->brk_start;
    child->brk = as->brk;
    child->stack_limit = as->stack_limit;
    child->size_limit = as->size_limit;
    int r = mappings_clone(as, child);
    struct mapping *m;
    for (m = mapping_at_or_above(as, 0); m && !r; m = mapping_next(m))
        r = pages_leave_behind(m);
    twins_forget(as);
    tlb_flush_user(&as->pt);
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
