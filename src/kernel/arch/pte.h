/* Bits of a page-table entry. Private to arch's paging files. (SDM vol. 3, tables 4-15 to 4-20) */
#pragma once
#include "arch/cpu.h"
#include "arch/paging.h"

#define PTE_P (1ul << 0)
#define PTE_W (1ul << 1)
#define PTE_U (1ul << 2)
#define PTE_PWT (1ul << 3)
#define PTE_PCD (1ul << 4)
#define PTE_A (1ul << 5)
#define PTE_D (1ul << 6)
#define PTE_PS (1ul << 7) /* in a directory: a large page */
#define PTE_G (1ul << 8)
#define PTE_OWN PT_ENTRY_OWN /* bits 9 to 11: ignored by the processor */
#define PTE_COUNTED PT_ENTRY_COUNTED
#define PTE_RESIDENT PT_ENTRY_RESIDENT
#define PTE_NX (1ul << 63)
#define PTE_ADDR 0x000ffffffffff000ul

#define PT_ENTRIES 512
#define LEVEL_SHIFT(level) (12 + 9 * ((level) - 1)) /* level 1: page table ... level 4: PML4 */
#define LEVEL_SIZE(level) (1ul << LEVEL_SHIFT(level))
#define LEVEL_INDEX(va, level) ((va) >> LEVEL_SHIFT(level) & (PT_ENTRIES - 1))

static inline u64 *pte_table(u64 entry) { return phys_to_virt(entry & PTE_ADDR); }

static inline bool pt_is_user(vaddr_t va) { return va < USER_TOP; }
/* Table pages: all zero when they come and when they go. */
paddr_t pt_page_alloc(bool for_program);
void pt_page_free(paddr_t page);
/* The table that *entry points to, made if there is none. NULL: no memory. */
u64 *pt_table_make(struct pagetable *pt, u64 *entry, vaddr_t va);
/* The table that *entry points to leaves the tree; its page is the caller's to free. */
paddr_t pt_table_unlink(struct pagetable *pt, u64 *entry);
/* Notes which top-level entries every program's table takes over. */
void pt_note_kernel_half(void);
