/* Sources: src/kernel/vfs/newc.c src/kernel/vfs/archive.c src/kernel/vfs/path_split.c */
#include "tests/unit/archive_test.h"

static struct collector c;
static char error[128];
static uint8_t b[8192];
static size_t len;

/* Appends a record; name_size and size may lie. */
static void put(const char *name, unsigned mode, unsigned ino, unsigned nlink, const char *data, long name_size, long size)
{
    size_t n = strlen(data);
    if (name_size < 0)
        name_size = (long)strlen(name) + 1;
    if (size < 0)
        size = (long)n;
    len += (size_t)sprintf((char *)b + len, "070701%08X%08X%08X%08X%08X%08X%08lX%08X%08X%08X%08X%08lX%08X", ino, mode, 3, 4,
                           nlink, 99, size, 0, 1, 5, 6, name_size, 0);
    memcpy(b + len, name, strlen(name) + 1);
    len += strlen(name) + 1;
    while (len % 4)
        b[len++] = 0;
    memcpy(b + len, data, n);
    len += n;
    while (len % 4)
        b[len++] = 0;
}
static void start(void) { memset(b, 0, sizeof b), len = 0; }
static void trailer(void) { put("TRAILER!!!", 0, 0, 1, "", -1, -1); }
static int run(void) { return walk_copy(newc_walk, b, len, &c, error); }
static void sample(void)
{
    start();
    put(".", 040755, 1, 2, "", -1, -1);
    put("/etc", 040755, 2, 2, "", -1, -1);
    put("./etc/motd", 0100644, 3, 1, "hello", -1, -1);
    put("empty", 0100600, 4, 1, "", -1, -1);
    put("l", 0120777, 5, 1, "etc/motd", -1, -1);
    put("h1", 0100644, 6, 3, "", -1, -1);
    put("h2", 0100644, 6, 3, "", -1, -1);
    put("h3", 0100644, 6, 3, "data", -1, -1);
    put("null", 020666, 7, 1, "", -1, -1);
    trailer();
}

static void test_sample(void **state)
{
    sample();
    assert_true(newc_detect(b, len));
    assert_int_equal(run(), 0);
    assert_int_equal(c.n, 8);
    assert_string_equal(c.e[0].path, "etc");
    assert_string_equal(c.e[1].path, "etc/motd");
    assert_int_equal(c.e[1].size, 5);
    assert_int_equal(c.e[1].uid, 3);
    assert_string_equal(c.e[3].link, "etc/motd");
    assert_false(c.e[4].hardlink);
    assert_int_equal(c.e[4].size, 4);
    assert_true(c.e[5].hardlink && c.e[6].hardlink);
    assert_string_equal(c.e[6].link, "h1");
}

static void test_two_archives(void **state)
{
    sample();
    len += 512 - len % 512;
    size_t first = len;
    put("second", 0100644, 3, 1, "2", -1, -1);
    trailer();
    assert_true(len > first);
    assert_int_equal(run(), 0);
    assert_int_equal(c.n, 9);
    b[len++] = 'x';
    assert_int_equal(run(), -22);
}

/* Slots too few for all, enough for some, none. */
static u32 slots;
static int indexed(const void *data, uint64_t size, archive_fn fn, void *ctx, char text[128])
{
    struct newc_indexes ix = { { calloc(slots, 8), slots, 0 }, { calloc(slots, 8), slots, 0 } };
    int r = newc_walk_indexed(data, size, &ix, fn, ctx, text);
    assert_true(ix.names.used < slots && ix.data.used < slots);
    free(ix.names.slots), free(ix.data.slots);
    return r;
}

/* Two names each, far from one another; the same numbers again in a second archive. */
static void test_index(void **state)
{
    char name[8];
    start();
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 24; i++) {
            sprintf(name, "%c%02u", "ac"[round] + (i >= 12), i % 12);
            put(name, 0100644, i % 12 + 7, 2, i < 12 ? "" : "data", -1, -1);
        }
        trailer();
    }
    for (slots = 4; slots <= 64; slots *= 2) {
        assert_int_equal(walk_copy(indexed, b, len, &c, error), 0);
        assert_int_equal(c.n, 48);
        for (int i = 0; i < 48; i++) {
            assert_int_equal(c.e[i].hardlink, i / 12 % 2);
            assert_string_equal(c.e[i].link, i / 12 % 2 ? c.e[i - 12].path : "");
            assert_int_equal(c.e[i].size, i / 12 % 2 ? 0 : 4);
        }
        mutate(indexed, b, len, slots);
    }
}

static void test_truncated(void **state)
{
    sample();
    for (size_t cut = 0; cut + 4 < len; cut++) {
        assert_int_equal(walk_copy(newc_walk, b, cut, &c, error), -22);
        assert_non_null(strstr(error, "cut off"));
    }
}

static void test_lies(void **state)
{
    static const long sizes[] = { 4000, 0x7fffffff, 0xfffffff0, 0xffffffff };
    for (size_t i = 0; i < 4; i++) {
        start();
        put("f", 0100644, 1, 1, "data", -1, sizes[i]);
        trailer();
        assert_int_equal(run(), -22);
        start();
        put("f", 0100644, 1, 1, "data", sizes[i], -1);
        trailer();
        assert_int_equal(run(), -22);
    }
    start();
    put("f", 0100644, 1, 1, "data", 0, -1);
    assert_int_equal(run(), -22);
    start();
    put("f", 0100644, 1, 1, "data", 1, -1); /* the name is not terminated there */
    assert_int_equal(run(), -22);
    sample();
    b[20] = 'g';
    assert_int_equal(run(), -22);
}

static void test_names(void **state)
{
    static const char *const bad[] = { "..", "../x", "a/../x", "x/..", "" };
    for (size_t i = 0; i < 5; i++) {
        start();
        put(bad[i], 0100644, 1, 1, "", -1, -1);
        trailer();
        assert_int_equal(run(), -22);
    }
    start();
    put("s", 0120777, 1, 1, "", -1, -1);
    trailer();
    assert_int_equal(run(), -22);
}

static void test_real_cpio(void **state)
{
    size_t n;
    uint8_t *t = read_command("command -v cpio >/dev/null || exit; d=$(mktemp -d); cd $d; mkdir q; printf abc > q/f; ln q/f q/g; ln -s f q/s; find . | sort | cpio -o -H newc 2>/dev/null; rm -rf $d", &n);
    if (n) {
        assert_int_equal(walk_copy(newc_walk, t, n, &c, error), 0);
        assert_int_equal(c.n, 4);
        assert_string_equal(c.e[1].path, "q/f");
        assert_int_equal(c.e[1].size, 3);
        assert_true(c.e[2].hardlink);
    }
    free(t);
    if (!n)
        skip();
}

static void test_fuzz(void **state)
{
    sample();
    mutate(newc_walk, b, len, 2);
    for (unsigned seed = 10; seed < 20; seed++)
        mutate(newc_walk, b, len, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sample), cmocka_unit_test(test_two_archives), cmocka_unit_test(test_index), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_lies), cmocka_unit_test(test_names), cmocka_unit_test(test_real_cpio), cmocka_unit_test(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
