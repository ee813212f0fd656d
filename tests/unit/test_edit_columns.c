/* Sources: src/user/edit/text.c src/user/edit/text_undo.c src/user/edit/text_lines.c src/user/edit/columns.c src/user/lib/cells.c src/user/lib/keys.c */
/* What the editor remembers of long lines is what one finds who looks at all of them anew, whatever changes. */
#include "tests/unit/host.h"
#include "src/user/edit/edit.h"
#include "src/user/lib/cells.h"
#include <stdlib.h>
#include <string.h>

static size_t plain_start(const struct text *text, size_t at)
{
    while (at > 0 && text_at(text, at - 1) != '\n')
        at--;
    return at;
}

static size_t plain_end(const struct text *text, size_t at)
{
    while (at < text->len && text_at(text, at) != '\n')
        at++;
    return at;
}

/* The last place from the line's start that goes beyond neither. */
static struct mark plain_walk(const struct text *text, size_t line, size_t to, size_t column)
{
    struct mark place = { line, 0 };
    while (place.at < to && place.at < text->len && text_at(text, place.at) != '\n') {
        unsigned code;
        size_t len = text_character(text, place.at, &code), width = cells_width(code, len, place.column);
        if (place.column + width > column)
            break;
        place.at += len;
        place.column += width;
    }
    return place;
}

static void expect_alike(struct editor *editor, size_t at, size_t column)
{
    struct text *text = &editor->text;
    size_t line = plain_start(text, at);
    assert_int_equal(text_line_start(text, at), line);
    assert_int_equal(text_line_end(text, at), plain_end(text, at));
    assert_int_equal(view_column(editor, at), plain_walk(text, line, at, (size_t)-1).column);
    assert_int_equal(view_at_column(editor, line, column), plain_walk(text, line, text->len, column).at);
}

static unsigned seed = 7;

static unsigned any(unsigned limit)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % limit;
}

static void test_long_lines_stay_known(void **state)
{
    static const char *const words[] = { "x", "\t", "\n", "\xc3\xa9", "\xe4\xb8\xad", "\x01", "plain words, ", "\xff", "\n\n" };
    enum { FIRST = 60000, STEPS = 1500 };
    struct editor editor = { 0 };
    struct text *text = &editor.text;
    char *bytes = malloc(FIRST);
    size_t at;
    for (size_t i = 0; i < FIRST; i++)
        bytes[i] = i % 17 == 3 ? '\t' : i % 29999 == 100 ? '\n' : 'a';
    text_init(text, bytes, FIRST);
    for (unsigned i = 0; i < STEPS; i++) {
        size_t where = any((unsigned)text->len + 1), n = any(40) ? any(12) : any(9000);
        const char *word = words[any(sizeof words / sizeof *words)];
        text_separate(text);
        switch (any(4)) {
        case 0: assert_true(text_remove(text, where, n < text->len - where ? n : text->len - where)); break;
        case 1: text_undo(text, &at); break;
        case 2: text_redo(text, &at); break;
        default: assert_true(text_insert(text, where, word, strlen(word))); break;
        }
        if (text->len < FIRST / 2)
            assert_true(text_undo(text, &at));
        expect_alike(&editor, any((unsigned)text->len + 1), any(40000));
        expect_alike(&editor, where < text->len ? where : text->len, any(40000));
    }
    text_fini(text);
}

/* A key in a line of 8 MB at three of its places: looked at, that would be some 10^10 bytes here. */
static void test_keys_in_a_huge_line(void **state)
{
    enum { HUGE = 8 << 20, KEYS = 400 };
    static const double places[] = { 1, 0.5, 0.001 };
    struct editor editor = { 0 };
    char *bytes = malloc(HUGE);
    memset(bytes, 'a', HUGE);
    text_init(&editor.text, bytes, HUGE);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t at = (size_t)(HUGE * places[i]);
        for (unsigned key = 0; key < KEYS; key++, at++) {
            assert_true(text_insert(&editor.text, at, "b", 1));
            assert_int_equal(view_column(&editor, at), at);
            assert_int_equal(view_at_column(&editor, text_line_start(&editor.text, at), at), at);
            assert_int_equal(text_line_end(&editor.text, at), editor.text.len);
            assert_int_equal(text_count_lines(&editor.text, 0, editor.text.len), 0);
        }
    }
    text_fini(&editor.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_lines_stay_known),
        cmocka_unit_test(test_keys_in_a_huge_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
