/* find: walk directories and do something with what fits. POSIX, XCU, find.
 *
 *   main (options, the walk) -> parse (words) -> a tree of fits (tests)
 *                                  |             and of act (actions) -> print (-printf, -ls)
 *                                  \-> regex (kinds of expressions)
 *
 * The expression becomes a tree; each file is put through it. One expression a process: the state is the
 * program's. Memory that runs out ends it. */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

struct item {
    const char *path, *root; /* root: the argument it was found below */
    struct stat st;
    uint64_t depth;
};

struct node;
typedef bool fits_fn(const struct node *n, const struct item *at);

struct node {
    fits_fn *fits;
    const struct node *a, *b; /* of ! -a -o */
    const char *text;
    long long number;
    int sign; /* -1: less than, 0: exactly, 1: more than */
    char letter;
    char **argv; /* of -exec; up to the ';' or '+' */
    int argc;
    mode_t mode;
    unsigned long long device; /* and number: the file of -samefile */
    struct timespec time;
    regex_t regex;
};

/* main.c */
extern bool depth_first, one_device;  /* -depth -xdev */
extern bool pruned, quit;             /* what an action wants of the walk: not inside this one; no further */
extern uint64_t depth_min, depth_max; /* -mindepth -maxdepth */
extern int status;
extern time_t now; /* what ages are counted from; -daystart: the end of this day */
void wrong(const char *what, const char *why) __attribute__((noreturn)); /* says so and ends */

/* parse.c */
const struct node *parse_expression(char **words); /* with the -print that is meant where nothing else is done */

/* fits.c */
fits_fn fits_and, fits_both, fits_or, fits_not, fits_always, fits_name, fits_target, fits_path, fits_type,
    fits_size, fits_links, fits_inum, fits_uid, fits_gid, fits_regex, fits_user, fits_group, fits_nobody,
    fits_access, fits_same, fits_time, fits_newer, fits_perm, fits_empty;

/* act.c: what is done fits when it succeeded */
fits_fn do_print, do_printf, do_list, do_prune, do_quit, do_delete, do_exec, do_exec_batch;
void batches_end(void); /* runs what -exec ... + still holds */

/* print.c */
/* As -printf's FORMAT says; what it does not know is printed as it stands. */
void print_format(const char *format, const struct item *at);
void print_long(const struct item *at); /* -ls */

/* regex.c */
void regex_choose(const char *name); /* -regextype */
void regex_take(regex_t *regex, const char *text, bool any_case);
