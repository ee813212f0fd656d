/* Address ranges of the kernel arena.
 *
 * The arena is tiled: every page belongs to exactly one range, free or used, and no two
 * neighbouring ranges are free. All are in one tree by address; the free ones are also in a list,
 * most recently freed first, so that addresses are reused soon.
 *
 * Taking splits a free range, which needs a node and may fail. Giving back needs nothing: the
 * range has its node already, and merging only returns nodes. Nodes come from whole pages that are
 * never freed; these pages form a list that only grows, which is what lets the double-fault
 * handler look through all nodes without the lock. */
#include "mm/arena.h"
#include "arch/paging.h"
#include "arch/spinlock.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#include "mm/pmm.h"

struct range {
    struct rb_node by_base;
    struct list free;
    vaddr_t base;
    size_t npages;
    enum arena_use use; /* ARENA_FREE in spare nodes too */
    char name[ARENA_NAME_MAX];
};

struct node_page {
    struct node_page *next;
    struct range node[];
};
#define NODES_PER_PAGE ((PAGE_SIZE - sizeof(struct node_page)) / sizeof(struct range))

static struct spinlock arena_lock = SPINLOCK_INIT("arena");
static struct rb_tree ranges;                        /* arena_lock */
static struct list free_ranges = LIST_INIT(free_ranges); /* arena_lock */
static struct list spare_nodes = LIST_INIT(spare_nodes); /* arena_lock */
static struct node_page *node_pages;                 /* grows at its head by one store */
static u64 pages_used;                               /* arena_lock */
static u64 nnode_pages;                              /* arena_lock */

static struct range *range_of(struct rb_node *n) { return n ? rb_entry(n, struct range, by_base) : NULL; }

/* --- nodes ---------------------------------------------------------------------------------- */

static bool add_nodes_locked(void)
{
    paddr_t page = pmm_alloc_page_zeroed();
    if (!page)
        return false;
    struct node_page *np = phys_to_virt(page);
    for (size_t i = 0; i < NODES_PER_PAGE; i++)
        list_push_back(&spare_nodes, &np->node[i].free);
    nnode_pages++;
    np->next = node_pages;
    __atomic_store_n(&node_pages, np, __ATOMIC_RELEASE);
    return true;
}

static struct range *node_get_locked(void)
{
    if (list_empty(&spare_nodes) && !add_nodes_locked())
        return NULL;
    return list_entry(list_pop_front(&spare_nodes), struct range, free);
}

static void node_put_locked(struct range *r)
{
    r->base = 0;
    list_push_front(&spare_nodes, &r->free);
}

/* --- the tree ------------------------------------------------------------------------------- */

static void insert_locked(struct range *r)
{
    struct rb_node **link = &ranges.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = r->base < range_of(parent)->base ? &parent->left : &parent->right;
    }
    rb_insert(&ranges, &r->by_base, parent, link);
}

static struct range *find_locked(vaddr_t base)
{
    struct rb_node *n = ranges.root;
    while (n && range_of(n)->base != base)
        n = base < range_of(n)->base ? n->left : n->right;
    return range_of(n);
}

/* `low` takes over `high`, its neighbour. */
static void merge_locked(struct range *low, struct range *high)
{
    ASSERT(low->base + low->npages * PAGE_SIZE == high->base);
    low->npages += high->npages;
    rb_erase(&ranges, &high->by_base);
    list_remove(&high->free);
    node_put_locked(high);
}

static void set_use_locked(struct range *r, enum arena_use use, const char *name)
{
    str_copy(r->name, name, sizeof r->name);
    __atomic_store_n(&r->use, use, __ATOMIC_RELEASE); /* the name before: see arena_name_lockless */
}

/* --- interface ------------------------------------------------------------------------------ */

void arena_init(vaddr_t base, size_t npages)
{
    spin_lock(&arena_lock);
    ASSERT(!ranges.root);
    struct range *all = node_get_locked();
    if (!all)
        panic("arena: no memory for the first page of nodes");
    all->base = base;
    all->npages = npages;
    insert_locked(all);
    list_push_back(&free_ranges, &all->free);
    spin_unlock(&arena_lock);
}

static struct range *find_free_locked(size_t npages)
{
    struct range *r;
    list_for_each(r, &free_ranges, free)
        if (r->npages >= npages)
            return r;
    return NULL;
}

/* Keeps the first npages in r; what is behind becomes a free range of its own. */
static bool split_locked(struct range *r, size_t npages)
{
    if (r->npages == npages)
        return true;
    struct range *rest = node_get_locked();
    if (!rest)
        return false;
    rest->base = r->base + npages * PAGE_SIZE;
    rest->npages = r->npages - npages;
    r->npages = npages;
    insert_locked(rest);
    list_insert_after(&r->free, &rest->free);
    return true;
}

vaddr_t arena_take(size_t npages, enum arena_use use, const char *name)
{
    ASSERT(use != ARENA_FREE && npages > 0);
    vaddr_t base = 0;
    spin_lock(&arena_lock);
    struct range *r = find_free_locked(npages);
    if (r && split_locked(r, npages)) {
        list_remove(&r->free);
        set_use_locked(r, use, name);
        pages_used += npages;
        base = r->base;
    }
    spin_unlock(&arena_lock);
    return base;
}

void arena_give(vaddr_t base, void (*freed)(vaddr_t base, size_t npages, vaddr_t from, vaddr_t to))
{
    spin_lock(&arena_lock);
    struct range *r = find_locked(base);
    if (!r || r->use == ARENA_FREE)
        panic("arena: %#lx given back, which is not in use", base);
    size_t npages = r->npages;
    pages_used -= npages;
    set_use_locked(r, ARENA_FREE, "");
    list_push_front(&free_ranges, &r->free);
    struct range *next = range_of(rb_next(&r->by_base));
    if (next && next->use == ARENA_FREE)
        merge_locked(r, next);
    struct range *prev = range_of(rb_prev(&r->by_base));
    if (prev && prev->use == ARENA_FREE) {
        merge_locked(prev, r);
        r = prev;
    }
    freed(base, npages, r->base, r->base + r->npages * PAGE_SIZE);
    spin_unlock(&arena_lock);
}

size_t arena_size(vaddr_t base, enum arena_use use)
{
    spin_lock(&arena_lock);
    struct range *r = find_locked(base);
    size_t npages = r && r->use == use ? r->npages : 0;
    spin_unlock(&arena_lock);
    return npages;
}

bool arena_change_use(vaddr_t base, size_t npages, enum arena_use from, enum arena_use to, const char *name)
{
    ASSERT(from != ARENA_FREE && to != ARENA_FREE);
    spin_lock(&arena_lock);
    struct range *r = find_locked(base);
    bool found = r && r->use == from && r->npages == npages;
    if (found)
        set_use_locked(r, to, name);
    spin_unlock(&arena_lock);
    return found;
}

const char *arena_name_lockless(vaddr_t base, enum arena_use use)
{
    struct node_page *np = __atomic_load_n(&node_pages, __ATOMIC_ACQUIRE);
    for (; np; np = np->next) {
        for (size_t i = 0; i < NODES_PER_PAGE; i++) {
            struct range *r = &np->node[i];
            if (__atomic_load_n(&r->use, __ATOMIC_ACQUIRE) == use && r->base == base)
                return r->name;
        }
    }
    return NULL;
}

u64 arena_note_pages(void) { return __atomic_load_n(&nnode_pages, __ATOMIC_RELAXED); }

u64 arena_used(void)
{
    spin_lock(&arena_lock);
    u64 n = pages_used;
    spin_unlock(&arena_lock);
    return n;
}
