/* Sources: src/kernel/linux/dirent_pack.c src/kernel/linux/iovec.c */
#include "tests/unit/host.h"
#include <string.h>
#include "lib/errno.h"
#include "linux/dirent_pack.h"
#include "linux/iovec.h"

/* Called as it is, not folded into what each test expects. */
static size_t (*volatile pack64)(void *buf, size_t space, const struct dirent_item *d) = dirent64_pack;

static void record_layout(void **state)
{
    u8 buf[64];
    struct dirent_item d = { "abcde", 5, 7, 9, LX_DT_REG };
    /* 19 + 5 + 1 = 25, padded to 32 */
    assert_int_equal(pack64(buf, sizeof(buf), &d), 32);
    struct lx_dirent64 *e = (void *)buf;
    assert_int_equal(e->ino, 7);
    assert_int_equal(e->off, 9);
    assert_int_equal(e->reclen, 32);
    assert_int_equal(e->type, LX_DT_REG);
    assert_string_equal((char *)buf + 19, "abcde");
    /* 18 + 5 + 2 = 25, padded to 32; the type is the last byte */
    assert_int_equal(dirent_pack(buf, sizeof(buf), &d), 32);
    assert_string_equal((char *)buf + 18, "abcde");
    assert_int_equal(buf[31], LX_DT_REG);
}

static void record_exact_fit(void **state)
{
    u8 buf[24];
    struct dirent_item d = { "abcd", 4, 1, 1, LX_DT_DIR }; /* 19 + 4 + 1 = 24 */
    assert_int_equal(pack64(buf, 24, &d), 24);
    assert_int_equal(pack64(buf, 23, &d), 0);
    assert_int_equal(pack64(buf, 0, &d), 0);
    assert_int_equal(dirent_pack(buf, 24, &d), 24);
    assert_int_equal(dirent_pack(buf, 23, &d), 0);
}

static void iovec_bounds(void **state)
{
    u64 total;
    struct lx_iovec neg[] = { { 0, 1 }, { 0, 1ull << 63 } };
    assert_int_equal(lx_iovec_check(neg, 2, &total), -EINVAL);
    struct lx_iovec big[] = { { 0, 0x7fffffff }, { 0, 0x7fffffff }, { 0, INT64_MAX } };
    assert_int_equal(lx_iovec_check(big, 3, &total), 0);
    assert_int_equal(total, LX_RW_MAX);
    assert_int_equal(big[0].len, LX_RW_MAX);
    assert_int_equal(big[1].len, 0);
    assert_int_equal(lx_iovec_check(NULL, 0, &total), 0);
    assert_int_equal(total, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(record_layout), cmocka_unit_test(record_exact_fit), cmocka_unit_test(iovec_bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
