/* Turning what the firmware said into one map. Pure.
 *
 * Ranges are laid into the map weakest kind first; each one cuts away what it covers, so the
 * stronger kind wins without comparing. All bounds are page bounds before they enter the map
 * (usable memory shrinks, the rest grows), hence every piece is made of whole pages. A range adds
 * at most two pieces, which MEMMAP_MAX allows for. */
#include "mm/memmap.h"
#include "lib/assert.h"
#include "lib/string.h"

#define PHYS_LIMIT (1ull << 52) /* MAXPHYADDR is at most 52 (SDM vol. 3, 4.1.4) */

static u64 end_of(const struct mem_range *r) { return r->base + r->size; }

/* Page bounds of a range. False when nothing is left of it. */
static bool trim(const struct mem_range *in, enum mem_kind kind, u64 *base, u64 *end)
{
    if (in->size == 0 || in->base >= PHYS_LIMIT)
        return false;
    u64 size = MIN(in->size, PHYS_LIMIT - in->base);
    if (kind == MEM_USABLE) {
        *base = ROUND_UP(in->base, PAGE_SIZE);
        *end = ROUND_DOWN(in->base + size, PAGE_SIZE);
    } else {
        *base = ROUND_DOWN(in->base, PAGE_SIZE);
        *end = ROUND_UP(in->base + size, PAGE_SIZE);
    }
    return *base < *end;
}

/* Replaces whatever the map says about [base, end). */
static void overlay(struct memmap *map, u64 base, u64 end, enum mem_kind kind)
{
    unsigned first = 0, past, npieces = 0;
    struct mem_range piece[3];
    while (first < map->n && end_of(&map->range[first]) <= base)
        first++;
    for (past = first; past < map->n && map->range[past].base < end; past++)
        ;
    if (first < past && map->range[first].base < base)
        piece[npieces++] = (struct mem_range){ map->range[first].base, base - map->range[first].base,
                                               map->range[first].kind };
    piece[npieces++] = (struct mem_range){ base, end - base, kind };
    if (first < past && end_of(&map->range[past - 1]) > end)
        piece[npieces++] = (struct mem_range){ end, end_of(&map->range[past - 1]) - end,
                                               map->range[past - 1].kind };
    ASSERT(map->n - (past - first) + npieces <= MEMMAP_MAX);
    memmove(&map->range[first + npieces], &map->range[past], (map->n - past) * sizeof map->range[0]);
    memcpy(&map->range[first], piece, npieces * sizeof piece[0]);
    map->n = map->n - (past - first) + npieces;
}

static void merge_neighbours(struct memmap *map)
{
    unsigned out = 0;
    for (unsigned i = 0; i < map->n; i++) {
        struct mem_range *r = &map->range[i], *last = out ? &map->range[out - 1] : NULL;
        if (last && last->kind == r->kind && end_of(last) == r->base)
            last->size += r->size;
        else
            map->range[out++] = *r;
    }
    map->n = out;
}

static enum mem_kind kind_checked(const struct mem_range *r)
{
    return (unsigned)r->kind < MEM_KINDS ? r->kind : MEM_RESERVED;
}

void memmap_build(struct memmap *map, const struct bootinfo *bi)
{
    unsigned n = MIN(bi->nranges, (unsigned)BOOT_MAX_RANGES);
    memset(map, 0, sizeof *map);
    for (unsigned kind = 0; kind < MEM_KINDS; kind++) {
        for (unsigned i = 0; i < n; i++) {
            u64 base, end;
            if (kind_checked(&bi->range[i]) == kind && trim(&bi->range[i], kind, &base, &end))
                overlay(map, base, end, kind);
        }
    }
    merge_neighbours(map);
    for (unsigned i = 0; i < map->n; i++)
        map->total[map->range[i].kind] += map->range[i].size;
}

const struct mem_range *memmap_range_at(const struct memmap *map, paddr_t pa)
{
    unsigned low = 0, high = map->n;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        if (end_of(&map->range[mid]) <= pa)
            low = mid + 1;
        else
            high = mid;
    }
    return low < map->n && map->range[low].base <= pa ? &map->range[low] : NULL;
}

enum mem_kind memmap_kind_at(const struct memmap *map, paddr_t pa)
{
    const struct mem_range *r = memmap_range_at(map, pa);
    return r ? r->kind : MEM_RESERVED;
}

bool mem_kind_is_ram(enum mem_kind kind)
{
    switch (kind) {
    case MEM_USABLE:
    case MEM_BOOT_DATA:
    case MEM_MODULE:
    case MEM_KERNEL:
    case MEM_ACPI_TABLES:
    case MEM_ACPI_NVS: /* some firmware keeps tables there that ACPI points to */
        return true;
    case MEM_FRAMEBUFFER:
    case MEM_RESERVED:
    case MEM_BAD:
    case MEM_KINDS:
        break;
    }
    return false;
}

paddr_t memmap_ram_end(const struct memmap *map)
{
    for (unsigned i = map->n; i-- > 0;)
        if (mem_kind_is_ram(map->range[i].kind))
            return end_of(&map->range[i]);
    return 0;
}

const char *mem_kind_name(enum mem_kind kind)
{
    static const char *const names[MEM_KINDS] = {
        [MEM_USABLE] = "usable",   [MEM_BOOT_DATA] = "boot data",     [MEM_FRAMEBUFFER] = "framebuffer",
        [MEM_MODULE] = "module",   [MEM_KERNEL] = "kernel",           [MEM_ACPI_TABLES] = "ACPI tables",
        [MEM_ACPI_NVS] = "ACPI NVS", [MEM_RESERVED] = "reserved",     [MEM_BAD] = "bad",
    };
    return (unsigned)kind < MEM_KINDS ? names[kind] : "unknown";
}
