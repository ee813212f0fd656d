/* Sources: src/kernel/mm/memmap.c */
#include "mm/memmap.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

static struct bootinfo bi;
static struct memmap map;

static void start(void) { memset(&bi, 0, sizeof bi); }
static void add(u64 base, u64 size, enum mem_kind kind) { bi.range[bi.nranges++] = (struct mem_range){ base, size, kind }; }
static void expect(unsigned i, u64 base, u64 end, enum mem_kind kind)
{
    assert_true(i < map.n);
    assert_int_equal(map.range[i].base, base);
    assert_int_equal(map.range[i].base + map.range[i].size, end);
    assert_int_equal(map.range[i].kind, kind);
}

static void check_invariants(void)
{
    u64 total[MEM_KINDS] = { 0 };
    for (unsigned i = 0; i < map.n; i++) {
        struct mem_range *r = &map.range[i];
        assert_true(r->size > 0 && r->base % 4096 == 0 && r->size % 4096 == 0 && r->kind < MEM_KINDS);
        assert_true(r->base + r->size <= 1ull << 52);
        total[r->kind] += r->size;
        if (i) {
            assert_true(r[-1].base + r[-1].size <= r->base);
            assert_false(r[-1].base + r[-1].size == r->base && r[-1].kind == r->kind);
        }
    }
    assert_memory_equal(total, map.total, sizeof total);
}

static void test_stronger_kind_wins_in_any_order(void **state)
{
    for (int swap = 0; swap < 2; swap++) {
        start();
        if (swap)
            add(0x200000, 0x100000, MEM_KERNEL);
        add(0, 0x1000000, MEM_USABLE);
        if (!swap)
            add(0x200000, 0x100000, MEM_KERNEL);
        add(0x280000, 0x1000, MEM_RESERVED);
        memmap_build(&map, &bi);
        check_invariants();
        assert_int_equal(map.n, 5);
        expect(0, 0, 0x200000, MEM_USABLE);
        expect(1, 0x200000, 0x280000, MEM_KERNEL);
        expect(2, 0x280000, 0x281000, MEM_RESERVED);
        expect(3, 0x281000, 0x300000, MEM_KERNEL);
        expect(4, 0x300000, 0x1000000, MEM_USABLE);
    }
}

static void test_usable_shrinks_and_the_rest_grows(void **state)
{
    start();
    add(0, 0x9fc00, MEM_USABLE);
    add(0x9fc00, 0x400, MEM_RESERVED);
    add(0x100001, 0x2ffe, MEM_USABLE);
    memmap_build(&map, &bi);
    check_invariants();
    assert_int_equal(map.n, 3);
    expect(0, 0, 0x9f000, MEM_USABLE);
    expect(1, 0x9f000, 0xa0000, MEM_RESERVED);
    expect(2, 0x101000, 0x102000, MEM_USABLE);
}

static void test_neighbours_merge_and_holes_stay(void **state)
{
    start();
    add(0x300000, 0x100000, MEM_USABLE);
    add(0x200000, 0x100000, MEM_USABLE);
    add(0x600000, 0x100000, MEM_USABLE);
    memmap_build(&map, &bi);
    assert_int_equal(map.n, 2);
    expect(0, 0x200000, 0x400000, MEM_USABLE);
    assert_int_equal(memmap_kind_at(&map, 0x1fffff), MEM_RESERVED);
    assert_int_equal(memmap_kind_at(&map, 0x200000), MEM_USABLE);
    assert_int_equal(memmap_kind_at(&map, 0x400000), MEM_RESERVED);
    assert_int_equal(memmap_kind_at(&map, UINT64_MAX), MEM_RESERVED);
    assert_int_equal(memmap_ram_end(&map), 0x700000);
}

static void test_device_ranges_are_not_the_end_of_ram(void **state)
{
    start();
    add(0x100000, 0x1000000, MEM_USABLE);
    add(0xfd00000000, 0x300000000, MEM_RESERVED);
    memmap_build(&map, &bi);
    assert_int_equal(memmap_ram_end(&map), 0x1100000);
}

static void test_nonsense_is_cut_off(void **state)
{
    start();
    memmap_build(&map, &bi);
    assert_int_equal(map.n, 0);
    assert_int_equal(memmap_ram_end(&map), 0);
    add(0x1000, 0, MEM_USABLE);
    add(UINT64_MAX - 5, 100, MEM_USABLE);
    add(1ull << 52, 0x1000, MEM_USABLE);
    add((1ull << 52) - 0x1000, UINT64_MAX, (enum mem_kind)99);
    memmap_build(&map, &bi);
    check_invariants();
    assert_int_equal(map.n, 1);
    expect(0, (1ull << 52) - 0x1000, 1ull << 52, MEM_RESERVED);
    bi.nranges = 100000; /* lying count */
    memmap_build(&map, &bi);
    check_invariants();
}

/* What a map of single pages would say: the strongest kind that claims the page. */
static enum mem_kind oracle(u64 page)
{
    int best = -1;
    for (unsigned i = 0; i < bi.nranges; i++) {
        u64 lo = bi.range[i].base, hi = lo + bi.range[i].size;
        bool hit = bi.range[i].kind == MEM_USABLE ? lo <= page && page + 4096 <= hi : lo < page + 4096 && page < hi;
        if (hit && bi.range[i].size && (int)bi.range[i].kind > best)
            best = bi.range[i].kind;
    }
    return best < 0 ? MEM_RESERVED : (enum mem_kind)best;
}

static void test_random_maps_agree_with_single_pages(void **state)
{
    unsigned seed = 20261;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 200; round++) {
        start();
        unsigned n = round == 0 ? BOOT_MAX_RANGES : (unsigned)rand() % 40;
        for (unsigned i = 0; i < n; i++)
            add((u64)rand() % (256 * 4096), (u64)rand() % (20 * 4096), rand() % MEM_KINDS);
        memmap_build(&map, &bi);
        check_invariants();
        for (u64 page = 0; page < 300 * 4096; page += 4096)
            assert_int_equal(memmap_kind_at(&map, page), oracle(page));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stronger_kind_wins_in_any_order),
        cmocka_unit_test(test_usable_shrinks_and_the_rest_grows),
        cmocka_unit_test(test_neighbours_merge_and_holes_stay),
        cmocka_unit_test(test_device_ranges_are_not_the_end_of_ram),
        cmocka_unit_test(test_nonsense_is_cut_off),
        cmocka_unit_test(test_random_maps_agree_with_single_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
