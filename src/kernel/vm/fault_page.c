/* The page behind a fault, and its neighbours.
 *
 * Three cases: a write to private memory makes the page our own (fill); everything else shows what
 * is there (show): our own page, the object's, or the page of zeroes; device memory is shown as it
 * is.
 *
 * A fault costs more than the page it is for, so neighbours come along: when showing, those of the
 * same 64 or 128 KiB that exist already; when filling, those that follow, if the program has been filling
 * pages in order: four times as many as the last time. Neighbours never fail a fault.
 *
 * Where a program asked for memory that is writable and executable, a page of it is one or the other
 * until a fault needs the other too: from then on it is both, for it may be one instruction that
 * needs both (docs/decisions/0008). */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "vm/aspace_priv.h"
#include "vm/pager_priv.h"

#define AROUND_PAGES 16 /* of an object with copies, or of zeroes */
#define AROUND_FILE_PAGES 32
#define AHEAD_MAX 16

/* An entry of this mapping without its page: one that may be written, or not. write: where both
 * writing and executing are allowed, it is for writing. */
static u64 entry_bits(const struct mapping *m, bool own, bool write)
{
    unsigned flags = PT_USER | (mapping_is_phys(m) ? m->vmo->pt_flags : 0);
    if ((m->prot & VM_EXEC) && !write)
        flags |= PT_EXEC;
    else if ((m->prot & VM_WRITE) && own)
        flags |= PT_WRITE;
    return pt_encode(flags) | (own ? PT_ENTRY_OWN : 0);
}

/* The entry that comes in place of old: with both rights if the page was there for the other one. */
static u64 entry_joined(const struct mapping *m, u64 old, u64 entry)
{
    const unsigned both = VM_WRITE | VM_EXEC;
    if ((m->prot & both) != both || !old || !(entry & PT_ENTRY_OWN) || ((old ^ entry) & PT_ENTRY_ADDR))
        return entry;
    unsigned device = mapping_is_phys(m) ? m->vmo->pt_flags : 0;
    return pt_encode(PT_USER | PT_WRITE | PT_EXEC | device) | (entry & PT_ENTRY_KEPT);
}

/* Puts an entry whose page is referenced as its bits say. */
static void entry_put(const struct mapping *m, struct pt_run *run, unsigned i, u64 entry)
{
    struct aspace *as = m->as;
    u64 old = pt_run_get(run, i);
    entry = entry_joined(m, old, entry);
    pt_run_put(run, i, entry);
    as->stats.resident_pages += (entry & PT_ENTRY_RESIDENT) != 0;
    if (!old)
        return;
    as->stats.resident_pages -= (old & PT_ENTRY_RESIDENT) != 0;
    pt_run_flush(run, i, old);
    if (old & PT_ENTRY_COUNTED)
        page_put(old & PT_ENTRY_ADDR);
}

/* --- fill: a write to private memory --- */

struct fill { struct mapping *m; struct vmo_run own; struct pt_run pt; u64 bits, index; };

/* A page for what was never ours: zeroes, or a copy of the object's. */
static paddr_t page_fresh(struct fill *f, u64 i, int *error)
{
    struct vmo *vmo = f->m->vmo;
    paddr_t from = 0;
    *error = -ENOMEM;
    if (!vmo)
        return vm_page_alloc_zeroed();
    mutex_lock(&vmo->lock);
    int r = vmo_page_get_locked(vmo, f->index + i, &from);
    if (!r)
        page_get(from);
    mutex_unlock(&vmo->lock);
    if (r) {
        *error = r;
        return 0;
    }
    paddr_t page = vm_page_alloc();
    if (page)
        page_copy(page, from);
    page_put(from);
    return page;
}

static int fill_page(struct fill *f, unsigned i)
{
    paddr_t old = vmo_run_page(&f->own, i), page = old, dropped = 0;
    int error;
    if (!old) {
        page = page_fresh(f, i, &error);
        if (!page)
            return error;
        vmo_run_fill(&f->own, i, page);
    } else if (vmo_run_cow(&f->own, i) && page_refs(old) == 1) {
        vmo_run_claim(&f->own, i);
    } else if (vmo_run_cow(&f->own, i)) {
        page = vm_page_alloc();
        if (!page)
            return -ENOMEM;
        page_copy(page, old);
        vmo_run_replace(&f->own, i, page);
        dropped = old;
    }
    entry_put(f->m, &f->pt, i, page | f->bits);
    if (dropped)
        page_put(dropped);
    return 0;
}

/* Does this page cost no memory: a copy that nobody else has kept? */
static bool is_free_claim(const struct fill *f, unsigned i)
{
    paddr_t page = vmo_run_page(&f->own, i);
    return page && vmo_run_cow(&f->own, i) && page_refs(page) == 1;
}

static bool memory_is_plenty(void)
{
    return pmm_has(pmm_total() / 8);
}

/* The pages behind the one just filled. Returns how many were filled, with it. A file's page stays
 * the file's until the program itself writes to it. */
static unsigned fill_ahead(struct fill *f, unsigned n, unsigned room)
{
    unsigned i = 1;
    if (n > 1 && !memory_is_plenty())
        n = 1;
    for (; i < MIN(room, AROUND_PAGES); i++) {
        bool wanted = i < n && (!f->m->vmo || vmo_run_page(&f->own, i));
        if (!(wanted || is_free_claim(f, i)) || fill_page(f, i))
            break;
    }
    return i;
}

static int fill(struct mapping *m, vaddr_t va)
{
    struct fill f = { .m = m, .index = mapping_index(m, va), .bits = entry_bits(m, true, true) | PT_ENTRY_RESIDENT };
    if (!m->own)
        m->own = overlay_create(mapping_index(m, m->start), mapping_index(m, m->end));
    if (!m->own || pt_run_make(&m->as->pt, va, &f.pt))
        return -ENOMEM;
    int r = vmo_run_own(&m->own->tree, f.index, &f.own);
    if (r)
        return r;
    pt_run_unshare(&f.pt);
    r = fill_page(&f, 0);
    if (r)
        return r;
    unsigned room = (unsigned)MIN(MIN(f.own.n, f.pt.n), (m->end - va) / PAGE_SIZE);
    unsigned wish = va == m->ahead_va ? MIN(m->ahead * 4, AHEAD_MAX) : 1;
    m->ahead = fill_ahead(&f, wish, room);
    m->ahead_va = va + m->ahead * PAGE_SIZE;
    return 0;
}

/* --- show: everything else --- */

struct show {
    struct mapping *m;
    struct pt_run pt; /* of the first page */
    struct vmo_run own, object;
    u64 own_first, object_first; /* index of the runs' first slot */
    u64 own_bits, cow_bits, object_bits, zero_bits;
    u64 object_pages;
    bool may_write; /* the object, through this mapping: what is shown of it is no copy any more */
};

static paddr_t run_lookup(struct vmo_tree *t, struct vmo_run *run, u64 *first, u64 index)
{
    if (!run->tree || index - *first >= run->n) {
        vmo_run_find(t, index, run);
        *first = index;
    }
    return vmo_run_page(run, index - *first);
}

/* The entry for page i of the window if there is something to show without work, else 0. The VMO's
 * lock is held. */
static u64 entry_present(struct show *s, unsigned i)
{
    struct mapping *m = s->m;
    u64 index = mapping_index(m, s->pt.va + i * PAGE_SIZE);
    if (m->own) {
        paddr_t page = run_lookup(&m->own->tree, &s->own, &s->own_first, index);
        if (page)
            return page | (vmo_run_cow(&s->own, index - s->own_first) ? s->cow_bits : s->own_bits);
    }
    if (!m->vmo)
        return vm_zero_page() | s->zero_bits;
    paddr_t page = index < s->object_pages ? run_lookup(&m->vmo->tree, &s->object, &s->object_first, index) : 0;
    if (!page || vmo_run_cow(&s->object, index - s->object_first))
        return 0;
    if (s->may_write && pager_is_clean_locked(m->vmo, index))
        return 0;
    page_get(page);
    return page | s->object_bits;
}

static void show_begin(struct show *s, struct mapping *m, bool write)
{
    s->m = m;
    bool shared = m->flags & VM_SHARED;
    u64 bits = entry_bits(m, shared, write);
    s->object_bits = bits | PT_ENTRY_COUNTED | PT_ENTRY_RESIDENT;
    s->may_write = shared && (m->may & VM_WRITE);
    s->cow_bits = bits | PT_ENTRY_RESIDENT;
    s->zero_bits = bits;
    s->own_bits = m->own ? entry_bits(m, true, false) | PT_ENTRY_RESIDENT : 0;
    s->own.tree = s->object.tree = NULL;
}

/* The window of a fault at va: *first is its page. */
static int window_make(struct show *s, vaddr_t va, unsigned *first, unsigned *n)
{
    const vaddr_t block = (s->m->vmo && !s->m->own ? AROUND_FILE_PAGES : AROUND_PAGES) * PAGE_SIZE;
    vaddr_t from = MAX(s->m->start, ROUND_DOWN(va, block)), to = MIN(s->m->end, ROUND_DOWN(va, block) + block);
    *first = (unsigned)((va - from) / PAGE_SIZE);
    *n = (unsigned)((to - from) / PAGE_SIZE);
    return pt_run_make(&s->m->as->pt, from, &s->pt);
}

/* Shows those of n pages from page i of the window on, side by side in one leaf of the object, that are there and
 * not shown yet; returns how many. As entry_present, for what most faults of programs' text show. */
static u64 show_run(struct show *s, const struct vmo_run *run, u64 index, unsigned i, u64 n)
{
    u64 shown = 0;
    for (u64 k = 0; k < n; k++) {
        u64 page = run->slot[k];
        if (!page || (page & VMO_SLOT_COW) || pt_run_get(&s->pt, i + (unsigned)k))
            continue;
        if (s->may_write && pager_is_clean_locked(s->m->vmo, index + k))
            continue;
        page_get(page);
        pt_run_put(&s->pt, i + (unsigned)k, page | s->object_bits);
        shown++;
    }
    return shown;
}

static void show_object(struct show *s, unsigned n)
{
    u64 index = mapping_index(s->m, s->pt.va);
    u64 shown = 0, end = index < s->object_pages ? MIN(n, s->object_pages - index) : 0;
    if (s->object_bits & PT_ENTRY_OWN)
        pt_run_unshare(&s->pt);
    for (u64 i = 0; i < end;) {
        struct vmo_run run;
        vmo_run_find(&s->m->vmo->tree, index + i, &run);
        u64 here = MIN(run.n, end - i);
        if (run.slot && !run.shared)
            shown += show_run(s, &run, index + i, (unsigned)i, here);
        i += here;
    }
    s->m->as->stats.resident_pages += shown;
}

static void show_mixed(struct show *s, unsigned n)
{
    u64 resident = 0;
    for (unsigned i = 0; i < n; i++) {
        u64 entry = pt_run_get(&s->pt, i) ? 0 : entry_present(s, i);
        if (!entry)
            continue;
        if (entry & PT_ENTRY_OWN)
            pt_run_unshare(&s->pt);
        pt_run_put(&s->pt, i, entry);
        resident += entry / PT_ENTRY_RESIDENT & 1;
    }
    s->m->as->stats.resident_pages += resident;
}

/* The page of the fault in place of what is there, and its neighbours where nothing is. */
static void show_window(struct show *s, unsigned first, unsigned n)
{
    u64 entry = entry_present(s, first);
    if (entry & PT_ENTRY_OWN)
        pt_run_unshare(&s->pt);
    if (entry)
        entry_put(s->m, &s->pt, first, entry);
    if (s->m->vmo && !s->m->own)
        show_object(s, n);
    else
        show_mixed(s, n);
}

/* The object has a page at index of its own afterwards. */
static int object_prepare(struct show *s, u64 index)
{
    struct mapping *m = s->m;
    paddr_t page;
    s->object_pages = pages_of(m->vmo->size);
    if (index >= s->object_pages)
        return -ENXIO;
    if (m->own && vmo_tree_lookup(&m->own->tree, index, NULL))
        return 0;
    if (s->may_write)
        return vmo_page_get_kept_locked(m->vmo, index, &page);
    if (vmo_is_supplied(m->vmo, index))
        pager_around_locked(m->vmo, index);
    return vmo_page_get_locked(m->vmo, index, &page);
}

static int show(struct mapping *m, vaddr_t va, bool write)
{
    struct show s;
    unsigned first, n;
    int r = 0;
    show_begin(&s, m, write);
    if (window_make(&s, va, &first, &n))
        return -ENOMEM;
    if (m->vmo) {
        mutex_lock(&m->vmo->lock);
        r = object_prepare(&s, mapping_index(m, va));
    }
    if (!r)
        show_window(&s, first, n);
    if (m->vmo)
        mutex_unlock(&m->vmo->lock);
    return r;
}

static int show_phys(struct mapping *m, vaddr_t va, bool write)
{
    struct pt_run run;
    u64 index = mapping_index(m, va);
    if (index >= pages_of(m->vmo->size))
        return -ENXIO;
    if (pt_run_make(&m->as->pt, va, &run))
        return -ENOMEM;
    pt_run_unshare(&run);
    entry_put(m, &run, 0, (m->vmo->phys_base + index * PAGE_SIZE) | entry_bits(m, true, write));
    return 0;
}

int mapping_fault(struct mapping *m, vaddr_t va, bool write)
{
    ASSERT(mutex_held(&m->as->lock) && m->start <= va && va < m->end);
    va = ROUND_DOWN(va, PAGE_SIZE);
    if (mapping_is_phys(m))
        return show_phys(m, va, write);
    if (!write || (m->flags & VM_SHARED))
        return show(m, va, write);
    /* A truncated file takes the private copies behind its end along, as on Linux. */
    if (m->vmo && mapping_index(m, va) >= pages_of(vmo_size(m->vmo)))
        return -ENXIO;
    return fill(m, va);
}
