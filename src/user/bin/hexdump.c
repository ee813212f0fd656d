/* hexdump: bytes in hexadecimal and as characters. Lines that repeat are shown once and as "*". */
#include "../lib/util.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 16 };
static bool canonical, each_line;
static uint64_t skip, most = UINT64_MAX, offset;
static unsigned char line[WIDTH], last[WIDTH];
static bool have_last, starred;

static void put_canonical(size_t n)
{
    printf("%08llx ", (unsigned long long)offset);
    for (size_t i = 0; i < WIDTH; i++) {
        fputs(i == WIDTH / 2 ? "  " : " ", stdout);
        if (i < n)
            printf("%02x", line[i]);
        else
            fputs("  ", stdout);
    }
    fputs("  |", stdout);
    for (size_t i = 0; i < n; i++)
        putchar(line[i] < 128 && isprint(line[i]) ? line[i] : '.');
    puts("|");
}

/* Words of two bytes, the lower one first, as the machine reads them. */
static void put_words(size_t n)
{
    printf("%07llx", (unsigned long long)offset);
    for (size_t i = 0; i < n; i += 2)
        printf(" %04x", line[i] | (i + 1 < n ? line[i + 1] << 8 : 0));
    printf("%*s\n", (int)((WIDTH - n) / 2 * 5), "");
}

static void put(size_t n)
{
    bool same = n == WIDTH && have_last && memcmp(line, last, WIDTH) == 0 && !each_line;
    if (same && !starred)
        puts("*");
    else if (!same)
        (canonical ? put_canonical : put_words)(n);
    starred = same;
    memcpy(last, line, WIDTH);
    have_last = true;
    offset += n;
}

static size_t filled; /* of line: it may be begun in one file and go on in the next */

static int dump(FILE *file, const char *name)
{
    int c;
    (void)name;
    for (; skip > 0 && (c = getc(file)) != EOF; skip--)
        offset++;
    while (most > 0 && (c = getc(file)) != EOF) {
        most--;
        line[filled++] = (unsigned char)c;
        if (filled == WIDTH) {
            put(filled);
            filled = 0;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    tool_init(argv, "usage: hexdump [-Cv] [-s SKIP] [-n BYTES] [FILE...]\nShow bytes in hexadecimal. -C: with characters, -v: repeated lines too,\n-s: pass over so many bytes, -n: not more than so many.\n");
    for (int c; (c = getopt(argc, argv, "Cvs:n:")) != -1;) {
        if (c == '?' || ((c == 's' || c == 'n') && !parse_u64(optarg, c == 's' ? &skip : &most)))
            die_usage();
        canonical |= c == 'C', each_line |= c == 'v';
    }
    if (optind == argc)
        status = dump(stdin, "-");
    for (; optind < argc; optind++) {
        FILE *file = fopen(argv[optind], "re");
        if (!file) {
            warn_errno(argv[optind]);
            status = 1;
            continue;
        }
        dump(file, argv[optind]);
        if (ferror(file)) {
            warn_errno(argv[optind]);
            status = 1;
        }
        fclose(file);
    }
    if (filled)
        put(filled);
    if (offset)
        printf(canonical ? "%08llx\n" : "%07llx\n", (unsigned long long)offset);
    return flush_output() | status;
}
