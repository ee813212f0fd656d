/* The kernel command line as words. Pure. */
#pragma once
#include "lib/types.h"

/* Splits text at blanks, as Linux does: double quotes group and vanish, "--" ends what is the
 * kernel's. Writes the words to out, each with its terminator, back to back; returns the bytes
 * used. A word that does not fit into size is dropped with all behind it. */
size_t cmdline_split(char *out, size_t size, const char *text);
/* The nth word (from 0) with this key among the words of cmdline_split: behind its '=', or "" if it
 * has none. NULL: no such word. */
const char *cmdline_find(const char *words, size_t len, const char *key, unsigned nth);
