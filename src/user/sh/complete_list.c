/* Candidates for a completion: collected, sorted, and laid out in columns like a list of files. Pure. */
#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 400 };

void candidates_add(struct candidates *candidates, const char *text, const char *suffix)
{
    if (candidates->count == candidates->cap) {
        int cap = candidates->cap ? candidates->cap * 2 : 32;
        char **items = xmalloc((size_t)cap * sizeof *items);
        if (candidates->count)
            memcpy(items, candidates->items, (size_t)candidates->count * sizeof *items);
        free(candidates->items);
        candidates->items = items;
        candidates->cap = cap;
    }
    char *item = xmalloc(strlen(text) + strlen(suffix) + 1);
    candidates->items[candidates->count++] = strcat(strcpy(item, text), suffix);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void candidates_sort(struct candidates *candidates)
{
    int kept = 0;
    if (candidates->count)
        qsort(candidates->items, (size_t)candidates->count, sizeof *candidates->items, compare);
    for (int i = 0; i < candidates->count; i++)
        if (kept && strcmp(candidates->items[kept - 1], candidates->items[i]) == 0)
            free(candidates->items[i]);
        else
            candidates->items[kept++] = candidates->items[i];
    candidates->count = kept;
}

size_t candidates_common(const struct candidates *candidates)
{
    if (candidates->count == 0)
        return 0;
    const char *first = candidates->items[0], *last = candidates->items[candidates->count - 1];
    size_t len = 0;
    while (first[len] && first[len] == last[len]) /* sorted: what these two share, all share */
        len++;
    while (len > 0 && ((unsigned char)first[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static unsigned text_width(const char *text)
{
    unsigned width = 0, code;
    for (size_t len = strlen(text); len > 0;) {
        size_t taken = utf8_decode(text, len, &code);
        width += char_width(code);
        text += taken;
        len -= taken;
    }
    return width;
}

static void add_cell(const char *text, unsigned width, struct buffer *out)
{
    for (const char *c = text; *c; c++)
        buffer_add(out, (unsigned char)*c < ' ' || *c == 127 ? '?' : *c);
    for (unsigned have = text_width(text); have < width; have++)
        buffer_add(out, ' ');
}

void candidates_columns(const struct candidates *candidates, unsigned columns, struct buffer *out)
{
    unsigned widest = 1, count = candidates->count < LIST_MAX ? (unsigned)candidates->count : LIST_MAX;
    char more[48];
    for (unsigned i = 0; i < count; i++)
        if (text_width(candidates->items[i]) > widest)
            widest = text_width(candidates->items[i]);
    unsigned across = (columns + 1) / (widest + 2); /* the last column may do without its gap, and one cell stays free */
    across = across ? across : 1;
    unsigned down = (count + across - 1) / across;
    for (unsigned row = 0; row < down; row++) {
        for (unsigned i = row; i < count; i += down)
            add_cell(candidates->items[i], i + down < count ? widest + 2 : 0, out);
        buffer_append(out, "\r\n", 2);
    }
    if (count < (unsigned)candidates->count) {
        int len = snprintf(more, sizeof more, "... and %u more\r\n", (unsigned)candidates->count - count);
        buffer_append(out, more, (size_t)len);
    }
}

void candidates_free(struct candidates *candidates)
{
    for (int i = 0; i < candidates->count; i++)
        free(candidates->items[i]);
    free(candidates->items);
    *candidates = (struct candidates){ 0 };
}
