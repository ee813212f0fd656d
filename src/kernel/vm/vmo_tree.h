/* The pages of a VMO or of an overlay: a radix tree from page index to physical page. Pure but for
 * kmalloc and page_get/page_put.
 *
 * The root covers the smallest aligned block of indices that holds them all, wherever it lies: a
 * stack at index 2^35 needs no more levels than one at 0.
 *
 * Nodes are reference counted and a node with more than one reference is never changed, so
 * cloning a whole tree is one increment. A writer copies the shared nodes on its path; the pages
 * of a copied leaf then have one reference per leaf that names them, and each slot of both leaves
 * carries SLOT_COW: "another leaf may name this page". Hence
 *
 *     a page is this tree's alone  <=  no node on its path is shared and its slot has no SLOT_COW
 *
 * and a page with SLOT_COW may still be ours alone: then its reference count says so, and
 * vmo_tree_claim drops the mark.
 *
 * Locking: the owner's. Trees that share nodes have different owners: only node->refs and the
 * SLOT_COW bits of a shared leaf are touched by both, atomically. */
#pragma once
#include "lib/types.h"

#define VMO_NODE_BITS 6
#define VMO_NODE_SLOTS (1u << VMO_NODE_BITS)

struct vmo_node {
    u64 slot[VMO_NODE_SLOTS]; /* leaf: page | SLOT_COW; above: address of a node. 0: absent */
    u32 refs;                 /* atomic */
    u32 used;                 /* slots that are not 0: an empty node is given back */
};

/* height 0: root is itself the slot of page `base`. */
struct vmo_tree {
    u64 root;
    u64 base; /* first index below root, a multiple of its span */
    unsigned height;
    u64 npages; /* pages present */
};

static inline void vmo_tree_init(struct vmo_tree *t) { *t = (struct vmo_tree){ 0 }; }
/* Drops every page and node. */
void vmo_tree_fini(struct vmo_tree *t);

/* The page at index, without a reference, or 0. *cow (may be NULL): it may belong to others too
 * and must not be written before vmo_tree_own. */
paddr_t vmo_tree_lookup(const struct vmo_tree *t, u64 index, bool *cow);
/* The same page; *n: how many trees may have it, at least 1: what the references on its path say together. */
paddr_t vmo_tree_sharers(const struct vmo_tree *t, u64 index, u64 *n);
/* Some slots in a row, looked up once: those of index, index+1, ... up to the end of the leaf. A
 * run is valid until the tree changes otherwise. slot NULL: all n pages are absent. leaf NULL: no node has these
 * slots; shared: it must not be changed. */
struct vmo_run { struct vmo_tree *tree; struct vmo_node *leaf; u64 *slot; u64 n; bool shared; };
void vmo_run_find(struct vmo_tree *t, u64 index, struct vmo_run *run);
/* The same with a leaf that is there and this tree's alone. -ENOMEM: contents as before. */
int vmo_run_own(struct vmo_tree *t, u64 index, struct vmo_run *run) MUST_CHECK;
#define VMO_SLOT_COW 1ull
static inline paddr_t vmo_run_page(const struct vmo_run *r, u64 i) { return r->slot ? r->slot[i] & ~VMO_SLOT_COW : 0; }
static inline bool vmo_run_cow(const struct vmo_run *r, u64 i) { return r->shared || (r->slot[i] & VMO_SLOT_COW); }
/* Of an owned run, or one with a leaf that is not shared: fills an absent slot; replaces the page of one (its
 * reference is now the caller's); drops the mark. */
static inline void vmo_run_fill(struct vmo_run *r, u64 i, paddr_t page)
{
    r->slot[i] = page;
    r->leaf->used++;
    r->tree->npages++;
}
static inline void vmo_run_replace(struct vmo_run *r, u64 i, paddr_t page) { r->slot[i] = page; }
static inline void vmo_run_claim(struct vmo_run *r, u64 i) { r->slot[i] &= ~VMO_SLOT_COW; }

/* Puts page there, unmarked, instead of what is there now (whose reference is dropped). Takes over
 * the caller's reference on success. -ENOMEM: nothing changed. */
int vmo_tree_set(struct vmo_tree *t, u64 index, paddr_t page) MUST_CHECK;
/* Makes the path to index this tree's alone; afterwards set, claim and mark of index cannot fail.
 * -ENOMEM: contents as before. */
int vmo_tree_own(struct vmo_tree *t, u64 index) MUST_CHECK;
/* The caller knows from the reference count that the page at index is ours alone. Path owned. */
void vmo_tree_claim(struct vmo_tree *t, u64 index);
/* Another tree is given the page at index. Path owned, page present. */
void vmo_tree_mark(struct vmo_tree *t, u64 index);

/* Removal in two steps: prepare may fail (-ENOMEM, contents as before), commit cannot. Nothing may
 * change the tree in between. Removes the pages first <= index < end. */
int vmo_tree_remove_prepare(struct vmo_tree *t, u64 first, u64 end) MUST_CHECK;
void vmo_tree_remove(struct vmo_tree *t, u64 first, u64 end);

/* dst (empty) gets the same pages; both are copy-on-write from now on. Cannot fail. */
void vmo_tree_share(struct vmo_tree *src, struct vmo_tree *dst);
/* The first page present at or after *index: true, *index and *page set. */
bool vmo_tree_next(const struct vmo_tree *t, u64 *index, paddr_t *page);
