/* cut: parts of each line, by bytes or by fields. */
#include "../lib/input.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RANGES_MAX = 256 };
static struct { uint64_t from, to; } range[RANGES_MAX];
static size_t nranges;
static char delimiter = '\t';
static bool by_fields, only_delimited, complement;
static const char *joint; /* between fields that are printed; NULL: what was between them */

static bool is_wanted(uint64_t n)
{
    for (size_t i = 0; i < nranges; i++)
        if (n >= range[i].from && n <= range[i].to)
            return !complement;
    return complement;
}

/* Neighbours that were asked for apart are printed apart. */
static bool starts_range(uint64_t n)
{
    bool starts = false;
    for (size_t i = 0; i < nranges && !complement; i++) {
        if (n > range[i].from && n <= range[i].to)
            return false;
        starts |= n == range[i].from;
    }
    return starts;
}

/* N, N-, -M, N-M. */
static bool take_range(char *word)
{
    uint64_t from = 1, to = UINT64_MAX;
    char *dash = strchr(word, '-');
    if (dash)
        *dash = 0;
    if (nranges == RANGES_MAX || (!dash && !*word) || (dash && !*word && !dash[1]))
        return false;
    if (*word && !parse_u64(word, &from))
        return false;
    if (!dash)
        to = from;
    else if (dash[1] && !parse_u64(dash + 1, &to))
        return false;
    range[nranges].from = from;
    range[nranges++].to = to;
    return from > 0 && to >= from;
}

static void take_list(char *list)
{
    char *more;
    for (char *word = strtok_r(list, ", \t", &more); word; word = strtok_r(NULL, ", \t", &more)) {
        if (!take_range(word)) {
            warn_text(word, "not a list of positions (1,3-5,7-)");
            exit(2);
        }
    }
}

static void cut_bytes(const char *line, size_t len)
{
    bool some = false, before = false;
    for (size_t i = 0; i < len; i++) {
        bool wanted = is_wanted(i + 1);
        if (wanted && joint && some && (!before || starts_range(i + 1)))
            fputs(joint, stdout);
        if (wanted)
            putchar(line[i]);
        some |= wanted;
        before = wanted;
    }
    putchar('\n');
}

static void cut_fields(const char *line, size_t len)
{
    const char *end = line + len;
    bool first = true;
    if (!memchr(line, delimiter, len)) {
        if (!only_delimited)
            puts(line);
        return;
    }
    for (uint64_t n = 1; line; n++) {
        const char *next = memchr(line, delimiter, (size_t)(end - line));
        if (is_wanted(n)) {
            if (!first && joint)
                fputs(joint, stdout);
            else if (!first)
                putchar(delimiter);
            fwrite(line, 1, (size_t)((next ? next : end) - line), stdout);
            first = false;
        }
        line = next ? next + 1 : NULL;
    }
    putchar('\n');
}

static int cut(FILE *file, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    (void)name;
    for (long len; (len = next_line(file, &line, &size)) >= 0;)
        (by_fields ? cut_fields : cut_bytes)(line, (size_t)len);
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    bool chosen = false;
    static const char letters[] = "b:c:f:d:snCO:";
    tool_init(argv, "usage: cut -b LIST [FILE...]\n"
                    "       cut -f LIST [-d CHAR] [-s] [FILE...]\n"
                    "Print parts of each line: -b (or -c) bytes, -f fields, which -d separates (tab).\n"
                    "-s: no lines without a separator. LIST: 1,3-5,7-\n"
                    "--complement: all but those; --output-delimiter=TEXT: between what is printed.\n");
    options_arrange(argc, argv, letters,
                    "bytes=b characters=c fields=f delimiter=d only-delimited=s complement=C output-delimiter=O");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || (c == 'd' && (!*optarg || optarg[1])) || (strchr("bcf", c) && chosen))
            die_usage();
        if (strchr("bcf", c)) {
            take_list(optarg);
            by_fields = c == 'f';
            chosen = true;
        }
        if (c == 'd')
            delimiter = *optarg;
        only_delimited |= c == 's', complement |= c == 'C';
        joint = c == 'O' ? optarg : joint;
    }
    if (!chosen || nranges == 0)
        die_usage();
    return each_input(argv + optind, argc - optind, cut) | flush_output();
}
