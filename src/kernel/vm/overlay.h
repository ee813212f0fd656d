/* Overlays: the pages that private mappings have made their own.
 *
 * An overlay belongs to one address space and stands over an object (at the same page indices) or
 * over zeroes. fork gives the child a clone that shares every page until one side writes; a clone
 * of a clone is as cheap as the first, and no overlay refers to another: there are no chains.
 *
 * Mappings that were one before a split share their overlay, but never the same index of it: so a
 * page in it has at most one page-table entry, which need not hold a reference of its own.
 *
 * Locking: the lock of the address space. */
#pragma once
#include "vm/vmo_tree.h"

struct overlay {
    u32 refs; /* mappings */
    struct vmo_tree tree;
    u64 low, high;        /* no mapping shows an index outside */
    struct overlay *twin; /* while fork runs: the child's clone */
};

/* For one mapping of indices [low, high). NULL: out of memory. */
struct overlay *overlay_create(u64 low, u64 high) MUST_CHECK;
static inline struct overlay *overlay_get(struct overlay *o) { o->refs++; return o; }
void overlay_put(struct overlay *o); /* NULL is allowed */
/* The same pages for another address space. O(1). NULL: out of memory. */
struct overlay *overlay_clone(struct overlay *src) MUST_CHECK;
/* One with the pages [first, end) of src only. -ENOMEM. */
int overlay_copy(struct overlay *src, u64 first, u64 end, struct overlay **out) MUST_CHECK;

/* May a mapping that shows [first, end) show [to_first, to_end) instead? overlay_cover notes that
 * it does. */
bool overlay_can_cover(const struct overlay *o, u64 first, u64 end, u64 to_first, u64 to_end);
void overlay_cover(struct overlay *o, u64 to_first, u64 to_end);
