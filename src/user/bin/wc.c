/* wc: count lines, words and bytes. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct counts {
    unsigned long lines, words, characters, bytes, longest;
};

static bool have[128];

static int width = 7;

/* As wide as the sum of the sizes; 7 where a size is not known, 1 for a single number. */
static void choose_width(char **names, int n)
{
    struct stat st;
    unsigned long long sum = 0;
    bool single = have['l'] + have['w'] + have['c'] + have['m'] + have['L'] == 1 && n < 2;
    for (int i = 0; i < n && !single; i++) {
        if (stat(names[i], &st) < 0)
            continue;
        if (!S_ISREG(st.st_mode))
            return;
        sum += (unsigned long long)st.st_size;
    }
    if (n || single)
        width = single ? 1 : snprintf(NULL, 0, "%llu", sum);
}

static void put_counts(const struct counts *counts, const char *name)
{
    const unsigned long value[] = { counts->lines, counts->words, counts->characters, counts->bytes, counts->longest };
    bool all = !have['l'] && !have['w'] && !have['c'] && !have['m'] && !have['L'], first = true;
    for (int i = 0; i < 5; i++) {
        if (all ? i == 2 || i == 4 : !have[(int)"lwmcL"[i]])
            continue;
        printf("%s%*lu", first ? "" : " ", width, value[i]);
        first = false;
    }
    printf("%s%s\n", *name ? " " : "", name);
}

static int count(FILE *file, const char *name, struct counts *total)
{
    struct counts counts = { 0 };
    bool in_word = false;
    unsigned long column = 0;
    for (int c; (c = getc(file)) != EOF;) {
        counts.bytes++;
        counts.characters += (c & 0xc0) != 0x80; /* of UTF-8 */
        counts.lines += c == '\n';
        counts.words += !in_word && !isspace(c);
        in_word = !isspace(c);
        counts.longest = column > counts.longest ? column : counts.longest;
        column = c == '\n' || c == '\r' || c == '\f' ? 0 : c == '\t' ? (column / 8 + 1) * 8 : column + ((c & 0xc0) != 0x80 && c >= ' ');
    }
    counts.longest = column > counts.longest ? column : counts.longest;
    put_counts(&counts, name);
    total->longest = counts.longest > total->longest ? counts.longest : total->longest;
    total->lines += counts.lines;
    total->words += counts.words;
    total->characters += counts.characters;
    total->bytes += counts.bytes;
    if (ferror(file))
        warn_errno(name);
    return ferror(file) != 0;
}

int main(int argc, char **argv)
{
    struct counts total = { 0 };
    int status = 0;
    static const char letters[] = "lwmcL";
    tool_init(argv, "usage: wc [-lwmcL] [FILE...]\nCount -l lines, -w words, -m characters, -c bytes, -L the longest line's columns.\n");
    options_arrange(argc, argv, letters, "lines=l words=w chars=m bytes=c max-line-length=L");
    int index = parse_flags(argc, argv, letters, have), first = index;
    choose_width(argv + index, argc - index);
    if (index == argc)
        status = count(stdin, "", &total);
    for (; index < argc; index++) {
        bool standard = strcmp(argv[index], "-") == 0;
        FILE *file = standard ? stdin : fopen(argv[index], "r");
        if (!file) {
            warn_errno(argv[index]);
            status = 1;
            continue;
        }
        status |= count(file, argv[index], &total);
        if (!standard)
            fclose(file);
    }
    if (argc - first > 1)
        put_counts(&total, "total");
    return flush_output() | status;
}
