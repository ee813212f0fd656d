/* Sources: src/kernel/tty/keymap.c */
#include "tests/unit/host.h"
#include "tty/keymap.h"
#include <string.h>

static struct keymap_state k;
static bool leds;

static const char *key(u16 code, bool pressed)
{
    static char out[9];
    out[keymap_feed(&k, code, pressed, out, &leds)] = 0;
    return out;
}
static int setup(void **state) { memset(&k, 0, sizeof k); return 0; }

static void letters(void **state)
{
    assert_string_equal(key(30, true), "a");
    assert_string_equal(key(30, false), "");
    key(42, true), key(54, true), key(42, false);
    assert_string_equal(key(30, true), "A");
    assert_string_equal(key(2, true), "!");
    key(54, false);
    assert_string_equal(key(2, true), "1");
}
static void caps(void **state)
{
    key(58, true);
    assert_true(leds);
    key(58, true); /* repeats while held */
    assert_false(leds);
    key(58, false);
    assert_string_equal(key(30, true), "A");
    assert_string_equal(key(2, true), "1");
    key(42, true);
    assert_string_equal(key(30, true), "a");
    assert_string_equal(key(2, true), "!");
}
static void control_alt(void **state)
{
    key(97, true);
    assert_string_equal(key(46, true), "\3");
    assert_string_equal(key(26, true), "\33");
    char out[8];
    assert_int_equal(keymap_feed(&k, 57, true, out, &leds), 1);
    assert_int_equal(out[0], 0);
    key(97, false), key(56, true);
    assert_string_equal(key(48, true), "\33b");
    assert_string_equal(key(103, true), "\33\33[A");
}
static void special(void **state)
{
    assert_string_equal(key(103, true), "\33[A");
    assert_string_equal(key(102, true), "\33[1~");
    assert_string_equal(key(59, true), "\33[[A");
    assert_string_equal(key(88, true), "\33[24~");
    assert_string_equal(key(14, true), "\177");
    assert_string_equal(key(71, true), "\33[1~");
    key(69, true), key(69, false);
    assert_string_equal(key(71, true), "7");
    assert_string_equal(key(74, true), "-");
    assert_string_equal(key(83, true), ".");
}
static void every_code(void **state)
{
    for (unsigned mods = 0; mods < 8; mods++) {
        setup(NULL);
        if (mods & 1) key(42, true);
        if (mods & 2) key(29, true);
        if (mods & 4) key(56, true);
        for (unsigned c = 0; c < 65536; c++) {
            char out[8];
            if (c != 42 && c != 29 && c != 56)
                assert_true(keymap_feed(&k, (u16)c, true, out, &leds) <= 8);
        }
    }
}
#define T(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
    const struct CMUnitTest tests[] = { T(letters), T(caps), T(control_alt), T(special), T(every_code) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
