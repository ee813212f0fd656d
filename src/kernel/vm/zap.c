/* Every change of page-table entries, with the TLB flush that it needs.
 *
 * arch's pt_* functions flush this CPU. tlb_flush_others is where the other CPUs that run this
 * address space get told; it stands between taking an entry out and dropping the reference to its
 * page, so that no CPU writes to a page that has a new owner. */
#include "vm/aspace_priv.h"
#include "lib/assert.h"
#include "lib/errno.h"

/* One CPU runs user programs so far: nobody else can hold an entry. */
static void tlb_flush_others(struct aspace *as, vaddr_t start, vaddr_t end)
{
    ASSERT(ncpus <= 1);
}

#define ZAP_BATCH 64
struct zap {
    struct aspace *as;
    bool counted;       /* the entries hold references */
    vaddr_t start, end; /* of what is in the batch */
    size_t n;
    paddr_t page[ZAP_BATCH];
};

static void zap_flush(struct zap *z)
{
    if (!z->n)
        return;
    tlb_flush_others(z->as, z->start, z->end);
    for (size_t i = 0; i < z->n; i++)
        if (z->counted)
            vm_page_put(z->page[i]);
    z->as->resident_pages -= z->n;
    z->n = 0;
}

static void zap_page(vaddr_t va, paddr_t pa, unsigned flags, void *ctx)
{
    struct zap *z = ctx;
    if (z->n == ZAP_BATCH)
        zap_flush(z);
    if (!z->n)
        z->start = va;
    z->end = va + PAGE_SIZE;
    z->page[z->n++] = pa;
}

void mapping_zap(struct mapping *m, vaddr_t start, vaddr_t end)
{
    ASSERT(mutex_held(&m->as->lock) && m->start <= start && end <= m->end);
    if (start >= end)
        return;
    struct zap z = { .as = m->as, .counted = !vmo_is_phys(m->vmo) };
    pt_unmap(&m->as->pt, start, (end - start) / PAGE_SIZE, zap_page, &z);
    zap_flush(&z);
}

int mapping_install(struct mapping *m, vaddr_t va, paddr_t page, unsigned pt_flags)
{
    struct aspace *as = m->as;
    ASSERT(mutex_held(&as->lock));
    bool counted = !vmo_is_phys(m->vmo);
    paddr_t old = 0;
    bool present = pt_query(&as->pt, va, &old, NULL);
    int r = pt_set(&as->pt, va, page, pt_flags);
    if (r) {
        if (counted)
            vm_page_put(page);
        return r;
    }
    if (!present) {
        as->resident_pages++;
        return 0;
    }
    tlb_flush_others(as, va, va + PAGE_SIZE);
    if (counted)
        vm_page_put(old); /* also when old == page: the entry had its reference already */
    return 0;
}

void mapping_write_protect(struct mapping *m)
{
    pt_write_protect(&m->as->pt, m->start, mapping_pages(m));
    tlb_flush_others(m->as, m->start, m->end);
}

void mapping_apply_prot(struct mapping *m)
{
    if (!(m->prot & (VM_READ | VM_WRITE | VM_EXEC))) {
        mapping_zap(m, m->start, m->end);
        return;
    }
    unsigned flags = PT_USER;
    if (m->prot & VM_EXEC)
        flags |= PT_EXEC;
    else if ((m->prot & VM_WRITE) && (m->flags & VM_SHARED))
        flags |= PT_WRITE;
    if (vmo_is_phys(m->vmo))
        flags |= m->vmo->pt_flags;
    pt_protect(&m->as->pt, m->start, mapping_pages(m), flags);
    tlb_flush_others(m->as, m->start, m->end);
}
