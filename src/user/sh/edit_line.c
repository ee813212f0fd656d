/* The line being edited: keys change its text and its cursor. Pure; what a key cannot do alone (completion, the
 * end of the line) is told to the caller. Keys are those of emacs and of every shell since. */
#include "edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { UNDO_MAX = 200 };
#define CTRL(c) ((c) & 31)

struct edit_undo {
    struct edit_undo *below;
    size_t cursor, len;
    char text[];
};

/* ---- changes ---- */

static void undo_drop(struct edit *edit)
{
    struct edit_undo *top = edit->undo;
    edit->undo = top->below;
    edit->nundo--;
    free(top);
}

static void undo_save(struct edit *edit)
{
    struct edit_undo *undo = xmalloc(sizeof *undo + edit->text.len + 1);
    *undo = (struct edit_undo){ .below = edit->undo, .cursor = edit->cursor, .len = edit->text.len };
    memcpy(undo->text, edit->text.data, edit->text.len);
    edit->undo = undo;
    if (++edit->nundo < UNDO_MAX)
        return;
    struct edit_undo **link = &edit->undo; /* the oldest goes */
    while ((*link)->below)
        link = &(*link)->below;
    free(*link);
    *link = NULL;
    edit->nundo--;
}

static bool undo_take_back(struct edit *edit)
{
    if (!edit->undo)
        return false;
    edit->text.len = 0;
    buffer_append(&edit->text, edit->undo->text, edit->undo->len);
    edit->cursor = edit->undo->cursor;
    undo_drop(edit);
    return true;
}

/* The one place where text changes. */
static void splice(struct edit *edit, size_t from, size_t to, const char *text, size_t len)
{
    struct buffer tail = { 0 };
    if (from == edit->text.len) { /* typing at the end: nothing to move */
        buffer_append(&edit->text, text, len);
        edit->cursor = from + len;
        return;
    }
    buffer_append(&tail, edit->text.data + to, edit->text.len - to);
    edit->text.len = from;
    buffer_append(&edit->text, text, len);
    buffer_append(&edit->text, tail.data, tail.len);
    buffer_free(&tail);
    edit->cursor = from + len;
}

void edit_replace(struct edit *edit, size_t from, size_t to, const char *text, size_t len)
{
    undo_save(edit);
    edit->joining_inserts = edit->joining_kills = false;
    splice(edit, from, to, text, len);
}

void edit_insert(struct edit *edit, const char *text, size_t len)
{
    if (!edit->joining_inserts)
        undo_save(edit);
    edit->joining_inserts = true;
    splice(edit, edit->cursor, edit->cursor, text, len);
}

static bool erase(struct edit *edit, size_t from, size_t to)
{
    if (from >= to)
        return false;
    edit_replace(edit, from, to, "", 0);
    return true;
}

/* Like erase, but ^Y brings it back; kills in a row join. */
static bool kill_text(struct edit *edit, size_t from, size_t to, bool joining)
{
    struct buffer killed = { 0 };
    if (from >= to)
        return false;
    bool before = joining && to == edit->cursor;
    if (before || !joining)
        buffer_append(&killed, edit->text.data + from, to - from);
    if (joining)
        buffer_append(&killed, edit->killed.data, edit->killed.len);
    if (joining && !before)
        buffer_append(&killed, edit->text.data + from, to - from);
    buffer_free(&edit->killed);
    edit->killed = killed;
    erase(edit, from, to);
    edit->joining_kills = true;
    return true;
}

/* ---- places ---- */

static size_t next_char(const struct edit *edit, size_t at)
{
    unsigned code;
    if (at >= edit->text.len)
        return at;
    do /* with the marks that stand on it */
        at += utf8_decode(edit->text.data + at, edit->text.len - at, &code);
    while (at < edit->text.len && (utf8_decode(edit->text.data + at, edit->text.len - at, &code), char_width(code) == 0));
    return at;
}

static size_t previous_char(const struct edit *edit, size_t at)
{
    size_t found = 0;
    for (size_t next = 0; next < at; next = next_char(edit, next))
        found = next;
    return found;
}

static bool is_word(const struct edit *edit, size_t at)
{
    unsigned char c = (unsigned char)edit->text.data[at];
    return isalnum(c) || c == '_' || c >= 0x80;
}

static size_t word_right(const struct edit *edit)
{
    size_t at = edit->cursor;
    while (at < edit->text.len && !is_word(edit, at))
        at++;
    while (at < edit->text.len && is_word(edit, at))
        at++;
    return at;
}

static size_t word_left(const struct edit *edit)
{
    size_t at = edit->cursor;
    while (at > 0 && !is_word(edit, at - 1))
        at--;
    while (at > 0 && is_word(edit, at - 1))
        at--;
    return at;
}

/* ^W: words between blanks. */
static size_t blank_left(const struct edit *edit)
{
    size_t at = edit->cursor;
    while (at > 0 && isspace((unsigned char)edit->text.data[at - 1]))
        at--;
    while (at > 0 && !isspace((unsigned char)edit->text.data[at - 1]))
        at--;
    return at;
}

static size_t row_start(const struct edit *edit, size_t at)
{
    while (at > 0 && edit->text.data[at - 1] != '\n')
        at--;
    return at;
}

static size_t row_end(const struct edit *edit, size_t at)
{
    while (at < edit->text.len && edit->text.data[at] != '\n')
        at++;
    return at;
}

static bool move(struct edit *edit, size_t to)
{
    bool moved = to != edit->cursor;
    edit->cursor = to;
    return moved;
}

/* ---- history ---- */

void edit_show_history(struct edit *edit, int at)
{
    if (edit->at == edit->history->count) {
        free(edit->draft);
        edit->draft = xstrdup(edit->text.data);
    }
    const char *text = at == edit->history->count ? edit->draft : edit->history->entries[at];
    edit->at = at;
    edit_replace(edit, 0, edit->text.len, text, strlen(text));
}

/* Up and down: between the rows of a command of several, else through the history. */
static bool go_vertically(struct edit *edit, int step)
{
    size_t start = row_start(edit, edit->cursor), end = row_end(edit, edit->cursor), column = edit->cursor - start;
    int at = edit->at + step;
    if (step < 0 ? start > 0 : end < edit->text.len) {
        size_t to = step < 0 ? row_start(edit, start - 1) : end + 1, last = row_end(edit, to);
        to = to + column < last ? to + column : last;
        while (to > 0 && ((unsigned char)edit->text.data[to] & 0xc0) == 0x80)
            to--;
        return move(edit, to);
    }
    if (at < 0 || at > edit->history->count)
        return false;
    edit_show_history(edit, at);
    return true;
}

/* M-.: the last word of the command before; again: of the one before that. */
static bool insert_last_argument(struct edit *edit, int back)
{
    int index = edit->history->count - back;
    if (index < 0)
        return false;
    const char *line = edit->history->entries[index], *end = line + strlen(line);
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    const char *start = end;
    while (start > line && !isspace((unsigned char)start[-1]))
        start--;
    size_t from = back > 1 ? edit->last_argument_start : edit->cursor;
    edit_replace(edit, from, edit->cursor, start, (size_t)(end - start));
    edit->last_argument_start = from;
    edit->last_argument = back;
    return true;
}

/* ---- keys ---- */

static bool transpose(struct edit *edit)
{
    size_t right = edit->cursor == edit->text.len ? previous_char(edit, edit->cursor) : edit->cursor;
    size_t left = previous_char(edit, right), end = next_char(edit, right);
    if (right == left)
        return false;
    struct buffer swapped = { 0 };
    buffer_append(&swapped, edit->text.data + right, end - right);
    buffer_append(&swapped, edit->text.data + left, right - left);
    edit_replace(edit, left, end, swapped.data, swapped.len);
    buffer_free(&swapped);
    return true;
}

static bool yank(struct edit *edit)
{
    if (edit->killed.len)
        edit_replace(edit, edit->cursor, edit->cursor, edit->killed.data, edit->killed.len);
    return edit->killed.len > 0;
}

static bool insert_char(struct edit *edit, unsigned key)
{
    char bytes[4];
    if (key == 0 || key >= KEY_NONE)
        return false;
    edit_insert(edit, bytes, utf8_encode(key, bytes));
    return true;
}

/* Keys that move or change; false: nothing to move to or to change. */
static bool edit_command(struct edit *edit, unsigned key, bool kill_before, int arguments_before)
{
    size_t cursor = edit->cursor;
    switch (key) {
    case CTRL('B'): case KEY_LEFT: return move(edit, previous_char(edit, cursor));
    case CTRL('F'): case KEY_RIGHT: return move(edit, next_char(edit, cursor));
    case CTRL('A'): case KEY_HOME: move(edit, row_start(edit, cursor)); return true;
    case CTRL('E'): case KEY_END: move(edit, row_end(edit, cursor)); return true;
    case KEY_META + 'b': case KEY_WORD_LEFT: return move(edit, word_left(edit));
    case KEY_META + 'f': case KEY_WORD_RIGHT: return move(edit, word_right(edit));
    case CTRL('H'): case 127: return erase(edit, previous_char(edit, cursor), cursor);
    case CTRL('D'): case KEY_DELETE: return erase(edit, cursor, next_char(edit, cursor));
    case CTRL('K'): return kill_text(edit, cursor, row_end(edit, cursor), kill_before);
    case CTRL('U'): return kill_text(edit, row_start(edit, cursor), cursor, kill_before);
    case CTRL('W'): return kill_text(edit, blank_left(edit), cursor, kill_before);
    case KEY_META + 'd': return kill_text(edit, cursor, word_right(edit), kill_before);
    case KEY_META + 127: case KEY_META + CTRL('H'): return kill_text(edit, word_left(edit), cursor, kill_before);
    case CTRL('Y'): return yank(edit);
    case CTRL('T'): return transpose(edit);
    case CTRL('_'): return undo_take_back(edit);
    case CTRL('P'): case KEY_UP: return go_vertically(edit, -1);
    case CTRL('N'): case KEY_DOWN: return go_vertically(edit, 1);
    case KEY_META + '<': case KEY_PAGE_UP: edit_show_history(edit, 0); return true;
    case KEY_META + '>': case KEY_PAGE_DOWN: edit_show_history(edit, edit->history->count); return true;
    case KEY_META + '.': case KEY_META + '_': return insert_last_argument(edit, arguments_before + 1);
    case KEY_META + '\n': case KEY_META + '\r': return insert_char(edit, '\n');
    case KEY_PASTE_BEGIN: edit->pasting = true; return true;
    case KEY_PASTE_END: case KEY_REPORT: case KEY_UNKNOWN: case KEY_INSERT: case CTRL('G'): return true;
    }
    return key >= ' ' && insert_char(edit, key);
}

static enum edit_result paste_key(struct edit *edit, unsigned key)
{
    if (key == KEY_PASTE_END)
        edit->pasting = false;
    else
        insert_char(edit, key == '\r' ? '\n' : key);
    return EDIT_MORE;
}

enum edit_result edit_key(struct edit *edit, unsigned key)
{
    if (key == KEY_NONE || (edit->searching && edit_search_key(edit, key)))
        return EDIT_MORE;
    if (edit->pasting)
        return paste_key(edit, key);
    bool kill_before = edit->joining_kills, inserts_before = edit->joining_inserts;
    int arguments_before = edit->last_argument;
    edit->joining_kills = false;
    edit->joining_inserts = inserts_before && key >= ' ' && key < KEY_NONE && key != 127;
    edit->last_argument = 0;
    if (edit->literal_next) {
        edit->literal_next = false;
        return insert_char(edit, key) ? EDIT_MORE : EDIT_BELL;
    }
    switch (key) {
    case '\n': case '\r': return EDIT_ACCEPT;
    case CTRL('C'): return EDIT_CANCEL;
    case CTRL('I'): return EDIT_COMPLETE;
    case CTRL('L'): return EDIT_CLEAR;
    case CTRL('V'): edit->literal_next = true; return EDIT_MORE;
    case CTRL('R'): edit_search_begin(edit); return EDIT_MORE;
    case CTRL('D'):
        if (edit->text.len == 0)
            return EDIT_END;
    }
    return edit_command(edit, key, kill_before, arguments_before) ? EDIT_MORE : EDIT_BELL;
}

/* ---- life ---- */

void edit_init(struct edit *edit, const struct history *history)
{
    *edit = (struct edit){ .history = history };
    edit_start(edit);
}

void edit_start(struct edit *edit)
{
    edit->text.len = edit->query.len = 0;
    buffer_append(&edit->text, "", 0);
    while (edit->undo)
        undo_drop(edit);
    edit->cursor = 0;
    edit->at = edit->history->count;
    edit->pasting = edit->literal_next = edit->joining_kills = edit->joining_inserts = edit->searching = false;
    edit->last_argument = 0;
}

void edit_fini(struct edit *edit)
{
    while (edit->undo)
        undo_drop(edit);
    buffer_free(&edit->text);
    buffer_free(&edit->killed);
    buffer_free(&edit->query);
    free(edit->draft);
}
