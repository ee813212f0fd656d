/* Physical page allocator. A page is 4 KiB and is named by its physical address. One interface,
 * three policies, chosen by `make PMM=NAME`: the linear scan that is known to be right, the buddy
 * allocator with per-CPU lists (the default), and both in lock-step.
 *
 * Page states: FREE, ALLOCATED, RESERVED. Which free page is handed out is the policy's business.
 * Nothing here sleeps; callable with interrupts off, but not from interrupt handlers. -ENOMEM (0)
 * is an answer, not an accident. Freeing what is not allocated is a bug of the caller and panics
 * with the page's address. */
#pragma once
#include "mm/memmap.h"

enum page_state { PAGE_RESERVED, PAGE_FREE, PAGE_ALLOCATED };
enum pmm_zone { ZONE_ANY, ZONE_DMA32 /* below 4 GiB */ };

struct pmm_stats { u64 total, free, reserved; /* pages; total = free + allocated + reserved */ };

/* Takes over the usable ranges below 4 GiB, which boot's page tables reach; metadata is sized from
 * the map and comes from boot_alloc. */
void pmm_init(const struct memmap *map);
/* Takes over the others, once paging_init made the whole direct map. */
void pmm_init_rest(void);
/* The map lies at another place from now on. */
void pmm_move_map(const struct memmap *map);
/* Gives memory that was in use at boot to the allocator (unpacked initrd, boot data, usable memory below 1 MiB).
 * Whole pages within the range only, none below 64 KiB. Returns pages added. */
u64 pmm_add_range(paddr_t base, u64 size);
/* n pages that were in use at boot become allocated ones, one reference each, contents as they are.
 * 0, or -EBUSY if any is not such a page or lies where nothing may circulate (nothing changed). */
int pmm_adopt(paddr_t base, size_t n) MUST_CHECK;

/* One page, contents undefined. 0 when there is none. */
paddr_t pmm_alloc_page(void) MUST_CHECK;
/* One page of zeroes. */
paddr_t pmm_alloc_page_zeroed(void) MUST_CHECK;
/* The same for what programs fill without end: their pages and page tables. The last pages are not
 * given to these (pmm_reserve_pages, for tables half of it), so that the kernel still has some to
 * work with. 0 then; docs/decisions/0018. */
enum pmm_use { PMM_PROGRAM_PAGE, PMM_PROGRAM_TABLE };
paddr_t pmm_alloc_for(enum pmm_use use) MUST_CHECK;
u64 pmm_reserve_pages(void);
/* n contiguous pages, aligned to `align` pages (power of two). 0 when there is no such run; a
 * policy may ask for a free run of more pages (the buddy: the next power of two, aligned). */
paddr_t pmm_alloc_pages(size_t n, size_t align, enum pmm_zone zone) MUST_CHECK;
void pmm_free_page(paddr_t page);
void pmm_free_pages(paddr_t base, size_t n);

/* Takes n free pages at a fixed place out of circulation: 0, or -EBUSY if any is not free
 * (then nothing changed), -EINVAL if any is not RAM. */
int pmm_reserve(paddr_t base, size_t n) MUST_CHECK;
enum page_state pmm_state(paddr_t page);
struct pmm_stats pmm_stats(void);
/* Are more than npages free? What pmm_stats says, but it looks at every CPU's list only when those
 * decide. */
bool pmm_has(u64 npages);
u64 pmm_total(void); /* pages of RAM; never changes */
/* Walks all tables and panics on the first contradiction. Slow; others may allocate meanwhile. */
void pmm_check(void);

/* Shared pages (copy-on-write): an allocated page has 1 reference. page_put frees at 0. */
void page_get(paddr_t page);
void page_put(paddr_t page);
void page_put_all(const paddr_t *page, unsigned n);
u32 page_refs(paddr_t page);

/* Clears / copies a page through the direct map (arch/page_ops.h). */
void page_clear(paddr_t page);
void page_copy(paddr_t dst, paddr_t src);
