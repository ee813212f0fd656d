/* Sources: src/kernel/tty/vt_engine.c src/kernel/tty/vt_screen.c src/kernel/tty/vt_csi.c src/kernel/tty/vt_mode.c src/kernel/tty/vt_sgr.c src/kernel/tty/vt_flush.c src/kernel/tty/vt_history.c */
#include "tests/unit/host.h"
#include "lib/format.h"
#include "tty/vt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

static unsigned cols, rows, cur_row, cur_col;
static bool cur_visible;
static enum cursor_shape cur_shape;
static struct cell *screen, *shown;
static char answer[64];
static struct vt_engine *vt;

static void draw(void *ctx, unsigned row, unsigned col, const struct cell *c, unsigned n)
{
    assert_true(row < rows && col + n <= cols && n > 0);
    memcpy(screen + row * cols + col, c, n * sizeof *c);
}
static void cursor(void *ctx, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    assert_true(row < rows && col < cols && under->ch == screen[row * cols + col].ch);
    cur_row = row, cur_col = col, cur_visible = shape != CURSOR_HIDDEN, cur_shape = shape;
}
static void reply(void *ctx, const char *b, size_t n)
{
    snprintf(answer, sizeof answer, "%.*s", (int)n, b);
}
static const struct vt_out out = { draw, cursor, reply, NULL };

static void start(unsigned c, unsigned r)
{
    cols = c, rows = r;
    free(screen), free(shown), free(vt);
    screen = calloc(c * r, sizeof *screen);
    shown = calloc(c * r, sizeof *shown);
    vt = vt_engine_init(calloc(1, vt_engine_size(c, r)), c, r, shown, &out);
}
static void put(const char *s)
{
    vt_engine_write(vt, s, strlen(s));
    vt_engine_flush(vt);
    for (unsigned row = 0; row < rows; row++)
        for (unsigned col = 0; col < cols; col++) {
            const struct cell *a = vt_engine_row(vt, row) + col, *b = screen + row * cols + col;
            assert_true(a->ch == b->ch && a->fg == b->fg && a->bg == b->bg && a->attr == b->attr);
        }
}
/* The screen as ASCII, rows joined by '|', trailing blanks cut. */
static const char *text(void)
{
    static char buf[8192];
    char *p = buf;
    for (unsigned row = 0; row < rows; row++) {
        unsigned end = cols;
        while (end > 0 && screen[row * cols + end - 1].ch == ' ')
            end--;
        for (unsigned col = 0; col < end; col++) {
            u32 ch = screen[row * cols + col].ch;
            *p++ = ch < 0x7f ? (char)ch : '#';
        }
        *p++ = '|';
    }
    p[-1] = 0;
    return buf;
}
static void check(const char *in, const char *want)
{
    start(5, 3);
    put(in);
    assert_string_equal(text(), want);
}

static void writing(void **state)
{
    check("ab\r\ncd", "ab|cd|");
    check("abcde", "abcde||");
    assert_int_equal(cur_row, 0), assert_int_equal(cur_col, 4);
    check("abcdef", "abcde|f|");
    check("abcde\r\nf", "abcde|f|");
    check("abcdefghijklmnopqrst", "fghij|klmno|pqrst");
    check("\33[?7labcdefg", "abcdg||");
    check("ab\b\bX", "Xb||");
    check("1\r\n2\r\n3\r\n4", "2|3|4");
    check("\33[4habc\33[1GX", "Xabc||");
    check("\33[1;1HA\33[6b", "AAAAA|AA|");
    check("\tx", "    x||");
}
static void moving(void **state)
{
    check("\33[2;3HX\33[AY\33[9DZ", "Z  Y|  X|");
    check("\33[99;99HX", "||    X");
    check("\33[2BX\33[GY\33[1dZ", " Z||Y");
    check("\0337ab\0338X", "Xb||");
    check("\33[sab\33[uX", "Xb||");
    check("\33[3Hx\33MA\33[H\33MB", "B|| A");
}
static void erasing(void **state)
{
    const char *full = "abcdefghijklmno";
    char in[64];
    static const struct { const char *seq, *want; } t[] = {
        { "\33[2;3H\33[K", "abcde|fg|klmno" }, { "\33[2;3H\33[1K", "abcde|   ij|klmno" },
        { "\33[2;3H\33[2K", "abcde||klmno" }, { "\33[2;3H\33[J", "abcde|fg|" },
        { "\33[2;3H\33[1J", "|   ij|klmno" }, { "\33[2J", "||" }, { "\33[2H\33[L", "abcde||fghij" },
        { "\33[1H\33[M", "fghij|klmno|" }, { "\33[2;2H\33[2P", "abcde|fij|klmno" },
        { "\33[2;2H\33[2@", "abcde|f  gh|klmno" }, { "\33[2;2H\33[2X", "abcde|f  ij|klmno" },
        { "\33[S", "fghij|klmno|" }, { "\33[T", "|abcde|fghij" }, { "\33[99S", "||" }, { "\33c", "||" },
        { "\33[1;2r\33[2;1H\n", "fghij||klmno" }, { "\33[2;3r\33[2;1H\33M", "abcde||fghij" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
        snprintf(in, sizeof in, "%s%s", full, t[i].seq);
        check(in, t[i].want);
    }
}
static void alternate(void **state)
{
    check("ab\33[?1049hXX", "  XX||");
    put("\33[?1049lc");
    assert_string_equal(text(), "abc||");
}
static void colours(void **state)
{
    check("\33[31ma\33[1mb\33[0;38;5;196mc\33[48;2;1;2;3md\33[me", "abcde||");
    assert_int_equal(screen[0].fg, 0xff5555);
    assert_int_equal(screen[0].bg, 0x282a36);
    assert_int_equal(screen[1].fg, 0xff6e6e);
    assert_int_equal(screen[1].attr, CELL_BOLD);
    assert_int_equal(screen[2].fg, 0xff0000);
    assert_int_equal(screen[3].bg, 0x010203);
    assert_int_equal(screen[4].fg, 0xf8f8f2);
    check("\33[4;7ma\33[24mb\33[97;104mc", "abc||");
    assert_int_equal(screen[0].attr, CELL_UNDERLINE | CELL_REVERSE);
    assert_int_equal(screen[1].attr, CELL_REVERSE);
    assert_int_equal(screen[2].fg, 0xffffff);
}
static void palette(void **state)
{
    check("\33]P1123456\33[31ma\33]Rb\33[31mc", "abc||"); /* they end by themselves */
    assert_int_equal(screen[0].fg, 0x123456);
    assert_int_equal(screen[1].fg, 0xff5555);
    check("\33]P12x\33]4;1;rgb:1/2/3\7y\33]0;Rx\33\\z", "yz||");
    vt_palette_use_vga();
    check("a\33[1;31mb", "ab||");
    assert_int_equal(screen[0].fg, 0xaaaaaa);
    assert_int_equal(screen[0].bg, 0);
    assert_int_equal(screen[1].fg, 0xff5555);
}
static void unicode(void **state)
{
    check("\303\244", "#||");
    assert_int_equal(screen[0].ch, 0xe4);
    check("\342\224\200\360\237\230\200", "##||");
    assert_int_equal(screen[1].ch, 0x1f600);
    check("\300\200a", "##a||"); /* overlong */
    check("\355\240\200", "#||");    /* surrogate */
    assert_int_equal(screen[0].ch, 0xfffd);
    check("\342\224x", "#x||");
    check("\33(0q\33(Bq", "#q||");
    assert_int_equal(screen[0].ch, 0x2500);
}
static void answers(void **state)
{
    check("ab\33[6n", "ab||");
    assert_string_equal(answer, "\33[1;3R");
    put("\33[5n");
    assert_string_equal(answer, "\33[0n");
    put("\33[c");
    assert_string_equal(answer, "\33[?6c");
    put("\33[?25l");
    assert_false(cur_visible);
}
static void shapes(void **state)
{
    check("a\33[2 qb\33[?1$pc\33[1 !qd", "abcd||");
    assert_int_equal(cur_shape, CURSOR_BLOCK);
    put("\33[5 q");
    assert_int_equal(cur_shape, CURSOR_BAR);
    put("\33[?25l");
    assert_int_equal(cur_shape, CURSOR_HIDDEN);
    put("\33[?25h\33[ q");
    assert_int_equal(cur_shape, CURSOR_LINE);
}
/* In the manner of vttest's first menus: what a VT102 does, on a screen of 5 by 3. */
static void vttest(void **state)
{
    check("\33#8", "EEEEE|EEEEE|EEEEE");
    assert_int_equal(cur_row, 0), assert_int_equal(cur_col, 0);
    check("\33#8\33[2;2H\33[1J\33[3;4H\33[J", "|  EEE|EEE");
    check("\33[2;3r\33[?6h\33[1;1HA\33[9;9HB", "|A|    B"); /* origin mode keeps in the region */
    check("\33[2;3r\33[?6h\33[2;2H\33[6n", "||");
    assert_string_equal(answer, "\33[2;2R");
    put("\33[?6l\33[1;1HC");
    assert_string_equal(text(), "C||");
    check("\33[2;3r\33[?6h\0337\33[?6l\33[HX\0338Y", "X|Y|"); /* ESC 8 brings origin mode back */
    check("1\n2\33[20h\n3", "1| 2|3");
    check("ab\33Ecd\33Mef", "abef|cd|");
    check("a\33[3g\33[1;3H\33H\r\tT", "a T||");
    check("abcde\33[1;5Hx\by", "abcyx||"); /* a backspace after the last column was written */
    check("abcdeX\33[?7l\33[3;1Hfghijk", "abcde|X|fghik");
    check("\33[2;3r\33[1;1H\33M\33Mtop", "top||"); /* reverse feed above the region does not scroll it */
    check("x\33[3;1H\33[1;2r\33[3;1H\n\ny", "x||y"); /* and a feed below it neither */
    check("ab\33[31;1;4m\33[!pcd\33[4hX", "abcdX||");
    assert_int_equal(screen[2].attr, 0);
    check("\33(0lqk\33(B\016\33)0q\017q", "####q||");
    check("\33[c\33[>c", "||");
    assert_string_equal(answer, "\33[>1;1;0c");
    put("\33[?25h\33[?8c");
    assert_int_equal(cur_shape, CURSOR_BLOCK);
    put("\33[?0c");
    assert_int_equal(cur_shape, CURSOR_LINE);
}
static void looks(void **state)
{
    check("\33[2ma\33[22mb\33[3mc\33[23;5md\33[25;9me", "abcde||");
    assert_int_equal(screen[0].fg, 0x909194);
    assert_int_equal(screen[1].fg, 0xf8f8f2);
    assert_int_equal(screen[2].attr, CELL_ITALIC);
    assert_int_equal(screen[3].bg, 0x6272a4);
    assert_int_equal(screen[4].bg, 0x282a36);
    assert_int_equal(screen[4].attr, 0);
}
static void key_modes(void **state)
{
    check("", "||");
    assert_int_equal(vt_engine_keys(vt), 0);
    put("\33[?1h\33=");
    assert_int_equal(vt_engine_keys(vt), VT_KEYS_CURSOR | VT_KEYS_KEYPAD);
    put("\33[?1l");
    assert_int_equal(vt_engine_keys(vt), VT_KEYS_KEYPAD);
    put("\33c");
    assert_int_equal(vt_engine_keys(vt), 0);
}
static void swallowed(void **state)
{
    check("\33]0;title\7a\33]2;x\33\\b\33P1;2q\30c", "abc||");
    check("\33[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19ma\33[>c\33[!pb", "ab||");
    check("\33[99999999999999999999Ca", "    a||");
    check("a\33[2\33[1Cb", "a b||");
}
/* What the display shows, whether it is the end or not. */
static const char *seen(int lines)
{
    vt_engine_view(vt, lines);
    vt_engine_flush(vt);
    return text();
}
static void history(void **state)
{
    start(5, 3);
    put("a\r\nb\r\nc\r\nd"); /* before there is a history */
    assert_string_equal(seen(1), "b|c|d");
    struct cell *mem = calloc(20, sizeof *mem);
    assert_false(vt_engine_history_short(vt, "", 0));
    assert_true(vt_engine_history_short(vt, "\n", 1));
    vt_engine_give_history(vt, mem, 4);
    assert_false(vt_engine_history_short(vt, "\n\n\n\n", 4));
    assert_true(vt_engine_history_short(vt, "123456\n\n\n\n", 10));
    put("\r\ne\r\nf");
    assert_string_equal(text(), "d|e|f");
    assert_true(cur_visible);
    assert_string_equal(seen(1), "c|d|e");
    assert_false(cur_visible);
    assert_string_equal(seen(9), "b|c|d");
    assert_string_equal(seen(-1), "c|d|e");
    put("\r\n1\r\n2\r\n3\r\n4\r\n5");
    assert_string_equal(text(), "3|4|5");
    assert_true(cur_visible);
    assert_string_equal(seen(99), "e|f|1"); /* four lines are kept */
    assert_string_equal(seen(-99), "3|4|5");
    put("\33[2;3r\33[3;1H\n\n\33[r\33[3;1H"); /* what scrolls below the top is not kept */
    assert_string_equal(seen(1), "2|3|");
    put("\33[?1049h");
    assert_string_equal(seen(1), "||");
    put("\33[99S\33[?1049l\33[9S");
    assert_string_equal(seen(3), "3||");
    put("\33[3J");
    assert_string_equal(seen(9), "||");
    free(mem);
}
/* More room, whether the ring has gone round or not: nothing that was kept is lost, and no order. */
static void history_grows(void **state)
{
    struct cell *mem = calloc(VT_HISTORY_MAX, sizeof *mem);
    unsigned lines = 0, kept = 0;
    char line[4] = "\r\n", want[] = "a|b";
    start(1, 2);
    while (!vt_engine_history_full(vt)) {
        vt_engine_give_history(vt, mem + kept, 32);
        kept += 32;
        for (unsigned more = 20 + kept / 2; more > 0; more--) {
            line[2] = (char)('a' + lines++ % 26);
            put(line);
        }
        unsigned back = lines - 2 < kept ? lines - 2 : kept;
        want[0] = (char)('a' + (lines - 2 - back) % 26), want[2] = (char)('a' + (lines - 1 - back) % 26);
        assert_string_equal(seen(999), want);
        (void)seen(-999);
    }
    assert_false(vt_engine_history_short(vt, "\n\n\n\n", 4));
    free(mem);
}
static void fuzz(void **state)
{
    static const unsigned sizes[][2] = { { 1, 1 }, { 1, 5 }, { 5, 1 }, { 2, 2 }, { 80, 25 }, { 200, 60 } };
    static const char alphabet[] = "\33\33\33[[[[;;?0123456789ABCDEFGHJKLMPSTXZ@`abcdefghlmnrsu()78\n\r\t\b";
    srand(1);
    for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
        start(sizes[s][0], sizes[s][1]);
        struct cell *mem = calloc(7 * sizes[s][0], sizeof *mem);
        for (int i = 0; i < 20000; i++) {
            if (i % 2000 == 1000 && i < 15000)
                vt_engine_give_history(vt, mem + i / 2000 * sizes[s][0], 1);
            char b[16];
            unsigned n = (unsigned)rand() % 16;
            for (unsigned k = 0; k < n; k++)
                b[k] = rand() % 4 ? alphabet[(unsigned)rand() % (sizeof alphabet - 1)] : (char)rand();
            vt_engine_write(vt, b, n);
            if (rand() % 200 == 0)
                put("\r");
            if (rand() % 50 == 0)
                (void)seen(rand() % 30 - 15);
        }
        put("\r");
        free(mem);
    }
}
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(writing), cmocka_unit_test(moving), cmocka_unit_test(erasing),
        cmocka_unit_test(alternate), cmocka_unit_test(colours), cmocka_unit_test(unicode), cmocka_unit_test(answers),
        cmocka_unit_test(shapes), cmocka_unit_test(vttest), cmocka_unit_test(looks), cmocka_unit_test(key_modes),
        cmocka_unit_test(swallowed), cmocka_unit_test(history), cmocka_unit_test(history_grows), cmocka_unit_test(fuzz), cmocka_unit_test(palette) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
