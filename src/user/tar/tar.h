/* tar: archives, POSIX ustar with pax and GNU's long names (pax: XCU, pax; GNU: tar's manual, "Standard").
 *
 *   main (options) -> create  -> header -> stream (plain or gzip)
 *                 \-> extract <- header <-/
 *
 * Promise: nothing of an archive is written outside the folder it is unpacked in: no "..", no absolute name, and no
 * link is walked through. Nothing in it is believed: sizes, checksums and names are checked before they are used. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { BLOCK = 512, NAMES_MAX = 1 << 16 }; /* a longer name is an attack or an accident */

/* One member. Strings are malloc'd. */
struct member {
    char *name, *link;
    char type;             /* '0' file '1' hard link '2' symbolic '3' '4' devices '5' folder '6' pipe, or anything */
    mode_t mode;
    unsigned long uid, gid;
    uint64_t size;
    int64_t mtime;
    unsigned major, minor;
};

/* header.c: pure */
bool header_has_data(const struct member *member); /* size bytes follow, in whole blocks */
bool header_is_zero(const unsigned char block[BLOCK]);
bool header_parse(const unsigned char block[BLOCK], struct member *out); /* false: not a header. name, link: fresh */
/* False: name, link or a number does not fit (and is cut): a pax header must come before it. */
bool header_format(unsigned char block[BLOCK], const struct member *member);
/* What the records of a pax header say replaces what is there already. */
void pax_apply(const char *records, size_t len, struct member *member, bool *has_size);
size_t pax_add(char *out, size_t size, const char *key, const char *value); /* snprintf's answer */

/* main.c */
extern bool verbose, keep_modes;
extern int status;
extern char **wanted; /* members named by the user; NULL: all */
extern bool follow, to_stdout;    /* -h: what links lead to; -O */
extern unsigned strip_components; /* so many leading parts of each name are left out when unpacking */
bool is_excluded(const char *name);           /* by --exclude: it, or a folder it is in */
void fail(const char *what);                  /* errno's text; the work goes on */
void refuse(const char *what, const char *why);
void *need(void *p);

/* stream.c: each ends the program when it fails, for then nothing can be trusted */
void stream_open(const char *path, bool write, bool zip); /* NULL, "-": standard input or output */
/* Behind the last member of a plain archive, which is made if it is not there. */
void stream_open_append(const char *path);
void stream_close(void);
bool stream_read(void *out, size_t len);      /* false: the archive ended before the first byte */
void stream_skip(uint64_t len);
void stream_write(const void *data, size_t len);
bool stream_is(const struct stat *st);        /* the archive itself: it must not go into itself */

/* create.c */
void create_member(const char *path);

/* extract.c */
void extract_all(bool only_list);

/* place.c: where a name leads, below the working folder and through no link */
/* Opens the folder that holds it, made if need be: *dir (to be closed) and the last component. 0 or -errno. */
int place_open(const char *name, bool make, int *dir, const char **last);
const char *place_clean(const char *name);    /* without leading slashes; NULL: it has a ".." */
