/* The whole terminal for a program driven by keys: raw mode and the alternate screen from open to close, rows that are
 * only written where they changed, keys, changes of size. One terminal a process. */
#pragma once
#include "keys.h"

#include <stdbool.h>

enum {
    KEY_RESIZED = 0x180000, /* terminal.rows and .columns are new: draw everything */
    KEY_GONE,               /* the terminal hung up, or the program is asked to end: save, close and leave */
};

extern struct terminal {
    unsigned rows, columns;
} terminal;

extern bool terminal_in_place; /* set before it is opened: no alternate screen, what was shown stays there */

bool terminal_open(void); /* false: there is none; says nothing */
void terminal_close(void);
unsigned terminal_key(void);          /* waits; never KEY_NONE */
bool terminal_key_waits(void);        /* one could be read now */
/* Waits for a key at most this long; KEY_NONE: none came. */
unsigned terminal_key_within(int ms);
/* The row's text, with SGR sequences; from column 0, cut to the width by the caller. rows from 0. */
void terminal_row(unsigned row, const char *text, size_t len);
void terminal_cursor(unsigned row, unsigned column);
void terminal_cursor_hide(void); /* until terminal_close() */
void terminal_forget(void); /* what is on the screen is unknown: the next rows are written whatever they are */
void terminal_flush(void);
