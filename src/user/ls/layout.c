/* ls: one a line, in columns or with commas. See ls.h. */
#include "ls.h"

#include <stdio.h>

static void put_columns(const struct list *list, const struct widths *w)
{
    unsigned longest = 1, prefix = (have['i'] ? (unsigned)w->inode + 1 : 0) + (have['s'] ? (unsigned)w->blocks + 1 : 0);
    for (size_t i = 0; i < list->count; i++) {
        unsigned len = cells_of(list->items[i].name) + (have['F'] || have['p']);
        longest = len > longest ? len : longest;
    }
    size_t columns = width / (prefix + longest + 2);
    columns = columns ? columns : 1;
    size_t rows = (list->count + columns - 1) / columns;
    size_t step = have['x'] ? 1 : rows, next_row = have['x'] ? columns : 1; /* -x: across, not down */
    for (size_t row = 0; row < rows; row++) {
        size_t first = row * next_row, end = have['x'] && first + columns < list->count ? first + columns : list->count;
        for (size_t i = first; i < end; i += step) {
            put_prefix(&list->items[i], w);
            put_name(&list->items[i]);
            unsigned len = cells_of(list->items[i].name) + (mark_of(&list->items[i].st) != 0);
            if (i + step < end)
                printf("%*s", (int)(longest + 2 - len), "");
        }
        putchar('\n');
    }
}

static void put_commas(const struct list *list, const struct widths *w)
{
    size_t column = 0, prefix = (have['i'] ? (size_t)w->inode + 1 : 0) + (have['s'] ? (size_t)w->blocks + 1 : 0);
    for (size_t i = 0; i < list->count; i++) {
        size_t len = prefix + cells_of(list->items[i].name) + (mark_of(&list->items[i].st) != 0);
        bool fits = column + len + 2 < width;
        if (i > 0)
            fputs(fits ? ", " : ",\n", stdout);
        column = i == 0 ? len : fits ? column + len + 2 : len;
        put_prefix(&list->items[i], w);
        put_name(&list->items[i]);
    }
    if (list->count)
        putchar('\n');
}

void put_list(struct list *list)
{
    list_sort(list);
    struct widths w = have['l'] || have['i'] || have['s'] ? measure(list) : (struct widths){ 0 };
    if (have['m'] || have['C']) {
        (have['m'] ? put_commas : put_columns)(list, &w);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (have['l']) {
            put_long(&list->items[i], &w);
        } else {
            put_prefix(&list->items[i], &w);
            put_name(&list->items[i]);
            putchar('\n');
        }
    }
}
