/* Keeps prompt and line on a terminal, rewriting as little as can be: a character typed at the end is written
 * and nothing else. Pure; the terminal is one that waits with the wrap at the right margin until the next
 * character comes (terminfo: am, xenl), as all do that are in use. */
#include "edit.h"

#include <stdio.h>
#include <string.h>

enum { TAB_STOP = 8 };

struct place {
    unsigned row, column;
};

/* ---- where things are ---- */

/* What stands for a character: itself, "^X" for a control character, blanks for a tab. */
static size_t glyph(unsigned code, const char *bytes, size_t len, unsigned column, char out[TAB_STOP], unsigned *width)
{
    if (code == '\t') {
        *width = TAB_STOP - column % TAB_STOP;
        memset(out, ' ', *width);
        return *width;
    }
    if (code < ' ' || code == 127) {
        out[0] = '^';
        out[1] = (char)(code ^ 64);
        *width = 2;
        return 2;
    }
    memcpy(out, bytes, len);
    *width = len == 1 && code >= 0x80 ? 1 : char_width(code);
    return len;
}

static void next_cells(const struct view *view, struct place *at, unsigned width)
{
    if (at->column + width > view->columns) { /* does not fit: the terminal goes to the next row by itself */
        at->row++;
        at->column = 0;
    }
    at->column += width < view->columns ? width : view->columns;
}

/* Walks one character on; its bytes are put out if anybody wants them. */
static size_t advance(const struct view *view, struct place *at, const char *text, size_t len, struct buffer *out)
{
    char bytes[TAB_STOP];
    unsigned code, width;
    size_t taken = utf8_decode(text, len, &code);
    if (code == '\n') {
        if (out)
            buffer_append(out, "\r\n", 2);
        *at = (struct place){ at->row + 1, 0 };
        return taken;
    }
    size_t size = glyph(code, text, taken, at->column % view->columns, bytes, &width);
    if (out)
        buffer_append(out, bytes, size);
    bool together = code >= ' ' && code != 127; /* "^X" and a tab's blanks may be parted, a wide character not */
    for (unsigned i = 0; i < (together ? 1 : width); i++)
        next_cells(view, at, together ? width : 1);
    return taken;
}

/* Skips "ESC [ ... letter": it takes no room. */
static size_t skip_escape(const char *text)
{
    size_t i = 2;
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    while (text[i] && ((unsigned char)text[i] < 0x40 || (unsigned char)text[i] > 0x7e))
        i++;
    return i + (text[i] != 0);
}

static struct place prompt_end(const struct view *view, const char *prompt, struct buffer *out)
{
    struct place at = { 0, 0 };
    while (*prompt) {
        size_t taken = skip_escape(prompt);
        if (taken && out)
            buffer_append(out, prompt, taken);
        if (!taken)
            taken = advance(view, &at, prompt, strlen(prompt), out);
        prompt += taken;
    }
    return at;
}

static struct place place_of(const struct view *view, const char *text, size_t to)
{
    struct place at = prompt_end(view, view->prompt.data, NULL);
    for (size_t i = 0; i < to;)
        i += advance(view, &at, text + i, to - i, NULL);
    return at;
}

/* ---- moving ---- */

static void move_by(struct buffer *out, unsigned count, char letter)
{
    char sequence[16];
    int len = count == 1 ? snprintf(sequence, sizeof sequence, "\033[%c", letter)
                         : snprintf(sequence, sizeof sequence, "\033[%u%c", count, letter);
    if (count)
        buffer_append(out, sequence, (size_t)len);
}

static void move_to(struct view *view, struct place to, struct buffer *out)
{
    if (to.column == view->columns) { /* the place behind a full row is the start of the next */
        to.row++;
        to.column = 0;
    }
    if (view->column == view->columns || (view->row != to.row && to.column == 0)) {
        buffer_add(out, '\r'); /* out of the waiting state, or simply shorter */
        view->column = 0;
    }
    if (to.row < view->row)
        move_by(out, view->row - to.row, 'A');
    else
        move_by(out, to.row - view->row, 'B');
    if (to.column < view->column && view->column - to.column <= 3)
        buffer_append(out, "\b\b\b", view->column - to.column);
    else if (to.column < view->column)
        move_by(out, view->column - to.column, 'D');
    else
        move_by(out, to.column - view->column, 'C');
    view->row = to.row;
    view->column = to.column;
    view->at_end = false;
}

/* ---- showing ---- */

static size_t common_prefix(const struct buffer *old, const char *text, size_t len)
{
    size_t i = 0;
    if (old->len <= len && memcmp(old->data, text, old->len) == 0)
        return old->len; /* appended to: the common case, and lines may be long */
    while (i < old->len && i < len && old->data[i] == text[i])
        i++;
    while (i > 0 && i < len && ((unsigned char)text[i] & 0xc0) == 0x80)
        i--;
    while (i > 0 && i < old->len && ((unsigned char)old->data[i] & 0xc0) == 0x80)
        i--;
    return i;
}

static void set_text(struct buffer *buffer, const char *text, size_t len)
{
    buffer->len = 0;
    buffer_append(buffer, text, len);
}

static void draw_prompt(struct view *view, const char *prompt, struct buffer *out)
{
    if (view->drawn) {
        move_to(view, (struct place){ 0, 0 }, out);
        buffer_append(out, "\033[J", 3);
    }
    struct place end = prompt_end(view, prompt, out);
    set_text(&view->prompt, prompt, strlen(prompt));
    set_text(&view->text, "", 0);
    view->row = end.row;
    view->column = end.column;
    view->drawn = view->at_end = true;
}

/* Writes text from `from` on, where the cursor is now, and wipes what was longer before. */
static void draw_text(struct view *view, const char *text, size_t len, size_t from, struct buffer *out)
{
    struct place at = { view->row, view->column };
    if (view->text.len > from)
        buffer_append(out, "\033[J", 3);
    view->text.len = from;
    buffer_append(&view->text, text + from, len - from);
    while (from < len)
        from += advance(view, &at, text + from, len - from, out);
    view->row = at.row;
    view->column = at.column;
    view->at_end = true;
}

static size_t last_before_margin(const struct view *view, const char *text, size_t at)
{
    while (at > 0 && place_of(view, text, at).column == view->columns)
        do
            at--;
        while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

void view_show(struct view *view, const char *prompt, const char *text, size_t len, size_t cursor, struct buffer *out)
{
    if (!view->drawn || strcmp(view->prompt.data, prompt) != 0)
        draw_prompt(view, prompt, out);
    size_t same = common_prefix(&view->text, text, len);
    if (view->at_end && same == view->text.len && cursor == len) {
        if (same < len)
            draw_text(view, text, len, same, out);
        return;
    }
    if (view->text.len > len + view->columns)
        same = 0; /* a new line in place of a long one: whole, so that a recorded session can be read */
    bool changed = same < len || same < view->text.len;
    struct place start = place_of(view, text, same);
    bool here = start.row == view->row && start.column == view->column;
    if (changed && !here && start.column == view->columns) {
        /* Behind a full row there is no place to move to: write from its last character on. */
        same = last_before_margin(view, text, same);
        if (same == 0 && place_of(view, text, 0).column == view->columns)
            draw_prompt(view, prompt, out);
        start = place_of(view, text, same);
        here = start.row == view->row && start.column == view->column;
    }
    if (changed && !here)
        move_to(view, start, out);
    if (changed)
        draw_text(view, text, len, same, out);
    struct place wanted = place_of(view, text, cursor);
    if (wanted.row != view->row || wanted.column != view->column) {
        if (wanted.column == view->columns && cursor == len)
            wanted.column--; /* stays on the last cell: there may be no row below yet */
        move_to(view, wanted, out);
    }
}

void view_leave(struct view *view, struct buffer *out)
{
    if (!view->drawn)
        return;
    struct place end = place_of(view, view->text.data, view->text.len);
    if (end.row != view->row)
        move_to(view, (struct place){ end.row, 0 }, out);
    buffer_append(out, "\r\n", 2);
    view->drawn = false;
}

void view_restart(struct view *view, bool clear, struct buffer *out)
{
    if (clear && view->drawn) {
        buffer_add(out, '\r');
        move_by(out, view->row, 'A');
        buffer_append(out, "\033[J", 3);
    }
    view->drawn = false;
    view->row = view->column = 0;
}

void view_free(struct view *view)
{
    buffer_free(&view->prompt);
    buffer_free(&view->text);
}
