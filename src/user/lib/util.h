/* What the tools share: errors under the program's name, --help, options, whole writes, sizes. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char *program;

/* First thing in main: sets the name; prints help and ends when the first argument is --help. */
void tool_init(char **argv, const char *help);
void warn_errno(const char *what);                                     /* program: what: errno's text */
void warn_text(const char *what, const char *why);                     /* program: what: why */
void die(const char *what) __attribute__((noreturn));                  /* with errno's text, status 1 */
void die_usage(void) __attribute__((noreturn));                        /* status 2 */

/* Reads -abc and --; letters not in `allowed` end the program with its usage. True for a letter in
 * have[]. Returns the index of the first argument that is no option. */
int parse_flags(int argc, char **argv, const char *allowed, bool have[128]);

int full_write(int fd, const void *data, size_t len); /* 0 or -1 */
int flush_output(void);                               /* 0, or 1 with a message: the exit status */
void format_size(char out[16], uint64_t bytes);       /* 1536 -> 1.5K */
char *join_path(const char *directory, const char *name); /* malloc'd */
const char *base_name(const char *path);              /* behind the last '/' */
bool parse_u64(const char *text, uint64_t *out);
/* One "Key: value kB" of /proc/meminfo, in bytes. */
bool meminfo_read(const char *key, uint64_t *bytes);
