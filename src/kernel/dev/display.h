/* A text display: a grid of cells. Drivers draw; tty/vt decides what, and calls with its lock
 * held (in panic: without), from any context. */
#pragma once
#include "lib/types.h"

/* Colours are 0xRRGGBB. Displays with a palette choose the nearest entry. A console has thousands of these: twelve
 * bytes. */
struct cell { u32 ch, fg, bg : 24, attr : 8; };
#define CELL_BOLD 1u
#define CELL_UNDERLINE 2u
#define CELL_REVERSE 4u
#define CELL_ITALIC 8u

/* A display that cannot show a bar shows a line. */
enum cursor_shape { CURSOR_HIDDEN, CURSOR_LINE, CURSOR_BLOCK, CURSOR_BAR };

struct display {
    const char *name;
    unsigned cols, rows;
    /* Draws n cells starting at (row, col), all in that row. Never reads device memory. */
    void (*draw)(struct display *d, unsigned row, unsigned col, const struct cell *cells, unsigned n);
    /* Shows or hides the cursor there, on a cell that looks like `under`. The caller has redrawn the cell
     * that the cursor leaves, so a display may paint it into the picture. */
    void (*cursor)(struct display *d, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under);
};

/* The first display to register is used; tty/vt asks for it. */
void display_register(struct display *d);
struct display *display_get(void); /* NULL: no screen */
