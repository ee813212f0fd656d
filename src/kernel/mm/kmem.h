/* The kernel's own address range beyond the direct map: guarded stacks, device windows, heap
 * pieces too large for one page. Address ranges are freed and reused. Callable with preemption
 * off; not from interrupt handlers. */
#pragma once
#include "lib/types.h"

#define KSTACK_PAGES 4 /* 16 KiB per thread */
#define KSTACK_BOOT_PAGES 64 /* 256 KiB for the boot CPU */

void kmem_init(void);

/* npages of RAM, contiguous in address only; readable, writable, not executable. NULL: none. */
void *kmem_alloc(size_t npages) MUST_CHECK;
void kmem_free(void *p, size_t npages);
/* npages of the live kmem_alloc piece that begins at p; 0 if there is none. */
size_t kmem_size(const void *p);

/* A stack with an unmapped guard page below it. Returns the lowest address (the guard lies just
 * under it); top = result + npages * PAGE_SIZE. name is shown when the guard is hit. */
void *kstack_alloc(size_t npages, const char *name) MUST_CHECK;
void kstack_free(void *base, size_t npages);
/* Gives back the few stacks that are kept for the next threads. */
void kstack_trim(void);
unsigned kstacks_kept(void); /* how many that are, of KSTACK_PAGES */
/* Measuring (kstack_mark.c): stacks made while it is on are painted. */
void kstack_paint(bool on);
/* Bytes of a painted stack that were ever used, from its top; 0 if it was not painted. */
size_t kstack_used(const void *base, size_t npages);
/* If addr lies in the guard page of a live stack: its name, else NULL. Lock-free; for #DF. */
const char *kstack_guard_owner(vaddr_t addr, vaddr_t *stack_base);

/* Pages of the kernel's image that nobody needs any more: no address leads there now, and they are free. */
void kmem_give_image(void *start, size_t npages);

/* A window on device memory. flags: PT_UNCACHED or PT_WRITE_COMBINE. */
void *kmem_map_phys(paddr_t pa, size_t size, unsigned pt_flags) MUST_CHECK;
void kmem_unmap_phys(void *p, size_t size);

/* note_pages: what the arena needs to remember its ranges; never less than at the busiest moment. */
struct kmem_stats { u64 pages_used, address_pages_used, note_pages; };
struct kmem_stats kmem_stats(void);
