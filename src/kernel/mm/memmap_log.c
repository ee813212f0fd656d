/* The memory map in the boot log. Raw output only: this runs before formatting is allowed. */
#include "lib/klog.h"
#include "mm/memmap.h"

static void log_range(const struct mem_range *r)
{
    debug_raw("memmap: ");
    debug_hex(r->base);
    debug_raw(" - ");
    debug_hex(r->base + r->size);
    debug_raw(" ");
    debug_raw(mem_kind_name(r->kind));
    debug_raw("\n");
}

void memmap_log(const struct memmap *map)
{
    for (unsigned i = 0; i < map->n; i++)
        log_range(&map->range[i]);
    for (unsigned kind = 0; kind < MEM_KINDS; kind++) {
        if (map->total[kind] == 0)
            continue;
        debug_raw("memmap: total ");
        debug_raw(mem_kind_name(kind));
        debug_raw(" ");
        debug_dec(map->total[kind] / 1024);
        debug_raw(" KiB\n");
    }
}
