/* edit: a small full-screen editor.
 *
 *   terminal -> main (keys) -> commands -> text (pure: bytes, undo)
 *                    |             \-> file (read, write)
 *                    \-> view (rows of the terminal) -> columns
 *
 * Promise: what was typed is lost only by answering that it may be. A file is written beside the old one and put in its
 * place when it is whole; when that is not possible the old one is overwritten, and the text stays here. */
#pragma once
#include "text.h"

#include <sys/stat.h>

enum { FIND_MAX = 128, MESSAGE_MAX = 256 };

struct editor {
    struct text text;
    char *path;             /* NULL: it has no name yet */
    bool unwritable;        /* by this user, as far as the system tells */
    bool exists;
    struct stat on_disk;    /* when it was read or written */
    size_t cursor, line;    /* line: newlines before the cursor */
    size_t column;          /* where Up and Down want to be */
    bool column_kept;
    size_t top, left;       /* of what the screen shows: a line's first byte, a column */
    char *cut;
    size_t cut_len;
    bool cutting;           /* the last key was ^K: the next one adds to it */
    char find[FIND_MAX];
    char message[MESSAGE_MAX];
    bool leaving;
};

/* file.c: 0 or -errno */
int file_read(struct editor *editor, const char *path); /* one that is not there is an empty text */
int file_write(struct editor *editor, const char *path);
bool file_was_changed(const struct editor *editor, const char *path); /* by somebody else, since we saw it */

/* view.c */
void view_show(struct editor *editor);
size_t view_page_lines(void);

/* columns.c */
size_t view_column(struct editor *editor, size_t at);                     /* on the screen, of its line */
size_t view_at_column(struct editor *editor, size_t line, size_t column); /* in the line that begins there */
/* The last place in the line that begins at `line` with neither more than at nor than column. */
struct mark column_place(struct text *text, size_t line, size_t at, size_t column);

/* ask.c: in the last row. False: ^C or ^G */
bool ask_text(struct editor *editor, const char *what, char *text, size_t size); /* what is in text can be changed */
unsigned ask_key(struct editor *editor, const char *what);

/* commands.c */
void command_key(struct editor *editor, unsigned key);
void move_to(struct editor *editor, size_t at);
void go_to_line(struct editor *editor, size_t line);                            /* from 1 */
void say(struct editor *editor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* saving.c */
bool save(struct editor *editor);    /* asks for a name when there is none; false: not saved, and said why */
bool save_as(struct editor *editor);
void leave(struct editor *editor);   /* asks when there is something to save */
void save_in_need(struct editor *editor); /* nobody can be asked any more */
