/* Page tables: four levels, 4 KiB user pages, 4 KiB/2 MiB/1 GiB kernel pages. (SDM vol. 3, 4.5)
 *
 * Address map (docs/memory-layout.md):
 *   0000000000001000 - 00007fffffffefff  program
 *   ffff800000000000 - ffffbfffffffffff  direct map of all RAM (phys_to_virt)
 *   ffffc00000000000 - ffffc07fffffffff  kernel arena: stacks, big heap pieces, device windows
 *   ffffffff80000000 - ffffffffffffffff  kernel image, linked at +1 MiB
 *
 * Permissions: R always; a page is never both writable and executable; a kernel page never has
 * the user bit at any level; a user page has it at all four.
 *
 * Locking: a user table is guarded by its address space's lock, the kernel half by mm/kmem's.
 * Functions here flush the TLB of this CPU; other CPUs are the caller's business (vm). */
#pragma once
#include "lib/types.h"

#define USER_TOP 0x00007ffffffff000ul /* first address no program may have */
#define USER_MIN 0x1000ul
#define DIRECT_MAP_BASE 0xffff800000000000ul
#define DIRECT_MAP_END 0xffffc00000000000ul
#define KERNEL_ARENA_BASE 0xffffc00000000000ul
#define KERNEL_ARENA_END 0xffffc08000000000ul
#define KERNEL_IMAGE_BASE 0xffffffff80000000ul

/* Valid for RAM and, before paging_init, for everything below 4 GiB. Device registers are
 * mapped with kmem_map_phys instead. */
static inline void *phys_to_virt(paddr_t pa) { return (void *)(pa + DIRECT_MAP_BASE); }
/* Direct-map and kernel-image addresses only. */
static inline paddr_t virt_to_phys(const void *p)
{
    u64 va = (u64)p;
    return va >= KERNEL_IMAGE_BASE ? va - KERNEL_IMAGE_BASE : va - DIRECT_MAP_BASE;
}

enum pt_flags {
    PT_WRITE = 1 << 0,
    PT_EXEC = 1 << 1,
    PT_USER = 1 << 2,
    PT_UNCACHED = 1 << 3,      /* device registers */
    PT_WRITE_COMBINE = 1 << 4, /* framebuffer; falls back to what the MTRRs say */
    PT_ACCESSED = 1 << 5,      /* only reported by pt_query */
    PT_DIRTY = 1 << 6,         /* only reported by pt_query */
};

struct pagetable { paddr_t root; };

/* Where table pages come from: zeroed, 4 KiB, in the direct map; alloc returns 0 when there is
 * none. Set once by init before paging_init. */
struct pt_allocator { paddr_t (*alloc)(void); void (*free)(paddr_t page); };
void paging_set_allocator(const struct pt_allocator *a);

/* Builds the kernel's own tables (direct map of every range given by for_each_ram, image with its
 * section permissions, empty arena) and switches to them. Drops the identity map of boot. */
void paging_init(void (*for_each_ram)(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx));
extern struct pagetable kernel_pagetable;

/* A user table that shares the kernel half. -ENOMEM. */
int pt_create(struct pagetable *pt) MUST_CHECK;
/* Frees all table pages of the user half; the pages mapped there are the caller's. */
void pt_destroy(struct pagetable *pt);
/* Makes CR3 point to pt, if it does not already. Interrupts off or preemption off. */
void pt_activate(struct pagetable *pt);

/* One 4 KiB page. -EEXIST if something is mapped there, -ENOMEM for a table page. */
int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags) MUST_CHECK;
/* Replaces whatever is mapped (or nothing) at va; the tables above must exist or are made. */
int pt_set(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags) MUST_CHECK;
/* False when nothing is mapped at va. pa/flags may be NULL. */
bool pt_query(const struct pagetable *pt, vaddr_t va, paddr_t *pa, unsigned *flags);
/* Clears [va, va+npages*4K); absent pages are skipped fast. For each page that was there
 * fn(va, pa, flags, ctx) is called after it is gone from the table (fn may be NULL). */
typedef void (*pt_page_fn)(vaddr_t va, paddr_t pa, unsigned flags, void *ctx);
void pt_unmap(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx);
/* Sets the permissions of the pages present in the range. */
void pt_protect(struct pagetable *pt, vaddr_t va, size_t npages, unsigned flags);
/* Takes PT_WRITE away from the pages present in the range (fork's copy-on-write). */
void pt_write_protect(struct pagetable *pt, vaddr_t va, size_t npages);
/* Calls fn for each present page, without changing it. */
void pt_for_each(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx);

/* For tests: each mapped page of whatever size, with its rights over all levels, and each page
 * that is a table. Nobody may change the table meanwhile. */
struct pt_leaf {
    vaddr_t va;
    paddr_t pa;
    u64 size;
    bool write, exec;
    bool user;     /* ring 3 gets there */
    bool any_user; /* some level has the user bit */
};
typedef void (*pt_visit_fn)(const struct pt_leaf *leaf, void *ctx);
void pt_visit(const struct pagetable *pt, pt_visit_fn fn, void *ctx);
void pt_visit_tables(const struct pagetable *pt, void (*fn)(paddr_t table, void *ctx), void *ctx);
