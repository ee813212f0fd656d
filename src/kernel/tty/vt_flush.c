/* From the grid to the display: only cells that differ from what is there are drawn, so a scroll
 * costs what really changed, and device memory is never read. */
#include "lib/string.h"
#include "tty/vt_priv.h"

static bool cell_same(const struct cell *a, const struct cell *b)
{
    return a->ch == b->ch && a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

/* Draws row's cells [from, to) and notes them as shown. */
static void draw_run(struct vt_engine *vt, unsigned row, unsigned from, unsigned to)
{
    struct cell *shown = vt->shown + (size_t)row * vt->cols;

    memcpy(shown + from, vt_seen_row(vt, row) + from, (to - from) * sizeof(*shown));
    vt->out.draw(vt->out.ctx, row, from, shown + from, to - from);
}

static bool flush_row(struct vt_engine *vt, unsigned row)
{
    const struct cell *want = vt_seen_row(vt, row), *shown = vt->shown + (size_t)row * vt->cols;
    bool drawn = false;
    unsigned col = 0;

    while (col < vt->cols) {
        unsigned from = col;
        while (col < vt->cols && (vt->all_stale || !cell_same(&want[col], &shown[col])))
            col++;
        if (col > from) {
            draw_run(vt, row, from, col);
            drawn = true;
        } else {
            col++;
        }
    }
    return drawn;
}

/* A display may paint the cursor into the picture, so the cell it leaves is drawn again, and
 * anything drawn may have covered it. */
static void flush_cursor(struct vt_engine *vt, bool drawn)
{
    unsigned row = MIN(vt->row + vt->view, vt->rows - 1);
    bool visible = vt->cursor_visible && vt->row + vt->view < vt->rows;
    enum cursor_shape shape = visible ? vt->cursor_shape : CURSOR_HIDDEN;
    bool moved = !vt->cursor.known || vt->cursor.row != row || vt->cursor.col != vt->col || vt->cursor.shape != shape;

    if (!moved && !drawn)
        return;
    if (moved && vt->cursor.known && vt->cursor.shape)
        draw_run(vt, vt->cursor.row, vt->cursor.col, vt->cursor.col + 1);
    vt->cursor.row = row;
    vt->cursor.col = vt->col;
    vt->cursor.shape = shape;
    vt->cursor.known = true;
    vt->out.cursor(vt->out.ctx, row, vt->col, shape, vt->shown + (size_t)row * vt->cols + vt->col);
}

/* The row that waits longest, the cursor when there is none. */
bool vt_engine_flush_step(struct vt_engine *vt)
{
    for (unsigned i = 0; i < vt->rows; i++) {
        unsigned row = vt->flush_at;
        vt->flush_at = row + 1 < vt->rows ? row + 1 : 0;
        if (!vt->dirty[row])
            continue;
        vt->dirty[row] = false;
        vt->drawn |= flush_row(vt, row);
        return true;
    }
    vt->all_stale = false;
    flush_cursor(vt, vt->drawn);
    vt->drawn = false;
    return false;
}

void vt_engine_flush(struct vt_engine *vt)
{
    while (vt_engine_flush_step(vt))
        ;
}

void vt_engine_redraw(struct vt_engine *vt)
{
    memset(vt->dirty, true, vt->rows);
    vt->all_stale = true;
    vt->cursor.known = false;
}
