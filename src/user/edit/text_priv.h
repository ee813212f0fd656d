/* Between text.c, which changes bytes without remembering it, text_undo.c and text_lines.c. */
#pragma once
#include "text.h"

#define NEVER ((size_t)-1)

bool bytes_insert(struct text *text, size_t at, const char *bytes, size_t len);
void bytes_remove(struct text *text, size_t at, size_t len);

/* Before bytes change: `removed` go at `at`, then these come. */
void lines_change(struct text *text, size_t at, size_t removed, const char *bytes, size_t len);
