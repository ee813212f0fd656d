/* Inside of an address space: the tree of mappings and the steps that map, unmap, protect, remap
 * and fault are made of.
 *
 * Locking: aspace->lock guards everything here, the overlays, and the user half of the page table.
 * Order: aspace->lock, vmo->lock, vmo->map_lock. */
#pragma once
#include "lib/rbtree.h"
#include "vm/aspace.h"
#include "vm/overlay.h"
#include "vm/vmo_priv.h"

#define STACK_GUARD_BYTES (256 * PAGE_SIZE) /* never mapped below a stack: as Linux's stack_guard_gap */
/* Mapping flags beside enum vm_map_flags. */
#define VM_BRK (1u << 16) /* the heap of brk: grows on its own */
/* Flags that a mapping keeps; the others only steer aspace_map. */
#define VM_KEPT_FLAGS (VM_SHARED | VM_GROWSDOWN | VM_NO_MERGE | VM_BRK | VM_DONTFORK | VM_WIPEONFORK | \
                       VM_LOCKED | VM_ONFAULT)

struct mapping {
    struct rb_node node;
    vaddr_t low, high, gap; /* of the subtree: where it begins (guard included), where it ends, and
                               the largest free piece between two of its mappings */
    vaddr_t start, end;     /* whole pages */
    u64 offset;             /* of start: in vmo, and in own */
    unsigned prot, may, flags;
    struct vmo *vmo;        /* what is shown: reference, or NULL: zeroes (private only) */
    struct overlay *own;    /* private only: the pages made our own; NULL: none yet */
    struct aspace *as;
    struct list vmo_link;   /* vmo->mappings; vmo->map_lock */
    u64 shrink_seen;        /* vmo_unmap_from has been here; vmo->map_lock */
    vaddr_t ahead_va;       /* a write fault here goes on where the last ones ended */
    unsigned ahead;         /* pages that the last write fault filled */
};

#define BORDERS_KEPT 4

struct aspace {
    u32 refs; /* atomic */
    struct mutex lock;
    struct pagetable pt;
    struct rb_tree tree; /* struct mapping by start, disjoint */
    struct aspace_stats stats;
    vaddr_t mmap_top;    /* addresses are chosen below */
    vaddr_t brk_start, brk;
    u64 stack_limit, size_limit;
    vaddr_t border[BORDERS_KEPT]; /* join.c */
    unsigned next_border;
    struct mapping *spare; /* the last one freed, for the next one */
    unsigned lock_future; /* VM_LOCKED, VM_ONFAULT: of every new mapping */
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
static inline bool mapping_is_phys(const struct mapping *m) { return m->vmo && vmo_is_phys(m->vmo); }
/* A copy of the description of `like` outside the tree, with references of its own to vmo and own.
 * NULL: out of memory. */
struct mapping *mapping_alloc(const struct mapping *like) MUST_CHECK;
void mapping_free(struct mapping *m);   /* not in the tree */
void mapping_insert(struct mapping *m); /* its range is free */
void mapping_append(struct mapping *m); /* behind all others */
void mapping_erase(struct mapping *m);
/* Changes the bounds of a mapping in the tree without reordering it. Growing: the caller asked
 * mapping_can_cover. */
void mapping_resize(struct mapping *m, vaddr_t start, vaddr_t end);
bool mapping_can_cover(const struct mapping *m, vaddr_t start, vaddr_t end);
void mapping_set_prot(struct mapping *m, unsigned prot);
void mapping_set_flags(struct mapping *m, unsigned flags);

/* --- join.c --- */
/* Makes addr a border of mappings if one contains it. */
int mapping_split_at(struct aspace *as, vaddr_t addr) MUST_CHECK;
/* Makes a neighbour larger instead of inserting `wanted`, if one is of its kind. */
bool mapping_join_neighbour(const struct mapping *wanted);
/* Joins m with the neighbours that it continues; m may be gone afterwards. */
void mapping_merge(struct mapping *m);
/* Two neighbours at addr could perhaps be joined, but the program is likely to want the border
 * again: it stays for a while. */
void border_keep(struct aspace *as, vaddr_t addr);
/* Joins what border_keep left apart. Before anybody sees or counts mappings. */
void borders_settle(struct aspace *as);
/* Merges every border in [start, end]. */
void mapping_merge_range(struct aspace *as, vaddr_t start, vaddr_t end);

/* --- place.c --- */
bool range_valid(vaddr_t addr, size_t size); /* whole pages within the user half */
bool range_is_free(struct aspace *as, vaddr_t addr, size_t size);
/* Picks where a mapping of size bytes goes: hint if it is free, else top-down. VM_LOW in flags: in
 * the second GiB only. -ENOMEM. */
int choose_address(struct aspace *as, vaddr_t hint, size_t size, unsigned flags, vaddr_t *out) MUST_CHECK;
/* The highest free *out of size bytes that ends at or below top. O(log n); pure. */
bool highest_gap(const struct rb_tree *tree, vaddr_t top, size_t size, vaddr_t *out) MUST_CHECK;
/* The tree's summary of a subtree, for rb_tree.update. */
bool mapping_summarise(struct rb_node *n);

/* --- zap.c: page-table entries and the TLB --- */
/* Removes the entries of [start, end) and drops their references. */
void aspace_zap(struct aspace *as, vaddr_t start, vaddr_t end);
/* Gives the entries present the rights of m->prot (which were old_prot), leaving to faults what
 * needs a page copied. */
void mapping_apply_prot(struct mapping *m, unsigned old_prot);

/* --- unmap.c --- */
int aspace_unmap_locked(struct aspace *as, vaddr_t start, vaddr_t end) MUST_CHECK;
/* Takes a private mapping's own pages in [start, end) out of its overlay, in two steps. */
int mapping_punch_prepare(struct mapping *m, vaddr_t start, vaddr_t end) MUST_CHECK;
void mapping_punch(struct mapping *m, vaddr_t start, vaddr_t end);

/* --- advise.c --- */
int aspace_advise_locked(struct aspace *as, vaddr_t start, vaddr_t end, unsigned set, unsigned clear) MUST_CHECK;

/* --- map.c --- */
/* aspace_map with the lock held. */
int aspace_map_locked(struct aspace *as, struct vmo *vmo, u64 offset, size_t size, unsigned prot,
                      unsigned may, unsigned flags, vaddr_t *addr) MUST_CHECK;

/* --- fault.c, fault_page.c --- */
int mapping_fault(struct mapping *m, vaddr_t va, bool write) MUST_CHECK;
/* The mapping that contains addr, letting a stack grow down to it; NULL if there is none. */
struct mapping *mapping_for_access(struct aspace *as, vaddr_t addr);
