/* What scrolled away, and looking back at it.
 *
 * The history is a ring of lines; a line that leaves the screen changes places with the oldest one there,
 * whose cells the screen then uses: nothing is copied, and nothing allocated. Pure. */
#include "lib/assert.h"
#include "lib/string.h"
#include "tty/vt_priv.h"

size_t vt_history_size(unsigned cols, unsigned nlines)
{
    return nlines * (sizeof(struct cell) * cols + sizeof(struct cell *));
}

void vt_engine_give_history(struct vt_engine *vt, void *mem, unsigned nlines)
{
    struct cell *cells = mem;

    ASSERT(nlines > 0 && vt->history.size == 0);
    vt->history.line = (struct cell **)(cells + (size_t)nlines * vt->cols);
    for (unsigned i = 0; i < nlines; i++)
        vt->history.line[i] = cells + (size_t)i * vt->cols;
    vt->history.size = nlines;
}

static unsigned slot(const struct vt_history *h, unsigned i)
{
    unsigned at = h->first + i;
    return at < h->size ? at : at - h->size;
}

void vt_history_keep(struct vt_engine *vt, unsigned n)
{
    struct vt_history *h = &vt->history;

    if (!h->size || vt->screen != &vt->grid[0])
        return;
    for (unsigned row = 0; row < n; row++) {
        if (h->count == h->size)
            h->first = slot(h, 1);
        else
            h->count++;
        struct cell **place = &h->line[slot(h, h->count - 1)], *old = *place;
        *place = vt->screen->line[row];
        vt->screen->line[row] = old;
    }
}

void vt_history_clear(struct vt_engine *vt)
{
    vt->history.count = 0;
}

const struct cell *vt_seen_row(const struct vt_engine *vt, unsigned row)
{
    const struct vt_history *h = &vt->history;

    return row < vt->view ? h->line[slot(h, h->count - vt->view + row)] : vt_row(vt, row - vt->view);
}

static void view_set(struct vt_engine *vt, unsigned view)
{
    if (view == vt->view)
        return;
    vt->view = view;
    memset(vt->dirty, true, vt->rows);
}

void vt_engine_view(struct vt_engine *vt, int lines)
{
    unsigned most = vt->screen == &vt->grid[0] ? vt->history.count : 0;
    i64 view = (i64)vt->view + lines;

    view_set(vt, view < 0 ? 0 : view > most ? most : (unsigned)view);
}

void vt_engine_view_end(struct vt_engine *vt)
{
    view_set(vt, 0);
}
