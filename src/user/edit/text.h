/* The text that is edited: bytes with a gap where work goes on, and what was done to them, so that it can be undone.
 * Pure: no files, no terminal; tests compile it on the host.
 *
 *   data  [ before the gap | gap | behind it ]     positions count bytes of text, not of data
 *
 * Whatever may fail for want of memory answers false and has changed nothing. Text is UTF-8; other bytes are kept as
 * they are. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct change {
    bool inserted; /* else removed */
    size_t at, len, size;
    char *bytes;
};

/* What the view found out about a place: the columns before it in its line. Forgotten when those may have changed. */
struct mark {
    size_t at, column;
};

/* Bytes among which there is no newline. */
struct stretch {
    size_t from, to;
};

enum { STRETCHES = 32 };

struct text {
    char *data;
    size_t gap, gap_len, len;
    struct stretch stretches[STRETCHES]; /* long ones: see text_lines.c */
    unsigned stretch_count, stretch_next;
    struct mark *marks; /* in order */
    size_t mark_count, mark_room;
    struct change *changes; /* [0, done): can be undone; [done, known): redone */
    size_t done, known, room;
    size_t saved;           /* where `done` stood when it was saved; NEVER: that state is gone */
    bool joining;           /* the last change may grow */
};

/* Takes malloc'd bytes over (NULL, 0: empty). */
void text_init(struct text *text, char *bytes, size_t len);
void text_fini(struct text *text);

/* at + len within the text. */
bool text_insert(struct text *text, size_t at, const char *bytes, size_t len);
bool text_remove(struct text *text, size_t at, size_t len);
void text_separate(struct text *text); /* what comes is another step for undo */
/* Where the next undo or redo begins to change something; 0 when there is nothing to do. */
size_t text_undo_place(const struct text *text);
size_t text_redo_place(const struct text *text);
/* False: there is nothing to undo, or no memory. *at: where it happened. */
bool text_undo(struct text *text, size_t *at);
bool text_redo(struct text *text, size_t *at);
bool text_is_changed(const struct text *text);
void text_mark_saved(struct text *text);

char text_at(const struct text *text, size_t at);
/* The longest stretch at `at` that lies together; *len 0 at the end. */
const char *text_piece(const struct text *text, size_t at, size_t *len);
void text_copy(const struct text *text, size_t at, size_t len, char *out);
/* Long lines are remembered, so that asking again costs nothing. */
size_t text_line_start(struct text *text, size_t at);
size_t text_line_end(struct text *text, size_t at); /* at its newline, or at the end */
size_t text_count_lines(struct text *text, size_t from, size_t to); /* newlines between */
/* The last mark in the line that begins at `line` with neither more than at nor than column; the line's start is one. */
struct mark text_mark_before(struct text *text, size_t line, size_t at, size_t column);
void text_mark(struct text *text, struct mark mark); /* without memory it is not kept */
size_t text_next(const struct text *text, size_t at);     /* the next character's first byte */
size_t text_previous(const struct text *text, size_t at);
/* The character at `at`, which is not the end: its length; *code as utf8_decode() has it. */
size_t text_character(const struct text *text, size_t at, unsigned *code);
/* The first place from `from` on, then from the beginning; letters of both cases are one unless `what` has a capital. */
bool text_find(const struct text *text, size_t from, const char *what, size_t len, size_t *at);
