/* Sources: src/kernel/lib/format.c src/kernel/lib/parse.c src/kernel/lib/strutil.c src/kernel/lib/bitmap.c */
#include "lib/bitmap.h"
#include "lib/format.h"
#include "lib/string.h"
#include "tests/unit/host.h"
#include <stdio.h>

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"

/* The same call to ours and to the host's. */
#define SAME(...)                                                                            \
    do {                                                                                     \
        char a[256], b[256];                                                                 \
        int na = format(a, sizeof a, __VA_ARGS__), nb = snprintf(b, sizeof b, __VA_ARGS__);  \
        assert_string_equal(a, b);                                                           \
        assert_int_equal(na, nb);                                                            \
    } while (0)

static void test_like_the_hosts(void **state)
{
    static const long values[] = { 0, 1, -1, 9, 10, 255, -128, 65535, 2147483647, -2147483648L, 0x7fffffffffffffff,
                                   (long)0x8000000000000000 };
    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        long v = values[i];
        SAME("%ld|%li|%lu|%lx|%lX|%lo", v, v, v, v, v, v);
        SAME("%d|%u|%x|%hd|%hu|%hhd|%hhx", (int)v, (int)v, (int)v, (int)v, (int)v, (int)v, (int)v);
        SAME("%12ld|%-12ld|%012ld|%+ld|% ld|%+012ld", v, v, v, v, v, v);
        SAME("%.5ld|%10.5ld|%-10.5ld|%010.5ld|%.0ld", v, v, v, v, v);
        SAME("%#lx|%#14lx|%#014lx|%#lX|%#.5lx", v, v, v, v, v);
        SAME("%zu|%zd|%td|%jd|%llu|%lli", v, v, v, v, v, v);
    }
    SAME("%s|%10s|%-10s|%.2s|%10.2s|%.0s", "word", "word", "word", "word", "word", "word");
    SAME("%*d|%-*d|%*d|%.*s|%.*s", 7, 42, 7, 42, -7, 42, 2, "word", -1, "word");
    SAME("%c|%3c|%-3c|%%", 'x', 'y', 'z');
    SAME("%p", (void *)0x1234abcd);
    SAME("plain");
}

static void test_cut_and_counted(void **state)
{
    char buf[8] = "#######";
    assert_int_equal(format(buf, 0, "%s", "long text"), 9);
    assert_string_equal(buf, "#######");
    assert_int_equal(format(buf, 1, "%s", "long text"), 9);
    assert_string_equal(buf, "");
    assert_int_equal(format(buf, sizeof buf, "%s", "long text"), 9);
    assert_string_equal(buf, "long te");
    assert_int_equal(format(NULL, 0, "%d", 12345), 5);
}

static void test_unknown_is_copied(void **state)
{
    char buf[64];
    format(buf, sizeof buf, "%y %5!|%s", "end");
    assert_string_equal(buf, "%y %5!|end");
    format(buf, sizeof buf, "50%");
    assert_string_equal(buf, "50%");
    format(buf, sizeof buf, "%s", (char *)NULL);
    assert_string_equal(buf, "(null)");
    format(buf, sizeof buf, "%p", NULL);
    assert_string_equal(buf, "0x0");
    assert_int_equal(format(buf, sizeof buf, "%999999999999d", 1), 4096);
}

static void test_parse_numbers(void **state)
{
    const char *end;
    assert_int_equal(parse_u64("123abc", &end, false), 123);
    assert_string_equal(end, "abc");
    assert_int_equal(parse_u64("0x1fG", &end, false), 0x1f);
    assert_string_equal(end, "G");
    assert_int_equal(parse_u64("0xz", &end, false), 0);
    assert_string_equal(end, "xz");
    assert_int_equal(parse_u64("64M", &end, true), 64 << 20);
    assert_string_equal(end, "");
    assert_true(parse_u64("18446744073709551615", &end, false) == UINT64_MAX);
    assert_true(parse_u64("18446744073709551616", &end, false) == UINT64_MAX);
    assert_true(parse_u64("99999999999999999999999", NULL, false) == UINT64_MAX);
    assert_true(parse_u64("0xfffffffffffG", NULL, true) == UINT64_MAX);
    const char *text = "";
    assert_int_equal(parse_u64(text, &end, true), 0);
    assert_ptr_equal(end, text);
}

static void test_str_copy(void **state)
{
    char buf[4];
    assert_int_equal(str_copy(buf, "ab", sizeof buf), 2);
    assert_string_equal(buf, "ab");
    assert_int_equal(str_copy(buf, "abcd", sizeof buf), 4);
    assert_string_equal(buf, "abc");
    assert_int_equal(str_copy(buf, "abcd", 1), 4);
    assert_string_equal(buf, "");
    EXPECT_PANIC(str_copy(buf, "a", 0));
}

static void test_bitmap_find(void **state)
{
    u64 map[3] = { 0 };
    assert_int_equal(bitmap_find_set(map, 130, 0), 130);
    bitmap_set(map, 63);
    bitmap_set(map, 64);
    bitmap_set(map, 131); /* behind the end: not there */
    assert_int_equal(bitmap_find_set(map, 130, 0), 63);
    assert_int_equal(bitmap_find_set(map, 130, 64), 64);
    assert_int_equal(bitmap_find_set(map, 130, 65), 130);
    assert_int_equal(bitmap_find_clear(map, 130, 63), 65);
    assert_int_equal(bitmap_find_clear(map, 64, 63), 64);
    assert_int_equal(bitmap_find_clear(map, 0, 0), 0);
    assert_int_equal(bitmap_find_clear(map, 130, 500), 130);
    bitmap_clear(map, 63);
    assert_false(bitmap_test(map, 63));
    assert_true(bitmap_test(map, 64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_the_hosts), cmocka_unit_test(test_cut_and_counted),
        cmocka_unit_test(test_unknown_is_copied), cmocka_unit_test(test_parse_numbers),
        cmocka_unit_test(test_str_copy), cmocka_unit_test(test_bitmap_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
