/* What only the start of the machine needed becomes memory for all, once, when process 1 has been started:
 *   - the variables marked BOOT_ONLY, which the linker puts side by side in whole pages. Their addresses become
 *     invalid, so that a late user is a panic that names him and no silent damage;
 *   - usable memory below 1 MiB, without the page where other CPUs start.
 *
 * That page, the 32-bit entry and the first page tables stay: a CPU that was given up may still come through. */
#include "arch/paging.h"
#include "init/init.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"

extern char __boot_only_start[], __boot_only_end[];

/* The map was made for the longest list a loader could leave; most have ten ranges. */
static struct memmap *map_of_its_size(const struct memmap *map)
{
    size_t size = offsetof(struct memmap, range) + map->n * sizeof map->range[0];
    struct memmap *copy = kmalloc(size);

    return copy ? memcpy(copy, map, size) : NULL;
}

static u64 give_low_memory(const struct memmap *map, paddr_t limit)
{
    u64 npages = 0;

    for (unsigned i = 0; i < map->n && map->range[i].base < limit; i++) {
        const struct mem_range *r = &map->range[i];
        if (r->kind == MEM_USABLE)
            npages += pmm_add_range(r->base, MIN(r->size, limit - r->base));
    }
    return npages;
}

void image_trim(const struct memmap *map)
{
    struct memmap *copy = map_of_its_size(map);
    u64 low = give_low_memory(map, cpus_low_page());

    if (!copy)
        return;
    pmm_move_map(copy);
    size_t npages = (size_t)(__boot_only_end - __boot_only_start) / PAGE_SIZE;
    kinfo("init: %lu KiB that only the start needed are free now", (npages + low) * (PAGE_SIZE / 1024));
    kmem_give_image(__boot_only_start, npages);
}
