/* Sources: src/kernel/lib/bittree.c */
#include "lib/bittree.h"
#include "tests/unit/host.h"
#include <stdlib.h>
#include <string.h>

static u64 plain_next(const u8 *bits, u64 n, u64 from)
{
    while (from < n && !bits[from])
        from++;
    return from < n ? from : BITTREE_NONE;
}

static void check_summaries(const struct bittree *t)
{
    u64 nwords = (t->nbits + 63) / 64;
    for (unsigned k = 1; k < t->depth; k++, nwords = (nwords + 63) / 64)
        for (u64 i = 0; i < nwords; i++)
            assert_int_equal(t->level[k][i / 64] >> (i % 64) & 1, t->level[k - 1][i] != 0);
    assert_int_equal(nwords, 1);
}

static void random_bits(u64 n, unsigned steps)
{
    struct bittree t;
    u64 *mem = calloc(bittree_words(n), sizeof *mem);
    u8 *bits = calloc(n, 1);
    bittree_init(&t, mem, n);
    assert_true(bittree_empty(&t));
    assert_int_equal(bittree_next(&t, 0), BITTREE_NONE);
    for (unsigned i = 0; i < steps; i++) {
        u64 at = ((u64)rand() << 16 ^ (u64)rand()) % n, from = ((u64)rand() << 16 ^ (u64)rand()) % (n + 2);
        bits[at] = rand() % 3 == 0;
        (bits[at] ? bittree_set : bittree_clear)(&t, at);
        assert_int_equal(bittree_test(&t, at), bits[at]);
        assert_int_equal(bittree_next(&t, from), plain_next(bits, n, from));
    }
    check_summaries(&t);
    for (u64 i = 0; i < n; i++)
        bittree_clear(&t, i);
    assert_true(bittree_empty(&t));
    free(mem);
    free(bits);
}

static void test_against_a_plain_array(void **state)
{
    static const u64 sizes[] = { 1, 2, 63, 64, 65, 4095, 4096, 4097, 300000 };
    srand(20271);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++)
        random_bits(sizes[i], sizes[i] > 100000 ? 300 : 5000);
}

static void test_ends(void **state)
{
    struct bittree t;
    u64 mem[200] = { 0 };
    assert_true(bittree_words(64 * 64 + 1) == 65 + 2 + 1);
    bittree_init(&t, mem, 64 * 64 + 1);
    bittree_set(&t, 64 * 64);
    assert_int_equal(bittree_next(&t, 0), 64 * 64);
    assert_int_equal(bittree_next(&t, 64 * 64), 64 * 64);
    assert_int_equal(bittree_next(&t, 64 * 64 + 1), BITTREE_NONE);
    assert_int_equal(bittree_next(&t, UINT64_MAX), BITTREE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_a_plain_array), cmocka_unit_test(test_ends) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
