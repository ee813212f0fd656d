/* The tree of mappings: finding, inserting, and keeping count of what is mapped. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define MAPPING(n) rb_entry(n, struct mapping, node)

struct mapping *mapping_at_or_above(struct aspace *as, vaddr_t addr)
{
    struct mapping *best = NULL;
    struct rb_node *n = as->tree.root;
    while (n) {
        struct mapping *m = MAPPING(n);
        if (m->end > addr) {
            best = m;
            if (m->start <= addr)
                break;
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

/* One mapping that nobody needs stays with its address space: most come and go one by one. */
static struct mapping *spare_take(struct aspace *as)
{
    struct mapping *m = as->spare;
    as->spare = NULL;
    return m;
}

struct mapping *mapping_alloc(const struct mapping *like)
{
    struct mapping *m = spare_take(like->as);
    if (!m)
        m = kmalloc(sizeof *m);
    if (!m)
        return NULL;
    *m = *like;
    list_init(&m->vmo_link);
    m->ahead_va = 0;
    if (m->vmo)
        vmo_map_get(m->vmo);
    if (m->own)
        overlay_get(m->own);
    return m;
}

void mapping_free(struct mapping *m)
{
    if (m->vmo)
        vmo_map_put(m->vmo);
    overlay_put(m->own);
    if (m->as->spare)
        kfree(m);
    else
        m->as->spare = m;
}

/* What RLIMIT_DATA counts (getrlimit(2)): private, writable, no stack. */
static bool is_data(const struct mapping *m)
{
    return (m->prot & VM_WRITE) && !(m->flags & (VM_SHARED | VM_GROWSDOWN));
}

/* bytes: may be negative. */
static void count(struct mapping *m, u64 bytes)
{
    struct aspace_stats *s = &m->as->stats;
    s->mapped_bytes += bytes;
    s->peak_bytes = MAX(s->peak_bytes, s->mapped_bytes);
    if (is_data(m))
        s->data_bytes += bytes;
    if (m->flags & VM_GROWSDOWN)
        s->stack_bytes += bytes;
    if (m->flags & VM_LOCKED)
        s->locked_bytes += bytes;
}

static void link_in(struct mapping *m, struct rb_node *parent, struct rb_node **link)
{
    ASSERT(mutex_held(&m->as->lock));
    rb_insert(&m->as->tree, &m->node, parent, link);
    m->as->stats.mappings++;
    count(m, m->end - m->start);
    if (!m->vmo)
        return;
    spin_lock(&m->vmo->map_lock);
    list_push_back(&m->vmo->mappings, &m->vmo_link);
    spin_unlock(&m->vmo->map_lock);
}

void mapping_insert(struct mapping *m)
{
    struct rb_node **link = &m->as->tree.root, *parent = NULL;
    while (*link) {
        parent = *link;
        link = m->start < MAPPING(parent)->start ? &parent->left : &parent->right;
    }
    link_in(m, parent, link);
}

void mapping_append(struct mapping *m)
{
    struct rb_node *last = rb_last(&m->as->tree);
    ASSERT(!last || MAPPING(last)->end <= m->start);
    link_in(m, last, last ? &last->right : &m->as->tree.root);
}

void mapping_erase(struct mapping *m)
{
    ASSERT(mutex_held(&m->as->lock));
    rb_erase(&m->as->tree, &m->node);
    m->as->stats.mappings--;
    count(m, m->start - m->end);
    if (!m->vmo)
        return;
    spin_lock(&m->vmo->map_lock);
    list_remove(&m->vmo_link);
    spin_unlock(&m->vmo->map_lock);
}

bool mapping_can_cover(const struct mapping *m, vaddr_t start, vaddr_t end)
{
    u64 first = mapping_index(m, m->start), last = mapping_index(m, m->end);
    u64 below = start < m->start ? (m->start - start) / PAGE_SIZE : 0;
    u64 above = end > m->end ? (end - m->end) / PAGE_SIZE : 0;
    if (below > first)
        return false;
    return !m->own || overlay_can_cover(m->own, first, last, first - below, last + above);
}

void mapping_resize(struct mapping *m, vaddr_t start, vaddr_t end)
{
    bool grows = start < m->start || end > m->end;
    count(m, (end - start) - (m->end - m->start));
    m->offset += start - m->start; /* modulo 2^64: also right when start moves down */
    m->start = start;
    m->end = end;
    if (m->own && grows)
        overlay_cover(m->own, mapping_index(m, start), mapping_index(m, end));
    rb_update(&m->as->tree, &m->node);
}

void mapping_set_prot(struct mapping *m, unsigned prot)
{
    bool was_data = is_data(m);
    m->prot = prot;
    if (is_data(m) != was_data)
        m->as->stats.data_bytes += was_data ? m->start - m->end : m->end - m->start;
}

void mapping_set_flags(struct mapping *m, unsigned flags)
{
    count(m, m->start - m->end);
    m->flags = flags;
    count(m, m->end - m->start);
}
