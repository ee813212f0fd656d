/* Sources: src/kernel/mm/pmm_linear.c */
#include "mm/pmm_linear.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

#define N 5000
static u8 state_of[N] __attribute__((aligned(8)));
static struct linear_pmm p;

static void start(u64 npages)
{
    linear_init(&p, state_of, npages);
    assert_int_equal(linear_add(&p, 0, npages), npages);
}
static u64 one(void) { return linear_alloc(&p, 1, 1, UINT64_MAX); }

static void check_counts(void)
{
    u64 count[3] = { 0 };
    for (u64 i = 0; i < p.npages; i++) {
        assert_true(state_of[i] < 3);
        count[state_of[i]]++;
        assert_true(state_of[i] != PAGE_FREE || i >= p.hint);
    }
    assert_int_equal(count[PAGE_FREE], p.nfree);
    assert_int_equal(count[PAGE_ALLOCATED], p.nallocated);
}

static void test_every_page_once_and_in_order(void **state)
{
    start(N);
    for (u64 i = 0; i < N; i++)
        assert_int_equal(one(), i);
    assert_int_equal(one(), LINEAR_NONE);
    assert_int_equal(p.nfree, 0);
    assert_int_equal(linear_free(&p, 4095, 2), LINEAR_NONE); /* exhausted, then well again */
    assert_int_equal(one(), 4095);
    assert_int_equal(one(), 4096);
    assert_int_equal(one(), LINEAR_NONE);
    assert_int_equal(linear_free(&p, 0, N), LINEAR_NONE);
    assert_int_equal(p.nfree, N);
}

static void test_contiguous_patterns(void **state)
{
    static const u64 sizes[] = { 1, 2, 3, 63, 64, 65, 512, 1024 };
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (u64 gap = 0; gap < 70; gap++) {
            start(N);
            /* One page in use just behind a hole of exactly the size, then of one page less. */
            assert_int_equal(linear_reserve(&p, gap + sizes[i], 1), LINEAR_NONE);
            if (gap)
                assert_int_equal(linear_reserve(&p, 0, gap), LINEAR_NONE);
            assert_int_equal(linear_alloc(&p, sizes[i] + 1, 1, UINT64_MAX), gap + sizes[i] + 1);
            assert_int_equal(linear_alloc(&p, sizes[i], 1, UINT64_MAX), gap);
            check_counts();
        }
    }
}

static void test_alignment_and_limit(void **state)
{
    start(N);
    assert_int_equal(one(), 0);
    assert_int_equal(linear_alloc(&p, 512, 512, UINT64_MAX), 512);
    assert_int_equal(linear_alloc(&p, 512, 512, 1535), LINEAR_NONE);
    assert_int_equal(linear_alloc(&p, 512, 512, 1536), 1024);
    assert_int_equal(linear_alloc(&p, 1, 1, 1), LINEAR_NONE);
    assert_int_equal(one(), 1);
    EXPECT_PANIC((void)linear_alloc(&p, 1, 3, UINT64_MAX));
    EXPECT_PANIC((void)linear_alloc(&p, 1, 0, UINT64_MAX));
}

static void test_zero_and_huge_counts(void **state)
{
    start(N);
    assert_int_equal(linear_alloc(&p, 0, 1, UINT64_MAX), LINEAR_NONE);
    assert_int_equal(linear_alloc(&p, N + 1, 1, UINT64_MAX), LINEAR_NONE);
    assert_int_equal(linear_alloc(&p, UINT64_MAX, 1, UINT64_MAX), LINEAR_NONE);
    assert_int_equal(linear_alloc(&p, 1, 1ull << 63, UINT64_MAX), 0);
    assert_int_equal(linear_alloc(&p, 1, 1ull << 63, UINT64_MAX), LINEAR_NONE);
    assert_int_equal(linear_free(&p, 0, UINT64_MAX), N);
    assert_int_equal(linear_free(&p, UINT64_MAX, 1), N);
    EXPECT_PANIC(linear_add(&p, N, 1));
    check_counts();
}

static void test_wrong_frees_change_nothing(void **state)
{
    start(N);
    assert_int_equal(linear_alloc(&p, 10, 1, UINT64_MAX), 0);
    assert_int_equal(linear_reserve(&p, 20, 2), LINEAR_NONE);
    assert_int_equal(linear_free(&p, 20, 1), 20);  /* reserved */
    assert_int_equal(linear_free(&p, 8, 5), 10);   /* half of it free already */
    assert_int_equal(linear_reserve(&p, 9, 2), 9); /* allocated */
    assert_int_equal(state_of[8], PAGE_ALLOCATED);
    assert_int_equal(state_of[10], PAGE_FREE);
    assert_int_equal(linear_free(&p, 3, 1), LINEAR_NONE);
    assert_int_equal(linear_free(&p, 3, 1), 3); /* twice */
    assert_int_equal(linear_add(&p, 18, 5), 2);
    check_counts();
}

/* The allocator once more, without a hint and without words. */
static u64 plain_alloc(const u8 *s, u64 npages, u64 n, u64 align, u64 limit)
{
    for (u64 at = 0; n && at + n <= MIN(limit, npages); at += align) {
        u64 k = 0;
        while (k < n && s[at + k] == PAGE_FREE)
            k++;
        if (k == n)
            return at;
    }
    return LINEAR_NONE;
}

static void random_run(unsigned seed)
{
    struct { u64 at, n; } live[200];
    unsigned nlive = 0;
    srand(seed);
    start(600 + seed % 9);
    for (int step = 0; step < 10000; step++) {
        if (nlive < 200 && rand() % 100 < (step / 1000 % 2 ? 70 : 40)) {
            u64 n = rand() % 3 ? 1 : (u64)rand() % 20, align = 1ull << (rand() % 3 ? 0 : rand() % 6);
            u64 limit = rand() % 4 ? UINT64_MAX : (u64)rand() % 700;
            u64 want = plain_alloc(state_of, p.npages, n, align, limit);
            u64 got = linear_alloc(&p, n, align, limit);
            if (got != want)
                fail_msg("seed %u step %d: %lu pages aligned %lu: %lu, not %lu", seed, step, n, align, got, want);
            if (got != LINEAR_NONE)
                live[nlive].at = got, live[nlive++].n = n;
        } else if (nlive) {
            unsigned i = (unsigned)rand() % nlive;
            assert_int_equal(linear_free(&p, live[i].at, live[i].n), LINEAR_NONE);
            live[i] = live[--nlive];
        }
        if (step % 64 == 0)
            check_counts();
    }
    while (nlive--)
        assert_int_equal(linear_free(&p, live[nlive].at, live[nlive].n), LINEAR_NONE);
    assert_int_equal(p.nfree, p.npages);
    check_counts();
}

static void test_random_stress(void **state)
{
    const char *env = getenv("SEED");
    unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : 20263;
    print_message("seeds %u to %u (set SEED to change them)\n", seed, seed + 19);
    for (unsigned i = 0; i < 20; i++)
        random_run(seed + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_page_once_and_in_order), cmocka_unit_test(test_contiguous_patterns),
        cmocka_unit_test(test_alignment_and_limit),          cmocka_unit_test(test_zero_and_huge_counts),
        cmocka_unit_test(test_wrong_frees_change_nothing),   cmocka_unit_test(test_random_stress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
