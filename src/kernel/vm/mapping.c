/* The tree of mappings: finding, splitting, merging.
 *
 * Two private mappings may show the same private VMO (after a split), but never the same bytes of
 * it: so a page of it has at most one page-table entry, and the pages of an unmapped part can be
 * freed at once. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define MAPPING(n) rb_entry(n, struct mapping, node)

struct mapping *mapping_at_or_above(struct aspace *as, vaddr_t addr)
{
    ASSERT(mutex_held(&as->lock));
    struct mapping *best = NULL;
    struct rb_node *n = as->tree.root;
    while (n) {
        struct mapping *m = MAPPING(n);
        if (m->end > addr) {
            best = m;
            n = n->left;
        } else {
            n = n->right;
        }
    }
    return best;
}

struct mapping *mapping_find(struct aspace *as, vaddr_t addr)
{
    struct mapping *m = mapping_at_or_above(as, addr);
    return m && m->start <= addr ? m : NULL;
}

struct mapping *mapping_next(struct mapping *m)
{
    struct rb_node *n = rb_next(&m->node);
    return n ? MAPPING(n) : NULL;
}

struct mapping *mapping_prev(struct mapping *m)
{
    struct rb_node *n = rb_prev(&m->node);
    return n ? MAPPING(n) : NULL;
}

struct mapping *mapping_alloc(struct aspace *as, struct vmo *vmo, vaddr_t start, vaddr_t end, u64 offset)
{
    struct mapping *m = kzalloc(sizeof(*m));
    if (!m)
        return NULL;
    m->as = as;
    m->vmo = vmo;
    m->start = start;
    m->end = end;
    m->offset = offset;
    list_init(&m->vmo_link);
    list_init(&m->source_link);
    vmo_get(vmo);
    return m;
}

void mapping_free(struct mapping *m)
{
    vmo_put(m->vmo);
    kfree(m);
}

static void link_to(struct vmo *vmo, struct list *head, struct list *link)
{
    spin_lock(&vmo->map_lock);
    list_push_back(head, link);
    spin_unlock(&vmo->map_lock);
}

static void unlink_from(struct vmo *vmo, struct list *link)
{
    spin_lock(&vmo->map_lock);
    list_remove(link);
    spin_unlock(&vmo->map_lock);
}

void mapping_insert(struct mapping *m)
{
    struct aspace *as = m->as;
    ASSERT(mutex_held(&as->lock));
    struct rb_node **link = &as->tree.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = m->start < MAPPING(parent)->start ? &parent->left : &parent->right;
    }
    rb_insert(&as->tree, &m->node, parent, link);
    as->nmappings++;
    as->mapped_bytes += m->end - m->start;
    link_to(m->vmo, &m->vmo->mappings, &m->vmo_link);
    if (m->vmo->source)
        link_to(m->vmo->source, &m->vmo->source->overlaid, &m->source_link);
}

void mapping_erase(struct mapping *m)
{
    struct aspace *as = m->as;
    ASSERT(mutex_held(&as->lock));
    rb_erase(&as->tree, &m->node);
    as->nmappings--;
    as->mapped_bytes -= m->end - m->start;
    unlink_from(m->vmo, &m->vmo_link);
    if (m->vmo->source)
        unlink_from(m->vmo->source, &m->source_link);
}

void mapping_resize(struct mapping *m, vaddr_t start, vaddr_t end)
{
    m->as->mapped_bytes += (end - start) - (m->end - m->start);
    m->offset += start - m->start; /* modulo 2^64: also right when start moves down */
    m->start = start;
    m->end = end;
}

int mapping_split_at(struct aspace *as, vaddr_t addr)
{
    struct mapping *m = mapping_find(as, addr);
    if (!m || m->start == addr)
        return 0;
    struct mapping *high = mapping_alloc(as, m->vmo, addr, m->end, m->offset + (addr - m->start));
    if (!high)
        return -ENOMEM;
    high->prot = m->prot;
    high->may = m->may;
    high->flags = m->flags;
    mapping_resize(m, m->start, addr);
    mapping_insert(high);
    return 0;
}

static bool continues(const struct mapping *low, const struct mapping *high)
{
    return low->end == high->start && low->vmo == high->vmo &&
           low->offset + (low->end - low->start) == high->offset && low->prot == high->prot &&
           low->may == high->may && low->flags == high->flags && !(low->flags & VM_NO_MERGE);
}

static void merge_into_low(struct mapping *low, struct mapping *high)
{
    vaddr_t end = high->end;
    mapping_erase(high);
    mapping_free(high);
    mapping_resize(low, low->start, end);
}

void mapping_merge(struct mapping *m)
{
    struct mapping *next = mapping_next(m), *prev = mapping_prev(m);
    if (next && continues(m, next))
        merge_into_low(m, next);
    if (prev && continues(prev, m))
        merge_into_low(prev, m);
}

void mapping_merge_range(struct aspace *as, vaddr_t start, vaddr_t end)
{
    struct mapping *m = mapping_at_or_above(as, start ? start - 1 : 0);
    while (m && m->start <= end) {
        struct mapping *next = mapping_next(m);
        if (next && continues(m, next))
            merge_into_low(m, next);
        else
            m = next;
    }
}

bool vmo_range_unused(struct vmo *vmo, const struct mapping *except, u64 offset, u64 size)
{
    ASSERT(vmo->private);
    bool unused = true;
    struct mapping *m;
    spin_lock(&vmo->map_lock);
    list_for_each(m, &vmo->mappings, vmo_link)
        if (m != except && m->offset < offset + size && offset < m->offset + (m->end - m->start))
            unused = false;
    spin_unlock(&vmo->map_lock);
    return unused;
}
