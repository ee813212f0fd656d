/* What a VMO is made of, and what only the address-space half of this room may do with it.
 *
 * A page-table entry that shows a page of a VMO holds a reference to it (not for physical VMOs). So
 * a page may leave the tree at any time: a stale entry shows old contents until it is removed, never
 * freed memory.
 *
 * A page that carries the copy-on-write mark is never mapped (it is made the VMO's own first), so
 * replacing it leaves no stale entry behind. */
#pragma once
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "mm/pmm.h"
#include "vm/vmo.h"
#include "vm/vmo_tree.h"

struct vmo {
    struct kobject obj;
    struct mutex lock;         /* tree, size */
    const struct vmo_ops *ops; /* never NULL */
    struct vmo_pager *pager;   /* NULL: none. Never changes once others know the object */
    u64 size;                  /* bytes */
    struct vmo_tree tree;
    const struct vmo_owner_ops *owner_ops; /* NULL: nobody's. Never changes, nor does owner */
    void *owner;
    paddr_t phys_base;         /* physical only */
    struct vmo_budget *budget; /* of vmo_create_kept, else NULL */
    u64 charged;               /* pages stored (vmo_pages_stored) that the budget knows of */
    unsigned pt_flags;         /* physical only: PT_UNCACHED, PT_WRITE_COMBINE */
    struct spinlock map_lock;  /* mappings, shrink_round */
    struct list mappings;      /* struct mapping.vmo_link */
    u64 shrink_round;
};

extern const struct vmo_ops vmo_anon_ops, vmo_phys_ops;
static inline bool vmo_is_phys(const struct vmo *v) { return v->ops == &vmo_phys_ops; }
static inline u64 pages_of(u64 bytes) { return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0); }

/* A mapping comes and goes. */
static inline void vmo_map_get(struct vmo *v)
{
    vmo_get(v);
    if (v->owner_ops)
        v->owner_ops->get(v->owner);
}
static inline void vmo_map_put(struct vmo *v)
{
    if (v->owner_ops)
        v->owner_ops->put(v->owner);
    vmo_put(v);
}

/* Pages came or went other than by get_page: the budget learns of it. */
static inline void vmo_settle_locked(struct vmo *v)
{
    u64 stored = v->budget ? vmo_pages_stored(v) : 0;
    if (!v->budget || v->charged == stored)
        return;
    __atomic_fetch_add(&v->budget->used, stored - v->charged, __ATOMIC_RELAXED);
    v->charged = stored;
}
/* A VMO with empty tree and one reference. */
int vmo_alloc(const struct vmo_ops *ops, u64 size, struct vmo **out) MUST_CHECK;
/* The object's own page at index, made or fetched if absent, never marked; no reference. */
int vmo_page_get_locked(struct vmo *vmo, u64 index, paddr_t *page) MUST_CHECK;
/* A page that anonymous memory has been charged for, contents undefined: to be put into its tree, or back with
 * vmo_settle_locked. */
int vmo_anon_page_locked(struct vmo *vmo, paddr_t *page) MUST_CHECK;
/* A copy from or to user memory that may sleep: bytes or -errno (vmo_io.c). */
ssize_t_k vmo_transfer_user(struct vmo *vmo, u64 offset, uptr_t buf, size_t n, bool write) MUST_CHECK;
/* Called by vmo_resize without vmo->lock: pages at or behind `first` leave every page table. */
void vmo_unmap_from(struct vmo *vmo, u64 first);

/* A page for a program: contents undefined, or zeroes. 0: none, with something left for the kernel. */
paddr_t vm_page_alloc_slow(void); /* for copies of the page cache's that go */
static inline paddr_t vm_page_alloc(void)
{
    paddr_t page = pmm_alloc_for(PMM_PROGRAM_PAGE);
    return likely(page) ? page : vm_page_alloc_slow();
}
static inline paddr_t vm_page_alloc_zeroed(void)
{
    paddr_t page = vm_page_alloc();
    if (page)
        page_clear(page);
    return page;
}

/* One page of zeroes that untouched private memory shows; never counted, never freed. */
extern u8 vm_zeroes[PAGE_SIZE];
static inline paddr_t vm_zero_page(void) { return image_to_phys(vm_zeroes); }
static inline void vm_page_get(paddr_t page)
{
    if (page != vm_zero_page())
        page_get(page);
}
static inline void vm_page_put(paddr_t page)
{
    if (page != vm_zero_page())
        page_put(page);
}
