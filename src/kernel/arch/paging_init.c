/* The kernel's own half of every address space, built once: the direct map with the largest pages
 * that fit, the image with the rights of its sections, and an empty top-level slot for the arena.
 *
 * The top-level entries made here are copied into each program's table, so no kernel mapping made
 * later may need a new one: the arena's slot gets its table now. The image's text and constants
 * are read-only in the direct map too: no page can be written at one address and run at another. */
#include "arch/cpu.h"
#include "arch/paging.h"
#include "arch/percpu.h"
#include "arch/pte.h"
#include "lib/assert.h"

extern char __text_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[], __data_end[];

#define LOW_MEMORY_END 0x100000ul /* BIOS data, EBDA, option ROMs: always visible, for ACPI's scan */

static u64 *table_at(u64 *table, vaddr_t va, int level)
{
    u64 *e = &table[LEVEL_INDEX(va, level)];

    if (!(*e & PTE_P)) {
        paddr_t page = pt_page_alloc(false);
        if (page == 0)
            panic("paging: no memory for the kernel's page tables");
        *e = page | PTE_P | PTE_W;
    }
    return *e & PTE_PS ? NULL : pte_table(*e);
}

/* One page of the given level's size; an existing mapping stays. */
static void map_one(vaddr_t va, paddr_t pa, unsigned flags, int level)
{
    u64 *table = phys_to_virt(kernel_pagetable.root);

    for (int l = 4; l > level && table; l--)
        table = table_at(table, va, l);
    if (!table)
        return;
    u64 *e = &table[LEVEL_INDEX(va, level)];
    if (!(*e & PTE_P))
        *e = pa | pt_encode(flags) | (level > 1 ? PTE_PS : 0);
}

static bool fits(paddr_t pa, paddr_t end, int level)
{
    return IS_ALIGNED(pa, LEVEL_SIZE(level)) && end - pa >= LEVEL_SIZE(level);
}

static void map_direct(paddr_t pa, paddr_t end, unsigned flags)
{
    while (pa < end) {
        int level = cpu_features.gb_pages && fits(pa, end, 3) ? 3 : fits(pa, end, 2) ? 2 : 1;
        map_one((vaddr_t)phys_to_virt(pa), pa, flags, level);
        pa += LEVEL_SIZE(level);
    }
}

/* A range of RAM, without what lies in the image's read-only part. */
static void map_ram(paddr_t base, u64 size, void *ctx)
{
    paddr_t ro = virt_to_phys(__text_start), ro_end = virt_to_phys(__rodata_end), end = base + size;

    base = MAX(base, LOW_MEMORY_END);
    if (base < MIN(end, ro))
        map_direct(base, MIN(end, ro), PT_WRITE);
    if (MAX(base, ro) < MIN(end, ro_end))
        map_direct(MAX(base, ro), MIN(end, ro_end), 0);
    if (MAX(base, ro_end) < end)
        map_direct(MAX(base, ro_end), end, PT_WRITE);
}

static void map_image(const char *start, const char *end, unsigned flags)
{
    for (vaddr_t va = (vaddr_t)start; va < (vaddr_t)end; va += PAGE_SIZE)
        map_one(va, virt_to_phys((void *)va), flags, 1);
}

void paging_init(void (*for_each_ram)(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx))
{
    kernel_pagetable.root = pt_page_alloc(false);
    if (kernel_pagetable.root == 0)
        panic("paging: no memory for the first page table");
    map_direct(0, LOW_MEMORY_END, PT_WRITE);
    for_each_ram(map_ram, NULL);
    map_image(__text_start, __text_end, PT_EXEC);
    map_image(__rodata_start, __rodata_end, 0);
    map_image(__data_start, __data_end, PT_WRITE);
    (void)table_at(phys_to_virt(kernel_pagetable.root), KERNEL_ARENA_BASE, 4);
    pt_note_kernel_half();
    pt_activate(&kernel_pagetable);
}
