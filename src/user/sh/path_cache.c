/* Where in PATH the programs are that ran before: saves a walk through its directories for each command. An
 * entry is a hint; who cannot run it searches again. A new value of PATH forgets all. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NBUCKETS = 64 };

struct entry {
    struct entry *next;
    char *path;
    char name[];
};

static struct entry *buckets[NBUCKETS];
static unsigned nentries;

static struct entry **bucket_of(const char *name)
{
    unsigned hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return &buckets[hash % NBUCKETS];
}

void path_cache_clear(void)
{
    for (int i = 0; nentries && i < NBUCKETS; i++)
        while (buckets[i]) {
            struct entry *entry = buckets[i];
            buckets[i] = entry->next;
            free(entry->path);
            free(entry);
            nentries--;
        }
}

static void cache_add(const char *name, const char *path)
{
    struct entry **bucket = bucket_of(name), *entry = xmalloc(sizeof *entry + strlen(name) + 1);
    strcpy(entry->name, name);
    entry->path = xstrdup(path);
    entry->next = *bucket;
    *bucket = entry;
    nentries++;
}

const char *path_cache_find(const char *name)
{
    if (strchr(name, '/'))
        return NULL;
    for (const struct entry *entry = *bucket_of(name); entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0)
            return entry->path;
    const char *path = path_find(name, X_OK);
    if (!path || *path != '/') /* relative: another directory, another program */
        return path;
    cache_add(name, path);
    return path;
}

int builtin_hash(char **argv)
{
    int status = 0;
    char **arg = argv + 1;
    if (*arg && strcmp(*arg, "-r") == 0) {
        path_cache_clear();
        arg++;
    } else if (!*arg) {
        for (int i = 0; i < NBUCKETS; i++)
            for (const struct entry *entry = buckets[i]; entry; entry = entry->next)
                puts(entry->path);
    }
    for (; *arg; arg++)
        if (!builtin_find(*arg) && !function_find(*arg) && !path_cache_find(*arg)) {
            shell_error("hash: %s: not found", *arg);
            status = 1;
        }
    return status;
}
