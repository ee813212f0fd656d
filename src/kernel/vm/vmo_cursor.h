/* Going through an object's pages in a row with its lock held. Private to vm. */
#pragma once
#include "vm/pager_priv.h"

/* The slots around the page that is next; to begin with, run.n is 0. */
struct vmo_cursor { struct vmo_run run; u64 first; };

/* The page at index, or 0. */
static inline paddr_t vmo_cursor_page(struct vmo_cursor *c, struct vmo *vmo, u64 index)
{
    if (index - c->first >= c->run.n) {
        vmo_run_find(&vmo->tree, index, &c->run);
        c->first = index;
    }
    return vmo_run_page(&c->run, index - c->first);
}

/* What can be seen of an absent page without asking for it: 0 if nothing. */
static inline paddr_t vmo_absent_page(const struct vmo *vmo, u64 index)
{
    return vmo->ops == &vmo_anon_ops && !vmo_is_supplied(vmo, index) ? vm_zero_page() : 0;
}

/* May it be written as vmo_extend_locked() does? */
static inline bool vmo_writes_quickly(const struct vmo *vmo) { return vmo->ops == &vmo_anon_ops && !vmo->pager; }
/* Writes from offset on, and the object grows with it. Bytes done: fewer where memory ends or offset lies behind the
 * end, which is for vmo_resize() and vmo_write() to see to. */
size_t vmo_extend_locked(struct vmo *vmo, u64 offset, const void *buf, size_t n);
