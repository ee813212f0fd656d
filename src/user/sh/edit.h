/* The line editor. Four pure parts, which tests compile on the host, and one that does the talking:
 *
 *   bytes -> lib/keys -> keys -> edit_line, edit_search -> text and cursor -> edit_view -> bytes
 *                                                                edit_tty: read, write, modes, Tab
 *
 * Text is UTF-8; what is not, is kept byte for byte. Nothing here waits for a time: an escape sequence ends
 * where its bytes end, and what the terminal reports comes in like a key. */
#pragma once
#include "../lib/keys.h"
#include "sh.h"

/* ---- history (history.c) ---- */

struct history {
    char **entries; /* oldest first */
    int count, max;
    long dropped; /* older than entries[0] */
};

void history_add(struct history *history, const char *line); /* not twice in a row, not behind a blank */
void history_drop_last(struct history *history);
void history_load(struct history *history, const char *path);
void history_save_last(const struct history *history, const char *path); /* appends; a failure is nobody's loss */
void history_free(struct history *history);

/* ---- the line (edit_line.c, edit_search.c) ---- */

enum edit_result {
    EDIT_MORE,
    EDIT_ACCEPT,   /* Enter */
    EDIT_END,      /* ^D on an empty line */
    EDIT_CANCEL,   /* ^C */
    EDIT_COMPLETE, /* Tab */
    EDIT_CLEAR,    /* ^L */
    EDIT_BELL,     /* nothing could be done */
};

struct edit_undo;
struct edit {
    struct buffer text;
    size_t cursor; /* a character's first byte, or the end */
    struct buffer killed;
    struct edit_undo *undo;
    unsigned nundo;
    const struct history *history;
    int at;      /* the entry shown; history->count: the line that is being written */
    char *draft; /* that line, while another is shown */
    bool pasting, literal_next, joining_kills, joining_inserts;
    bool searching, search_failed; /* ^R */
    struct buffer query;
    int last_argument; /* M-. went this far back; 0: it was not the last key */
    size_t last_argument_start;
};

void edit_init(struct edit *edit, const struct history *history);
void edit_start(struct edit *edit); /* an empty line */
void edit_fini(struct edit *edit);
enum edit_result edit_key(struct edit *edit, unsigned key);
void edit_insert(struct edit *edit, const char *text, size_t len);
void edit_replace(struct edit *edit, size_t from, size_t to, const char *text, size_t len); /* cursor behind it */
/* Between the two files. */
void edit_show_history(struct edit *edit, int at);
void edit_search_begin(struct edit *edit);
bool edit_search_key(struct edit *edit, unsigned key); /* false: the search is over, the key is still to be used */

/* ---- the screen (edit_view.c) ---- */

struct view {
    unsigned columns;
    bool drawn;
    bool at_end; /* the cursor is where the text ends, the waiting state included */
    struct buffer prompt, text; /* as they stand on the screen */
    unsigned row, column;       /* where the cursor is, from the prompt's first row; column == columns: the next
                                   character goes to the next row (terminals wait with that) */
};

/* Makes the screen show prompt and text with the cursor there; appends to out what has to be written. */
void view_show(struct view *view, const char *prompt, const char *text, size_t len, size_t cursor, struct buffer *out);
/* The cursor below everything shown; the next view_show() starts anew. */
void view_leave(struct view *view, struct buffer *out);
/* Forgets what is shown; clear: wipes it first (where the cursor is, and below its first row). */
void view_restart(struct view *view, bool clear, struct buffer *out);
void view_free(struct view *view);

/* ---- completion (complete.c, complete_list.c) ---- */

struct candidates {
    char **items; /* sorted, no two alike */
    int count, cap;
};

void candidates_add(struct candidates *candidates, const char *text, const char *suffix);
void candidates_sort(struct candidates *candidates);
size_t candidates_common(const struct candidates *candidates); /* how many bytes all begin with */
void candidates_columns(const struct candidates *candidates, unsigned columns, struct buffer *out);
void candidates_free(struct candidates *candidates);

/* What could stand for the word before the cursor: its last component begins at
 * *start, inside the quote character *quote or 0. Candidates stand for that component, unquoted. */
void complete_word(const char *text, size_t cursor, size_t *start, char *quote, struct candidates *out);
/* text as it must be typed, inside the quote character or 0; scratch. */
char *complete_quote(const char *text, char quote);

/* ---- the terminal (edit_tty.c) ---- */

enum line_result { LINE_OK, LINE_END, LINE_INTERRUPTED };

bool editor_usable(void);
/* Reads a line with the terminal's help; appends it and a newline to text. */
enum line_result editor_read(const char *prompt, struct buffer *text);
void editor_remember(const char *command); /* for the history */
void editor_remember_instead(const char *command); /* of the line that runs */
const struct history *editor_history(int *count); /* count: without the line that runs. NULL: there is none */
