/* See counts.h. */
#include "counts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool parse_count(const char *text, uint64_t *out)
{
    static const struct { const char *suffix; uint64_t size; } suffixes[] = {
        { "", 1 }, { "b", 512 }, { "k", 1024 }, { "K", 1024 }, { "kB", 1000 }, { "M", 1 << 20 }, { "MB", 1000000 },
        { "G", 1 << 30 },
    };
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(end, suffixes[i].suffix) == 0)
            return !__builtin_mul_overflow(*out, suffixes[i].size, out);
    return false;
}

void obsolete_count(int *argc, char **argv, char letter)
{
    static char option[32];
    if (*argc < 2 || argv[1][0] != '-' || argv[1][1] < '0' || argv[1][1] > '9')
        return;
    snprintf(option, sizeof option, "-%c%s", letter, argv[1] + 1);
    argv[1] = option;
}

void heading(const char *path, bool wanted)
{
    static bool printed;
    if (wanted)
        printf("%s==> %s <==\n", printed ? "\n" : "", strcmp(path, "-") == 0 ? "standard input" : path);
    printed = true;
}
