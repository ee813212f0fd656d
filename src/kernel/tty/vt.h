/* The screen terminal: bytes with escape sequences to cells. The engine (vt_engine.c) is pure and
 * keeps a cell shadow; vt.c joins it to the display and is the "tty0" console sink. */
#pragma once
#include "dev/display.h"

#define VT_MAX_COLS 512
#define VT_MAX_ROWS 256

struct vt_engine;
/* The engine calls these for what changed on the screen. */
struct vt_out {
    void (*draw)(void *ctx, unsigned row, unsigned col, const struct cell *cells, unsigned n);
    void (*cursor)(void *ctx, unsigned row, unsigned col, bool visible);
    /* Answers to queries (cursor position, device attributes): input for the program. */
    void (*reply)(void *ctx, const char *bytes, size_t n);
    void *ctx;
};
size_t vt_engine_size(unsigned cols, unsigned rows);
/* mem: vt_engine_size bytes, zeroed, aligned to 16. */
struct vt_engine *vt_engine_init(void *mem, unsigned cols, unsigned rows, const struct vt_out *out);
void vt_engine_write(struct vt_engine *vt, const char *bytes, size_t n);
/* Draws what changed since the last flush. */
void vt_engine_flush(struct vt_engine *vt);
const struct cell *vt_engine_row(const struct vt_engine *vt, unsigned row);

/* Takes the display, if there is one, registers the sink, replays the log. */
void vt_init(void);
bool vt_size(unsigned *cols, unsigned *rows);
