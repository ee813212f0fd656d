/* What a VMO is made of, and what only the address-space half of this room may do with it.
 *
 * Two sorts share the struct. An *object* (anonymous, pager, physical) is seen by anybody: files,
 * descriptors, shared mappings. A *private* VMO belongs to one address space and holds the pages
 * that its private mappings have made their own; what it lacks it reads from `source` (the mapped
 * object, at the same offsets) or as zeroes. Cloning a private VMO (fork) keeps the same source,
 * so there are never chains.
 *
 * Page-table entries hold a reference to the page they map (not for physical VMOs, and the one
 * shared zero page is not counted). So a page may leave a VMO's tree at any time: a stale entry
 * shows old contents until it is removed, never freed memory.
 *
 * A page of an object that carries the copy-on-write mark is never mapped (it is made the object's
 * own first), so replacing it leaves no stale entry behind. Pages of private VMOs are replaced only
 * under their address space's lock, together with the entry. */
#pragma once
#include "arch/spinlock.h"
#include "vm/vmo.h"
#include "vm/vmo_tree.h"

struct vmo {
    struct kobject obj;
    struct mutex lock;         /* tree, size */
    const struct vmo_ops *ops; /* never NULL */
    void *ctx;
    u64 size;                  /* bytes; private VMOs: not used, the mappings bound them */
    struct vmo_tree tree;
    bool private;
    struct vmo *source;        /* private only: reference, or NULL: zeroes */
    struct vmo *fork_twin;     /* private only: aspace_clone's note, guarded by the aspace lock */
    paddr_t phys_base;         /* physical only */
    unsigned pt_flags;         /* physical only: PT_UNCACHED, PT_WRITE_COMBINE */
    struct spinlock map_lock;  /* the two lists and shrink_round */
    struct list mappings;      /* struct mapping.vmo_link */
    struct list overlaid;      /* struct mapping.source_link: private mappings that read from here */
    u64 shrink_round;
};

extern const struct vmo_ops vmo_anon_ops, vmo_phys_ops;
static inline bool vmo_is_phys(const struct vmo *v) { return v->ops == &vmo_phys_ops; }
static inline u64 pages_of(u64 bytes) { return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0); }

/* A VMO with empty tree and one reference. */
int vmo_alloc(const struct vmo_ops *ops, u64 size, struct vmo **out) MUST_CHECK;
/* A private VMO over source (reference taken; NULL: zeroes). */
int vmo_create_private(struct vmo *source, struct vmo **out) MUST_CHECK;
/* fork: the same pages for another address space. O(1). */
int vmo_clone_private(struct vmo *src, struct vmo **out) MUST_CHECK;
/* A private VMO without source that has src's pages [first, first+n) at to, to+1, ... */
int vmo_clone_pages(struct vmo *src, u64 first, u64 n, u64 to, struct vmo **out) MUST_CHECK;

/* The page for a page-table entry or for an access from the kernel. Takes a reference that the
 * caller drops with vm_page_put (not for physical VMOs). mapped: the page that the caller's own
 * page-table entry holds a reference to, or 0. */
struct vmo_page { paddr_t page; bool writable; };
int vmo_fault(struct vmo *vmo, u64 index, bool write, paddr_t mapped, struct vmo_page *out) MUST_CHECK;
int vmo_private_fault(struct vmo *vmo, u64 index, bool write, paddr_t mapped, struct vmo_page *out) MUST_CHECK;
int vmo_phys_fault(struct vmo *vmo, u64 index, struct vmo_page *out) MUST_CHECK;

/* The object's own page at index, made or fetched if absent, never marked; no reference. */
int vmo_page_get_locked(struct vmo *vmo, u64 index, paddr_t *page) MUST_CHECK;
/* A marked page becomes the tree's alone by claim or by copy. own_refs: references to it that the
 * caller knows of beside the tree's. */
int vmo_page_own_locked(struct vmo *vmo, u64 index, unsigned own_refs, paddr_t *page) MUST_CHECK;

/* Called by vmo_resize without vmo->lock: pages at or behind `first` leave every page table. */
void vmo_unmap_from(struct vmo *vmo, u64 first);

/* One page of zeroes that untouched private memory shows; never counted, never freed. */
paddr_t vm_zero_page(void);
void vm_page_get(paddr_t page);
void vm_page_put(paddr_t page);
