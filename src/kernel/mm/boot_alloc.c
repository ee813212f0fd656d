/* Stage 1 of physical memory: a pointer that moves up through each usable range.
 *
 * It owns what lies between 1 MiB and 4 GiB: below are things firmware and the start of other CPUs
 * may need, above boot's page tables do not reach. It serves the pmm's tables and is closed by
 * pmm_init, which learns from boot_alloc_for_each_used what to keep out of circulation. One CPU,
 * no lock. */
#include "mm/boot_alloc.h"
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/mm_priv.h"

#define BOOT_ALLOC_END (4ull << 30)

enum { NOT_OPEN, OPEN, CLOSED };

static const struct memmap *memory;
static BOOT_ONLY paddr_t next[MEMMAP_MAX]; /* by range of the map: first byte not given away */
static u64 used;
static int state;

static bool is_ours(const struct mem_range *r) { return r->kind == MEM_USABLE; }

static paddr_t range_start(const struct mem_range *r) { return MAX(r->base, LOW_MEMORY_END); }

static paddr_t range_end(const struct mem_range *r) { return MIN(r->base + r->size, BOOT_ALLOC_END); }

void boot_alloc_init(const struct memmap *map)
{
    ASSERT(state == NOT_OPEN);
    memory = map;
    for (unsigned i = 0; i < map->n; i++)
        next[i] = range_start(&map->range[i]);
    state = OPEN;
}

void *boot_alloc_raw(size_t size, size_t align)
{
    if (state != OPEN)
        panic("boot_alloc: used %s", state == CLOSED ? "after pmm_init closed it" : "before boot_alloc_init");
    ASSERT(size > 0 && align >= 16 && (align & (align - 1)) == 0);
    for (unsigned i = 0; i < memory->n; i++) {
        const struct mem_range *r = &memory->range[i];
        paddr_t at = ROUND_UP(next[i], (paddr_t)align), end = range_end(r);
        if (!is_ours(r) || at >= end || end - at < size)
            continue;
        used += at + size - next[i];
        next[i] = at + size;
        return phys_to_virt(at);
    }
    return NULL;
}

void *boot_alloc(size_t size, size_t align)
{
    void *p = boot_alloc_raw(size, align);
    return p ? memset(p, 0, size) : NULL;
}

u64 boot_alloc_used(void) { return used; }

void boot_alloc_close(void)
{
    ASSERT(state == OPEN);
    state = CLOSED;
}

void boot_alloc_for_each_used(void (*fn)(paddr_t base, u64 size, void *ctx), void *ctx)
{
    ASSERT(state != NOT_OPEN);
    for (unsigned i = 0; i < memory->n; i++) {
        const struct mem_range *r = &memory->range[i];
        paddr_t start = range_start(r);
        if (is_ours(r) && next[i] > start)
            fn(start, ROUND_UP(next[i], PAGE_SIZE) - start, ctx);
    }
}
