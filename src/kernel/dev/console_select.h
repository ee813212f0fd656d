/* Which sinks console= selects. Pure. */
#pragma once
#include "lib/types.h"

struct console_choice { const char *name; bool log, tty; };

/* Does the value of a console= word ("ttyS0,115200n8") name this device? */
bool console_word_names(const char *word, const char *name);
/* Fills in log and tty of all n choices from the words in the order of the command line. */
void console_select(struct console_choice *c, unsigned n, const char *const *words, unsigned nwords);
