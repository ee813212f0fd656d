/* Inside of an address space: the tree of mappings and the steps that map, unmap, protect, remap
 * and fault are made of.
 *
 * Locking: aspace->lock guards everything here, and the user half of the page table. Order:
 * aspace->lock, vmo->lock (private), vmo->lock (its source), vmo->map_lock. */
#pragma once
#include "lib/rbtree.h"
#include "vm/aspace.h"
#include "vm/vmo_priv.h"

#define STACK_GUARD_BYTES (256 * PAGE_SIZE) /* never mapped below a stack: as Linux's stack_guard_gap */
#define VM_BRK (1u << 16)                   /* mapping flag beside enum vm_map_flags: the heap of brk */
/* Flags that a mapping keeps; the others only steer aspace_map. */
#define VM_KEPT_FLAGS (VM_SHARED | VM_GROWSDOWN | VM_NO_MERGE | VM_BRK)

struct mapping {
    struct rb_node node;
    vaddr_t start, end; /* whole pages */
    u64 offset;         /* of start in vmo */
    unsigned prot, may, flags;
    struct vmo *vmo;    /* reference */
    struct aspace *as;
    struct list vmo_link;    /* vmo->mappings; vmo->map_lock */
    struct list source_link; /* vmo->source->overlaid; that one's map_lock */
    u64 shrink_seen;         /* vmo_unmap_from has been here; map_lock of the object that shrinks */
};

struct aspace {
    u32 refs; /* atomic */
    struct mutex lock;
    struct pagetable pt;
    struct rb_tree tree; /* struct mapping by start, disjoint */
    u64 nmappings, mapped_bytes, resident_pages;
    vaddr_t mmap_top;    /* addresses are chosen below */
    vaddr_t map_hint;    /* nothing is free between here and mmap_top, or so it was */
    vaddr_t brk_start, brk;
    u64 stack_limit;
};

/* Takes a reference only while the last one is not gone. */
bool aspace_tryget(struct aspace *as);

/* --- mapping.c: the tree --- */
/* The lowest mapping that ends above addr (it may contain addr), or NULL. */
struct mapping *mapping_at_or_above(struct aspace *as, vaddr_t addr);
struct mapping *mapping_find(struct aspace *as, vaddr_t addr); /* the one that contains addr */
struct mapping *mapping_next(struct mapping *m);
struct mapping *mapping_prev(struct mapping *m);
static inline size_t mapping_pages(const struct mapping *m) { return (m->end - m->start) / PAGE_SIZE; }
static inline u64 mapping_index(const struct mapping *m, vaddr_t va)
{
    return (m->offset + (va - m->start)) / PAGE_SIZE;
}
/* Fills in a mapping outside the tree; takes a reference to vmo. NULL: out of memory. */
struct mapping *mapping_alloc(struct aspace *as, struct vmo *vmo, vaddr_t start, vaddr_t end, u64 offset) MUST_CHECK;
void mapping_free(struct mapping *m);   /* not in the tree */
void mapping_insert(struct mapping *m); /* its range is free */
void mapping_erase(struct mapping *m);
/* Changes the bounds of a mapping in the tree without reordering it. */
void mapping_resize(struct mapping *m, vaddr_t start, vaddr_t end);
/* Makes addr a border of mappings if one contains it. */
int mapping_split_at(struct aspace *as, vaddr_t addr) MUST_CHECK;
/* Joins m with the neighbours that it continues; m may be gone afterwards. */
void mapping_merge(struct mapping *m);
/* Merges every border in [start, end]. */
void mapping_merge_range(struct aspace *as, vaddr_t start, vaddr_t end);
/* No mapping of this private VMO but `except` shows its bytes [offset, offset+size). */
bool vmo_range_unused(struct vmo *vmo, const struct mapping *except, u64 offset, u64 size);

/* --- place.c --- */
bool range_valid(vaddr_t addr, size_t size); /* whole pages within the user half */
bool range_is_free(struct aspace *as, vaddr_t addr, size_t size);
/* Picks where a mapping of size bytes goes: hint if it is free, else top-down. -ENOMEM. */
int choose_address(struct aspace *as, vaddr_t hint, size_t size, vaddr_t *out) MUST_CHECK;

/* --- zap.c: page-table entries and the TLB --- */
/* Removes the entries of m in [start, end) and drops their references. */
void mapping_zap(struct mapping *m, vaddr_t start, vaddr_t end);
/* Puts page (whose reference it takes over) at va. -ENOMEM: the reference is dropped. */
int mapping_install(struct mapping *m, vaddr_t va, paddr_t page, unsigned pt_flags) MUST_CHECK;
void mapping_write_protect(struct mapping *m);
/* Gives the entries present the rights of m->prot, leaving to faults what needs a page copied. */
void mapping_apply_prot(struct mapping *m);

/* --- unmap.c --- */
int aspace_unmap_locked(struct aspace *as, vaddr_t start, vaddr_t end) MUST_CHECK;
/* Takes a private mapping's own pages in [start, end) out of its VMO, in two steps. */
int mapping_punch_prepare(struct mapping *m, vaddr_t start, vaddr_t end) MUST_CHECK;
void mapping_punch(struct mapping *m, vaddr_t start, vaddr_t end);

/* --- map.c --- */
/* aspace_map with the lock held. */
int aspace_map_locked(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                      unsigned may, unsigned flags, vaddr_t *addr) MUST_CHECK;

/* --- fault.c --- */
int mapping_fault(struct mapping *m, vaddr_t va, bool write, bool fetch) MUST_CHECK;
/* The mapping that contains addr, letting a stack grow down to it; NULL if there is none. */
struct mapping *mapping_for_access(struct aspace *as, vaddr_t addr);
