/* ls: what is in directories. Columns and colours only on a terminal. POSIX, XCU, ls.
 *
 *   options <- main (directories) -> list (what is shown, in order)
 *                                \-> layout (lines, columns, commas) -> name
 *                                           \-> details (-l) ----------/
 *
 * One listing a process: the state is the program's. Memory that runs out ends it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct entry {
    char *name, *path;
    struct stat st;
};

struct list {
    struct entry *items;
    size_t count, cap;
};

/* How the columns of -l are: as wide as what is in them. */
struct widths { int inode, blocks, links, owner, group, size; };

/* options.c */
extern bool have[256]; /* options; long ones without a letter have one + 128 */
extern bool on_tty, colours;
extern const char *time_format; /* NULL: with the year or the hour, by age */
extern unsigned width;
void read_options(int argc, char **argv); /* what is wrong with them ends the program */
bool is_dot(const char *name);            /* . or .. */
bool is_listed(const char *name);         /* no option leaves it out */

/* main.c */
extern int status;

/* list.c */
bool list_add(struct list *list, const char *name, char *path); /* path: malloc'd, the list's from here on */
void list_free(struct list *list);
void list_sort(struct list *list);                     /* as the options want it */
const struct timespec *time_of(const struct stat *st); /* the one of -c, -u or neither */

/* name.c */
char mark_of(const struct stat *st);          /* of -F, -p; 0: none */
unsigned put_name(const struct entry *entry); /* how much it wrote, its mark too */
unsigned cells_of(const char *name);

/* details.c */
struct widths measure(const struct list *list);
void put_prefix(const struct entry *entry, const struct widths *w); /* -i -s */
void put_long(const struct entry *entry, const struct widths *w);

/* layout.c */
void put_list(struct list *list); /* sorts it first */
