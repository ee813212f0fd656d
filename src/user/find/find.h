/* find: main walks and decides, print shows what is known about a file, regex knows kinds of expressions. */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct item {
    const char *path, *root; /* root: the argument it was found below */
    struct stat st;
    uint64_t depth;
};

/* As -printf's FORMAT says; what it does not know is printed as it stands. */
void print_format(const char *format, const struct item *at);
void print_long(const struct item *at); /* -ls */

void regex_choose(const char *name); /* -regextype */
void regex_take(regex_t *regex, const char *text, bool any_case);

void wrong(const char *what, const char *why); /* says so and ends */
