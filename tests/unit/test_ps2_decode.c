/* Sources: src/drivers/input/ps2_decode.c */
#include "tests/unit/host.h"
#include "src/drivers/input/ps2_decode.h"
#include <stdlib.h>

static struct ps2_decoder d;
static u16 code;
static bool pressed;

static bool bytes(const u8 *b, unsigned n)
{
    bool r = false;
    for (unsigned i = 0; i < n; i++) {
        r = ps2_decode(&d, b[i], &code, &pressed);
        if (i + 1 < n)
            assert_false(r);
    }
    return r;
}
#define BYTES(...) bytes((const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

static void decode(void **state)
{
    assert_true(BYTES(0x1e) && code == 30 && pressed);
    assert_true(BYTES(0x9e) && code == 30 && !pressed);
    assert_true(BYTES(0xe0, 0x48) && code == 103 && pressed);
    assert_true(BYTES(0xe0, 0xc8) && code == 103 && !pressed);
    assert_false(BYTES(0xe0, 0x2a));
    assert_false(BYTES(0xe0, 0xaa));
    assert_true(BYTES(0xe1, 0x1d, 0x45) && code == 119 && pressed);
    assert_true(BYTES(0xe1, 0x9d, 0xc5) && code == 119 && !pressed);
    assert_true(BYTES(0x58) && code == 88);
    assert_false(BYTES(0x00));
    assert_false(BYTES(0xff));
    assert_true(BYTES(0x1e) && code == 30);
}
static void fuzz(void **state)
{
    srand(1);
    for (int i = 0; i < 100000; i++)
        if (ps2_decode(&d, (u8)rand(), &code, &pressed))
            assert_true(code > 0 && code < 128);
}
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(decode), cmocka_unit_test(fuzz) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
