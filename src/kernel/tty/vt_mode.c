/* The switches of the screen engine: what a program turns on with h and off with l (ECMA-48 7; VT220 manual;
 * xterm, ctlseqs). Those not known change nothing: mouse reports and bracketed paste are for terminals with a mouse. */
#include "tty/vt_priv.h"

static void key_mode(struct vt_engine *vt, unsigned bit, bool on)
{
    vt->keys = on ? vt->keys | bit : vt->keys & ~bit;
}

/* ?1049: the cursor is kept on the normal screen's side and the other screen starts empty. */
static void alternate_1049(struct vt_engine *vt, bool on)
{
    bool is_on = vt->screen == &vt->grid[1];

    if (on == is_on)
        return;
    if (on)
        vt_cursor_save(vt);
    vt_alternate(vt, on);
    if (on)
        vt_fill_rows(vt, 0, vt->rows);
    else
        vt_cursor_restore(vt);
}

static void origin_mode(struct vt_engine *vt, bool on)
{
    vt->origin = on;
    vt_move_to(vt, 0, 0);
}

static void cursor_keep(struct vt_engine *vt, bool save)
{
    if (save)
        vt_cursor_save(vt);
    else
        vt_cursor_restore(vt);
}

void vt_mode(struct vt_engine *vt, unsigned mode, bool on)
{
    switch (mode) {
    case 4: vt->insert = on; break;
    case 20: vt->newline = on; break;
    }
}

void vt_private_mode(struct vt_engine *vt, unsigned mode, bool on)
{
    switch (mode) {
    case 1: key_mode(vt, VT_KEYS_CURSOR, on); break;
    case 6: origin_mode(vt, on); break;
    case 7:
        vt->autowrap = on;
        vt->wrap_pending &= on;
        break;
    case 25: vt->cursor_visible = on; break;
    case 47: case 1047: vt_alternate(vt, on); break;
    case 66: key_mode(vt, VT_KEYS_KEYPAD, on); break;
    case 1048: cursor_keep(vt, on); break;
    case 1049: alternate_1049(vt, on); break;
    }
}

/* All that DECSTR resets (VT220 manual, "Soft Terminal Reset"); the text and the cursor stay. */
void vt_modes_reset(struct vt_engine *vt)
{
    vt->pen = (struct vt_pen){ .fg = VT_COLOUR_DEFAULT, .bg = VT_COLOUR_DEFAULT };
    vt->top = 0;
    vt->bottom = vt->rows;
    vt->autowrap = vt->cursor_visible = true;
    vt->cursor_shape = CURSOR_LINE;
    vt->insert = vt->origin = vt->newline = false;
    vt->keys = 0;
    vt->charset[0] = vt->charset[1] = 'B';
    vt->shift = 0;
}
