/* All of the memory room below kmalloc, on a host: the test includes heap_plain.c or heap_debug.c
 * behind this. */
#pragma once
#include "tests/unit/mm_host.h"
#include "arch/paging_prune.h"
#include "mm/pmm.h"

#define RAM_BASE 0x100000ull
#define RAM_SIZE (16ull << 20)

/* The arena: addresses of this process, and a page table of them. */
#define TABLE_PAGES 65536ul
static u8 *arena;
#undef KERNEL_ARENA_BASE
#undef KERNEL_ARENA_END
#define KERNEL_ARENA_BASE ((vaddr_t)arena)
#define KERNEL_ARENA_END (KERNEL_ARENA_BASE + TABLE_PAGES * PAGE_SIZE)
static paddr_t table[TABLE_PAGES];
static paddr_t table_page[TABLE_PAGES / 512]; /* level 1; the upper ones are not played */
static unsigned tables_fail_after;
static size_t table_index(vaddr_t va)
{
    assert_true(va >= KERNEL_ARENA_BASE && (va - KERNEL_ARENA_BASE) / 4096 < TABLE_PAGES);
    return (va - KERNEL_ARENA_BASE) / 4096;
}
static int host_pt_map(struct pagetable *pt, vaddr_t va, paddr_t pa, unsigned flags)
{
    assert_int_equal(table[table_index(va)], 0);
    if (tables_fail_after && --tables_fail_after == 0)
        return -ENOMEM;
    paddr_t *t = &table_page[table_index(va) / 512];
    if (!*t && !(*t = pmm_alloc_page()))
        return -ENOMEM;
    table[table_index(va)] = pa;
    if (pa < ram_size)
        assert_ptr_equal(mmap((void *)va, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram_file, (off_t)pa), va);
    return 0;
}
/* Gone at once: between the two steps a host has no other CPU whose translations could linger. */
static bool host_pt_unmap_begin(struct pagetable *pt, vaddr_t va, size_t n)
{
    bool any = false;
    for (; n--; va += 4096)
        if (table[table_index(va)]) {
            assert_ptr_equal(mmap((void *)va, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), va);
            any = true;
        }
    return any;
}
static void host_pt_unmap_finish(struct pagetable *pt, vaddr_t va, size_t n, pt_page_fn fn, void *ctx)
{
    for (; n--; va += 4096) {
        paddr_t pa = table[table_index(va)];
        table[table_index(va)] = 0;
        if (pa && fn)
            fn(va, pa, PT_WRITE, ctx);
    }
}
static void host_tlb_flush_kernel(vaddr_t from, vaddr_t to) {}
static void host_pt_prune(struct pagetable *pt, vaddr_t va, size_t n, vaddr_t from, vaddr_t to)
{
    size_t a = table_index(from), z = table_index(to - PAGE_SIZE) + 1;
    assert_true(va >= from && va + n * PAGE_SIZE <= to);
    for (size_t span = table_index(va) / 512; span * 512 < table_index(va) + n; span++) {
        if (span * 512 < a || (span + 1) * 512 > z)
            continue;
        for (size_t i = 0; i < 512; i++)
            assert_int_equal(table[span * 512 + i], 0);
        if (table_page[span])
            pmm_free_page(table_page[span]);
        table_page[span] = 0;
    }
}
struct pagetable kernel_pagetable;

#define pt_map host_pt_map
#define pt_unmap_begin host_pt_unmap_begin
#define pt_unmap_finish host_pt_unmap_finish
#define tlb_flush_kernel host_tlb_flush_kernel
#define pt_prune host_pt_prune
#define memory boot_memory
#include "src/kernel/mm/boot_alloc.c"
#undef memory
#include "src/kernel/mm/page_words.c"
#include "src/kernel/mm/pmm.c"
#include "src/kernel/mm/pmm_cache.c"
#include "src/kernel/mm/pmm_select_buddy.c"
#include "src/kernel/mm/arena.c"
#include "src/kernel/mm/kmem.c"
#include "src/kernel/mm/kstack.c"
#include "src/kernel/mm/slab.c"
#define drain_locked heap_drain_locked
#define refill_locked heap_refill_locked
#define alloc_slow heap_alloc_slow
#include "src/kernel/mm/slab_cache.c"
#undef drain_locked
#undef refill_locked
#undef alloc_slow
#define count big_count_add
#include "src/kernel/mm/slab_big.c"
#undef count
#include "src/kernel/mm/heap.c"

static struct memmap map;
static struct bootinfo bi;

static int setup(void **state)
{
    host_ram_map(RAM_BASE + RAM_SIZE);
    arena = mmap(NULL, TABLE_PAGES * PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true((void *)arena != MAP_FAILED);
    bi.range[bi.nranges++] = (struct mem_range){ 0, 0x9f000, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ RAM_BASE, RAM_SIZE, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ 0x200000, 0x80000, MEM_KERNEL };
    bi.range[bi.nranges++] = (struct mem_range){ 0x300000, 0x40000, MEM_MODULE };
    memmap_build(&map, &bi);
    EXPECT_PANIC((void)!boot_alloc(16, 16));
    boot_alloc_init(&map);
    assert_int_equal((vaddr_t)boot_alloc(100, 4096) % 4096, 0);
    assert_null(boot_alloc(1ull << 40, 16));
    assert_null(boot_alloc(SIZE_MAX, 16));
    pmm_init(&map);
    pmm_init_rest();
    EXPECT_PANIC((void)!boot_alloc(16, 16));
    kmem_init();
    slab_init();
    return 0;
}

