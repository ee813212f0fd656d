/* Sources: src/drivers/rtc/cmos_time.c */
#include "tests/unit/host.h"
#include "src/drivers/rtc/cmos_time.h"
#include "lib/errno.h"

static u64 decode(struct cmos_regs r)
{
    u64 s = 0;
    assert_int_equal(cmos_time_decode(&r, &s), 0);
    return s;
}

static void formats(void **state)
{
    assert_int_equal(decode((struct cmos_regs){ 0, 0, 0, 1, 1, 0x70, 2 }), 0);
    /* 2024-02-29 23:59:58 in all four forms */
    u64 want = 1709251198;
    assert_int_equal(decode((struct cmos_regs){ 0x58, 0x59, 0x23, 0x29, 0x02, 0x24, 2 }), want);
    assert_int_equal(decode((struct cmos_regs){ 58, 59, 23, 29, 2, 24, 6 }), want);
    assert_int_equal(decode((struct cmos_regs){ 0x58, 0x59, 0x91, 0x29, 0x02, 0x24, 0 }), want);
    assert_int_equal(decode((struct cmos_regs){ 58, 59, 0x8b, 29, 2, 24, 4 }), want);
    /* midnight is 12 AM */
    assert_int_equal(decode((struct cmos_regs){ 0, 0, 0x12, 1, 1, 0x70, 0 }), 0);
    assert_int_equal(decode((struct cmos_regs){ 0, 0, 0x92, 1, 1, 0x70, 0 }), 43200);
}

static void rubbish(void **state)
{
    u64 s;
    for (unsigned b = 0; b < 8; b++) {
        struct cmos_regs ones = { 255, 255, 255, 255, 255, 255, (u8)b }, zeros = { .status_b = (u8)b };
        assert_int_equal(cmos_time_decode(&ones, &s), -EINVAL);
        assert_int_equal(cmos_time_decode(&zeros, &s), -EINVAL);
    }
    struct cmos_regs feb29 = { 0, 0, 0, 29, 2, 23, 6 }, hex = { 0x0a, 0, 0, 1, 1, 0, 2 };
    assert_int_equal(cmos_time_decode(&feb29, &s), -EINVAL);
    assert_int_equal(cmos_time_decode(&hex, &s), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(formats), cmocka_unit_test(rubbish) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
