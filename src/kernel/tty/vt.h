/* The screen terminal: bytes with escape sequences to cells. The engine (vt_engine.c) is pure and
 * keeps a cell shadow; vt.c joins one for each virtual console to the display and is the "tty0" console
 * sink. */
#pragma once
#include "dev/display.h"

#define VT_MAX_COLS 512
#define VT_MAX_ROWS 256

struct vt_engine;
/* The engine calls these for what changed on the screen. */
struct vt_out {
    void (*draw)(void *ctx, unsigned row, unsigned col, const struct cell *cells, unsigned n);
    void (*cursor)(void *ctx, unsigned row, unsigned col, enum cursor_shape shape, const struct cell *under);
    /* Answers to queries (cursor position, device attributes): input for the program. */
    void (*reply)(void *ctx, const char *bytes, size_t n);
    void *ctx;
};
/* The PC's old sixteen colours instead of ours, for engines made from now on. */
void vt_palette_use_vga(void);
size_t vt_engine_size(unsigned cols, unsigned rows);
/* mem: vt_engine_size bytes, zeroed, aligned to 16. shown: cols * rows cells, for what the display shows; engines that
 * take turns at one display have them in common. */
struct vt_engine *vt_engine_init(void *mem, unsigned cols, unsigned rows, struct cell *shown, const struct vt_out *out);
void vt_engine_write(struct vt_engine *vt, const char *bytes, size_t n);
/* Draws what changed since the last flush. */
void vt_engine_flush(struct vt_engine *vt);
/* The same in steps of a row, for callers that must not take long. False: that was the last one. */
bool vt_engine_flush_step(struct vt_engine *vt);
/* The display shows something else: the next flush draws everything. */
void vt_engine_redraw(struct vt_engine *vt);
/* What the program wants of the keyboard (DECCKM, DECKPAM). */
#define VT_KEYS_CURSOR 1u /* arrows send ESC O and a letter */
#define VT_KEYS_KEYPAD 2u /* the keypad does, without num lock */
unsigned vt_engine_keys(const struct vt_engine *vt);
const struct cell *vt_engine_row(const struct vt_engine *vt, unsigned row);
/* Room for nlines more of the lines that scroll off the top; cells: cols * nlines, the engine's from now on. As many
 * as there is room for are kept, VT_HISTORY_MAX in all. */
#define VT_HISTORY_MAX 256u
void vt_engine_give_history(struct vt_engine *vt, struct cell *cells, unsigned nlines);
bool vt_engine_history_full(const struct vt_engine *vt);
/* Would lines of these bytes be lost for want of room, though there may be more? An estimate: it knows no sequences. */
bool vt_engine_history_short(const struct vt_engine *vt, const char *bytes, size_t n);
/* Shows what is `lines` higher (lower if negative), as far as there is something; anything written, and
 * view_end, lead back. Takes effect with the next flush. The alternate screen has no history. */
void vt_engine_view(struct vt_engine *vt, int lines);
void vt_engine_view_end(struct vt_engine *vt);

/* The virtual consoles, counted from 0: that is tty1, which gets the log. */
#define VT_CONSOLES 4u

/* Takes the display, if there is one, registers the sink, replays the log. */
void vt_init(void);
/* From now on much text is drawn at the display's pace, by a thread. Once, when threads run. */
void vt_start_drawer(void);
bool vt_size(unsigned *cols, unsigned *rows); /* false: no screen */
/* Gives console n the memory for its cells, if it has none yet: -ENXIO (no screen), -ENOMEM. May sleep. */
int vt_console_make(unsigned n) MUST_CHECK;
/* Memory for the lines that these bytes will push off the screen of a console that was made; without memory they will
 * be lost. May sleep. What is written without it, the log, finds what room there is. */
void vt_console_prepare(unsigned n, const char *bytes, size_t len);
/* A program's text, to a console that was made; on the display now or a moment later. From threads, also where
 * they may not sleep. Answers to queries come back by input_answer(). */
void vt_console_write(unsigned n, const char *bytes, size_t len);
/* Makes console n if need be and shows it. May sleep. */
int vt_activate(unsigned n) MUST_CHECK;
unsigned vt_active(void);
unsigned vt_keys(void); /* VT_KEYS_* of the console on the screen */
void vt_view(int half_screens); /* the console on the screen: looks back, or forward if negative; 0: to the end */
