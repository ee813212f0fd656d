/* Sources: src/kernel/tty/keymap.c src/kernel/tty/keymap_keys.c src/kernel/tty/keymap_compose.c */
#include "tests/unit/host.h"
#include "tty/keymap.h"
#include <stdlib.h>
#include <string.h>

static struct keymap_state k;
static struct keymap_layout l;
static bool leds;

static const char *key(u16 code, bool pressed)
{
    static char out[KEYMAP_OUT_MAX + 1];
    out[keymap_feed(&k, &l, code, pressed, out, &leds)] = 0;
    return out;
}
static int setup(void **state) { memset(&k, 0, sizeof k); memset(&l, 0, sizeof l); keymap_layout_init(&l); return 0; }

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
    char out[KEYMAP_OUT_MAX];
    assert_int_equal(keymap_feed(&k, &l, 57, true, out, &leds), 1);
    assert_int_equal(out[0], 0);
    key(97, false), key(56, true);
    assert_string_equal(key(48, true), "\33b");
    assert_string_equal(key(103, true), "\33[1;3A");
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
static void modifiers(void **state)
{
    key(29, true);
    assert_string_equal(key(106, true), "\33[1;5C");
    assert_string_equal(key(111, true), "\33[3;5~");
    key(42, true);
    assert_string_equal(key(107, true), "\33[1;6F");
    assert_string_equal(key(63, true), "\33[15;6~");
    key(29, false);
    assert_string_equal(key(15, true), "\33[Z");
    assert_string_equal(key(59, true), "\33[1;2P");
}
static void application(void **state)
{
    k.app_cursor = true;
    assert_string_equal(key(103, true), "\33OA"), assert_string_equal(key(106, true), "\33OC"), assert_string_equal(key(72, true), "\33OA");
    assert_string_equal(key(102, true), "\33[1~"), assert_string_equal(key(104, true), "\33[5~"), assert_string_equal(key(59, true), "\33[[A");
    key(29, true);
    assert_string_equal(key(103, true), "\33[1;5A");
    key(29, false);
    k.app_keypad = true;
    assert_string_equal(key(71, true), "\33Ow"), assert_string_equal(key(82, true), "\33Op"), assert_string_equal(key(96, true), "\33OM");
    assert_string_equal(key(78, true), "\33Ol"), assert_string_equal(key(28, true), "\r"), assert_string_equal(key(103, true), "\33OA");
    key(69, true), key(69, false);
    assert_string_equal(key(71, true), "7"), assert_string_equal(key(96, true), "\r");
}
static void german(void **state)
{
    l.sym[0][26] = 0xfc, l.sym[1][26] = 0xdc;                              /* u with diaeresis */
    l.sym[0][100] = KEYMAP_SYM(KEYMAP_SHIFT, 1), l.sym[2][18] = 0x20ac;    /* AltGr, euro */
    l.sym[0][41] = KEYMAP_SYM(KEYMAP_DEAD, 2);                             /* circumflex */
    assert_string_equal(key(26, true), "\303\274");
    key(58, true), key(58, false);
    assert_string_equal(key(26, true), "\303\234");
    key(58, true), key(58, false);
    key(100, true);
    assert_string_equal(key(18, true), "\342\202\254");
    assert_string_equal(key(30, true), ""); /* the layout has nothing there */
    key(100, false);
    assert_string_equal(key(41, true), "");
    assert_string_equal(key(18, true), "\303\252");
    assert_string_equal(key(41, true), "");
    assert_string_equal(key(57, true), "^");
    assert_string_equal(key(41, true), "");
    assert_string_equal(key(45, true), "^x");
}
static void compose(void **state)
{
    assert_string_equal(key(127, true), "");
    assert_string_equal(key(30, true), "");
    assert_string_equal(key(18, true), "\303\246");
    assert_string_equal(key(18, true), "e");
    key(127, true), key(18, true);
    assert_string_equal(key(13, true), "\342\202\254"); /* e =, the other way round */
}
static void cyrillic(void **state)
{
    for (unsigned t = 0; t < 2; t++)
        l.sym[2 + t][46] = (u16)(0x441 - 32 * t);
    l.sym[0][97] = KEYMAP_SYM(KEYMAP_LOCK, 1);
    assert_string_equal(key(46, true), "c");
    key(97, true), key(97, false);
    assert_string_equal(key(46, true), "\321\201");
    key(42, true);
    assert_string_equal(key(46, true), "\320\241");
    key(42, false), key(29, true);
    assert_string_equal(key(46, true), "\3");
    key(29, false), key(97, true), key(97, false);
    assert_string_equal(key(46, true), "c");
}
static void layout_changes_while_a_key_is_down(void **state)
{
    key(58, true);
    l.sym[0][58] = KEYMAP_SYM(KEYMAP_SHIFT, 2);
    key(58, false);
    assert_true(k.caps);
    k.caps = false;
    key(58, true);
    assert_string_equal(key(46, true), "\3");
    l.sym[0][58] = 0;
    key(58, false), key(58, false);
    assert_string_equal(key(46, true), "c");
}
static void any_layout(void **state)
{
    srand(1);
    for (unsigned i = 0; i < 200000; i++) {
        if (i % 16 == 0)
            l.sym[rand() % KEYMAP_TABLES][rand() % KEYMAP_KEYS] = (u16)rand();
        bool down = rand() % 2;
        key((u16)(rand() % 140), down);
    }
}
static void every_code(void **state)
{
    for (unsigned mods = 0; mods < 8; mods++) {
        setup(NULL);
        if (mods & 1) key(42, true);
        if (mods & 2) key(29, true);
        if (mods & 4) key(56, true);
        for (unsigned c = 0; c < 65536; c++) {
            char out[KEYMAP_OUT_MAX];
            if (c != 42 && c != 29 && c != 56)
                assert_true(keymap_feed(&k, &l, (u16)c, true, out, &leds) <= KEYMAP_OUT_MAX);
        }
    }
}
#define T(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
    const struct CMUnitTest tests[] = { T(letters), T(caps), T(control_alt), T(special), T(modifiers), T(application), T(german), T(compose), T(cyrillic),
        T(layout_changes_while_a_key_is_down), T(any_layout), T(every_code) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
