/* Sources: src/kernel/lib/string.c */
#include "tests/unit/host.h"
#include "lib/hash.h"
#include <stdio.h>
#include <string.h>

enum { BUCKETS = 4096, NAMES = 10000, SEEDS = 8 };

/* How many of the names that `format` makes fall into the fullest of so many buckets, by the hash's low bits. */
static unsigned fullest(const char *format, u64 seed, unsigned names, unsigned buckets)
{
    static unsigned count[BUCKETS];
    unsigned most = 0;
    memset(count, 0, sizeof count);
    for (unsigned i = 0; i < names; i++) {
        char name[64];
        int len = snprintf(name, sizeof name, format, i);
        unsigned n = ++count[hash_bytes(seed, name, (size_t)len) % buckets];
        most = n > most ? n : most;
    }
    return most;
}

/* Names that differ in a letter or a few, wherever these are, spread as evenly as chance would have it. */
static void test_spread(void **state)
{
    static const char *const formats[] = {
        "%u", "f%05u", "file%u", "%05u.txt", "/tmp/bench/tree/folder%u", "%06u-the-same-end-of-a-longer-name", "longer-than-a-word-%04x",
    };
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        for (u64 seed = 0; seed < SEEDS; seed++) {
            assert_in_range(fullest(formats[i], seed * 0x123456789abcdefull, NAMES, BUCKETS), 2, 16);
            assert_in_range(fullest(formats[i], seed * 0x123456789abcdefull, 16, 256), 1, 5);
        }
}

/* Every byte counts, and no byte behind the end does. */
static void test_bytes(void **state)
{
    u8 a[40] = { 0 }, b[40] = { 0 };
    for (size_t n = 1; n < sizeof a; n++)
        for (size_t at = 0; at < sizeof a; at++) {
            b[at] = 1;
            assert_int_equal(bytes_equal(a, b, n), at >= n);
            assert_int_equal(hash_bytes(7, a, n) == hash_bytes(7, b, n), at >= n);
            b[at] = 0;
        }
    assert_true(bytes_equal(a, b, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_spread), cmocka_unit_test(test_bytes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
