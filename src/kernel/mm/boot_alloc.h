/* Stage 1 of physical memory: a bump allocator over the usable ranges of the memory map, below
 * 4 GiB (boot's page tables reach no further). Never frees. Closed by pmm_init: using it later
 * panics. */
#pragma once
#include "mm/memmap.h"

void boot_alloc_init(const struct memmap *map);
/* size bytes, aligned (power of two, at least 16), zeroed; NULL when nothing is left. The result
 * is a direct-map address. */
void *boot_alloc(size_t size, size_t align) MUST_CHECK;
/* The same with contents undefined, for large tables that are filled as they are used. */
void *boot_alloc_raw(size_t size, size_t align) MUST_CHECK;
u64 boot_alloc_used(void);
void boot_alloc_close(void);
/* The part of each usable range that was taken; for pmm_init. fn(base, size). */
void boot_alloc_for_each_used(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx);
