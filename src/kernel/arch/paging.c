/* Page tables of programs and of the kernel arena: 4 KiB pages in four levels.
 *
 * One walker (pt_walk_range) visits the present entries of a range and skips what is absent a table
 * at a time; unmap, protect and the rest are what it does to each entry. A table page whose whole
 * span is unmapped is given back at once, in the user half.
 *
 * The TLB: an entry that becomes present or only gains rights needs no flush here; the processor
 * walks again before it faults (SDM vol. 3, 4.10.4.3) and a spurious fault is resolved by
 * returning. Everything else is flushed on this CPU, by page for a few, at once for many. */
#include "arch/paging.h"
#include "arch/cpu.h"
#include "arch/percpu.h"
#include "arch/pte.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"

#define FLUSH_ALL_FROM 16 /* pages; a full flush is cheaper than more INVLPGs */

static const struct pt_allocator *allocator;
struct pagetable kernel_pagetable;

void paging_set_allocator(const struct pt_allocator *a) { allocator = a; }
paddr_t pt_page_alloc(void) { return allocator->alloc(); }
void pt_page_free(paddr_t page) { allocator->free(page); }

u64 pte_make(paddr_t pa, unsigned flags)
{
    u64 e = pa | PTE_P | PTE_A;

    if (flags & PT_WRITE)
        e |= PTE_W | PTE_D;
    if (!(flags & PT_EXEC) && cpu_features.nx)
        e |= PTE_NX;
    e |= flags & PT_USER ? PTE_U : PTE_G;
    if (flags & PT_UNCACHED)
        e |= PTE_PCD | PTE_PWT; /* PAT entry 3: UC */
    else if (flags & PT_WRITE_COMBINE)
        e |= PTE_PWT;           /* PAT entry 1: WC, see cpu.c */
    return e;
}

unsigned pte_flags(u64 e)
{
    return (e & PTE_W ? PT_WRITE : 0) | (e & PTE_NX ? 0 : PT_EXEC) | (e & PTE_U ? PT_USER : 0) |
           (e & PTE_A ? PT_ACCESSED : 0) | (e & PTE_D ? PT_DIRTY : 0) |
           (e & PTE_PCD ? PT_UNCACHED : e & PTE_PWT ? PT_WRITE_COMBINE : 0);
}

static bool is_user(vaddr_t va) { return va < USER_TOP; }

static void flush_all(void)
{
    u64 cr4 = read_cr4();

    if (cpu_features.pge) { /* also drops global entries (SDM vol. 3, 4.10.4.1) */
        write_cr4(cr4 & ~(1ul << 7));
        write_cr4(cr4);
    } else {
        write_cr3(read_cr3());
    }
}

/* Collects what must leave the TLB, then does it in one go. */
struct flush { const struct pagetable *pt; unsigned n; vaddr_t va[FLUSH_ALL_FROM]; };

static void flush_add(struct flush *f, vaddr_t va)
{
    if (f->n < FLUSH_ALL_FROM)
        f->va[f->n] = va;
    f->n++;
}

static void flush_done(struct flush *f)
{
    if (f->n == 0 || (is_user(f->va[0]) && (read_cr3() & PTE_ADDR) != f->pt->root))
        return;
    if (f->n > FLUSH_ALL_FROM)
        is_user(f->va[0]) ? write_cr3(read_cr3()) : flush_all();
    else
        for (unsigned i = 0; i < f->n; i++)
            invlpg(f->va[i]);
}

/* The last-level entry for va, making the tables above it. NULL: no memory. */
static u64 *entry_make(struct pagetable *pt, vaddr_t va)
{
    u64 *table = phys_to_virt(pt->root);

    for (int level = 4; level > 1; level--) {
        u64 *e = &table[LEVEL_INDEX(va, level)];
        if (!(*e & PTE_P)) {
            paddr_t page = pt_page_alloc();
            if (page == 0)
                return NULL;
            *e = page | PTE_P | PTE_W | (is_user(va) ? PTE_U : 0);
        }
        ASSERT(!(*e & PTE_PS));
        table = pte_table(*e);
    }
    return &table[LEVEL_INDEX(va, 1)];
}

static u64 *entry_find(const struct pagetable *pt, vaddr_t va)
{
    u64 *table = phys_to_virt(pt->root);

    for (int level = 4; level > 1; level--) {
        u64 e = table[LEVEL_INDEX(va, level)];
        if (!(e & PTE_P))
            return NULL;
        if (e & PTE_PS)
            return NULL; /* direct map: not for these functions */
        table = pte_table(e);
    }
    return &table[LEVEL_INDEX(va, 1)];
}

int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags)
{
    u64 *e = entry_make(pt, va);

    if (!e)
        return -ENOMEM;
    if (*e & PTE_P)
        return -EEXIST;
    *e = pte_make(pa, flags);
    return 0;
}

int pt_set(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags)
{
    u64 *e = entry_make(pt, va);
    struct flush f = { .pt = pt };

    if (!e)
        return -ENOMEM;
    bool was = *e & PTE_P;
    *e = pte_make(pa, flags);
    if (was) {
        flush_add(&f, va);
        flush_done(&f);
    }
    return 0;
}

bool pt_query(const struct pagetable *pt, vaddr_t va, paddr_t *pa, unsigned *flags)
{
    u64 *e = entry_find(pt, va);

    if (!e || !(*e & PTE_P))
        return false;
    if (pa)
        *pa = *e & PTE_ADDR;
    if (flags)
        *flags = pte_flags(*e);
    return true;
}

/* Visits each present last-level entry in [va, end). */
struct walk_ops {
    void (*page)(u64 *entry, vaddr_t va, void *ctx);
    bool free_tables; /* give back tables whose whole span was walked */
};

static void walk_level(u64 *table, int level, vaddr_t va, vaddr_t end, const struct walk_ops *ops, void *ctx)
{
    for (vaddr_t next; va < end; va = next) {
        u64 *e = &table[LEVEL_INDEX(va, level)];
        next = ROUND_DOWN(va, LEVEL_SIZE(level)) + LEVEL_SIZE(level);
        if (next > end || next == 0)
            next = end;
        if (!(*e & PTE_P))
            continue;
        if (level == 1) {
            ops->page(e, va, ctx);
            continue;
        }
        walk_level(pte_table(*e), level - 1, va, next, ops, ctx);
        if (ops->free_tables && next - va == LEVEL_SIZE(level)) {
            pt_page_free(*e & PTE_ADDR);
            *e = 0;
        }
    }
}

static void walk_range(struct pagetable *pt, vaddr_t va, size_t npages, const struct walk_ops *ops, void *ctx)
{
    ASSERT(IS_ALIGNED(va, PAGE_SIZE));
    walk_level(phys_to_virt(pt->root), 4, va, va + npages * PAGE_SIZE, ops, ctx);
}

struct unmap { struct flush flush; pt_page_fn fn; void *ctx; };

/* The page goes out of the TLB before fn may free it. */
static void unmap_page(u64 *entry, vaddr_t va, void *ctx)
{
    struct unmap *u = ctx;
    u64 old = *entry;

    *entry = 0;
    if (!is_user(va) || (read_cr3() & PTE_ADDR) == u->flush.pt->root)
        invlpg(va);
    if (u->fn)
        u->fn(va, old & PTE_ADDR, pte_flags(old), u->ctx);
}

void pt_unmap(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx)
{
    struct unmap u = { .flush = { .pt = pt }, .fn = fn, .ctx = ctx };
    struct walk_ops ops = { .page = unmap_page, .free_tables = is_user(va) };

    walk_range(pt, va, npages, &ops, &u);
    /* INVLPG above drops cached upper levels only for addresses that had a page; a freed table may
     * be cached for others (SDM vol. 3, 4.10.2.2). */
    if (ops.free_tables && npages >= PT_ENTRIES && (read_cr3() & PTE_ADDR) == pt->root)
        write_cr3(read_cr3());
}

struct protect { struct flush flush; unsigned flags; bool only_write_off; };

static void protect_page(u64 *entry, vaddr_t va, void *ctx)
{
    struct protect *p = ctx;
    u64 old = *entry, now;

    if (p->only_write_off)
        now = old & ~PTE_W;
    else
        now = pte_make(old & PTE_ADDR, p->flags) | (old & (PTE_A | PTE_D | PTE_PWT | PTE_PCD));
    if (now == old)
        return;
    *entry = now;
    flush_add(&p->flush, va);
}

void pt_protect(struct pagetable *pt, vaddr_t va, size_t npages, unsigned flags)
{
    struct protect p = { .flush = { .pt = pt }, .flags = flags };

    walk_range(pt, va, npages, &(struct walk_ops){ .page = protect_page }, &p);
    flush_done(&p.flush);
}

void pt_write_protect(struct pagetable *pt, vaddr_t va, size_t npages)
{
    struct protect p = { .flush = { .pt = pt }, .only_write_off = true };

    walk_range(pt, va, npages, &(struct walk_ops){ .page = protect_page }, &p);
    flush_done(&p.flush);
}

struct visit { pt_page_fn fn; void *ctx; };

static void visit_page(u64 *entry, vaddr_t va, void *ctx)
{
    struct visit *v = ctx;
    v->fn(va, *entry & PTE_ADDR, pte_flags(*entry), v->ctx);
}

void pt_for_each(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx)
{
    struct visit v = { fn, ctx };
    walk_range(pt, va, npages, &(struct walk_ops){ .page = visit_page }, &v);
}

int pt_create(struct pagetable *pt)
{
    pt->root = pt_page_alloc();
    if (pt->root == 0)
        return -ENOMEM;
    u64 *to = phys_to_virt(pt->root), *from = phys_to_virt(kernel_pagetable.root);
    memcpy(to + PT_ENTRIES / 2, from + PT_ENTRIES / 2, PT_ENTRIES / 2 * sizeof *to);
    return 0;
}

static void forget_page(u64 *entry, vaddr_t va, void *ctx) { *entry = 0; }

void pt_destroy(struct pagetable *pt)
{
    struct walk_ops ops = { .page = forget_page, .free_tables = true };

    preempt_disable();
    if ((read_cr3() & PTE_ADDR) == pt->root)
        pt_activate(&kernel_pagetable);
    preempt_enable_no_resched();
    walk_level(phys_to_virt(pt->root), 4, 0, LEVEL_SIZE(4) * (PT_ENTRIES / 2), &ops, NULL);
    pt_page_free(pt->root);
    pt->root = 0;
}

void pt_activate(struct pagetable *pt)
{
    this_cpu()->pagetable = pt;
    if ((read_cr3() & PTE_ADDR) != pt->root)
        write_cr3(pt->root);
}
