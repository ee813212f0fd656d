/* Empty tables are found without looking into them: who manages the addresses knows what is free
 * around a range, and a table can only be empty if all that it spans is. Entries of level 2 name
 * tables of 2 MiB, entries of level 3 tables of 1 GiB; small ones go first. */
#include "arch/paging_prune.h"
#include "arch/cpu.h"
#include "arch/pte.h"
#include "arch/tlb.h"

/* The entry of this level for va; NULL if a table above it is missing. */
static u64 *entry_at(const struct pagetable *pt, vaddr_t va, int level)
{
    u64 *table = phys_to_virt(pt->root);

    for (int l = 4; l > level; l--) {
        u64 e = table[LEVEL_INDEX(va, l)];
        if (!(e & PTE_P) || (e & PTE_PS))
            return NULL;
        table = pte_table(e);
    }
    return &table[LEVEL_INDEX(va, level)];
}

static void prune_span(struct pagetable *pt, vaddr_t span, int level)
{
    u64 *e = entry_at(pt, span, level);

    if (!e || !(*e & PTE_P) || (*e & PTE_PS))
        return;
    paddr_t table = *e & PTE_ADDR;
    *e = 0;
    tlb_flush_kernel(span, span + PAGE_SIZE); /* and every cached upper level (SDM vol. 3, 4.10.4.1) */
    pt_page_free(table);
}

void pt_prune(struct pagetable *pt, vaddr_t va, size_t npages, vaddr_t free_from, vaddr_t free_to)
{
    vaddr_t end = va + npages * PAGE_SIZE;

    for (int level = 2; level <= 3; level++) {
        u64 size = LEVEL_SIZE(level);
        for (vaddr_t span = ROUND_DOWN(va, size); span < end; span += size)
            if (span >= free_from && span <= free_to && free_to - span >= size)
                prune_span(pt, span, level);
    }
}
