/* Ranges of a program's page table: clearing, protecting, sharing with a fork, giving tables back.
 *
 * The rights of a page are those of its entry and of the directory entry above it together (SDM
 * vol. 3, 4.6.1). fork uses that: where it covers 2 MiB it takes the write right from the directory
 * entry alone, one store for 512 pages. PTE_W and PTE_OWN in a table below such an entry mean
 * nothing; whoever wants to set them cleans the table first (pt_run_unshare). */
#include "arch/cpu.h"
#include "arch/paging.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "lib/assert.h"

#define FEW_TABLES PT_LOGGED

/* One RMW instruction an entry; absent entries are 0 and stay so. */
static void entries_mask(u64 *e, unsigned n, u64 keep)
{
    for (; n >= 8; n -= 8, e += 8) {
        e[0] &= keep, e[1] &= keep, e[2] &= keep, e[3] &= keep;
        e[4] &= keep, e[5] &= keep, e[6] &= keep, e[7] &= keep;
    }
    while (n--)
        *e++ &= keep;
}

void pt_run_unshare_slow(struct pt_run *r)
{
    entries_mask(pte_table(*r->dir), PT_ENTRIES, ~(PTE_W | PTE_OWN));
    __atomic_fetch_or(r->dir, PTE_W, __ATOMIC_RELEASE); /* in this order for the other CPUs' walks */
}

/* The next piece of [*va, end) that one table covers and that is there; *va moves behind it. */
static bool next_piece(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_run *run)
{
    while (*va < end) {
        vaddr_t at = *va, stop = ROUND_DOWN(at, LEVEL_SIZE(2)) + LEVEL_SIZE(2);
        u64 *table = phys_to_virt(pt->root);
        for (int level = 4; level >= 2; level--) {
            u64 *e = &table[LEVEL_INDEX(at, level)];
            if (!(*e & PTE_P)) {
                stop = ROUND_DOWN(at, LEVEL_SIZE(level)) + LEVEL_SIZE(level);
                table = NULL;
                break;
            }
            table = pte_table(*e);
            run->dir = e;
        }
        *va = MIN(stop, end);
        if (!table)
            continue;
        run->pt = pt;
        run->va = at;
        run->entry = table + LEVEL_INDEX(at, 1);
        run->n = (unsigned)((*va - at) / PAGE_SIZE);
        return true;
    }
    return false;
}

bool pt_run_next(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_run *run)
{
    return next_piece(pt, va, end, run);
}

/* How many entries from e[0] on, which is absent, are so; perhaps more follow. Most of a program's tables is empty. */
static unsigned entries_absent(const u64 *e, unsigned n)
{
    unsigned i = 1;
    while (i + 8 <= n && !(e[i] | e[i + 1] | e[i + 2] | e[i + 3] | e[i + 4] | e[i + 5] | e[i + 6] | e[i + 7]))
        i += 8;
    return i;
}

/* Returns how many entries it looked at: less than n if the batch is full. */
static unsigned entries_clear(u64 *e, unsigned n, struct pt_batch *b)
{
    u64 resident = 0;
    unsigned i = 0, found = b->n;
    while (i < n && found < PT_BATCH) {
        u64 old = e[i];
        if (!old) {
            i += entries_absent(e + i, n - i);
            continue;
        }
        e[i++] = 0;
        resident += old / PTE_RESIDENT & 1;
        if (old & PTE_COUNTED)
            b->page[found++] = old & PTE_ADDR;
    }
    b->n = found;
    b->resident += resident;
    return i;
}

bool pt_clear(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_batch *b)
{
    vaddr_t start = *va;
    struct pt_run run;
    bool found = false;

    b->n = 0;
    b->resident = 0;
    while (next_piece(pt, va, end, &run)) {
        found = true;
        unsigned done = entries_clear(run.entry, run.n, b);
        if (done < run.n) {
            *va = run.va + done * PAGE_SIZE;
            break;
        }
    }
    if (found)
        tlb_flush_range(pt, start, *va);
    return *va >= end;
}

static void entries_allow_write(u64 *e, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (e[i] & PTE_OWN)
            e[i] |= PTE_W | PTE_D;
}

void pt_protect_write(struct pagetable *pt, vaddr_t va, vaddr_t end, bool allow)
{
    vaddr_t at = va;
    struct pt_run run;

    while (next_piece(pt, &at, end, &run)) {
        if (!(*run.dir & PTE_W))
            continue; /* nobody may write below */
        if (allow)
            entries_allow_write(run.entry, run.n);
        else
            entries_mask(run.entry, run.n, ~PTE_W);
    }
    if (!allow)
        tlb_flush_range(pt, va, end);
}

void pt_protect(struct pagetable *pt, vaddr_t va, vaddr_t end, unsigned flags)
{
    const u64 keep = PTE_ADDR | PTE_A | PTE_D | PTE_PWT | PTE_PCD | PTE_OWN | PTE_COUNTED | PTE_RESIDENT;
    u64 bits = pt_encode(flags & ~(unsigned)PT_WRITE);
    u64 own = flags & PT_WRITE ? PTE_OWN : 0;
    vaddr_t at = va;
    struct pt_run run;

    while (next_piece(pt, &at, end, &run)) {
        pt_run_unshare(&run);
        for (unsigned i = 0; i < run.n; i++) {
            u64 old = run.entry[i];
            if (old)
                run.entry[i] = (old & keep) | bits | (old & own ? PTE_W | PTE_D : 0);
        }
    }
    tlb_flush_range(pt, va, end);
}

void pt_share(struct pagetable *pt, vaddr_t va, vaddr_t end)
{
    struct pt_run run;

    while (next_piece(pt, &va, end, &run)) {
        if (run.n == PT_ENTRIES)
            *run.dir &= ~PTE_W;
        else if (*run.dir & PTE_W)
            entries_mask(run.entry, run.n, ~(PTE_W | PTE_OWN));
    }
}

static bool is_empty(const u64 *table)
{
    for (unsigned i = 0; i < PT_ENTRIES; i++)
        if (table[i])
            return false;
    return true;
}

struct trim { struct pagetable *pt; paddr_t freed; };

/* Unlinks what is empty; the pages wait, chained through their first entry, for the flush. */
static void trim_level(struct trim *t, u64 *table, int level, vaddr_t va, vaddr_t end)
{
    for (vaddr_t next; va < end; va = next) {
        u64 *e = &table[LEVEL_INDEX(va, level)];
        next = MIN(ROUND_DOWN(va, LEVEL_SIZE(level)) + LEVEL_SIZE(level), end);
        if (!(*e & PTE_P))
            continue;
        u64 *below = pte_table(*e);
        if (level > 2)
            trim_level(t, below, level - 1, va, next);
        if (!is_empty(below))
            continue;
        below[0] = t->freed;
        t->freed = pt_table_unlink(t->pt, e);
    }
}

void pt_trim(struct pagetable *pt, vaddr_t va, vaddr_t end)
{
    struct trim t = { pt, 0 };

    if (pt->ntables <= FEW_TABLES)
        return;
    trim_level(&t, phys_to_virt(pt->root), 4, va, end);
    if (t.freed)
        tlb_flush_range(pt, va, va + PAGE_SIZE); /* with it goes every cached upper-level entry (SDM vol. 3, 4.10.4.1) */
    while (t.freed) {
        paddr_t page = t.freed;
        u64 *table = phys_to_virt(page);
        t.freed = table[0];
        table[0] = 0;
        pt_page_free(page);
    }
}
