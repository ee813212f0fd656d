/* Shared by the parts of the screen engine only (vt_engine, vt_csi, vt_screen, vt_sgr). */
#pragma once
#include "tty/vt.h"

#define VT_PARAMS_MAX 16
#define VT_PARAM_LIMIT 9999u

enum vt_state {
    VT_GROUND, VT_ESCAPE, VT_ESCAPE_INTER, VT_CSI, VT_CSI_IGNORE, VT_OSC, VT_PALETTE,
    VT_STRING, VT_STRING_ESCAPE,
};

struct vt_palette { u32 named[16], fg, bg; }; /* 0xRRGGBB */

#define VT_COLOUR_DEFAULT 0x01000000u /* not a colour: the default one */
#define VT_COLOUR_INDEX 0x02000000u   /* | 0..15: a named one, which bold brightens */
struct vt_pen { u32 fg, bg; u8 attr; bool dim, blink; };

/* What ESC 7 keeps. */
struct vt_saved { unsigned row, col; struct vt_pen pen; u8 charset[2], shift; bool origin; };

struct vt_grid {
    struct cell *line[VT_MAX_ROWS]; /* where a row of the screen has its cells: scrolling moves no text */
    struct vt_saved saved;
};

/* Lines that left the screen at its top: a ring of size entries, oldest at first, which all own cells. */
struct vt_history { struct cell *line[VT_HISTORY_MAX]; unsigned size, first, count; };

struct vt_engine {
    unsigned cols, rows;
    struct vt_out out;
    struct vt_grid grid[2], *screen; /* normal and alternate; the one in use */
    struct cell *shown;              /* what the display has */
    struct vt_history history;
    unsigned view;                   /* how many lines of the history are on the display */
    bool dirty[VT_MAX_ROWS];
    bool all_stale;                  /* shown is not to be trusted: draw everything */
    unsigned flush_at;               /* the row that a flush looks at next */
    bool drawn;                      /* since the cursor was */

    unsigned row, col;
    bool wrap_pending; /* the last column was written: the next character goes to the next line */
    unsigned top, bottom; /* scroll region [top, bottom) */
    struct vt_pen pen;
    bool autowrap, insert, cursor_visible;
    bool origin;       /* rows count from the scroll region's top, and the cursor stays in it */
    bool newline;      /* a line feed is a carriage return too */
    unsigned keys;     /* VT_KEYS_* */
    enum cursor_shape cursor_shape; /* while it is visible */
    u8 charset[2], shift; /* 'B' ASCII or '0' line drawing; SO/SI selects */
    u64 tabs[VT_MAX_COLS / 64];
    u32 last_char;        /* for REP */

    enum vt_state state;
    u8 inter;             /* intermediate byte of ESC */
    u8 private_mark;      /* '?' '>' '=' of CSI */
    u8 csi_inter;         /* its intermediate byte, 0: none */
    u16 param[VT_PARAMS_MAX];
    unsigned nparams;

    struct { u32 value; unsigned ndigits; } palette_entry; /* of ESC ] P */
    struct vt_palette palette;

    u32 utf8_char, utf8_min;
    unsigned utf8_left;

    struct { unsigned row, col; enum cursor_shape shape; bool known; } cursor; /* as the display has it */
};

static inline struct cell *vt_row(const struct vt_engine *vt, unsigned row)
{
    return vt->screen->line[row];
}

/* vt_screen.c: the grid. Ranges are [from, to), already inside the screen. */

void vt_lines_reverse(struct cell **line, unsigned from, unsigned to);
void vt_fill(struct vt_engine *vt, unsigned row, unsigned from, unsigned to);
void vt_fill_rows(struct vt_engine *vt, unsigned from, unsigned to);
void vt_scroll_up(struct vt_engine *vt, unsigned top, unsigned bottom, unsigned n);
void vt_scroll_down(struct vt_engine *vt, unsigned top, unsigned bottom, unsigned n);
void vt_insert_cells(struct vt_engine *vt, unsigned n);
void vt_delete_cells(struct vt_engine *vt, unsigned n);
void vt_line_feed(struct vt_engine *vt);
void vt_reverse_line_feed(struct vt_engine *vt);
void vt_move(struct vt_engine *vt, unsigned row, unsigned col); /* clamps */
void vt_move_to(struct vt_engine *vt, unsigned row, unsigned col); /* the same, from the region's top in origin mode */
void vt_put(struct vt_engine *vt, u32 ch);
void vt_put_ascii(struct vt_engine *vt, const char *text, size_t n); /* the same for each, insert mode is off */
void vt_tab(struct vt_engine *vt, bool back);
void vt_cursor_save(struct vt_engine *vt);
void vt_cursor_restore(struct vt_engine *vt);
void vt_alternate(struct vt_engine *vt, bool on);
void vt_test_picture(struct vt_engine *vt); /* a screen full of E */
void vt_reset(struct vt_engine *vt);

/* vt_sgr.c */
void vt_palette_reset(struct vt_engine *vt);
void vt_sgr(struct vt_engine *vt);
struct cell vt_blank(const struct vt_engine *vt);               /* erased, in the pen's background */
struct cell vt_inked(const struct vt_engine *vt, u32 ch);         /* a character in the pen's colours */

/* vt_history.c */
void vt_history_keep(struct vt_engine *vt, unsigned n); /* the n top lines, before they are scrolled away */
void vt_history_clear(struct vt_engine *vt);
const struct cell *vt_seen_row(const struct vt_engine *vt, unsigned row); /* as the display has it */

/* vt_mode.c */
void vt_modes_reset(struct vt_engine *vt);
void vt_mode(struct vt_engine *vt, unsigned mode, bool on);         /* ECMA-48's */
void vt_private_mode(struct vt_engine *vt, unsigned mode, bool on); /* DEC's and xterm's */

/* vt_csi.c: a complete control sequence. */
void vt_csi_run(struct vt_engine *vt, u8 final);
