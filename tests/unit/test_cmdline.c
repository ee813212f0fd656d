/* Sources: src/kernel/dev/cmdline.c */
#include "tests/unit/host.h"
#include "dev/cmdline.h"
#include <string.h>

static char words[64];
static size_t used;

static const char *find(const char *text, const char *key, unsigned nth)
{
    memset(words, '?', sizeof(words));
    used = cmdline_split(words, sizeof(words), text);
    return cmdline_find(words, used, key, nth);
}

static void words_and_values(void **state)
{
    assert_string_equal(find("  a=1\tquiet  b= a=2\n", "a", 0), "1");
    assert_string_equal(find("a=1 quiet b= a=2", "a", 1), "2");
    assert_null(find("a=1 a=2", "a", 2));
    assert_string_equal(find("a=1 quiet", "quiet", 0), "");
    assert_string_equal(find("b=", "b", 0), "");
    assert_string_equal(find("x=a=b", "x", 0), "a=b");
    assert_null(find("console=e9", "cons", 0));
    assert_null(find("", "a", 0));
    assert_null(find("   ", "a", 0));
}

static void quotes(void **state)
{
    assert_string_equal(find("init=\"/bin/a b\" x", "init", 0), "/bin/a b");
    assert_string_equal(find("\"init=/bin/a b\" x=1", "init", 0), "/bin/a b");
    assert_string_equal(find("\"init=/bin/a b\" x=1", "x", 0), "1");
    assert_string_equal(find("a=\"no end b=1", "a", 0), "no end b=1");
    assert_null(find("\"\" \"\"", "a", 0));
    assert_int_equal(used, 0);
}

static void init_words_are_not_ours(void **state)
{
    assert_null(find("a=1 -- b=2", "b", 0));
    assert_string_equal(find("a=1 -- b=2", "a", 0), "1");
    assert_string_equal(find("--a b=2", "b", 0), "2");
    assert_null(find("--", "--", 0));
}

static void too_long_is_dropped(void **state)
{
    char small[8];
    assert_int_equal(cmdline_split(small, sizeof(small), "abc defg"), 4);
    assert_int_equal(cmdline_split(small, sizeof(small), "abc def"), 8);
    assert_int_equal(cmdline_split(small, sizeof(small), "abcdefgh i"), 0);
    assert_int_equal(cmdline_split(small, 0, "a"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words_and_values), cmocka_unit_test(quotes),
                                        cmocka_unit_test(init_words_are_not_ours),
                                        cmocka_unit_test(too_long_is_dropped) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
