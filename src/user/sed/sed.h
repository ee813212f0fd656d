/* sed: edit a stream of lines by a script. POSIX, XCU, sed; and of what GNU added: -E, -i, -s, addr ~ +N,
 * the flags I and M of addresses and s///, w /dev/stdout.
 *
 *   main -> script (commands) -> run -> lines (in and out)
 *                 \-> expression <-/
 *
 * One script and one stream a process: the state is the program's. Memory that runs out ends it. */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { COMMANDS_MAX = 1024, GROUPS = 10 };
enum address_kind { ADDR_NONE, ADDR_LINE, ADDR_LAST, ADDR_RE, ADDR_STEP, ADDR_COUNT };

struct address { enum address_kind kind; unsigned long line, step; regex_t *re; };

struct command {
    struct address from, to;
    bool negated, active;
    unsigned long until; /* of an active range that counts lines */
    char name;
    size_t jump;         /* { : one behind its }; b, t, T: where to */
    char *text;          /* a i c, r w, :label, y's images */
    regex_t *re;         /* s */
    bool global, print;
    unsigned long which; /* s: only from this match on */
    FILE *file;
    int code;            /* q Q */
};

struct buffer { char *text; size_t len, size; };

/* main.c */
extern bool silent, extended, in_place, separate; /* -n -E -i -s */
extern const char *kept_suffix;                   /* of the old file, -iSUFFIX; NULL: it is not kept */
extern char line_end;                             /* a zero with -z */
extern unsigned visible_width;                    /* -l: columns of l; 0: no end */
extern bool substituted;                          /* since the line was read or t asked */
extern struct buffer space;                       /* the line at work */
extern int exit_code;
void wrong(const char *what) __attribute__((noreturn));
void *get(void *p); /* p, unless memory ran out */
void buffer_add(struct buffer *b, const char *text, size_t len);
void buffer_set(struct buffer *b, const char *text, size_t len);

/* script.c */
extern struct command command[COMMANDS_MAX];
extern size_t ncommands;
void add_script(const char *text);
void add_script_file(const char *name);
void read_script(void);

/* expression.c */
/* The text up to an end that no backslash precedes; \n becomes a newline, \END the plain end. */
char *take_delimited(const char **p, char end, bool is_re);
regex_t *compile(const char *text, int more); /* NULL for the empty one: the last one used */
regex_t *re_of(regex_t *re);                  /* and remembers it as the last one used */
void substitute(const struct command *c);

/* lines.c */
extern FILE *output;
extern char **inputs;
extern int ninputs, input_index;
extern unsigned long line_number;
extern struct buffer appended; /* to be put out behind the line */
FILE *open_out(const char *name);
bool open_next(void);          /* false: that was the last file */
void begin_in_place(const char *name);
void end_in_place(void);
bool look_ahead(void);         /* reads one line ahead; false when there is none */
void forget_line(void);        /* the one ahead */
bool next_input_line(struct buffer *b, bool append);
void put_line(FILE *to, const char *text, size_t len);
void put_appended(void);
void append_file(const char *name);
void put_visible(void);        /* l: unambiguously */

/* run.c */
void edit(void);
void edit_separately(void); /* -s, -i: each file begins at line 1 */
