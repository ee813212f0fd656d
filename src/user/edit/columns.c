/* Which column a byte stands in, and the other way. A long line is walked once, with a mark every few thousand bytes;
 * then from the nearest mark. See edit.h. */
#include "edit.h"

#include "../lib/cells.h"

enum { MARK_EVERY = 4096 };

/* How many bytes at `at` are plain ASCII, one column each; at most `most`. */
static size_t plain_run(const struct text *text, size_t at, size_t most)
{
    size_t len, n = 0;
    const char *piece = text_piece(text, at, &len);
    for (most = most < len ? most : len; n < most && piece[n] >= ' ' && piece[n] < 0x7f; n++)
        ;
    return n;
}

/* One step of the walk: false at the line's end, or when it would lead beyond `to` or `column`. */
static bool step(const struct text *text, struct mark *place, size_t to, size_t column)
{
    if (place->at >= to)
        return false;
    size_t most = to - place->at < column - place->column ? to - place->at : column - place->column;
    size_t run = plain_run(text, place->at, most < MARK_EVERY ? most : MARK_EVERY);
    if (run) {
        place->at += run;
        place->column += run;
        return true;
    }
    unsigned code;
    size_t len = text_character(text, place->at, &code), width = cells_width(code, len, place->column);
    if (code == '\n' || width > column - place->column)
        return false;
    place->at += len;
    place->column += width;
    return true;
}

struct mark column_place(struct text *text, size_t line, size_t at, size_t column)
{
    struct mark place = text_mark_before(text, line, at, column), last = place;
    size_t to = at < text->len ? at : text->len;
    while (step(text, &place, to, column))
        if (place.at - last.at >= MARK_EVERY) {
            text_mark(text, place);
            last = place;
        }
    return place;
}

size_t view_column(struct editor *editor, size_t at)
{
    return column_place(&editor->text, text_line_start(&editor->text, at), at, (size_t)-1).column;
}

size_t view_at_column(struct editor *editor, size_t line, size_t column)
{
    return column_place(&editor->text, line, (size_t)-1, column).at;
}
