/* Sources: src/user/edit/text.c src/user/edit/text_undo.c src/user/edit/text_lines.c src/user/lib/keys.c */
/* The editor's text: whatever is done to it, undone and redone, it is what a plain string would be. */
#include "tests/unit/host.h"
#include "src/user/edit/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const struct text *text, const char *want)
{
    char *got = calloc(1, text->len + 1);
    text_copy(text, 0, text->len, got);
    assert_string_equal(got, want);
    free(got);
}

static void test_typing_is_one_step(void **state)
{
    struct text text;
    size_t at;
    text_init(&text, NULL, 0);
    assert_false(text_is_changed(&text));
    assert_true(text_insert(&text, 0, "a", 1) && text_insert(&text, 1, "b", 1) && text_insert(&text, 2, "c", 1));
    text_separate(&text);
    assert_true(text_insert(&text, 0, "x", 1));
    expect(&text, "xabc");
    assert_true(text_undo(&text, &at));
    expect(&text, "abc");
    assert_true(text_undo(&text, &at));
    expect(&text, "");
    assert_false(text_is_changed(&text));
    assert_false(text_undo(&text, &at));
    assert_true(text_redo(&text, &at) && text_redo(&text, &at));
    expect(&text, "xabc");
    assert_false(text_redo(&text, &at));
    text_fini(&text);
}

static void test_removals_join_both_ways(void **state)
{
    struct text text;
    size_t at;
    text_init(&text, strdup("abcdef"), 6);
    assert_true(text_remove(&text, 2, 1) && text_remove(&text, 1, 1) && text_remove(&text, 1, 1));
    expect(&text, "aef");
    assert_true(text_undo(&text, &at));
    expect(&text, "abcdef");
    text_fini(&text);
}

static void test_saved_state_can_be_lost(void **state)
{
    struct text text;
    size_t at;
    text_init(&text, NULL, 0);
    text_insert(&text, 0, "one", 3);
    text_mark_saved(&text);
    text_insert(&text, 3, "two", 3); /* must not join: undo comes back to what was saved */
    assert_true(text_is_changed(&text));
    text_undo(&text, &at);
    expect(&text, "one");
    assert_false(text_is_changed(&text));
    text_undo(&text, &at);
    text_insert(&text, 0, "new", 3);
    assert_true(text_is_changed(&text));
    text_fini(&text);
}

static void test_lines_and_characters(void **state)
{
    struct text text;
    static const char words[] = "one\nt\xc3\xa9\xe2\x82\xac\n\nend \xff";
    text_init(&text, strdup(words), sizeof words - 1);
    for (size_t gap = 0; gap <= sizeof words - 1; gap++) { /* wherever the gap lies */
        text_insert(&text, gap, "#", 1);
        text_remove(&text, gap, 1);
        assert_int_equal(text_line_start(&text, 2), 0);
        assert_int_equal(text_line_start(&text, 4), 4);
        assert_int_equal(text_line_end(&text, 4), 10);
        assert_int_equal(text_line_start(&text, 11), 11);
        assert_int_equal(text_line_end(&text, 11), 11);
        assert_int_equal(text_line_end(&text, 13), sizeof words - 1);
        assert_int_equal(text_next(&text, 5), 7);
        assert_int_equal(text_next(&text, 7), 10);
        assert_int_equal(text_previous(&text, 10), 7);
        assert_int_equal(text_previous(&text, 7), 5);
        assert_int_equal(text_previous(&text, sizeof words - 1), sizeof words - 2);
        assert_int_equal(text_count_lines(&text, 0, text.len), 3);
        assert_int_equal(text_count_lines(&text, 4, 10), 0);
    }
    text_fini(&text);
}

static void test_find_wraps_and_folds(void **state)
{
    struct text text;
    size_t at;
    text_init(&text, strdup("Alpha beta alpha"), 16);
    assert_true(text_find(&text, 1, "alpha", 5, &at));
    assert_int_equal(at, 11);
    assert_true(text_find(&text, 12, "alpha", 5, &at));
    assert_int_equal(at, 0);
    assert_true(text_find(&text, 0, "Al", 2, &at));
    assert_int_equal(at, 0);
    assert_false(text_find(&text, 0, "BETA", 4, &at));
    assert_false(text_find(&text, 16, "alphabet", 8, &at));
    text_fini(&text);
}

/* Against a plain string, with all its former states. */
static void test_random_changes(void **state)
{
    enum { STEPS = 400, MAX = 4096 };
    static char states[STEPS + 1][MAX];
    struct text text;
    size_t at;
    unsigned seed = 1, steps = 0;
    text_init(&text, NULL, 0);
    for (unsigned i = 0; i < STEPS; i++) {
        char *now = states[i + 1];
        size_t len = strlen(states[i]);
        memcpy(now, states[i], len + 1);
        seed = seed * 1103515245 + 12345;
        size_t where = len ? (seed >> 8) % (len + 1) : 0, n = 1 + (seed >> 20) % 9;
        text_separate(&text);
        if (seed & 0x10000 && where + n <= len) {
            memmove(now + where, now + where + n, len - where - n + 1);
            assert_true(text_remove(&text, where, n));
        } else {
            memmove(now + where + n, now + where, len - where + 1);
            memset(now + where, 'a' + (int)(i % 26), n);
            assert_true(text_insert(&text, where, now + where, n));
        }
        steps++;
        expect(&text, now);
    }
    for (unsigned i = steps; i > 0; i--) {
        assert_true(text_undo(&text, &at));
        expect(&text, states[i - 1]);
    }
    for (unsigned i = 0; i < steps; i++) {
        assert_true(text_redo(&text, &at));
        expect(&text, states[i + 1]);
    }
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing_is_one_step), cmocka_unit_test(test_removals_join_both_ways),
        cmocka_unit_test(test_saved_state_can_be_lost), cmocka_unit_test(test_lines_and_characters),
        cmocka_unit_test(test_find_wraps_and_folds), cmocka_unit_test(test_random_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
