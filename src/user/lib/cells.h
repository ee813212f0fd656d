/* A line of a file as a terminal shows it: tabs to every eighth column, ^X for control characters, \xHH for what is
 * not UTF-8, nothing a terminal would act on. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct cells {
    char *text;
    size_t len, size;
    unsigned left, width; /* the columns shown: [left, left + width) */
    size_t column;        /* where the next character goes */
    bool overflow;        /* something stood right of them, or memory ran out */
};

void cells_begin(struct cells *cells, unsigned left, unsigned width); /* keeps the memory */
void cells_put(struct cells *cells, const char *bytes, size_t len, unsigned code); /* one character */
void cells_style(struct cells *cells, const char *sgr);               /* between characters */
unsigned cells_width(unsigned code, size_t len, size_t column);       /* columns the character takes there */
/* All characters of text. Its last byte may be part of a character only if nothing follows. */
void cells_put_text(struct cells *cells, const char *text, size_t len);
