/* What scrolled away, and looking back at it.
 *
 * The history is a ring of lines; a line that leaves the screen changes places with the oldest one there,
 * whose cells the screen then uses: nothing is copied, and nothing allocated. The ring begins with nothing and grows by
 * what it is given. Pure. */
#include "lib/assert.h"
#include "lib/string.h"
#include "tty/vt_priv.h"

/* The ring is turned until its oldest line comes first, so that there is an end to put more behind. */
static void straighten(struct vt_history *h)
{
    vt_lines_reverse(h->line, 0, h->first);
    vt_lines_reverse(h->line, h->first, h->size);
    vt_lines_reverse(h->line, 0, h->size);
    h->first = 0;
}

void vt_engine_give_history(struct vt_engine *vt, struct cell *cells, unsigned nlines)
{
    struct vt_history *h = &vt->history;

    ASSERT(h->size + nlines <= VT_HISTORY_MAX);
    straighten(h);
    for (unsigned i = 0; i < nlines; i++)
        h->line[h->size++] = cells + (size_t)i * vt->cols;
}

bool vt_engine_history_full(const struct vt_engine *vt)
{
    return vt->history.size == VT_HISTORY_MAX;
}

bool vt_engine_history_short(const struct vt_engine *vt, const char *bytes, size_t n)
{
    const struct vt_history *h = &vt->history;
    size_t room = h->size - h->count + vt->rows - 1 - vt->row, lines = n / vt->cols;

    if (vt_engine_history_full(vt) || vt->screen != &vt->grid[0])
        return false;
    for (size_t i = 0; i < n && lines <= room; i++)
        lines += bytes[i] == '\n';
    return lines > room;
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
