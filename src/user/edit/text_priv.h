/* Between text.c and text_undo.c: changes that nobody remembers. */
#pragma once
#include "text.h"

#define NEVER ((size_t)-1)

bool bytes_insert(struct text *text, size_t at, const char *bytes, size_t len);
void bytes_remove(struct text *text, size_t at, size_t len);
