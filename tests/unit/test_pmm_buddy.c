/* Sources: src/kernel/mm/pmm_buddy.c src/kernel/lib/bittree.c */
#include "mm/pmm_buddy.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

#define N 10007 /* ends inside a block of every order */
static struct buddy b;
static u8 is_free[N];

static void start_empty(u64 npages)
{
    static u64 table[N];
    assert_true(buddy_table_bytes(npages) <= sizeof table);
    memset(table, 0, sizeof table);
    buddy_init(&b, table, npages);
    memset(is_free, 0, sizeof is_free);
}
static void start(u64 npages)
{
    start_empty(npages);
    buddy_free(&b, 0, npages);
    memset(is_free, 1, npages);
    buddy_check(&b);
}
static void check_all(void)
{
    u64 n = 0;
    buddy_check(&b);
    for (u64 i = 0; i < b.npages; i++) {
        assert_int_equal(buddy_is_free(&b, i), is_free[i]);
        n += is_free[i];
    }
    assert_int_equal(n, b.nfree);
}
static void mark(u64 first, u64 n, bool to)
{
    for (u64 i = first; i < first + n; i++) {
        assert_int_equal(is_free[i], !to);
        is_free[i] = to;
    }
}
static u64 take(u64 n, u64 align, u64 high)
{
    u64 first = buddy_alloc(&b, n, align, 0, high);
    if (first != BUDDY_NONE) {
        assert_true(first % align == 0 && first + n <= MIN(high, b.npages));
        mark(first, n, false);
    }
    return first;
}
static void give(u64 first, u64 n)
{
    mark(first, n, true);
    buddy_free(&b, first, n);
}

/* Is there an aligned run of `size` free pages? What the buddy must find, it and nothing else. */
static bool has_block(u64 size, u64 high)
{
    for (u64 at = 0; at + size <= b.npages && at < high; at += size) {
        u64 k = 0;
        while (k < size && is_free[at + k])
            k++;
        if (k == size)
            return true;
    }
    return false;
}

static void test_single_and_all(void **state)
{
    start(N);
    for (u64 i = 0; i < N; i++)
        assert_true(take(1, 1, UINT64_MAX) != BUDDY_NONE);
    assert_int_equal(take(1, 1, UINT64_MAX), BUDDY_NONE);
    check_all();
    for (u64 i = 0; i < N; i += 2) /* alternate */
        give(i, 1);
    assert_int_equal(take(2, 1, UINT64_MAX), BUDDY_NONE);
    check_all();
    for (u64 i = 1; i < N; i += 2)
        give(i, 1);
    check_all();
    assert_int_equal(take(8192, 1, UINT64_MAX), 0); /* all merged again */
}

static void test_contiguous_sizes(void **state)
{
    static const u16 sizes[] = { 1, 2, 3, 63, 64, 65, 512, 513, 1024, 1025, 2048, 4097 };
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        start(N);
        u64 first[N + 1], n = 0;
        while ((first[n] = take(sizes[i], 1, UINT64_MAX)) != BUDDY_NONE)
            n++;
        check_all();
        assert_true(n >= N / sizes[i] / 2);
        while (n--)
            give(first[n], sizes[i]);
        check_all();
    }
}

static void test_word_boundaries_and_holes(void **state)
{
    static const u16 edges[] = { 62, 63, 64, 65, 127, 128, 4095, 4096, 4097 };
    for (unsigned i = 0; i < ARRAY_SIZE(edges); i++) {
        for (u64 n = 1; n <= 66; n++) {
            start(N);
            assert_true(buddy_take(&b, edges[i], n));
            mark(edges[i], n, false);
            check_all();
            assert_false(buddy_take(&b, edges[i] + n - 1, 2));
            check_all();
            give(edges[i], n);
            assert_int_equal(take(4096, 4096, UINT64_MAX), 0);
        }
    }
}

/* Every hole of exactly 2^k aligned pages between pages in use is found, and no smaller one. */
static void test_hole_of_exactly_n(void **state)
{
    for (u64 size = 1; size <= BUDDY_MAX_PAGES; size *= 2) {
        start_empty(N);
        give(size * 3, size);
        assert_int_equal(take(size + 1, 1, UINT64_MAX), BUDDY_NONE);
        assert_int_equal(take(1, size * 2, UINT64_MAX), BUDDY_NONE);
        assert_int_equal(take(size, size, size * 4 - 1), BUDDY_NONE);
        assert_int_equal(take(size, size, size * 4), size * 3);
        check_all();
    }
}

static void test_zero_huge_and_limits(void **state)
{
    start(N);
    assert_int_equal(take(0, 1, UINT64_MAX), BUDDY_NONE);
    assert_int_equal(take(N + 1, 1, UINT64_MAX), BUDDY_NONE);
    assert_int_equal(take(UINT64_MAX, 1, UINT64_MAX), BUDDY_NONE);
    assert_int_equal(take(1, 1, 0), BUDDY_NONE);
    assert_int_equal(take(1, 1ull << 63, UINT64_MAX), 0);
    assert_int_equal(take(1, 1ull << 63, UINT64_MAX), BUDDY_NONE);
    EXPECT_PANIC((void)!buddy_alloc(&b, 1, 3, 0, UINT64_MAX));
    EXPECT_PANIC((void)!buddy_alloc(&b, 1, 0, 0, UINT64_MAX));
    EXPECT_PANIC(buddy_free(&b, N, 1));
    EXPECT_PANIC(buddy_free(&b, 1, UINT64_MAX));
    assert_false(buddy_take(&b, N - 1, 2));
    assert_false(buddy_take(&b, UINT64_MAX, 2));
    assert_int_equal(take(512, 512, UINT64_MAX), 512);
    assert_int_equal(buddy_alloc(&b, 1, 1, 2048, UINT64_MAX), N - 1); /* the smallest block behind 2048 */
}

static void test_batch_takes_small_blocks_first(void **state)
{
    u32 page[64];
    start_empty(N);
    assert_int_equal(buddy_alloc_batch(&b, page, 32, 0), 0);
    give(5, 1);
    give(8, 2);
    give(1024, 1024);
    assert_int_equal(buddy_alloc_batch(&b, page, 64, 0), 3 + 32);
    assert_int_equal(page[0], 5);
    assert_int_equal(page[1], 9);
    assert_int_equal(page[2], 8);
    for (unsigned i = 0; i < 35; i++)
        mark(page[i], 1, false);
    check_all();
    assert_int_equal(buddy_alloc_batch(&b, page, 7, 2048), 0);
}

static void test_check_sees_damage(void **state)
{
    start(N);
    bittree_set(&b.free[0], 4);
    EXPECT_PANIC(buddy_check(&b)); /* free twice */
    start(64);
    bittree_clear(&b.free[6], 0);
    EXPECT_PANIC(buddy_check(&b)); /* lost */
    bittree_set(&b.free[5], 0);
    bittree_set(&b.free[5], 1);
    EXPECT_PANIC(buddy_check(&b)); /* not merged */
}

static void random_run(unsigned seed)
{
    struct { u64 at, n; } live[200];
    unsigned nlive = 0;
    srand(seed);
    start(3000 + seed % 9);
    for (int step = 0; step < 5000; step++) {
        if (nlive < 200 && rand() % 100 < (step / 500 % 2 ? 70 : 40)) {
            u64 n = rand() % 3 ? 1 : 1 + (u64)rand() % (rand() % 9 ? 20 : 1500), align = 1ull << (rand() % 3 ? 0 : rand() % 11);
            u64 high = rand() % 4 ? UINT64_MAX : BUDDY_MAX_PAGES * (1 + (u64)rand() % 2), size = 1;
            while (size < MAX(n, align))
                size *= 2;
            bool want = size > BUDDY_MAX_PAGES || has_block(size, high);
            u64 at = take(n, align, high);
            if (size <= BUDDY_MAX_PAGES && want != (at != BUDDY_NONE))
                fail_msg("seed %u step %d: %lu pages aligned %lu below %lu: %d", seed, step, n, align, high, want);
            if (at != BUDDY_NONE)
                live[nlive].at = at, live[nlive++].n = n;
        } else if (nlive) {
            unsigned i = (unsigned)rand() % nlive;
            give(live[i].at, live[i].n);
            live[i] = live[--nlive];
        }
        if (step % 64 == 0)
            check_all();
    }
    while (nlive--)
        give(live[nlive].at, live[nlive].n);
    check_all();
}

static void test_random_stress(void **state)
{
    const char *env = getenv("SEED");
    unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : 20272;
    print_message("seeds %u to %u (set SEED to change them)\n", seed, seed + 19);
    for (unsigned i = 0; i < 20; i++)
        random_run(seed + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_and_all),         cmocka_unit_test(test_contiguous_sizes),
        cmocka_unit_test(test_word_boundaries_and_holes), cmocka_unit_test(test_hole_of_exactly_n),
        cmocka_unit_test(test_zero_huge_and_limits),   cmocka_unit_test(test_batch_takes_small_blocks_first),
        cmocka_unit_test(test_check_sees_damage),      cmocka_unit_test(test_random_stress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
