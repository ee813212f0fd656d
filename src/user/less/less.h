/* less: read a text page by page.
 *
 *   main (keys, files) -> view (rows of the terminal) -> source (lines, read when they are needed)
 *
 * A place is a line and a row of it: long lines go on in the next row. */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct source {
    int fd;
    bool ended;
    char *bytes;
    size_t len, size;
    size_t *starts; /* of every line that has begun; starts[count] is not one */
    size_t count, room;
};

struct place { size_t line, row; };

struct pager {
    struct source source;
    const char *name;
    struct place top;
    bool numbers, raw, chop; /* -N -R -S */
    size_t left;             /* with -S: the first column shown */
    enum { FOLD_NEVER, FOLD_SMALL, FOLD_ALWAYS } fold; /* -i: small letters find capitals; -I: all do */
    regex_t pattern;
    bool have_pattern;
    const char *message;
};

/* source.c. Memory that runs out ends the reading, not the program. */
void source_open(struct source *source, int fd);
void source_close(struct source *source);
/* Reads until this line is whole or the text ends. False: there is no such line (yet). While it waits for a slow
 * writer a key ends the waiting. */
bool source_have(struct source *source, size_t line);
bool source_read_more(struct source *source); /* what is there now; false: nothing */
const char *source_line(const struct source *source, size_t line, size_t *len); /* without its newline */

/* view.c */
void view_show(struct pager *pager);
size_t view_rows(const struct pager *pager, size_t line); /* that the line takes */
bool view_forward(struct pager *pager, size_t rows);      /* false: not all the way */
bool view_back(struct pager *pager, size_t rows);
bool view_at_end(struct pager *pager);
void view_to_end(struct pager *pager);                    /* of what was read */
size_t view_page(void);

/* search.c */
bool search_set(struct pager *pager, const char *text);
bool search_line(struct pager *pager, const char *line, size_t len, regmatch_t *match); /* the first in it */
bool search_go(struct pager *pager, bool down);
