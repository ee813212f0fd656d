/* Tools that read the files they are given, or standard input. */
#pragma once
#include <stdio.h>

/* Calls fn for each name, "-" being standard input; for standard input when there are none. A file that
 * cannot be opened or read is said and passed over. 0, or 1 when something went wrong, or'ed with what
 * fn answered. */
int each_input(char **names, int n, int (*fn)(FILE *file, const char *name));

/* The next line without its newline, in a buffer that grows and is kept: its length, or -1 at the end. */
long next_line(FILE *file, char **line, size_t *size);
