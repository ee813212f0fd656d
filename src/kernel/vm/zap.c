/* Changes of page-table entries that take something away, with the TLB flush that they need.
 *
 * arch's pt_* functions flush every CPU that runs this address space before they return: between
 * taking an entry out and dropping the reference to its page, so that no CPU writes to a page that
 * has a new owner. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "mm/pmm.h"

void aspace_zap(struct aspace *as, vaddr_t start, vaddr_t end)
{
    ASSERT(mutex_held(&as->lock));
    struct pt_batch batch;
    bool done;
    do {
        done = pt_clear(&as->pt, &start, end, &batch);
        as->stats.peak_pages = MAX(as->stats.peak_pages, as->stats.resident_pages);
        as->stats.resident_pages -= batch.resident;
        page_put_all(batch.page, batch.n);
    } while (!done);
}

void mapping_apply_prot(struct mapping *m, unsigned old_prot)
{
    struct pagetable *pt = &m->as->pt;
    if (!m->prot) {
        aspace_zap(m->as, m->start, m->end);
        return;
    }
    if (!((m->prot | old_prot) & VM_EXEC)) {
        pt_protect_write(pt, m->start, m->end, m->prot & VM_WRITE);
    } else {
        /* Never writable and executable at once: faults choose. */
        unsigned flags = PT_USER | (m->prot & VM_EXEC ? PT_EXEC : m->prot & VM_WRITE ? PT_WRITE : 0);
        pt_protect(pt, m->start, m->end, flags | (mapping_is_phys(m) ? m->vmo->pt_flags : 0));
    }
}
