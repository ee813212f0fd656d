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

struct text {
    char *data;
    size_t gap, gap_len, len;
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
/* False: there is nothing to undo, or no memory. *at: where it happened. */
bool text_undo(struct text *text, size_t *at);
bool text_redo(struct text *text, size_t *at);
bool text_is_changed(const struct text *text);
void text_mark_saved(struct text *text);

char text_at(const struct text *text, size_t at);
/* The longest stretch at `at` that lies together; *len 0 at the end. */
const char *text_piece(const struct text *text, size_t at, size_t *len);
void text_copy(const struct text *text, size_t at, size_t len, char *out);
size_t text_line_start(const struct text *text, size_t at);
size_t text_line_end(const struct text *text, size_t at); /* at its newline, or at the end */
size_t text_next(const struct text *text, size_t at);     /* the next character's first byte */
size_t text_previous(const struct text *text, size_t at);
/* The character at `at`, which is not the end: its length; *code as utf8_decode() has it. */
size_t text_character(const struct text *text, size_t at, unsigned *code);
size_t text_count_lines(const struct text *text, size_t from, size_t to); /* newlines between */
/* The first place from `from` on, then from the beginning; letters of both cases are one unless `what` has a capital. */
bool text_find(const struct text *text, size_t from, const char *what, size_t len, size_t *at);
