/* Page tables of programs and of the kernel arena, entry by entry: 4 KiB pages in four levels.
 *
 * The TLB: an entry that becomes present or only gains rights needs no flush; the processor walks
 * again before it faults (SDM vol. 3, 4.10.4.3) and a spurious fault is resolved by returning.
 * Everything else is flushed (tlb.h), by page for a few, at once for many. */
#include "arch/paging.h"
#include "arch/cpu.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "lib/assert.h"
#include "lib/errno.h"

struct pagetable kernel_pagetable;

u64 pt_encode(unsigned flags)
{
    u64 e = PTE_P | PTE_A;

    if (flags & PT_WRITE)
        e |= PTE_W | PTE_D;
    if (!(flags & PT_EXEC) && cpu_features.nx)
        e |= PTE_NX;
    e |= flags & PT_USER ? PTE_U : PTE_G;
    if (flags & PT_UNCACHED)
        e |= PTE_PCD | PTE_PWT; /* PAT entry 3: UC */
    else if (flags & PT_WRITE_COMBINE)
        e |= PTE_PWT;           /* PAT entry 1: WC, see cpu.c */
    return e | (flags & PT_OWN ? PTE_OWN : 0) | (flags & PT_COUNTED ? PTE_COUNTED : 0) |
           (flags & PT_RESIDENT ? PTE_RESIDENT : 0);
}

unsigned pt_decode(u64 e)
{
    return (e & PTE_W ? PT_WRITE : 0) | (e & PTE_NX ? 0 : PT_EXEC) | (e & PTE_U ? PT_USER : 0) |
           (e & PTE_A ? PT_ACCESSED : 0) | (e & PTE_D ? PT_DIRTY : 0) |
           (e & PTE_PCD ? PT_UNCACHED : e & PTE_PWT ? PT_WRITE_COMBINE : 0) |
           (e & PTE_OWN ? PT_OWN : 0) | (e & PTE_COUNTED ? PT_COUNTED : 0) |
           (e & PTE_RESIDENT ? PT_RESIDENT : 0);
}

/* The directory entry of va, making the tables above it if pt may change. NULL: none, or no memory. */
static u64 *dir_entry(struct pagetable *pt, vaddr_t va, bool make)
{
    u64 *table = phys_to_virt(pt->root);

    for (int level = 4; level > 2; level--) {
        u64 *e = &table[LEVEL_INDEX(va, level)];
        if (*e & PTE_P)
            table = pte_table(*e);
        else if (!make || !(table = pt_table_make(pt, e, va)))
            return NULL;
    }
    return &table[LEVEL_INDEX(va, 2)];
}

static void run_fill(struct pagetable *pt, vaddr_t va, u64 *dir, struct pt_run *run)
{
    unsigned index = LEVEL_INDEX(va, 1);
    ASSERT(!(*dir & PTE_PS)); /* direct map: not for these functions */
    *run = (struct pt_run){ .pt = pt, .dir = dir, .entry = pte_table(*dir) + index, .va = va, .n = PT_ENTRIES - index };
}

bool pt_run_find(struct pagetable *pt, vaddr_t va, struct pt_run *run)
{
    u64 *dir = dir_entry(pt, va, false);

    if (!dir || !(*dir & PTE_P))
        return false;
    run_fill(pt, va, dir, run);
    return true;
}

int pt_run_make(struct pagetable *pt, vaddr_t va, struct pt_run *run)
{
    u64 *dir = dir_entry(pt, va, true);

    if (!dir || (!(*dir & PTE_P) && !pt_table_make(pt, dir, va)))
        return -ENOMEM;
    run_fill(pt, va, dir, run);
    return 0;
}

/* Rights that were only gained are nobody else's business; here they save a fault. */
void pt_run_flush(const struct pt_run *r, unsigned i, u64 old)
{
    u64 now = r->entry[i];
    vaddr_t va = r->va + i * PAGE_SIZE;

    if (now == old)
        return; /* another CPU's fault brought it already */
    if ((now ^ old) & (PTE_ADDR | PTE_NX | PTE_U | PTE_PWT | PTE_PCD) || (old & ~now & (PTE_P | PTE_W)))
        tlb_flush_range(r->pt, va, va + PAGE_SIZE);
    else
        tlb_flush_here(r->pt, va, va + PAGE_SIZE);
}

int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags)
{
    struct pt_run run;

    if (pt_run_make(pt, va, &run))
        return -ENOMEM;
    if (*run.entry & PTE_P)
        return -EEXIST;
    *run.entry = pa | pt_encode(flags);
    return 0;
}

bool pt_query(const struct pagetable *pt, vaddr_t va, paddr_t *pa, unsigned *flags)
{
    struct pt_run run;

    if (!pt_run_find((struct pagetable *)pt, va, &run) || !(*run.entry & PTE_P))
        return false;
    if (pa)
        *pa = *run.entry & PTE_ADDR;
    if (flags)
        *flags = pt_decode(*run.entry) & (*run.dir & PTE_W ? ~0u : ~(unsigned)(PT_WRITE | PT_OWN));
    return true;
}

/* The next table's part of [*va, end); *va moves behind it. False: end was reached. */
static bool next_run(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_run *run)
{
    while (*va < end) {
        unsigned n = (unsigned)MIN((end - *va) / PAGE_SIZE, PT_ENTRIES - LEVEL_INDEX(*va, 1));
        bool found = pt_run_find(pt, *va, run);
        *va += n * PAGE_SIZE;
        run->n = n;
        if (found)
            return true;
    }
    return false;
}

/* Entries keep their page's address meanwhile, without PTE_P. */
bool pt_unmap_begin(struct pagetable *pt, vaddr_t va, size_t npages)
{
    vaddr_t end = va + npages * PAGE_SIZE;
    struct pt_run run;
    bool any = false;

    ASSERT(IS_ALIGNED(va, PAGE_SIZE) && !pt_is_user(va));
    while (next_run(pt, &va, end, &run)) {
        for (unsigned i = 0; i < run.n; i++) {
            any |= run.entry[i] & PTE_P;
            run.entry[i] &= ~PTE_P;
        }
    }
    return any;
}

void pt_unmap_finish(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx)
{
    vaddr_t end = va + npages * PAGE_SIZE;
    struct pt_run run;

    while (next_run(pt, &va, end, &run)) {
        for (unsigned i = 0; i < run.n; i++) {
            u64 old = run.entry[i];
            run.entry[i] = 0;
            if (old && fn)
                fn(run.va + i * PAGE_SIZE, old & PTE_ADDR, pt_decode(old), ctx);
        }
    }
}
