/* head: the first lines or bytes; with a minus, all but the last. */
#include "../lib/counts.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool bytes, all_but;
static uint64_t count = 10;

static void put_first(FILE *file)
{
    uint64_t left = count;
    for (int c; left > 0 && (c = getc(file)) != EOF;) {
        putchar(c);
        left -= bytes || c == '\n';
    }
}

/* What may be among the last lines or bytes, between start and len. */
static struct held { char *data; size_t start, len, room; } held;

static void hold(int c)
{
    if (held.len == held.room && held.start > held.room / 2) {
        memmove(held.data, held.data + held.start, held.len -= held.start);
        held.start = 0;
    } else if (held.len == held.room) {
        held.room = held.room * 2 + 4096;
        held.data = realloc(held.data, held.room);
        if (!held.data)
            die("head");
    }
    held.data[held.len++] = (char)c;
}

static void put_oldest(void)
{
    char *first = held.data + held.start, *newline = bytes ? first : memchr(first, '\n', held.len - held.start);
    size_t size = newline ? (size_t)(newline - first) + 1 : held.len - held.start;
    fwrite(first, 1, size, stdout);
    held.start += size;
}

/* All but the last: what came is held back until as much has come behind it. */
static void put_all_but(FILE *file)
{
    uint64_t pieces = 0; /* held; an unfinished line is one too */
    int before = '\n';
    held.start = held.len = 0;
    for (int c; (c = getc(file)) != EOF; before = c) {
        hold(c);
        pieces += bytes || before == '\n';
        while (pieces > count) {
            if (!bytes && pieces == 1 && c != '\n')
                break; /* count is 0: the line comes whole, later */
            put_oldest();
            pieces--;
        }
    }
    if (count == 0 && held.len > held.start)
        put_oldest();
}

static int put_file(const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "r");
    if (!file) {
        warn_errno(path);
        return 1;
    }
    (all_but ? put_all_but : put_first)(file);
    int failed = ferror(file) != 0;
    if (failed)
        warn_errno(path);
    if (!standard)
        fclose(file);
    return failed;
}

static void take_count(const char *text, bool is_bytes)
{
    bytes = is_bytes;
    all_but = *text == '-';
    if (!parse_count(text + (*text == '-' || *text == '+'), &count)) {
        warn_text(text, "not a number");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    bool quiet = false, always = false;
    int status = 0;
    static const char letters[] = "n:c:qv";
    tool_init(argv, "usage: head [-n LINES | -c BYTES] [-qv] [FILE...]\n"
                    "Print the first lines (10) or bytes; -n -5: all but the last 5.\n"
                    "-q: never the files' names, -v: always. '-' is standard input.\n");
    obsolete_count(&argc, argv, 'n');
    options_arrange(argc, argv, letters, "lines=n bytes=c quiet=q silent=q verbose=v");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == 'n' || c == 'c')
            take_count(optarg, c == 'c');
        else if (c == 'q' || c == 'v')
            quiet = c == 'q', always = c == 'v';
        else
            die_usage();
    }
    char **files = optind < argc ? argv + optind : standard;
    int n = optind < argc ? argc - optind : 1;
    for (int i = 0; i < n; i++) {
        if (access(files[i], R_OK) == 0 || strcmp(files[i], "-") == 0)
            heading(files[i], always || (n > 1 && !quiet));
        status |= put_file(files[i]);
    }
    return flush_output() | status;
}
