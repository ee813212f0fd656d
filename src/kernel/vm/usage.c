/* How much of an address space is in memory, and with how many others it shares that: for /proc/PID/smaps.
 *
 * Counted are the page-table entries that are resident. How many have a page follows from references: a
 * page of an object is named by the object and by each entry that shows it; one that a mapping has made its
 * own, by the trees that share it since a fork. The latter is exact while they share all of it or nothing,
 * and near otherwise. */
#include "mm/pmm.h"
#include "vm/aspace_priv.h"

/* With how many the page at index, which is in the overlay's tree or not, is shared: 0 if it is not there. */
static u64 own_sharers(const struct mapping *m, u64 index, paddr_t page)
{
    u64 n = 0;
    if (m->own && vmo_tree_sharers(&m->own->tree, index, &n) != page)
        return 0;
    return n;
}

static void count_page(const struct mapping *m, vaddr_t va, u64 entry, struct aspace_usage *u)
{
    unsigned flags = pt_decode(entry);
    paddr_t page = entry & PT_ENTRY_ADDR;
    u64 n = own_sharers(m, mapping_index(m, va), page);
    bool is_own = n != 0, dirty = is_own || (flags & PT_DIRTY);
    if (!is_own)
        n = MAX(page_refs(page), 2u) - 1;
    u->resident++;
    u->anonymous += is_own;
    u->referenced += (flags & PT_ACCESSED) != 0;
    u->proportional += (PAGE_SIZE << USAGE_SHIFT) / n;
    u->pages[n > 1][dirty]++;
    u->proportional_dirty += dirty ? (PAGE_SIZE << USAGE_SHIFT) / n : 0;
    u->locked += m->flags & VM_LOCKED ? (PAGE_SIZE << USAGE_SHIFT) / n : 0;
}

static void count_mapping(struct mapping *m, vaddr_t at, vaddr_t end, struct aspace_usage *u)
{
    struct pt_run run;
    while (pt_run_next(&m->as->pt, &at, end, &run))
        for (unsigned i = 0; i < run.n; i++)
            if (pt_run_get(&run, i) & PT_ENTRY_RESIDENT)
                count_page(m, run.va + i * PAGE_SIZE, pt_run_get(&run, i), u);
}

void aspace_usage(struct aspace *as, vaddr_t start, vaddr_t end, struct aspace_usage *u)
{
    *u = (struct aspace_usage){ 0 };
    mutex_lock(&as->lock);
    for (struct mapping *m = mapping_at_or_above(as, start); m && m->start < end; m = mapping_next(m))
        if (!mapping_is_phys(m))
            count_mapping(m, MAX(m->start, start), MIN(m->end, end), u);
    mutex_unlock(&as->lock);
}
