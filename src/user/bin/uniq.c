/* uniq: of lines that are equal and neighbours, print one. */
#include "../lib/input.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool count_them, only_repeated, only_single, any_case;
static uint64_t skip_fields, skip_chars, check_chars = UINT64_MAX;

/* What is compared of a line. */
static const char *key_of(const char *line)
{
    for (uint64_t i = 0; i < skip_fields; i++) {
        while (isblank((unsigned char)*line))
            line++;
        while (*line && !isblank((unsigned char)*line))
            line++;
    }
    return line + (skip_chars < strlen(line) ? skip_chars : strlen(line));
}

static bool alike(const char *a, const char *b)
{
    size_t most = check_chars < SIZE_MAX ? (size_t)check_chars : SIZE_MAX;
    return (any_case ? strncasecmp : strncmp)(key_of(a), key_of(b), most) == 0;
}

static void put(const char *line, unsigned long times)
{
    if (times == 0 || (only_repeated && times == 1) || (only_single && times > 1))
        return;
    if (count_them)
        printf("%7lu ", times);
    puts(line);
}

static void filter(FILE *file)
{
    char *line = NULL, *last = NULL, *other;
    size_t size = 0, last_size = 0, other_size;
    unsigned long times = 0;
    while (next_line(file, &line, &size) >= 0) {
        if (times && alike(line, last)) {
            times++;
            continue;
        }
        put(last, times);
        other = last, last = line, line = other;
        other_size = last_size, last_size = size, size = other_size;
        times = 1;
    }
    put(last, times);
    free(line);
    free(last);
}

int main(int argc, char **argv)
{
    static const char letters[] = "cduif:s:w:";
    tool_init(argv, "usage: uniq [-cdui] [-f FIELDS] [-s CHARS] [-w CHARS] [INPUT [OUTPUT]]\n"
                    "Print one of each run of equal lines. -c: say how many, -d: only repeated ones,\n"
                    "-u: only those that are not, -i: in either case, -f, -s: pass over so much of each line, -w: compare no more than that.\n");
    options_arrange(argc, argv, letters,
                    "count=c repeated=d unique=u ignore-case=i skip-fields=f skip-chars=s check-chars=w");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || (strchr("fsw", c) && !parse_u64(optarg, c == 'f' ? &skip_fields : c == 's' ? &skip_chars : &check_chars)))
            die_usage();
        count_them |= c == 'c', only_repeated |= c == 'd', only_single |= c == 'u', any_case |= c == 'i';
    }
    const char *in = optind < argc ? argv[optind] : "-", *out = optind + 1 < argc ? argv[optind + 1] : "-";
    if (argc - optind > 2)
        die_usage();
    if (strcmp(in, "-") != 0 && !freopen(in, "r", stdin))
        die(in);
    if (strcmp(out, "-") != 0 && !freopen(out, "w", stdout))
        die(out);
    filter(stdin);
    if (ferror(stdin))
        die(in);
    return flush_output();
}
