/* The one map of physical memory: sorted, disjoint, page-trimmed, merged. Pure.
 *
 * memmap_build cuts the ranges of bootinfo at every boundary; where they overlap the stronger
 * kind wins; MEM_USABLE shrinks to whole pages, everything else grows to them; neighbours of one
 * kind merge. What no range covers is a hole: not RAM. Ranges that wrap round 2^64 or lie at or
 * above 2^52 are cut off; empty ones vanish. */
#pragma once
#include "lib/bootinfo.h"

#define MEMMAP_MAX (2 * BOOT_MAX_RANGES + 1)

struct memmap {
    unsigned n;
    u64 total[MEM_KINDS]; /* bytes per kind */
    struct mem_range range[MEMMAP_MAX]; /* ascending by base; base and size multiples of 4 KiB. Copies end with n */
};

/* Never fails: what does not fit counts as reserved. */
void memmap_build(struct memmap *map, const struct bootinfo *bi);
/* The piece that contains the address; NULL in a hole. */
const struct mem_range *memmap_range_at(const struct memmap *map, paddr_t pa);
/* Kind at an address; MEM_RESERVED for holes. */
enum mem_kind memmap_kind_at(const struct memmap *map, paddr_t pa);
/* Highest address (exclusive) of RAM that the direct map must cover. */
paddr_t memmap_ram_end(const struct memmap *map);
/* Is this kind RAM that the direct map covers (usable, boot data, module, kernel, ACPI)? */
bool mem_kind_is_ram(enum mem_kind kind);
const char *mem_kind_name(enum mem_kind kind);
/* Writes the map and totals to the log with debug_* only. */
void memmap_log(const struct memmap *map);
