/* ls: lists of files, and their order. See ls.h. */
#include "ls.h"

#include "../lib/util.h"
#include "../lib/versions.h"

#include <stdlib.h>
#include <string.h>

bool list_add(struct list *list, const char *name, char *path)
{
    if (list->count == list->cap) {
        list->cap = list->cap * 2 + 16;
        list->items = realloc(list->items, list->cap * sizeof *list->items);
        if (!list->items)
            die(name);
    }
    struct entry *entry = &list->items[list->count];
    if (!(have['L'] && stat(path, &entry->st) == 0) && lstat(path, &entry->st) < 0) {
        warn_errno(path);
        status |= 1;
        free(path);
        return false;
    }
    entry->name = strdup(name);
    entry->path = path;
    if (!entry->name)
        die(name);
    list->count++;
    return true;
}

void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].path);
    }
    free(list->items);
}

const struct timespec *time_of(const struct stat *st)
{
    return have['c'] ? &st->st_ctim : have['u'] ? &st->st_atim : &st->st_mtim;
}

static int newer_first(const struct timespec *x, const struct timespec *y)
{
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? 1 : -1;
    return (y->tv_nsec > x->tv_nsec) - (y->tv_nsec < x->tv_nsec);
}

static const char *extension(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? dot : "";
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = 0;
    if (have['g' | 128]) {
        order = S_ISDIR(y->st.st_mode) - S_ISDIR(x->st.st_mode);
        if (order)
            return order; /* whichever way the rest goes */
    }
    if (have['S'])
        order = (y->st.st_size > x->st.st_size) - (y->st.st_size < x->st.st_size);
    else if (have['t'] || ((have['c'] || have['u']) && !have['l']))
        order = newer_first(time_of(&x->st), time_of(&y->st));
    else if (have['v'])
        order = version_compare(x->name, y->name);
    else if (have['X'])
        order = strcmp(extension(x->name), extension(y->name));
    if (order == 0)
        order = strcmp(x->name, y->name);
    return have['r'] ? -order : order;
}

void list_sort(struct list *list)
{
    if (!have['U'])
        qsort(list->items, list->count, sizeof *list->items, compare);
}
