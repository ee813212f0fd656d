/* Page tables: four levels, 4 KiB user pages, 4 KiB/2 MiB/1 GiB kernel pages. (SDM vol. 3, 4.5)
 *
 * Address map (docs/memory-layout.md):
 *   0000000000001000 - 00007fffffffefff  program
 *   ffff800000000000 - ffffbfffffffffff  direct map of all RAM (phys_to_virt)
 *   ffffc00000000000 - ffffc07fffffffff  kernel arena: stacks, big heap pieces, device windows
 *   ffffffff80000000 - ffffffffffffffff  kernel image, linked at +1 MiB
 *
 * Permissions: R always; a kernel page is never both writable and executable and never has the user
 * bit at any level; a user page has it at all four.
 *
 * Locking: a user table is guarded by its address space's lock, the kernel half by mm/kmem's.
 * Functions that change the user half flush every CPU's TLB where that is needed. */
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
/* Of something in the kernel image: a constant. */
static inline paddr_t image_to_phys(const void *p) { return (u64)p - KERNEL_IMAGE_BASE; }
/* Direct-map and kernel-image addresses only. */
static inline paddr_t virt_to_phys(const void *p)
{
    u64 va = (u64)p;
    return va >= KERNEL_IMAGE_BASE ? image_to_phys(p) : va - DIRECT_MAP_BASE;
}

enum pt_flags {
    PT_WRITE = 1 << 0,
    PT_EXEC = 1 << 1,
    PT_USER = 1 << 2,
    PT_UNCACHED = 1 << 3,      /* device registers */
    PT_WRITE_COMBINE = 1 << 4, /* framebuffer; falls back to what the MTRRs say */
    PT_ACCESSED = 1 << 5,      /* only reported by pt_query */
    PT_DIRTY = 1 << 6,         /* only reported by pt_query */
    /* Notes of the owner of a user table, which the processor ignores: */
    PT_OWN = 1 << 7,           /* needs no copy before a write: PT_WRITE may come and go */
    PT_COUNTED = 1 << 8,       /* the entry holds a reference to its page */
    PT_RESIDENT = 1 << 9,      /* counts as memory in use */
};

/* Where the first tables of the user half hang, so that a small program's are found without a
 * search when it ends. */
#define PT_LOGGED 32
struct pagetable {
    paddr_t root;
    u64 cpus;                   /* atomic: which have it loaded (tlb.h); the kernel's: not kept */
    u32 ntables, nlogged;       /* of the user half, without the root */
    u64 *logged[PT_LOGGED];     /* entries that point to a table */
};

/* Where table pages come from: zeroed, 4 KiB, in the direct map; alloc returns 0 when there is
 * none. Set once by init before paging_init. */
struct pt_allocator { paddr_t (*alloc)(bool for_program); void (*free)(paddr_t page); };
void paging_set_allocator(const struct pt_allocator *a);

/* Builds the kernel's own tables (direct map of every range given by for_each_ram, image with its
 * section permissions, empty arena) and switches to them. Drops the identity map of boot. */
void paging_init(void (*for_each_ram)(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx));
extern struct pagetable kernel_pagetable;

/* A user table that shares the kernel half. -ENOMEM. */
int pt_create(struct pagetable *pt) MUST_CHECK;
/* Frees all tables of the user half, in which nothing is mapped any more. No thread wants pt. */
void pt_destroy(struct pagetable *pt);
/* Makes CR3 point to pt, if it does not already. Interrupts off. */
void pt_activate(struct pagetable *pt);

/* One 4 KiB page of the kernel half. -EEXIST if something is mapped there, -ENOMEM for a table page. */
int pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags) MUST_CHECK;
/* False when nothing is mapped at va. pa/flags may be NULL. */
bool pt_query(const struct pagetable *pt, vaddr_t va, paddr_t *pa, unsigned *flags);
/* --- kernel half --- */

/* Unmapping [va, va+npages*4K) takes two steps with tlb_flush_kernel() in between: the pages become
 * inaccessible (false: none was there), and then are forgotten: fn(va, pa, flags, ctx), which may
 * be NULL, hears of each. Absent pages are skipped fast. */
typedef void (*pt_page_fn)(vaddr_t va, paddr_t pa, unsigned flags, void *ctx);
bool pt_unmap_begin(struct pagetable *pt, vaddr_t va, size_t npages) MUST_CHECK;
void pt_unmap_finish(struct pagetable *pt, vaddr_t va, size_t npages, pt_page_fn fn, void *ctx);

/* --- user half --- */

/* Last-level entries in a row: those of va, va + 4K, ... up to the end of their table. */
struct pt_run { struct pagetable *pt; u64 *dir, *entry; vaddr_t va; unsigned n; };
/* False if there is no table. */
bool pt_run_find(struct pagetable *pt, vaddr_t va, struct pt_run *run);
/* Makes the tables. -ENOMEM. */
int pt_run_make(struct pagetable *pt, vaddr_t va, struct pt_run *run) MUST_CHECK;

/* The next ones of [*va, end) whose table is there; *va moves behind them. False: there are none. */
bool pt_run_next(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_run *run);

#define PT_ENTRY_PRESENT 1ul
#define PT_ENTRY_WRITE 2ul
#define PT_ENTRY_OWN (1ul << 9) /* PT_OWN, PT_COUNTED, PT_RESIDENT in an entry */
#define PT_ENTRY_COUNTED (1ul << 10)
#define PT_ENTRY_RESIDENT (1ul << 11)
#define PT_ENTRY_ADDR 0x000ffffffffff000ul
#define PT_ENTRY_KEPT (PT_ENTRY_ADDR | PT_ENTRY_OWN | PT_ENTRY_COUNTED | PT_ENTRY_RESIDENT) /* all but rights */
u64 pt_encode(unsigned flags); /* an entry without address */
unsigned pt_decode(u64 entry);
static inline u64 pt_run_get(const struct pt_run *r, unsigned i) { return r->entry[i]; }
static inline void pt_run_put(struct pt_run *r, unsigned i, u64 entry) { r->entry[i] = entry; }
/* Before an entry with PT_WRITE or PT_OWN is put: undoes pt_share's short cut. */
void pt_run_unshare_slow(struct pt_run *r);
static inline void pt_run_unshare(struct pt_run *r)
{
    if (unlikely(!(*r->dir & PT_ENTRY_WRITE)))
        pt_run_unshare_slow(r);
}
/* Drops what TLBs know of entry i, which was `old` before; what still knows less rights stays. */
void pt_run_flush(const struct pt_run *r, unsigned i, u64 old);

/* Clears entries from *va on until end, or until the batch is full of counted pages; *va says how
 * far it came. The TLBs are flushed. True: end was reached. */
#define PT_BATCH 64
struct pt_batch { u64 resident; unsigned n; paddr_t page[PT_BATCH]; };
bool pt_clear(struct pagetable *pt, vaddr_t *va, vaddr_t end, struct pt_batch *batch) MUST_CHECK;
/* Gives back the empty table pages that CPUs keep for the next tables. */
void pt_kept_trim(void);
u64 pt_kept_pages(void); /* how many these are */
/* Gives back the tables on the way to [va, end) that are empty, if there are many. */
void pt_trim(struct pagetable *pt, vaddr_t va, vaddr_t end);
/* Sets the rights of the pages present: PT_WRITE only where PT_OWN is. */
void pt_protect(struct pagetable *pt, vaddr_t va, vaddr_t end, unsigned flags);
/* The same for [va, end) where only PT_WRITE changes. */
void pt_protect_write(struct pagetable *pt, vaddr_t va, vaddr_t end, bool allow);
/* fork: takes PT_WRITE and PT_OWN away, 2 MiB at a store where the range covers them. Flushes
 * nothing. */
void pt_share(struct pagetable *pt, vaddr_t va, vaddr_t end);

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
