/* The grid of cells under the engine: writing, erasing, scrolling, the cursor's movements.
 *
 * Scrolling turns the table of lines, it moves no cells. Whatever changes a row marks it dirty;
 * vt_engine_flush compares it with what the display has. */
#include "lib/bitmap.h"
#include "lib/string.h"
#include "tty/vt_priv.h"

void vt_fill(struct vt_engine *vt, unsigned row, unsigned from, unsigned to)
{
    struct cell blank = vt_blank(vt), *cells = vt_row(vt, row);

#pragma GCC unroll 8
    for (unsigned i = from; i < to; i++)
        cells[i] = blank;
    vt->dirty[row] = true;
}

void vt_fill_rows(struct vt_engine *vt, unsigned from, unsigned to)
{
    for (unsigned row = from; row < to; row++)
        vt_fill(vt, row, 0, vt->cols);
}

void vt_lines_reverse(struct cell **line, unsigned from, unsigned to)
{
    while (from + 1 < to) {
        struct cell *t = line[from];
        line[from++] = line[--to];
        line[to] = t;
    }
}

/* Rows [top, bottom): the first n go to the end. Three reversals make a rotation; by one line, which is
 * what nearly all scrolling is, a move is one. */
static void lines_rotate(struct vt_engine *vt, unsigned top, unsigned bottom, unsigned n)
{
    struct cell **line = vt->screen->line, *first = line[top];

    if (n == 1) {
        memmove(line + top, line + top + 1, (bottom - top - 1) * sizeof(*line));
        line[bottom - 1] = first;
    } else {
        vt_lines_reverse(line, top, top + n);
        vt_lines_reverse(line, top + n, bottom);
        vt_lines_reverse(line, top, bottom);
    }
    memset(vt->dirty + top, true, bottom - top);
}

void vt_scroll_up(struct vt_engine *vt, unsigned top, unsigned bottom, unsigned n)
{
    n = MIN(n, bottom - top);
    if (top == 0)
        vt_history_keep(vt, n);
    lines_rotate(vt, top, bottom, n);
    vt_fill_rows(vt, bottom - n, bottom);
}

void vt_scroll_down(struct vt_engine *vt, unsigned top, unsigned bottom, unsigned n)
{
    n = MIN(n, bottom - top);
    lines_rotate(vt, top, bottom, bottom - top - n);
    vt_fill_rows(vt, top, top + n);
}

void vt_insert_cells(struct vt_engine *vt, unsigned n)
{
    struct cell *cells = vt_row(vt, vt->row);

    n = MIN(n, vt->cols - vt->col);
    memmove(cells + vt->col + n, cells + vt->col, (vt->cols - vt->col - n) * sizeof(*cells));
    vt_fill(vt, vt->row, vt->col, vt->col + n);
}

void vt_delete_cells(struct vt_engine *vt, unsigned n)
{
    struct cell *cells = vt_row(vt, vt->row);

    n = MIN(n, vt->cols - vt->col);
    memmove(cells + vt->col, cells + vt->col + n, (vt->cols - vt->col - n) * sizeof(*cells));
    vt_fill(vt, vt->row, vt->cols - n, vt->cols);
}

void vt_move(struct vt_engine *vt, unsigned row, unsigned col)
{
    vt->row = MIN(row, vt->rows - 1);
    vt->col = MIN(col, vt->cols - 1);
    vt->wrap_pending = false;
}

void vt_move_to(struct vt_engine *vt, unsigned row, unsigned col)
{
    if (vt->origin)
        row = MIN(vt->top + row, vt->bottom - 1);
    vt_move(vt, row, col);
}

void vt_line_feed(struct vt_engine *vt)
{
    vt->wrap_pending = false;
    if (vt->row + 1 == vt->bottom)
        vt_scroll_up(vt, vt->top, vt->bottom, 1);
    else if (vt->row + 1 < vt->rows)
        vt->row++;
}

void vt_reverse_line_feed(struct vt_engine *vt)
{
    vt->wrap_pending = false;
    if (vt->row == vt->top)
        vt_scroll_down(vt, vt->top, vt->bottom, 1);
    else if (vt->row > 0)
        vt->row--;
}

/* The last column holds the cursor back: a line that just fits must not be followed by an empty
 * one (xterm and the VT100 do the same; terminfo calls it xenl). */
void vt_put(struct vt_engine *vt, u32 ch)
{
    if (vt->wrap_pending) {
        vt->col = 0;
        vt_line_feed(vt);
    }
    if (vt->insert)
        vt_insert_cells(vt, 1);
    vt_row(vt, vt->row)[vt->col] = vt_inked(vt, ch);
    vt->dirty[vt->row] = true;
    vt->last_char = ch;
    if (vt->col + 1 < vt->cols)
        vt->col++;
    else
        vt->wrap_pending = vt->autowrap;
}

void vt_put_ascii(struct vt_engine *vt, const char *text, size_t n)
{
    struct cell ink = vt_inked(vt, ' ');

    while (n > 0) {
        if (vt->wrap_pending) {
            vt->col = 0;
            vt_line_feed(vt);
        }
        size_t now = MIN(n, (size_t)(vt->cols - vt->col));
        struct cell *cells = vt_row(vt, vt->row) + vt->col;
        for (size_t i = 0; i < now; i++) {
            ink.ch = (u8)text[i];
            cells[i] = ink;
        }
        vt->dirty[vt->row] = true;
        vt->col += (unsigned)now;
        if (vt->col == vt->cols) {
            vt->col--;
            vt->wrap_pending = vt->autowrap;
        }
        text += now;
        n -= now;
    }
    vt->last_char = ink.ch;
}

void vt_tab(struct vt_engine *vt, bool back)
{
    unsigned col = vt->col;

    if (back)
        while (col > 0 && !bitmap_test(vt->tabs, --col))
            ;
    else
        while (col + 1 < vt->cols && !bitmap_test(vt->tabs, ++col))
            ;
    vt_move(vt, vt->row, col);
}

void vt_cursor_save(struct vt_engine *vt)
{
    vt->screen->saved = (struct vt_saved){
        .row = vt->row, .col = vt->col, .pen = vt->pen,
        .charset = { vt->charset[0], vt->charset[1] }, .shift = vt->shift, .origin = vt->origin,
    };
}

void vt_cursor_restore(struct vt_engine *vt)
{
    const struct vt_saved *s = &vt->screen->saved;

    vt_move(vt, s->row, s->col);
    vt->pen = s->pen;
    vt->charset[0] = s->charset[0];
    vt->charset[1] = s->charset[1];
    vt->shift = s->shift;
    vt->origin = s->origin;
}

void vt_alternate(struct vt_engine *vt, bool on)
{
    vt->screen = &vt->grid[on];
    memset(vt->dirty, true, vt->rows);
    vt->wrap_pending = false;
}

void vt_test_picture(struct vt_engine *vt)
{
    struct cell e = vt_blank(vt);

    e.ch = 'E';
    for (unsigned row = 0; row < vt->rows; row++) {
        for (unsigned col = 0; col < vt->cols; col++)
            vt_row(vt, row)[col] = e;
        vt->dirty[row] = true;
    }
    vt_move(vt, 0, 0);
}

void vt_reset(struct vt_engine *vt)
{
    vt_palette_reset(vt);
    vt_modes_reset(vt);
    vt->last_char = ' ';
    memset(vt->tabs, 0, sizeof(vt->tabs));
    for (unsigned col = 0; col < vt->cols; col += 8)
        bitmap_set(vt->tabs, col);
    for (unsigned i = 0; i < 2; i++) {
        vt_alternate(vt, i == 0);
        vt_fill_rows(vt, 0, vt->rows);
        vt_move(vt, 0, 0);
        vt_cursor_save(vt);
    }
}
