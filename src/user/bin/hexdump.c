/* hexdump: bytes in hexadecimal and as characters. Lines that repeat are shown once and as "*". */
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 16 };
static bool each_line;
static char format = 'X'; /* the letter of its option; X: without one, close together */
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

/* One byte as -c shows it: itself, C's escape for it, or its octal number. */
static void put_letter(unsigned char byte)
{
    static const char escaped[] = "\0\a\b\f\n\r\t\v", letters[] = "0abfnrtv";
    const char *at = memchr(escaped, byte, sizeof letters - 1);
    if (at)
        printf("  \\%c", letters[at - escaped]);
    else
        printf(byte < 128 && isprint(byte) ? "   %c" : " %03o", byte);
}

/* Single bytes (b, c), or words of two, the lower one first as the machine reads them (d, o, x). The last line is
 * as wide as all of them. */
static void put_units(size_t n)
{
    size_t unit = format == 'b' || format == 'c' ? 1 : 2;
    int width = format == 'b' || format == 'c' ? 4 : format == 'X' ? 5 : 8;
    printf("%07llx", (unsigned long long)offset);
    for (size_t i = 0; i < n; i += unit) {
        unsigned word = line[i] | (unit == 2 && i + 1 < n ? line[i + 1] << 8 : 0);
        switch (format) {
        case 'b': printf(" %03o", word); break;
        case 'c': put_letter(line[i]); break;
        case 'd': printf("   %05u", word); break;
        case 'o': printf("  %06o", word); break;
        case 'X': printf(" %04x", word); break;
        default: printf("    %04x", word);
        }
    }
    printf("%*s\n", (int)(WIDTH / unit - (n + unit - 1) / unit) * width, "");
}

static void put(size_t n)
{
    bool same = n == WIDTH && have_last && memcmp(line, last, WIDTH) == 0 && !each_line;
    if (same && !starred)
        puts("*");
    else if (!same)
        (format == 'C' ? put_canonical : put_units)(n);
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
    static const char letters[] = "bcCdovxs:n:";
    tool_init(argv, "usage: hexdump [-bcCdovx] [-s SKIP] [-n BYTES] [FILE...]\n"
                    "Show bytes in hexadecimal. -C: with characters, -c: as characters, -b: in octal; -x, -d, -o: in words of\n"
                    "two bytes, hexadecimal, decimal, octal; -v: repeated lines too, -s: pass over so many bytes, -n: not more\n"
                    "than so many.\n");
    options_arrange(argc, argv, letters, "canonical=C skip=s length=n no-squeezing=v");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || ((c == 's' || c == 'n') && !parse_u64(optarg, c == 's' ? &skip : &most)))
            die_usage();
        each_line |= c == 'v';
        format = strchr("bcCdox", c) ? (char)c : format;
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
        printf(format == 'C' ? "%08llx\n" : "%07llx\n", (unsigned long long)offset);
    return flush_output() | status;
}
