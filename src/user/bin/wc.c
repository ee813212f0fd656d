/* wc: count lines, words and bytes. */
#include "../lib/util.h"

#include <ctype.h>
#include <stdio.h>

struct counts {
    unsigned long lines, words, bytes;
};

static bool have[128];

static void put_counts(const struct counts *counts, const char *name)
{
    bool all = !have['l'] && !have['w'] && !have['c'];
    if (all || have['l'])
        printf("%7lu ", counts->lines);
    if (all || have['w'])
        printf("%7lu ", counts->words);
    if (all || have['c'])
        printf("%7lu ", counts->bytes);
    printf("%s\n", name);
}

static int count(FILE *file, const char *name, struct counts *total)
{
    struct counts counts = { 0 };
    bool in_word = false;
    for (int c; (c = getc(file)) != EOF;) {
        counts.bytes++;
        counts.lines += c == '\n';
        counts.words += !in_word && !isspace(c);
        in_word = !isspace(c);
    }
    put_counts(&counts, name);
    total->lines += counts.lines;
    total->words += counts.words;
    total->bytes += counts.bytes;
    if (ferror(file))
        warn_errno(name);
    return ferror(file) != 0;
}

int main(int argc, char **argv)
{
    struct counts total = { 0 };
    int status = 0;
    tool_init(argv, "usage: wc [-lwc] [FILE...]\nCount -l lines, -w words, -c bytes.\n");
    int index = parse_flags(argc, argv, "lwc", have), first = index;
    if (index == argc)
        status = count(stdin, "", &total);
    for (; index < argc; index++) {
        FILE *file = fopen(argv[index], "r");
        if (!file) {
            warn_errno(argv[index]);
            status = 1;
            continue;
        }
        status |= count(file, argv[index], &total);
        fclose(file);
    }
    if (argc - first > 1)
        put_counts(&total, "total");
    return flush_output() | status;
}
