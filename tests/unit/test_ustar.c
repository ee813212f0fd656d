/* Sources: src/kernel/vfs/ustar.c src/kernel/vfs/archive.c src/kernel/vfs/path_split.c */
#include "tests/unit/archive_test.h"

static struct collector c;
static char error[128];

static struct seen *find(const char *path)
{
    for (int i = 0; i < c.n; i++)
        if (strcmp(c.e[i].path, path) == 0)
            return &c.e[i];
    return NULL;
}

#define TREE "d=$(mktemp -d); cd $d; mkdir -p a/b; printf hello > a/f; : > a/empty; ln -s ../f a/b/s; ln a/f a/zhard; " \
    "l=$(printf 'n%%.0s' $(seq 120)); mkdir -p $l; printf x > $l/$l; ln -s $l/$l a/longlink; head -c 1000 /dev/zero > big; "

static uint8_t *tar_of(const char *fmt_name, size_t *n)
{
    char cmd[1024];
    snprintf(cmd, sizeof cmd, TREE "tar --format=%s --sort=name --mtime=@1234567 --owner=7 --group=8 -cf - .; rm -rf $d", fmt_name);
    return read_command(cmd, n);
}

static void check_tree(const char *fmt_name)
{
    size_t n;
    char longname[256];
    uint8_t *t = tar_of(fmt_name, &n);
    assert_true(n > 1024);
    assert_true(ustar_detect(t, n));
    assert_int_equal(walk_copy(ustar_walk, t, n, &c, error), 0);
    assert_int_equal(find("a")->mode & 0170000, 0040000);
    assert_int_equal(find("a/f")->size, 5);
    assert_int_equal(find("a/f")->mode & 0170000, 0100000);
    assert_int_equal(find("a/f")->uid, 7);
    assert_int_equal(find("a/f")->gid, 8);
    assert_int_equal(find("a/f")->mtime, 1234567);
    assert_int_equal(find("a/empty")->size, 0);
    assert_string_equal(find("a/b/s")->link, "../f");
    assert_true(find("a/zhard")->hardlink);
    assert_string_equal(find("a/zhard")->link, "a/f");
    assert_int_equal(find("big")->size, 1000);
    memset(longname, 'n', 241);
    longname[120] = '/';
    longname[241] = 0;
    assert_int_equal(find(longname)->size, 1);
    assert_string_equal(find("a/longlink")->link, longname);
    free(t);
}

static void test_gnu(void **state) { check_tree("gnu"); }
static void test_pax(void **state) { check_tree("pax"); }

static void test_ustar_prefix(void **state)
{
    size_t n;
    uint8_t *t = read_command("d=$(mktemp -d); cd $d; p=$(printf 'p%.0s' $(seq 90)); mkdir -p $p; : > $p/f$p; tar --format=ustar -cf - $p; rm -rf $d", &n);
    assert_int_equal(walk_copy(ustar_walk, t, n, &c, error), 0);
    assert_int_equal(c.n, 2);
    assert_int_equal(strlen(c.e[1].path), 90 + 1 + 91);
    free(t);
}

static void test_truncated(void **state)
{
    size_t n;
    uint8_t *t = tar_of("pax", &n);
    size_t end = n; /* of the contents: the first of the zero blocks */
    while (end && t[end - 1] == 0)
        end--;
    for (size_t cut = 0; cut < n; cut += cut % 512 ? 512 - cut % 512 : 1) {
        int r = walk_copy(ustar_walk, t, cut, &c, error);
        if (cut < end) {
            assert_int_equal(r, -22);
            assert_non_null(strstr(error, "cut off"));
        }
    }
    for (size_t cut = 7; cut < end; cut += 251)
        assert_int_equal(walk_copy(ustar_walk, t, cut, &c, error), -22);
    free(t);
}

/* By hand. */
static void header(uint8_t *b, const char *name, char type, const char *size, const char *link)
{
    memset(b, 0, 512);
    strncpy((char *)b, name, 100);
    memcpy(b + 100, "0000644\0" "0000000\0" "0000000\0", 24);
    memcpy(b + 124, size, 12);
    memcpy(b + 136, "00000000000", 11);
    b[156] = (uint8_t)type;
    strncpy((char *)b + 157, link, 100);
    memcpy(b + 257, "ustar\0" "00", 8);
}
static void seal(uint8_t *b)
{
    unsigned sum = 0;
    memset(b + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += b[i];
    snprintf((char *)b + 148, 8, "%06o", sum);
}
static int one(const char *name, char type, const char *size, const char *link)
{
    static uint8_t b[4 * 512];
    memset(b, 0, sizeof b);
    header(b, name, type, size, link);
    seal(b);
    return walk_copy(ustar_walk, b, sizeof b, &c, error);
}

static void test_lying_sizes(void **state)
{
    assert_int_equal(one("f", '0', "00000001000 ", ""), 0); /* 512 */
    assert_int_equal(c.e[0].size, 512);
    assert_int_equal(one("f", '0', "00000003000 ", ""), -22); /* leaves no end mark */
    assert_int_equal(one("f", '0', "77777777777 ", ""), -22);
    assert_int_equal(one("f", '0', "777777777777", ""), -22);
    assert_int_equal(one("f", '0', "9           ", ""), -22);
    assert_int_equal(one("f", '0', "\x80\0\0\0\0\0\0\0\0\0\2\0", ""), 0);
    assert_int_equal(one("f", '0', "\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", ""), -22);
    assert_int_equal(one("f", '0', "\x80\0\0\1\0\0\0\0\0\0\0\0", ""), -22); /* more than 64 bits */
    assert_int_equal(one("f", '0', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", ""), -22);
}

static void test_names(void **state)
{
    assert_int_equal(one("../etc/passwd", '0', "0           ", ""), -22);
    assert_int_equal(one("a/../b", '0', "0           ", ""), -22);
    assert_int_equal(one("a/..", '5', "0           ", ""), -22);
    assert_int_equal(one("a..b/..c/d..", '0', "0           ", ""), 0);
    assert_int_equal(one("/./abs", '0', "0           ", ""), 0);
    assert_string_equal(c.e[0].path, "abs");
    assert_int_equal(one("./", '5', "0           ", ""), 0);
    assert_int_equal(c.n, 0);
    assert_int_equal(one("", '0', "0           ", ""), -22);
    assert_int_equal(one("dir/", '0', "0           ", ""), 0);
    assert_int_equal(c.e[0].mode & 0170000, 0040000);
    assert_int_equal(one("h", '1', "0           ", "../x"), -22);
    assert_int_equal(one("s", '2', "0           ", "../x"), 0);
    assert_int_equal(one("s", '2', "0           ", ""), -22);
    assert_int_equal(one("s", 'S', "0           ", ""), -22);
    assert_non_null(strstr(error, "unsupported"));
}

static int pax(const char *records)
{
    static uint8_t b[8 * 512];
    char size[13];
    memset(b, 0, sizeof b);
    snprintf(size, sizeof size, "%011o", (unsigned)strlen(records));
    header(b, "x", 'x', size, "");
    seal(b);
    memcpy(b + 512, records, strlen(records));
    header(b + 1024, "short", '0', "0           ", "");
    seal(b + 1024);
    return walk_copy(ustar_walk, b, sizeof b, &c, error);
}

static void test_pax_records(void **state)
{
    assert_int_equal(pax("13 path=long\n"), 0);
    assert_string_equal(c.e[0].path, "long");
    assert_int_equal(pax("11 uid=123\n12 mtime=1.5\n"), -22); /* 12 is a lie: 13 */
    assert_int_equal(pax("11 uid=123\n13 mtime=1.5\n"), 0);
    assert_int_equal(c.e[0].uid, 123);
    assert_int_equal(c.e[0].mtime, 1);
    assert_int_equal(pax("99 path=long\n"), -22);
    assert_int_equal(pax("0 path=long\n"), -22);
    assert_int_equal(pax("3 \n"), -22);
    assert_int_equal(pax("2 \n"), -22);
    assert_int_equal(pax("path=long\n"), -22);
    assert_int_equal(pax("99999999999999999999999 path=long\n"), -22);
    assert_int_equal(pax("30 size=99999999999999999999\n"), -22);
    assert_int_equal(pax("29 size=9223372036854775807\n"), -22);
    assert_int_equal(pax("15 path=../bad\n"), -22);
}

static void test_checksum(void **state)
{
    static uint8_t b[2048];
    header(b, "f", '0', "0           ", "");
    seal(b);
    b[0] ^= 1;
    assert_int_equal(walk_copy(ustar_walk, b, sizeof b, &c, error), -22);
    assert_string_equal(error, "ustar: bad checksum at offset 0");
}

static void test_fuzz(void **state)
{
    size_t n;
    uint8_t *t = tar_of("pax", &n);
    mutate(ustar_walk, t, n, 1);
    free(t);
    /* With checksums set right again, so that mutations get further. */
    for (int round = 0; round < 20000; round++) {
        static uint8_t b[6 * 512];
        memset(b, 0, sizeof b);
        header(b, "x", "xLK05"[rand() % 5], "00000000015 ", "");
        memcpy(b + 512, "13 path=long\n", 13);
        header(b + 1024, "e", "0125"[rand() % 4], "00000000700 ", "l");
        for (int k = rand() % 5; k > 0; k--)
            b[rand() % 1536] = rand() % 2 ? "0123456789 =\n/."[rand() % 15] : (uint8_t)rand();
        seal(b);
        seal(b + 1024);
        (void)walk_copy(ustar_walk, b, sizeof b - (rand() % 2 ? 0 : rand() % 1500), &c, error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gnu), cmocka_unit_test(test_pax), cmocka_unit_test(test_ustar_prefix),
        cmocka_unit_test(test_truncated), cmocka_unit_test(test_lying_sizes), cmocka_unit_test(test_names),
        cmocka_unit_test(test_pax_records), cmocka_unit_test(test_checksum), cmocka_unit_test(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
