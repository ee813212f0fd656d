/* Every last-level entry of a table, large pages included, as the processor sees it: what the
 * levels above allow and forbid counts too (SDM vol. 3, 4.6). For tests of the rules in paging.h. */
#include "arch/paging.h"
#include "arch/pte.h"

/* Rights of a path: writable and of the user only if every level says so, executable unless one
 * level forbids it. */
struct path { bool write, user, any_user, exec; };

static void visit_level(const u64 *table, int level, vaddr_t base, struct path above, pt_visit_fn fn, void *ctx)
{
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        u64 e = table[i], va = base + i * LEVEL_SIZE(level);
        if (!(e & PTE_P))
            continue;
        if (level == 4 && i >= PT_ENTRIES / 2)
            va |= 0xffff000000000000ul; /* bit 47 is copied upwards (SDM vol. 1, 3.3.7.1) */
        struct path here = { above.write && (e & PTE_W), above.user && (e & PTE_U), above.any_user || (e & PTE_U),
                             above.exec && !(e & PTE_NX) };
        if (level > 1 && !(e & PTE_PS)) {
            visit_level(pte_table(e), level - 1, va, here, fn, ctx);
            continue;
        }
        struct pt_leaf leaf = {
            .va = va, .pa = e & PTE_ADDR & ~(LEVEL_SIZE(level) - 1), .size = LEVEL_SIZE(level),
            .write = here.write, .exec = here.exec, .user = here.user, .any_user = here.any_user,
        };
        fn(&leaf, ctx);
    }
}

void pt_visit(const struct pagetable *pt, pt_visit_fn fn, void *ctx)
{
    visit_level(phys_to_virt(pt->root), 4, 0, (struct path){ true, true, false, true }, fn, ctx);
}

static void visit_tables(const u64 *table, int level, paddr_t self, void (*fn)(paddr_t table, void *ctx), void *ctx)
{
    fn(self, ctx);
    for (unsigned i = 0; level > 1 && i < PT_ENTRIES; i++)
        if ((table[i] & PTE_P) && !(table[i] & PTE_PS))
            visit_tables(pte_table(table[i]), level - 1, table[i] & PTE_ADDR, fn, ctx);
}

void pt_visit_tables(const struct pagetable *pt, void (*fn)(paddr_t table, void *ctx), void *ctx)
{
    visit_tables(phys_to_virt(pt->root), 4, pt->root, fn, ctx);
}
