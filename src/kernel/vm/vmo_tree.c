/* Radix tree of pages with shared subtrees; the theory is in vmo_tree.h. */
#include "vm/vmo_tree.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"

#define SLOT_COW VMO_SLOT_COW
#define SLOT_PAGE(slot) ((slot) & ~SLOT_COW)
#define INDEX_BITS 52 /* a 64-bit byte offset has no more page bits than this */

static struct vmo_node *slot_node(u64 slot) { return (struct vmo_node *)slot; }

static bool node_shared(const struct vmo_node *n)
{
    return __atomic_load_n(&n->refs, __ATOMIC_ACQUIRE) > 1;
}

/* How far the index is shifted to select a slot in a node of this level (1 = leaf). */
static unsigned level_shift(unsigned level) { return (level - 1) * VMO_NODE_BITS; }

static unsigned slot_of(u64 index, unsigned level)
{
    return (index >> level_shift(level)) & (VMO_NODE_SLOTS - 1);
}

/* The first index of the aligned block of this height that holds index. */
static u64 block_of(u64 index, unsigned height)
{
    unsigned bits = height * VMO_NODE_BITS;
    return bits >= INDEX_BITS ? 0 : index >> bits << bits;
}

static bool index_fits(const struct vmo_tree *t, u64 index)
{
    return block_of(index, t->height) == t->base;
}

/* Drops one reference to what a slot names; level 0 is a page. */
static u64 slot_drop(u64 slot, unsigned level)
{
    if (!slot)
        return 0;
    if (level == 0) {
        page_put(SLOT_PAGE(slot));
        return 1;
    }
    struct vmo_node *n = slot_node(slot);
    if (__atomic_sub_fetch(&n->refs, 1, __ATOMIC_ACQ_REL))
        return 0;
    u64 dropped = 0;
    for (unsigned i = 0, left = n->used; left; i++) {
        if (!n->slot[i])
            continue;
        left--;
        if (level == 1)
            page_put(SLOT_PAGE(n->slot[i])), dropped++;
        else
            dropped += slot_drop(n->slot[i], level - 1);
    }
    kfree(n);
    return dropped;
}

/* Pages below a slot, whoever else shares them. */
static u64 slot_count(u64 slot, unsigned level)
{
    if (!slot || level == 0)
        return slot != 0;
    if (level == 1)
        return slot_node(slot)->used;
    u64 count = 0;
    for (unsigned i = 0; i < VMO_NODE_SLOTS; i++)
        count += slot_count(slot_node(slot)->slot[i], level - 1);
    return count;
}

void vmo_tree_fini(struct vmo_tree *t)
{
    slot_drop(t->root, t->height);
    vmo_tree_init(t);
}

/* The walk of every read, write and fault, inlined for those who ask whether a node is shared and those who do not. */
static inline u64 slot_find(const struct vmo_tree *t, u64 index, bool *shared)
{
    unsigned shift = level_shift(t->height + 1);
    u64 slot = t->root;

    if (index >> shift != t->base >> shift)
        return 0;
    while (shift && slot) {
        const struct vmo_node *n = slot_node(slot);
        if (shared)
            *shared |= node_shared(n);
        shift -= VMO_NODE_BITS;
        slot = __atomic_load_n(&n->slot[index >> shift & (VMO_NODE_SLOTS - 1)], __ATOMIC_RELAXED);
    }
    return slot;
}

paddr_t vmo_tree_lookup(const struct vmo_tree *t, u64 index, bool *cow)
{
    bool shared = false;

    if (!cow)
        return SLOT_PAGE(slot_find(t, index, NULL));
    u64 slot = slot_find(t, index, &shared);
    *cow = shared || (slot & SLOT_COW);
    return SLOT_PAGE(slot);
}

paddr_t vmo_tree_sharers(const struct vmo_tree *t, u64 index, u64 *n)
{
    u64 slot = index_fits(t, index) ? t->root : 0;
    *n = 1;
    for (unsigned level = t->height; level > 0 && slot; level--) {
        const struct vmo_node *node = slot_node(slot);
        *n *= __atomic_load_n(&node->refs, __ATOMIC_RELAXED);
        slot = __atomic_load_n(&node->slot[slot_of(index, level)], __ATOMIC_RELAXED);
    }
    if (slot & SLOT_COW)
        *n *= page_refs(SLOT_PAGE(slot));
    return SLOT_PAGE(slot);
}

/* A copy of a shared node takes a reference to everything below it. In a leaf that makes each page
 * doubly named: the mark goes on both sides, and on the old leaf before our reference to it goes,
 * so that whoever finds himself its only owner sees the marks. */
static int node_unshare(u64 *slot, unsigned level)
{
    struct vmo_node *old = slot_node(*slot);
    struct vmo_node *n = kmalloc(sizeof(*n));
    if (!n)
        return -ENOMEM;
    n->refs = 1;
    n->used = old->used;
    for (unsigned i = 0; i < VMO_NODE_SLOTS; i++) {
        u64 s = old->slot[i];
        if (s && level == 1) {
            page_get(SLOT_PAGE(s));
            if (!(s & SLOT_COW))
                s = __atomic_or_fetch(&old->slot[i], SLOT_COW, __ATOMIC_RELAXED);
        } else if (s) {
            __atomic_add_fetch(&slot_node(s)->refs, 1, __ATOMIC_RELAXED);
        }
        n->slot[i] = s;
    }
    slot_drop(*slot, level);
    *slot = (u64)n;
    return 0;
}

/* The node in *slot as one that may be changed: made, copied or as it is. up: the node that *slot
 * is in, or NULL for the root. */
static int node_own(u64 *slot, unsigned level, struct vmo_node *up)
{
    if (*slot)
        return node_shared(slot_node(*slot)) ? node_unshare(slot, level) : 0;
    struct vmo_node *n = kzalloc(sizeof(*n));
    if (!n)
        return -ENOMEM;
    n->refs = 1;
    *slot = (u64)n;
    if (up)
        up->used++;
    return 0;
}

static int level_add(struct vmo_tree *t)
{
    u64 top = 0;
    int r = node_own(&top, t->height + 1, NULL);
    if (r)
        return r;
    slot_node(top)->slot[slot_of(t->base, t->height + 1)] = t->root;
    slot_node(top)->used = 1;
    t->root = top;
    t->height++;
    t->base = block_of(t->base, t->height);
    return 0;
}

/* Adds levels on top until index fits. An empty tree begins around it, with this height. */
static int tree_grow(struct vmo_tree *t, u64 index, unsigned height)
{
    if (!t->root) {
        t->height = height;
        t->base = block_of(index, height);
    }
    while (!index_fits(t, index) || t->height < height) {
        int r = level_add(t);
        if (r)
            return r;
    }
    return 0;
}

/* The slot of an index whose path is known to be there and ours. */
static u64 *owned_slot(struct vmo_tree *t, u64 index)
{
    ASSERT(index_fits(t, index));
    u64 *slot = &t->root;
    for (unsigned level = t->height; level > 0; level--) {
        ASSERT(*slot && !node_shared(slot_node(*slot)));
        slot = &slot_node(*slot)->slot[slot_of(index, level)];
    }
    return slot;
}

/* The path down to index made this tree's alone; *leaf is its last node (NULL at height 0). */
static int path_own(struct vmo_tree *t, u64 index, unsigned min_height, struct vmo_node **leaf)
{
    ASSERT(index >> INDEX_BITS == 0);
    int r = tree_grow(t, index, min_height);
    u64 *slot = &t->root;
    *leaf = NULL;
    for (unsigned level = t->height; level > 0 && !r; level--) {
        r = node_own(slot, level, *leaf);
        if (r)
            break;
        *leaf = slot_node(*slot);
        slot = &(*leaf)->slot[slot_of(index, level)];
    }
    return r;
}

int vmo_tree_own(struct vmo_tree *t, u64 index)
{
    struct vmo_node *leaf;
    return path_own(t, index, 0, &leaf);
}

int vmo_run_own(struct vmo_tree *t, u64 index, struct vmo_run *run)
{
    *run = (struct vmo_run){ .tree = t };
    int r = path_own(t, index, 1, &run->leaf);
    if (r)
        return r;
    run->slot = &run->leaf->slot[slot_of(index, 1)];
    run->n = VMO_NODE_SLOTS - slot_of(index, 1);
    return 0;
}

void vmo_run_find(struct vmo_tree *t, u64 index, struct vmo_run *run)
{
    unsigned shift = level_shift(t->height + 1);
    u64 *slot = t->root && index >> shift == t->base >> shift ? &t->root : NULL;
    struct vmo_node *n = NULL;
    bool shared = false;
    while (shift && slot) {
        n = slot_node(*slot);
        shared |= node_shared(n);
        shift -= VMO_NODE_BITS;
        slot = &n->slot[index >> shift & (VMO_NODE_SLOTS - 1)];
        if (shift && !*slot)
            slot = NULL;
    }
    *run = (struct vmo_run){ .tree = t, .leaf = slot ? n : NULL, .slot = slot, .shared = shared,
                             .n = t->height ? VMO_NODE_SLOTS - slot_of(index, 1) : 1 };
}

int vmo_tree_set(struct vmo_tree *t, u64 index, paddr_t page)
{
    ASSERT(page && IS_ALIGNED(page, PAGE_SIZE));
    struct vmo_node *leaf;
    int r = path_own(t, index, 0, &leaf);
    if (r)
        return r;
    u64 *slot = leaf ? &leaf->slot[slot_of(index, 1)] : &t->root;
    if (*slot) {
        slot_drop(*slot, 0);
    } else {
        t->npages++;
        if (leaf)
            leaf->used++;
    }
    *slot = page;
    return 0;
}

void vmo_tree_claim(struct vmo_tree *t, u64 index) { *owned_slot(t, index) &= ~SLOT_COW; }

void vmo_tree_mark(struct vmo_tree *t, u64 index)
{
    u64 *slot = owned_slot(t, index);
    ASSERT(*slot);
    *slot |= SLOT_COW;
}

/* Like vmo_tree_own, but makes no node where there is none. */
static int path_unshare(struct vmo_tree *t, u64 index)
{
    u64 *slot = &t->root;
    for (unsigned level = t->height; level > 0 && *slot; level--) {
        int r = node_own(slot, level, NULL);
        if (r)
            return r;
        slot = &slot_node(*slot)->slot[slot_of(index, level)];
    }
    return 0;
}

/* The part of [first, end) that the root covers: false if there is none. */
static bool clip_to_root(const struct vmo_tree *t, u64 *first, u64 *end)
{
    u64 root_end = t->base + (1ull << MIN(t->height * VMO_NODE_BITS, 63));
    *first = MAX(*first, t->base);
    *end = MIN(*end, root_end);
    return t->root && *first < *end;
}

/* Only the nodes that straddle an end of the range are changed; those are on the paths to the
 * first and the last index. Nodes wholly inside are dropped as they are, shared or not. */
int vmo_tree_remove_prepare(struct vmo_tree *t, u64 first, u64 end)
{
    if (!clip_to_root(t, &first, &end) || first == end - 1)
        return t->root && first < end ? path_unshare(t, first) : 0;
    int r = path_unshare(t, first);
    return r ? r : path_unshare(t, end - 1);
}

static u64 slot_remove(u64 *slot, unsigned level, u64 base, u64 first, u64 end);

/* A node of which only a part goes. Empty afterwards, it goes too. */
static u64 node_remove(u64 *slot, unsigned level, u64 base, u64 first, u64 end)
{
    struct vmo_node *n = slot_node(*slot);
    ASSERT(!node_shared(n));
    u64 count = 0, step = 1ull << level_shift(level);
    unsigned from = first > base ? (unsigned)((first - base) / step) : 0;
    for (unsigned i = from; i < VMO_NODE_SLOTS && base + i * step < end; i++) {
        if (!n->slot[i])
            continue;
        count += slot_remove(&n->slot[i], level - 1, base + i * step, first, end);
        n->used -= n->slot[i] == 0;
    }
    if (!n->used) {
        kfree(n);
        *slot = 0;
    }
    return count;
}

/* base: index of the first page below *slot, which is not 0. Returns pages removed. */
static u64 slot_remove(u64 *slot, unsigned level, u64 base, u64 first, u64 end)
{
    u64 span = 1ull << (level * VMO_NODE_BITS);
    if (base < first || base + span > end)
        return node_remove(slot, level, base, first, end);
    u64 count = level ? slot_count(*slot, level) : 1;
    slot_drop(*slot, level);
    *slot = 0;
    return count;
}

void vmo_tree_remove(struct vmo_tree *t, u64 first, u64 end)
{
    if (clip_to_root(t, &first, &end))
        t->npages -= slot_remove(&t->root, t->height, t->base, first, end);
}

void vmo_tree_share(struct vmo_tree *src, struct vmo_tree *dst)
{
    ASSERT(!dst->root);
    if (src->root && src->height == 0) {
        page_get(SLOT_PAGE(src->root));
        src->root |= SLOT_COW;
    } else if (src->root) {
        __atomic_add_fetch(&slot_node(src->root)->refs, 1, __ATOMIC_RELAXED);
    }
    *dst = *src;
}

/* Searches below slot for the first page at or after *index; base as in slot_remove. */
static bool slot_next(u64 slot, unsigned level, u64 base, u64 *index, paddr_t *page)
{
    u64 span = 1ull << (level * VMO_NODE_BITS);
    if (!slot || base + span <= *index)
        return false;
    if (level == 0) {
        *index = base;
        *page = SLOT_PAGE(slot);
        return true;
    }
    for (unsigned i = 0; i < VMO_NODE_SLOTS; i++) {
        u64 at = base + ((u64)i << level_shift(level));
        if (slot_next(slot_node(slot)->slot[i], level - 1, at, index, page))
            return true;
    }
    return false;
}

bool vmo_tree_next(const struct vmo_tree *t, u64 *index, paddr_t *page)
{
    return slot_next(t->root, t->height, t->base, index, page);
}
