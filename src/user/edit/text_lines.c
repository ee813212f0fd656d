/* See text.h: where lines begin and end, and what is known of their columns.
 *
 * A file may be one line of many megabytes. Where no newline was found is remembered (if that was long; short ways are
 * walked again), and changes move or cut what is remembered, so that no key looks at all of such a line. */
#include "text.h"
#include "text_priv.h"

#include <stdlib.h>
#include <string.h>

enum { LONG = 1024 };

static struct stretch *stretch_with(struct text *text, size_t at)
{
    for (unsigned i = 0; i < text->stretch_count; i++)
        if (text->stretches[i].from <= at && at <= text->stretches[i].to)
            return &text->stretches[i];
    return NULL;
}

static void remember(struct text *text, struct stretch *known, size_t from, size_t to)
{
    if (known) {
        known->from = from < known->from ? from : known->from;
        known->to = to > known->to ? to : known->to;
    } else if (to - from >= LONG) {
        text->stretches[text->stretch_next] = (struct stretch){ from, to };
        text->stretch_next = (text->stretch_next + 1) % STRETCHES;
        text->stretch_count += text->stretch_count < STRETCHES;
    }
}

static const char *last_newline(const char *bytes, size_t len)
{
    while (len > 0)
        if (bytes[--len] == '\n')
            return bytes + len;
    return NULL;
}

static size_t find_start(const struct text *text, size_t at)
{
    if (at > text->gap) {
        const char *behind = text->data + text->gap + text->gap_len;
        const char *newline = last_newline(behind, at - text->gap);
        if (newline)
            return text->gap + (size_t)(newline - behind) + 1;
        at = text->gap;
    }
    const char *newline = last_newline(text->data, at);
    return newline ? (size_t)(newline - text->data) + 1 : 0;
}

static size_t find_end(const struct text *text, size_t at)
{
    while (at < text->len) {
        size_t n;
        const char *piece = text_piece(text, at, &n), *newline = memchr(piece, '\n', n);
        if (newline)
            return at + (size_t)(newline - piece);
        at += n;
    }
    return at;
}

size_t text_line_start(struct text *text, size_t at)
{
    struct stretch *known = stretch_with(text, at);
    size_t start = find_start(text, known ? known->from : at);
    remember(text, known, start, at);
    return start;
}

size_t text_line_end(struct text *text, size_t at)
{
    struct stretch *known = stretch_with(text, at);
    size_t end = find_end(text, known ? known->to : at);
    remember(text, known, at, end);
    return end;
}

size_t text_count_lines(struct text *text, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t at = text_line_end(text, from); at < to; at = text_line_end(text, at + 1))
        count++;
    return count;
}

/* ---- marks ---- */

/* How many of the marks lie before `line`, or in it with neither number greater. Both only grow in a line. */
static size_t count_before(const struct text *text, size_t line, size_t at, size_t column)
{
    size_t low = 0, high = text->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mark *mark = &text->marks[middle];
        if (mark->at <= line || (mark->at <= at && mark->column <= column))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mark text_mark_before(struct text *text, size_t line, size_t at, size_t column)
{
    size_t end = text_line_end(text, line), count = count_before(text, line, at < end ? at : end, column);
    return count && text->marks[count - 1].at > line ? text->marks[count - 1] : (struct mark){ line, 0 };
}

void text_mark(struct text *text, struct mark mark)
{
    size_t index = count_before(text, 0, mark.at, (size_t)-1);
    if (index && text->marks[index - 1].at == mark.at)
        return;
    if (text->mark_count == text->mark_room) {
        size_t room = text->mark_room * 2 + 64;
        struct mark *grown = realloc(text->marks, room * sizeof *grown);
        if (!grown)
            return;
        text->marks = grown;
        text->mark_room = room;
    }
    memmove(&text->marks[index + 1], &text->marks[index], (text->mark_count - index) * sizeof mark);
    text->marks[index] = mark;
    text->mark_count++;
}

/* What stands behind the change in its line has other columns now; what stands in later lines has moved. */
static void move_marks(struct text *text, size_t at, size_t removed, size_t len)
{
    size_t kept = count_before(text, 0, at, (size_t)-1), from = kept;
    if (from == text->mark_count)
        return;
    size_t end = text_line_end(text, at + removed);
    while (from < text->mark_count && text->marks[from].at <= end)
        from++;
    for (; from < text->mark_count; from++, kept++) {
        text->marks[kept] = text->marks[from];
        text->marks[kept].at += len - removed; /* modulo the size of the type */
    }
    text->mark_count = kept;
}

/* Where a place is when [at, end) is gone. */
static size_t place_after(size_t place, size_t at, size_t end)
{
    return place <= at ? place : place <= end ? at : place - (end - at);
}

void lines_change(struct text *text, size_t at, size_t removed, const char *bytes, size_t len)
{
    bool newline = len && memchr(bytes, '\n', len);
    move_marks(text, at, removed, len);
    for (unsigned i = 0; i < text->stretch_count; i++) {
        struct stretch *stretch = &text->stretches[i];
        stretch->from = place_after(stretch->from, at, at + removed);
        stretch->to = place_after(stretch->to, at, at + removed);
        if (stretch->from >= at) {
            stretch->from += len;
            stretch->to += len;
        } else if (stretch->to > at) {
            stretch->to = newline ? at : stretch->to + len;
        }
    }
}
