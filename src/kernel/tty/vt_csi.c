/* Control sequences: ESC [ parameters final (ECMA-48 5.4; private ones as xterm and the VT102).
 *
 * One table from the final byte to its function. An unknown sequence does nothing. Parameters are
 * at most VT_PARAM_LIMIT, so sums of a position and a parameter cannot wrap. */
#include "lib/bitmap.h"
#include "lib/format.h"
#include "lib/string.h"
#include "tty/vt_priv.h"

/* Parameter i; `otherwise` if absent or 0, as nearly all of them mean it. */
static unsigned arg(const struct vt_engine *vt, unsigned i, unsigned otherwise)
{
    return i < vt->nparams && vt->param[i] ? vt->param[i] : otherwise;
}
static unsigned count(const struct vt_engine *vt) { return arg(vt, 0, 1); }
static unsigned minus(unsigned a, unsigned b) { return a > b ? a - b : 0; }

/* Up and down stop at the scroll region's edge if they start inside. */
static void go_up(struct vt_engine *vt, unsigned n)
{
    unsigned limit = vt->row >= vt->top ? vt->top : 0;
    vt_move(vt, MAX(minus(vt->row, n), limit), vt->col);
}
static void go_down(struct vt_engine *vt, unsigned n)
{
    unsigned limit = vt->row < vt->bottom ? vt->bottom - 1 : vt->rows - 1;
    vt_move(vt, MIN(vt->row + n, limit), vt->col);
}

static void csi_up(struct vt_engine *vt) { go_up(vt, count(vt)); }
static void csi_down(struct vt_engine *vt) { go_down(vt, count(vt)); }
static void csi_right(struct vt_engine *vt) { vt_move(vt, vt->row, vt->col + count(vt)); }
static void csi_left(struct vt_engine *vt) { vt_move(vt, vt->row, minus(vt->col, count(vt))); }
static void csi_next_line(struct vt_engine *vt) { go_down(vt, count(vt)); vt_move(vt, vt->row, 0); }
static void csi_prev_line(struct vt_engine *vt) { go_up(vt, count(vt)); vt_move(vt, vt->row, 0); }
static void csi_column(struct vt_engine *vt) { vt_move(vt, vt->row, count(vt) - 1); }
static void csi_line(struct vt_engine *vt) { vt_move_to(vt, count(vt) - 1, vt->col); }
static void csi_position(struct vt_engine *vt) { vt_move_to(vt, arg(vt, 0, 1) - 1, arg(vt, 1, 1) - 1); }

static void csi_erase_line(struct vt_engine *vt)
{
    switch (arg(vt, 0, 0)) {
    case 0: vt_fill(vt, vt->row, vt->col, vt->cols); break;
    case 1: vt_fill(vt, vt->row, 0, vt->col + 1); break;
    case 2: vt_fill(vt, vt->row, 0, vt->cols); break;
    }
    vt->wrap_pending = false;
}

static void csi_erase_screen(struct vt_engine *vt)
{
    switch (arg(vt, 0, 0)) {
    case 0:
        vt_fill_rows(vt, vt->row + 1, vt->rows);
        vt_fill(vt, vt->row, vt->col, vt->cols);
        break;
    case 1:
        vt_fill_rows(vt, 0, vt->row);
        vt_fill(vt, vt->row, 0, vt->col + 1);
        break;
    case 3:
        vt_history_clear(vt);
        vt_fill_rows(vt, 0, vt->rows);
        break;
    case 2:
        vt_fill_rows(vt, 0, vt->rows);
        break;
    }
    vt->wrap_pending = false;
}

static bool in_region(const struct vt_engine *vt) { return vt->row >= vt->top && vt->row < vt->bottom; }

static void csi_insert_lines(struct vt_engine *vt)
{
    if (!in_region(vt))
        return;
    vt_scroll_down(vt, vt->row, vt->bottom, count(vt));
    vt_move(vt, vt->row, 0);
}
static void csi_delete_lines(struct vt_engine *vt)
{
    if (!in_region(vt))
        return;
    vt_scroll_up(vt, vt->row, vt->bottom, count(vt));
    vt_move(vt, vt->row, 0);
}
static void csi_insert_chars(struct vt_engine *vt)
{
    vt_insert_cells(vt, count(vt));
    vt->wrap_pending = false;
}
static void csi_delete_chars(struct vt_engine *vt)
{
    vt_delete_cells(vt, count(vt));
    vt->wrap_pending = false;
}
static void csi_erase_chars(struct vt_engine *vt)
{
    vt_fill(vt, vt->row, vt->col, MIN(vt->col + count(vt), vt->cols));
    vt->wrap_pending = false;
}
static void csi_scroll_up(struct vt_engine *vt) { vt_scroll_up(vt, vt->top, vt->bottom, count(vt)); }
static void csi_scroll_down(struct vt_engine *vt) { vt_scroll_down(vt, vt->top, vt->bottom, count(vt)); }

/* More than a screen full of one character is the same as a screen full. */
static void csi_repeat(struct vt_engine *vt)
{
    for (unsigned n = MIN(count(vt), vt->cols * vt->rows); n > 0; n--)
        vt_put(vt, vt->last_char);
}

static void csi_tab(struct vt_engine *vt)
{
    for (unsigned n = MIN(count(vt), vt->cols); n > 0; n--)
        vt_tab(vt, false);
}
static void csi_back_tab(struct vt_engine *vt)
{
    for (unsigned n = MIN(count(vt), vt->cols); n > 0; n--)
        vt_tab(vt, true);
}
static void csi_tab_clear(struct vt_engine *vt)
{
    if (arg(vt, 0, 0) == 0)
        bitmap_clear(vt->tabs, vt->col);
    else if (arg(vt, 0, 0) == 3)
        memset(vt->tabs, 0, sizeof(vt->tabs));
}

static void csi_region(struct vt_engine *vt)
{
    unsigned top = arg(vt, 0, 1) - 1, bottom = MIN(arg(vt, 1, vt->rows), vt->rows);

    if (top + 1 >= bottom && !(top == 0 && bottom == vt->rows)) /* at least two rows */
        return;
    vt->top = top;
    vt->bottom = bottom;
    vt_move_to(vt, 0, 0);
}

static void csi_report(struct vt_engine *vt)
{
    char text[32];

    switch (arg(vt, 0, 0)) {
    case 5:
        vt->out.reply(vt->out.ctx, "\33[0n", 4);
        break;
    case 6: {
        int n = format(text, sizeof(text), "\33[%u;%uR", vt->row - (vt->origin ? vt->top : 0) + 1, vt->col + 1);
        vt->out.reply(vt->out.ctx, text, (size_t)n);
        break;
    }
    }
}

static void csi_identify(struct vt_engine *vt)
{
    if (arg(vt, 0, 0) == 0)
        vt->out.reply(vt->out.ctx, "\33[?6c", 5); /* a VT102 */
}

static void csi_mode_on(struct vt_engine *vt)
{
    for (unsigned i = 0; i < vt->nparams; i++)
        vt_mode(vt, vt->param[i], true);
}
static void csi_mode_off(struct vt_engine *vt)
{
    for (unsigned i = 0; i < vt->nparams; i++)
        vt_mode(vt, vt->param[i], false);
}

typedef void (*csi_fn)(struct vt_engine *vt);
static const csi_fn plain['~' - '@' + 1] = {
    ['@' - '@'] = csi_insert_chars, ['A' - '@'] = csi_up, ['B' - '@'] = csi_down,
    ['C' - '@'] = csi_right, ['D' - '@'] = csi_left, ['E' - '@'] = csi_next_line,
    ['F' - '@'] = csi_prev_line, ['G' - '@'] = csi_column, ['H' - '@'] = csi_position,
    ['I' - '@'] = csi_tab, ['J' - '@'] = csi_erase_screen, ['K' - '@'] = csi_erase_line,
    ['L' - '@'] = csi_insert_lines, ['M' - '@'] = csi_delete_lines, ['P' - '@'] = csi_delete_chars,
    ['S' - '@'] = csi_scroll_up, ['T' - '@'] = csi_scroll_down, ['X' - '@'] = csi_erase_chars,
    ['Z' - '@'] = csi_back_tab, ['`' - '@'] = csi_column, ['a' - '@'] = csi_right,
    ['b' - '@'] = csi_repeat, ['c' - '@'] = csi_identify, ['d' - '@'] = csi_line,
    ['e' - '@'] = csi_down, ['f' - '@'] = csi_position, ['g' - '@'] = csi_tab_clear,
    ['h' - '@'] = csi_mode_on, ['l' - '@'] = csi_mode_off, ['m' - '@'] = vt_sgr,
    ['n' - '@'] = csi_report, ['r' - '@'] = csi_region, ['s' - '@'] = vt_cursor_save,
    ['u' - '@'] = vt_cursor_restore,
};

/* DECSCUSR (VT510 manual); blinking or not is the display's. */
static void cursor_shape_set(struct vt_engine *vt)
{
    switch (arg(vt, 0, 0)) {
    case 1: case 2: vt->cursor_shape = CURSOR_BLOCK; break;
    case 5: case 6: vt->cursor_shape = CURSOR_BAR; break;
    default: vt->cursor_shape = CURSOR_LINE; break;
    }
}

/* Linux's own: the lower four bits are a size, 1 of which is none and 6 and more a block (man 4 console_codes). */
static void cursor_size_set(struct vt_engine *vt)
{
    unsigned size = arg(vt, 0, 0) & 15;

    vt->cursor_shape = size == 1 ? CURSOR_HIDDEN : size >= 6 ? CURSOR_BLOCK : CURSOR_LINE;
}

static void csi_private(struct vt_engine *vt, u8 final)
{
    if (final == 'h' || final == 'l')
        for (unsigned i = 0; i < vt->nparams; i++)
            vt_private_mode(vt, vt->param[i], final == 'h');
    else if (final == 'c')
        cursor_size_set(vt);
    else if (final == 'J') /* what is protected against it there is none of */
        csi_erase_screen(vt);
    else if (final == 'K')
        csi_erase_line(vt);
}

static void csi_intermediate(struct vt_engine *vt, u8 final)
{
    if (vt->private_mark)
        return;
    if (vt->csi_inter == ' ' && final == 'q')
        cursor_shape_set(vt);
    else if (vt->csi_inter == '!' && final == 'p')
        vt_modes_reset(vt);
}

void vt_csi_run(struct vt_engine *vt, u8 final)
{
    if (vt->csi_inter)
        csi_intermediate(vt, final);
    else if (vt->private_mark == '?')
        csi_private(vt, final);
    else if (vt->private_mark == '>' && final == 'c')
        vt->out.reply(vt->out.ctx, "\33[>1;1;0c", 10); /* a VT220's kin, without a version */
    else if (!vt->private_mark && final >= '@' && final <= '~' && plain[final - '@'])
        plain[final - '@'](vt);
}
