/* See cells.h. */
#include "cells.h"

#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAB = 8 };

void cells_begin(struct cells *cells, unsigned left, unsigned width)
{
    cells->len = 0;
    cells->column = 0;
    cells->left = left;
    cells->width = width;
    cells->overflow = false;
}

static void append(struct cells *cells, const char *bytes, size_t len)
{
    if (cells->size - cells->len < len) {
        size_t size = (cells->len + len) * 2 + 256;
        char *grown = realloc(cells->text, size);
        if (!grown) {
            cells->overflow = true;
            return;
        }
        cells->text = grown;
        cells->size = size;
    }
    memcpy(cells->text + cells->len, bytes, len);
    cells->len += len;
}

/* A single byte of 0x80 and more stands for itself only: it was no UTF-8. */
static bool is_stray(unsigned code, size_t len) { return len == 1 && code >= 0x80; }
/* C1 controls would be obeyed by some terminals (ECMA-48, 5.3). */
static bool is_control(unsigned code) { return code < 32 || (code >= 0x7f && code < 0xa0); }

static unsigned picture(char out[8], unsigned code, size_t len)
{
    if (is_stray(code, len) || code >= 0x80)
        return (unsigned)snprintf(out, 8, "\\x%02x", code & 0xff);
    return (unsigned)snprintf(out, 8, "^%c", (int)(code ^ 64));
}

unsigned cells_width(unsigned code, size_t len, size_t column)
{
    char text[8];
    if (code == '\t')
        return TAB - (unsigned)(column % TAB);
    return is_stray(code, len) || is_control(code) ? picture(text, code, len) : char_width(code);
}

void cells_put(struct cells *cells, const char *bytes, size_t len, unsigned code)
{
    char text[8];
    unsigned width = cells_width(code, len, cells->column);
    size_t from = cells->column, end = from + width, right = (size_t)cells->left + cells->width;
    cells->column = end;
    cells->overflow |= end > right;
    if (code != '\t' && !is_stray(code, len) && !is_control(code)) {
        if (from >= cells->left && end <= right && (width || from > cells->left))
            append(cells, bytes, len);
        else /* half a wide character at an edge */
            for (size_t i = from; i < end; i++)
                if (i >= cells->left && i < right)
                    append(cells, " ", 1);
        return;
    }
    if (code == '\t')
        memset(text, ' ', sizeof text);
    else
        picture(text, code, len);
    for (size_t i = from; i < end; i++)
        if (i >= cells->left && i < right)
            append(cells, &text[i - from], 1);
}

void cells_style(struct cells *cells, const char *sgr) { append(cells, sgr, strlen(sgr)); }

void cells_put_text(struct cells *cells, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        unsigned code;
        size_t n = utf8_decode(text + at, len - at, &code);
        cells_put(cells, text + at, n, code);
        at += n;
    }
}
