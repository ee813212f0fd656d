/* What keys do. See edit.h. */
#include "edit.h"

#include "../lib/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CTRL(c) ((c) - '@')

void say(struct editor *editor, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(editor->message, sizeof editor->message, format, ap);
    va_end(ap);
}

/* ---- moving ---- */

void move_to(struct editor *editor, size_t at)
{
    if (at >= editor->cursor)
        editor->line += text_count_lines(&editor->text, editor->cursor, at);
    else
        editor->line -= text_count_lines(&editor->text, at, editor->cursor);
    editor->cursor = at;
}

static void move_lines(struct editor *editor, size_t lines, bool down)
{
    struct text *text = &editor->text;
    size_t line = text_line_start(text, editor->cursor);
    if (!editor->column_kept)
        editor->column = view_column(editor, editor->cursor);
    editor->column_kept = true;
    for (; lines > 0; lines--) {
        size_t end = text_line_end(text, line);
        if (down ? end == text->len : line == 0)
            break;
        line = down ? end + 1 : text_line_start(text, line - 1);
    }
    move_to(editor, view_at_column(editor, line, editor->column));
}

static bool is_word(const struct text *text, size_t at)
{
    unsigned char c = (unsigned char)text_at(text, at);
    return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void move_word(struct editor *editor, bool right)
{
    const struct text *text = &editor->text;
    size_t at = editor->cursor;
    if (right) {
        while (at < text->len && !is_word(text, at))
            at++;
        while (at < text->len && is_word(text, at))
            at++;
    } else {
        while (at > 0 && !is_word(text, at - 1))
            at--;
        while (at > 0 && is_word(text, at - 1))
            at--;
    }
    move_to(editor, at);
}

void go_to_line(struct editor *editor, size_t line)
{
    size_t at = 0;
    for (; line > 1; line--) {
        size_t end = text_line_end(&editor->text, at);
        if (end == editor->text.len)
            break;
        at = end + 1;
    }
    move_to(editor, at);
}

static void ask_line(struct editor *editor)
{
    char text[24] = "";
    if (ask_text(editor, "Go to line: ", text, sizeof text))
        go_to_line(editor, strtoul(text, NULL, 10));
}

static void find_next(struct editor *editor)
{
    size_t at;
    if (!text_find(&editor->text, text_next(&editor->text, editor->cursor), editor->find, strlen(editor->find), &at)) {
        say(editor, *editor->find ? "'%s' is not in this text" : "%snothing was searched for yet", editor->find);
        return;
    }
    if (at <= editor->cursor)
        say(editor, "found further up: the search went on from the beginning");
    move_to(editor, at);
}

static void ask_find(struct editor *editor)
{
    char what[FIND_MAX] = "";
    if (!ask_text(editor, "Find: ", what, sizeof what))
        return; /* and what was searched before can still be */
    strcpy(editor->find, what);
    find_next(editor);
}

/* ---- changing ---- */

static void insert(struct editor *editor, const char *bytes, size_t len)
{
    if (text_insert(&editor->text, editor->cursor, bytes, len))
        move_to(editor, editor->cursor + len);
    else
        say(editor, "no memory: nothing was changed");
}

/* [at, end), of which one end is the cursor. */
static void erase(struct editor *editor, size_t at, size_t end)
{
    move_to(editor, at);
    if (!text_remove(&editor->text, at, end - at))
        say(editor, "no memory: nothing was changed");
}

static void cut_line(struct editor *editor, bool more)
{
    struct text *text = &editor->text;
    size_t start = text_line_start(text, editor->cursor), end = text_line_end(text, editor->cursor);
    end += end < text->len;
    size_t kept = more ? editor->cut_len : 0;
    char *cut = start == end ? NULL : realloc(editor->cut, kept + end - start);
    if (!cut) {
        say(editor, start == end ? "there is no line here" : "no memory: nothing was changed");
        return;
    }
    text_copy(text, start, end - start, cut + kept);
    editor->cut = cut;
    editor->cut_len = kept + end - start;
    editor->cutting = true;
    erase(editor, start, end);
}

/* From where the change begins, for what is before that stays: lines need not be counted from the first one. */
static void undo(struct editor *editor, size_t place, bool (*again)(struct text *text, size_t *at), const char *nothing)
{
    size_t was = editor->cursor, at;
    move_to(editor, place);
    bool done = again(&editor->text, &at);
    if (!done)
        say(editor, "%s", nothing);
    move_to(editor, done ? at : was);
}

static void type_character(struct editor *editor, unsigned key)
{
    char bytes[4];
    size_t len = key == '\r' ? 1 : utf8_encode(key, bytes);
    if (key == '\r')
        bytes[0] = '\n';
    insert(editor, bytes, len);
}

/* ---- keys ---- */

/* True: the key moves, and that is all it does. */
static bool moving_key(struct editor *editor, unsigned key)
{
    struct text *text = &editor->text;
    switch (key) {
    case KEY_LEFT: case CTRL('B'): move_to(editor, text_previous(text, editor->cursor)); return true;
    case KEY_RIGHT: move_to(editor, text_next(text, editor->cursor)); return true;
    case KEY_WORD_LEFT: move_word(editor, false); return true;
    case KEY_WORD_RIGHT: move_word(editor, true); return true;
    case KEY_HOME: case CTRL('A'): move_to(editor, text_line_start(text, editor->cursor)); return true;
    case KEY_END: case CTRL('E'): move_to(editor, text_line_end(text, editor->cursor)); return true;
    case KEY_UP: move_lines(editor, 1, false); return true;
    case KEY_DOWN: move_lines(editor, 1, true); return true;
    case KEY_PAGE_UP: move_lines(editor, view_page_lines(), false); return true;
    case KEY_PAGE_DOWN: move_lines(editor, view_page_lines(), true); return true;
    case CTRL('G'): ask_line(editor); return true;
    case CTRL('N'): find_next(editor); return true;
    case CTRL('F'):
        ask_find(editor);
        return true;
    }
    return false;
}

static void changing_key(struct editor *editor, unsigned key, bool was_cutting)
{
    struct text *text = &editor->text;
    size_t at = editor->cursor;
    switch (key) {
    case 127: case CTRL('H'): erase(editor, text_previous(text, at), at); return;
    case KEY_DELETE: case CTRL('D'): erase(editor, at, text_next(text, at)); return;
    case CTRL('Z'): undo(editor, text_undo_place(text), text_undo, "nothing to undo"); return;
    case CTRL('Y'): undo(editor, text_redo_place(text), text_redo, "nothing to do again"); return;
    case CTRL('K'): cut_line(editor, was_cutting); return;
    case CTRL('U'): case CTRL('V'): insert(editor, editor->cut, editor->cut_len); return;
    case CTRL('S'): save(editor); return;
    case CTRL('O'): save_as(editor); return;
    case CTRL('Q'): leave(editor); return;
    case CTRL('L'): terminal_forget(); return;
    }
    if (key == '\r' || key == '\n' || key == '\t' || (key >= 32 && key < KEY_NONE))
        type_character(editor, key);
    else if (key < 32 || key >= KEY_META)
        say(editor, "this key does nothing here");
}

void command_key(struct editor *editor, unsigned key)
{
    bool was_cutting = editor->cutting, typing = (key >= 32 && key < KEY_NONE) || key == KEY_DELETE || key == CTRL('H');
    bool vertical = key == KEY_UP || key == KEY_DOWN || key == KEY_PAGE_UP || key == KEY_PAGE_DOWN;
    if (key == KEY_RESIZED) {
        editor->left = 0; /* what is wider may show the line from its start */
        return;
    }
    *editor->message = 0;
    editor->cutting = false;
    editor->column_kept &= vertical;
    if (!typing) /* each stretch of typing is one step of undo, and so is everything else */
        text_separate(&editor->text);
    if (!moving_key(editor, key))
        changing_key(editor, key, was_cutting);
    if (!typing && !editor->cutting)
        text_separate(&editor->text);
}
