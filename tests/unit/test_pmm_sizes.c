/* Sources: src/kernel/mm/memmap.c src/kernel/mm/pmm_buddy.c src/kernel/mm/alloc_fault.c src/kernel/lib/bittree.c */
/* The page allocator on machines of 8 MiB to 1 TiB: its tables fit, the counts are right, both
 * zones work, and the start touches next to nothing of the tables. */
#include "tests/unit/mm_host.h"
#define memory boot_memory
#include "src/kernel/mm/boot_alloc.c"
#undef memory
#include "src/kernel/mm/page_words.c"
#include "src/kernel/mm/pmm.c"
#include "src/kernel/mm/pmm_cache.c"
#include "src/kernel/mm/pmm_select_buddy.c"

#define MIB (1ul << 20)
#define GIB (1ul << 30)
#define BELOW_4G (3 * GIB) /* as on a PC: the rest lies above 4 GiB */

static struct memmap map;

static void start(u64 size)
{
    static struct bootinfo bi;
    memset(&bi, 0, sizeof bi);
    bi.range[bi.nranges++] = (struct mem_range){ 0, 0x9fc00, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ MIB, MIN(size, BELOW_4G) - MIB, MEM_USABLE };
    bi.range[bi.nranges++] = (struct mem_range){ MIB, MIB, MEM_KERNEL };
    if (size > BELOW_4G)
        bi.range[bi.nranges++] = (struct mem_range){ 4 * GIB, size - BELOW_4G, MEM_USABLE };
    memmap_build(&map, &bi);
    host_ram_map(4 * GIB);
    state = NOT_OPEN;
    used = 0;
    memory = NULL;
    ram_pages = 0;
    memset(lists, 0, sizeof lists);
    boot_alloc_init(&map);
    pmm_init(&map);
}

static u64 resident_pages(void)
{
    static u8 in_core[4 * GIB >> PAGE_SHIFT];
    u64 n = 0;
    assert_int_equal(mincore(ram, ram_size, in_core), 0);
    for (u64 i = 0; i < ram_size >> PAGE_SHIFT; i++)
        n += in_core[i] & 1;
    return n;
}

static void check_size(u64 size)
{
    start(size);
    u64 low_free = pmm_stats().free;
    assert_true(low_free <= BELOW_4G >> PAGE_SHIFT);
    pmm_init_rest();
    u64 npages = size >> PAGE_SHIFT, tables = boot_alloc_used() >> PAGE_SHIFT, touched = resident_pages();
    u64 nfree = pmm_stats().free, chunks = words_chunks(page_count);
    assert_int_equal(nfree, (MIN(size, BELOW_4G) - 2 * MIB + (size > BELOW_4G ? size - BELOW_4G : 0)) / 4096 - tables);
    print_message("%7lu MiB: tables %lu KiB (%.2f bytes a page), %lu KiB touched at the start\n", size / MIB,
                  tables * 4, (double)tables * 4096 / (double)npages, touched * 4);
    assert_true(tables * 4096 <= 5 * (page_count + CHUNK_PAGES) + 16 * 4096);
    /* A quarter of a byte a page for the buddy, one for each chunk, words of the few chunks in parts. */
    assert_true(touched * 4096 <= page_count * 10 / 32 + chunks + 24 * 4096);
    paddr_t a = pmm_alloc_page(), d = pmm_alloc_pages(1, 1, ZONE_DMA32), run = pmm_alloc_pages(512, 512, ZONE_ANY);
    assert_true(a && d && d < 4 * GIB && run % (2 * MIB) == 0);
    assert_true(size <= BELOW_4G || (a >= 4 * GIB && run >= 4 * GIB));
    assert_int_equal(pmm_stats().free, nfree - 514);
    pmm_free_page(a);
    pmm_free_page(d);
    pmm_free_pages(run, 512);
    assert_int_equal(pmm_stats().free, nfree);
    paddr_t top = (size > BELOW_4G ? 4 * GIB + size - BELOW_4G : size) - PAGE_SIZE;
    assert_int_equal(pmm_reserve(top, 1), 0);
    assert_int_equal(pmm_state(top), PAGE_RESERVED);
    assert_int_equal(pmm_add_range(top, PAGE_SIZE), 1);
    cached_drain();
    cached_check();
}

static void test_sizes(void **st)
{
    static const u64 mib[] = { 8, 16, 64, 127, 256, 512, 1024, 3072, 4096, 6144, 16384, 65536, 131072, 524288, 1048576 };
    for (unsigned i = 0; i < ARRAY_SIZE(mib); i++)
        check_size(mib[i] * MIB);
}

static void test_no_room_for_the_tables(void **st)
{
    EXPECT_PANIC_WITH("no room below 4 GiB", start(4096 * GIB));
}

/* What was in the tables' memory before must not matter: garbage everywhere. */
static void test_tables_in_used_memory(void **st)
{
    struct bootinfo bi = { .nranges = 1 };
    bi.range[0] = (struct mem_range){ MIB, 40 * MIB, MEM_USABLE };
    memmap_build(&map, &bi);
    host_ram_map(41 * MIB);
    memset(ram, 0xa7, 41 * MIB);
    state = NOT_OPEN;
    used = 0;
    memory = NULL;
    ram_pages = 0;
    memset(lists, 0, sizeof lists);
    boot_alloc_init(&map);
    pmm_init(&map);
    pmm_init_rest();
    u64 n = 0, nfree = pmm_stats().free;
    while (pmm_alloc_page())
        n++;
    assert_int_equal(n, nfree);
    pmm_check();
    EXPECT_PANIC_WITH("reserved", pmm_free_page(MIB)); /* the tables themselves */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sizes), cmocka_unit_test(test_no_room_for_the_tables),
                                        cmocka_unit_test(test_tables_in_used_memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
