/* Sources: src/user/lib/keys.c src/user/sh/edit_line.c src/user/sh/edit_search.c src/user/sh/edit_view.c src/user/sh/history.c src/user/sh/complete_list.c src/user/sh/memory.c src/kernel/tty/vt_engine.c src/kernel/tty/vt_screen.c src/kernel/tty/vt_csi.c src/kernel/tty/vt_mode.c src/kernel/tty/vt_sgr.c src/kernel/tty/vt_flush.c src/kernel/tty/vt_history.c */
/* The shell's line editor, without a terminal: keys from bytes, what keys do, and that the screen shows it. The
 * screen is the kernel's own engine. */
#include "tests/unit/host.h"
#include "src/user/sh/edit.h"
#include "tty/vt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

static struct history history;
static struct edit edit;
static struct key_decoder decoder;

static enum edit_result type_bytes(const char *bytes, size_t len)
{
    enum edit_result result = EDIT_MORE;
    for (size_t i = 0; i < len; i++) {
        unsigned key = key_decode(&decoder, (unsigned char)bytes[i]);
        if (key != KEY_NONE)
            result = edit_key(&edit, key);
    }
    return result;
}

static enum edit_result type(const char *bytes)
{
    return type_bytes(bytes, strlen(bytes));
}

static void fresh(void)
{
    edit_fini(&edit);
    memset(&decoder, 0, sizeof decoder);
    edit_init(&edit, &history);
}

/* Types bytes into an empty line; text and cursor must then be those. */
static void expect_line(const char *bytes, const char *text, size_t cursor)
{
    fresh();
    type(bytes);
    assert_string_equal(edit.text.data, text);
    assert_int_equal(edit.cursor, cursor);
}

static unsigned decode(const char *bytes)
{
    unsigned key = KEY_NONE;
    for (; *bytes; bytes++)
        key = key_decode(&decoder, (unsigned char)*bytes);
    return key;
}

static void test_keys(void **state)
{
    static const struct { const char *bytes; unsigned key; } table[] = {
        { "a", 'a' }, { "\303\244", 0xe4 }, { "\342\202\254", 0x20ac }, { "\360\237\230\200", 0x1f600 },
        { "\033[A", KEY_UP }, { "\033OA", KEY_UP }, { "\033[1;5C", KEY_WORD_RIGHT }, { "\033[1;3D", KEY_WORD_LEFT },
        { "\033[H", KEY_HOME }, { "\033[1~", KEY_HOME }, { "\033[7~", KEY_HOME }, { "\033[F", KEY_END }, { "\033[4~", KEY_END },
        { "\033[3~", KEY_DELETE }, { "\033[200~", KEY_PASTE_BEGIN }, { "\033[201~", KEY_PASTE_END }, { "\033b", KEY_META + 'b' },
        { "\033[24;80R", KEY_REPORT }, { "\033[[A", KEY_UNKNOWN }, { "\033[15~", KEY_UNKNOWN }, { "\033[?1;2c", KEY_UNKNOWN },
        { "\033\033[B", KEY_DOWN }, { "\303x", 'x' }, { "\033[\003", 3 }, { "\033\003", 3 }, { "\377", KEY_UNKNOWN }, { "\0337", KEY_META + '7' },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        memset(&decoder, 0, sizeof decoder);
        assert_int_equal(decode(table[i].bytes), table[i].key);
        assert_int_equal(decoder.state, KEYS_PLAIN);
        assert_int_equal(decode("z"), 'z');
    }
    decode("\033[24;132R");
    assert_int_equal(decoder.params[0], 24);
    assert_int_equal(decoder.params[1], 132);
}

static void test_editing(void **state)
{
    expect_line("hello", "hello", 5);
    expect_line("hello\x01X", "Xhello", 1);
    expect_line("helo\x02l", "hello", 4);
    expect_line("abc\x7f\x7f", "a", 1);
    expect_line("abc\x01\x04", "bc", 0);
    expect_line("abc\x01\033[3~\033[3~", "c", 0);
    expect_line("one two three\033b\033b\x0b", "one ", 4);
    expect_line("one two three\x17\x17\x19", "one two three", 13); /* two kills in a row are one */
    expect_line("one two\x15\x19\x19", "one twoone two", 14);
    expect_line("one two\x01\033d\033d\x05 \x19", " one two", 8);
    expect_line("ab\x14", "ba", 2);
    expect_line("a\303\244b\x02\x02\x7f", "\303\244b", 0);
    expect_line("a\303\244b\x02\x7f", "ab", 1);
    expect_line("abc \x1f", "", 0);
    expect_line("abc\x17x\x1f\x1f", "abc", 3);
    expect_line("a\x16\x03", "a\003", 2);
    expect_line("\033[200~one\rtwo\tx\033[201~!", "one\ntwo\tx!", 10);
    expect_line("ab\ncd", "abcd", 4);
    expect_line("\033[200~abc\rd\033[201~\033[A", "abc\nd", 1);
    expect_line("\033[200~abc\rd\033[201~\033[A\033[B", "abc\nd", 5);
    expect_line("a.b/c-d\033\x7f", "a.b/c-", 6);
}

static void test_results(void **state)
{
    fresh();
    assert_int_equal(type("\x04"), EDIT_END);
    assert_int_equal(type("x\x04"), EDIT_BELL);
    assert_int_equal(type("\t"), EDIT_COMPLETE);
    assert_int_equal(type("\x03"), EDIT_CANCEL);
    assert_int_equal(type("\x0c"), EDIT_CLEAR);
    assert_int_equal(type("\r"), EDIT_ACCEPT);
    assert_int_equal(type("\033[D\033[D"), EDIT_BELL);
}

static void test_history(void **state)
{
    history_add(&history, "first one");
    history_add(&history, "second cat");
    history_add(&history, "second cat");
    history_add(&history, " hidden");
    history_add(&history, "third");
    assert_int_equal(history.count, 3);
    expect_line("\x10", "third", 5);
    expect_line("draft\x10\x10\x0e\x0e", "draft", 5);
    expect_line("\x10\x10\x10\x10", "first one", 9);
    expect_line("\033<", "first one", 9);
    expect_line("x \033.", "x third", 7);
    expect_line("x \033.\033.\033.", "x one", 5);
    expect_line("\x12" "co", "second cat", 2);
    expect_line("\x12" "o\x12", "first one", 6);
    expect_line("\x12" "cat\x05!", "second cat!", 11);
    expect_line("keep\x12" "cat\x07", "keep", 4);
    expect_line("\x12" "catzz\x7f\x7f\x05", "second cat", 10);
    fresh();
    type("\x12nothing such");
    assert_true(edit.search_failed);
    assert_int_equal(type("\r"), EDIT_ACCEPT);
}

static void test_history_file(void **state)
{
    char path[] = "/tmp/rustica-history-XXXXXX";
    struct history one = { .max = 3 }, two = { .max = 3 };
    close(mkstemp(path));
    static const char *const lines[] = { "a", "for i in 1\ndo\ndone", "c", "d" };
    for (size_t i = 0; i < 4; i++) {
        history_add(&one, lines[i]);
        history_save_last(&one, path);
    }
    history_load(&two, path);
    assert_int_equal(two.count, 3);
    assert_string_equal(two.entries[0], lines[1]);
    assert_string_equal(two.entries[2], "d");
    for (int i = 0; i < 100; i++) {
        history_add(&one, i % 2 ? "x" : "y");
        history_save_last(&one, path);
    }
    history_free(&two);
    two.max = 3;
    history_load(&two, path); /* and shortens the file */
    history_free(&two);
    two.max = 1000;
    history_load(&two, path);
    assert_int_equal(two.count, 3);
    history_free(&one);
    history_free(&two);
    unlink(path);
}

static void test_candidates(void **state)
{
    struct candidates found = { 0 };
    struct buffer out = { 0 };
    candidates_add(&found, "prefix-b", "");
    candidates_add(&found, "prefix-a", "/");
    candidates_add(&found, "prefix-b", "");
    candidates_sort(&found);
    assert_int_equal(found.count, 2);
    assert_int_equal(candidates_common(&found), 7);
    candidates_columns(&found, 80, &out);
    assert_string_equal(out.data, "prefix-a/  prefix-b\r\n");
    out.len = 0;
    candidates_columns(&found, 12, &out);
    assert_string_equal(out.data, "prefix-a/\r\nprefix-b\r\n");
    buffer_free(&out);
    candidates_free(&found);
}

/* ---- the screen ---- */

enum { ROWS = 12, COLUMNS_MAX = 40 };

static struct vt_engine *vt;
static struct cell *vt_shown;
static struct view view;
static unsigned cursor_row, cursor_column;

static void vt_draw(void *ctx, unsigned row, unsigned col, const struct cell *c, unsigned n) {}
static void vt_cursor(void *ctx, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under)
{
    cursor_row = row, cursor_column = col;
}
static void vt_reply(void *ctx, const char *bytes, size_t n) {}
static const struct vt_out vt_out = { vt_draw, vt_cursor, vt_reply, NULL };

static void screen_start(unsigned columns)
{
    free(vt), free(vt_shown);
    vt_shown = calloc(columns * ROWS, sizeof *vt_shown);
    vt = vt_engine_init(calloc(1, vt_engine_size(columns, ROWS)), columns, ROWS, vt_shown, &vt_out);
    view_free(&view);
    view = (struct view){ .columns = columns };
}

static size_t screen_show(const char *prompt)
{
    struct buffer out = { 0 };
    buffer_append(&out, "", 0);
    view_show(&view, prompt, edit.text.data, edit.text.len, edit.cursor, &out);
    size_t len = out.len;
    vt_engine_write(vt, out.data, out.len);
    vt_engine_flush(vt);
    buffer_free(&out);
    return len;
}

/* Where a correct screen has each character: prompt and text from the row where the cursor tells they begin. */
static void screen_check(const char *prompt)
{
    unsigned row = 0, column = 0, at_row = 0, at_column = 0, columns = view.columns;
    static char want[64][COLUMNS_MAX];
    size_t plen = strlen(prompt);
    memset(want, ' ', sizeof want);
    for (size_t i = 0; i <= plen + edit.text.len; i++) {
        char c = i < plen ? prompt[i] : i - plen < edit.text.len ? edit.text.data[i - plen] : 0;
        bool full = column == columns;
        if (i == plen + edit.cursor) {
            bool end = edit.cursor == edit.text.len;
            at_row = full && !end ? row + 1 : row;
            at_column = full ? end ? columns - 1 : 0 : column;
        }
        if (c == 0)
            break;
        if (c == '\n' || full)
            row++, column = 0;
        if (c != '\n')
            want[row][column++] = c;
    }
    unsigned top = cursor_row - at_row;
    assert_true(cursor_row >= at_row && top + row < ROWS);
    assert_int_equal(cursor_column, at_column);
    for (unsigned r = 0; r <= row; r++)
        for (unsigned c = 0; c < columns; c++)
            if (vt_engine_row(vt, top + r)[c].ch != (unsigned char)want[r][c])
                fail_msg("row %u column %u: '%c' instead of '%c'", r, c, (int)vt_engine_row(vt, top + r)[c].ch, want[r][c]);
    for (unsigned r = top + row + 1; r < ROWS; r++)
        for (unsigned c = 0; c < columns; c++)
            assert_int_equal(vt_engine_row(vt, r)[c].ch, ' ');
}

static void test_screen(void **state)
{
    screen_start(20);
    fresh();
    assert_int_equal(screen_show("prompt# "), 8);
    for (int i = 0; i < 40; i++) {
        type("x");
        assert_int_equal(screen_show("prompt# "), 1); /* typing at the end writes the character and nothing else */
        screen_check("prompt# ");
    }
    for (int i = 0; i < 40; i++) {
        type("\x7f");
        screen_show("prompt# ");
        screen_check("prompt# ");
    }
}

/* Keys at random, several between two looks; widths at which lines wrap all the time. */
static void test_screen_random(void **state)
{
    static const char *const keys[] = { "a", "b", " ", "long word ", "\x7f", "\x02", "\x06", "\x01", "\x05", "\x17", "\x0b", "\x19",
                                        "\033b", "\033f", "\x04", "\x1f", "\033[200~x\ry\033[201~", "\x10", "\x0e", "0123456789", "\x14" };
    unsigned seed = 1;
    for (unsigned columns = 5; columns < 24; columns++) {
        screen_start(columns);
        fresh();
        for (int round = 0; round < 600; round++) {
            seed = seed * 1103515245 + 12345;
            const char *prompt = (seed >> 28) == 3 ? "other> " : "$ ";
            type(keys[(seed >> 16) % (sizeof keys / sizeof *keys)]);
            if (edit.text.len > columns * 4)
                type("\x15");
            unsigned rows = 1;
            for (size_t i = 0; i < edit.text.len; i++)
                rows += edit.text.data[i] == '\n';
            if (rows > 4)
                fresh();
            if ((seed >> 20) % 4 == 0)
                continue;
            screen_show(prompt);
            screen_check(prompt);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys), cmocka_unit_test(test_editing), cmocka_unit_test(test_results),
        cmocka_unit_test(test_history), cmocka_unit_test(test_history_file), cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_screen), cmocka_unit_test(test_screen_random),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    edit_fini(&edit);
    history_free(&history);
    view_free(&view);
    free(vt);
    return failed;
}
