/* Sources: src/kernel/vfs/path_split.c */
#include "tests/unit/host.h"
#include "vfs/path_split.h"
#include <stdio.h>
#include <string.h>

/* "/a//b/" -> "a|b+" : parts, '+' for a slash behind the last. */
static const char *split(const char *path)
{
    static char out[256];
    size_t at = 0;
    struct path_part p;
    do {
        path = path_split(path, &p);
        at += (size_t)snprintf(out + at, sizeof out - at, "%.*s%s", (int)p.len, p.name, !p.last ? "|" : p.dir ? "+" : "");
        assert_true(*path == 0 || *path == '/');
    } while (!p.last);
    return out;
}

static void test_split(void **state)
{
    assert_string_equal(split("a"), "a");
    assert_string_equal(split("/a//b/"), "a|b+");
    assert_string_equal(split("a/b/c"), "a|b|c");
    assert_string_equal(split("///a"), "a");
    assert_string_equal(split("./../x."), ".|..|x.");
    assert_string_equal(split("a///"), "a+");
    assert_string_equal(split("/"), "");
    assert_string_equal(split("///"), "");
    assert_string_equal(split(""), "");
}

static void test_dots(void **state)
{
    static const struct { const char *s; bool dot, dotdot; } t[] = {
        { ".", 1, 0 }, { "..", 0, 1 }, { "...", 0, 0 }, { ".a", 0, 0 }, { "a", 0, 0 }, { "", 0, 0 }, { "a.", 0, 0 },
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct path_part p;
        path_split(t[i].s, &p);
        assert_int_equal(path_is_dot(&p), t[i].dot);
        assert_int_equal(path_is_dotdot(&p), t[i].dotdot);
    }
}

/* Every place of a slash in names of every length, in front of bytes of all kinds. */
static void test_after_slash(void **state)
{
    char path[40];
    for (size_t n = 0; n < sizeof path; n++)
        for (size_t slash = 0; slash <= n; slash++)
            for (int fill = 1; fill < 256; fill++) {
                memset(path, fill, sizeof path);
                if (slash)
                    path[slash - 1] = '/';
                size_t want = fill == '/' ? n : slash;
                assert_int_equal(path_after_slash(path, n), want);
            }
    memcpy(path, "/a/b.0/cdefghijk", 16);
    assert_int_equal(path_after_slash(path, 16), 7);
    assert_int_equal(path_after_slash(path, 6), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_split), cmocka_unit_test(test_dots),
                                        cmocka_unit_test(test_after_slash) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
