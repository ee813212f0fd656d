/* Table pages, and the life of a program's page table.
 *
 * Every table page is all zero when it is taken and when it is given back: whoever empties a table
 * has cleared its entries already. So a few are kept here and handed out again without clearing.
 * The kernel's own tables are made once and stay. */
#include "arch/paging.h"
#include "arch/percpu.h"
#include "arch/pte.h"
#include "arch/spinlock.h"
#include "arch/tlb.h"
#include "lib/assert.h"
#include "lib/errno.h"

#define KEPT_PAGES 16

static const struct pt_allocator *allocator;
/* One per CPU, so that its own finds the lock free. */
static struct kept {
    struct spinlock lock; /* guards the rest */
    u32 n;
    paddr_t page[KEPT_PAGES];
} ALIGNED(64) kept[MAX_CPUS] = { [0 ... MAX_CPUS - 1] = { .lock = SPINLOCK_INIT("kept tables") } };
static u16 kernel_slot[PT_ENTRIES / 2];                           /* top-level entries in use */
static unsigned nkernel_slots;

void paging_set_allocator(const struct pt_allocator *a) { allocator = a; }

static struct kept *kept_here(void) { return &kept[cpu_here->id]; }

static paddr_t kept_take(struct kept *k)
{
    if (!__atomic_load_n(&k->n, __ATOMIC_RELAXED))
        return 0;
    spin_lock(&k->lock);
    paddr_t page = k->n ? k->page[--k->n] : 0;
    spin_unlock(&k->lock);
    return page;
}

paddr_t pt_page_alloc(bool for_program)
{
    paddr_t page = kept_take(kept_here());
    return page ? page : allocator->alloc(for_program);
}

void pt_page_free(paddr_t page)
{
    struct kept *k = kept_here();
    spin_lock(&k->lock);
    bool keep = k->n < KEPT_PAGES;
    if (keep)
        k->page[k->n++] = page;
    spin_unlock(&k->lock);
    if (!keep)
        allocator->free(page);
}

void pt_kept_trim(void)
{
    for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
        for (paddr_t page = kept_take(&kept[cpu]); page; page = kept_take(&kept[cpu]))
            allocator->free(page);
}

u64 pt_kept_pages(void)
{
    u64 n = 0;
    for (u32 cpu = 0; cpu < MAX_CPUS; cpu++)
        n += __atomic_load_n(&kept[cpu].n, __ATOMIC_RELAXED);
    return n;
}

u64 *pt_table_make(struct pagetable *pt, u64 *entry, vaddr_t va)
{
    paddr_t page = pt_page_alloc(pt_is_user(va));
    if (page == 0)
        return NULL;
    *entry = page | PTE_P | PTE_W;
    if (pt_is_user(va)) {
        *entry |= PTE_U;
        pt->ntables++;
        if (pt->nlogged < PT_LOGGED)
            pt->logged[pt->nlogged++] = entry;
    }
    return pte_table(*entry);
}

paddr_t pt_table_unlink(struct pagetable *pt, u64 *entry)
{
    paddr_t page = *entry & PTE_ADDR;
    *entry = 0;
    pt->ntables--;
    for (u32 i = 0; i < pt->nlogged; i++) {
        if (pt->logged[i] == entry) {
            pt->logged[i] = pt->logged[--pt->nlogged];
            break;
        }
    }
    return page;
}

void pt_note_kernel_half(void)
{
    const u64 *top = phys_to_virt(kernel_pagetable.root);
    nkernel_slots = 0;
    for (unsigned i = PT_ENTRIES / 2; i < PT_ENTRIES; i++)
        if (top[i])
            kernel_slot[nkernel_slots++] = (u16)i;
}

int pt_create(struct pagetable *pt)
{
    ASSERT(nkernel_slots);
    pt->ntables = pt->nlogged = 0;
    pt->cpus = 0;
    pt->root = pt_page_alloc(true);
    if (pt->root == 0)
        return -ENOMEM;
    u64 *to = phys_to_virt(pt->root);
    const u64 *from = phys_to_virt(kernel_pagetable.root);
    for (unsigned i = 0; i < nkernel_slots; i++)
        to[kernel_slot[i]] = from[kernel_slot[i]];
    return 0;
}

/* All tables below a level-`level` table, deepest first. */
static void free_below(u64 *table, int level, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!table[i])
            continue;
        if (level > 2)
            free_below(pte_table(table[i]), level - 1, PT_ENTRIES);
        pt_page_free(table[i] & PTE_ADDR);
        table[i] = 0;
    }
}

/* The tables' parents are tables themselves: all are unlinked before the first one goes. */
static void free_logged(struct pagetable *pt)
{
    paddr_t page[PT_LOGGED];
    for (u32 i = 0; i < pt->nlogged; i++) {
        page[i] = *pt->logged[i] & PTE_ADDR;
        *pt->logged[i] = 0;
    }
    for (u32 i = 0; i < pt->nlogged; i++)
        pt_page_free(page[i]);
}

void pt_destroy(struct pagetable *pt)
{
    u64 *top = phys_to_virt(pt->root);
    tlb_leave(pt);
    if (pt->ntables == pt->nlogged)
        free_logged(pt);
    else
        free_below(top, 4, PT_ENTRIES / 2);
    for (unsigned i = 0; i < nkernel_slots; i++)
        top[kernel_slot[i]] = 0;
    pt_page_free(pt->root);
    pt->root = 0;
}

void pt_activate(struct pagetable *pt)
{
    struct cpu *c = this_cpu();
    struct pagetable *old = c->pagetable;

    if (old == pt)
        return;
    if (pt != &kernel_pagetable)
        __atomic_or_fetch(&pt->cpus, cpu_bit(c->id), __ATOMIC_SEQ_CST); /* before the first walk */
    c->pagetable = pt;
    write_cr3(pt->root);
    if (old && old != &kernel_pagetable)
        __atomic_and_fetch(&old->cpus, ~cpu_bit(c->id), __ATOMIC_SEQ_CST);
}
