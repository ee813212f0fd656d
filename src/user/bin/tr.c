/* tr: replace, squeeze or delete bytes. Sets are bytes, ranges (a-z), classes ([:alpha:]) and escapes. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct set { unsigned char byte[8192]; size_t n; };

static void set_add(struct set *s, int byte)
{
    if (s->n == sizeof s->byte)
        die_usage();
    s->byte[s->n++] = (unsigned char)byte;
}

/* One byte, perhaps written with a backslash. */
static int take_byte(const char **p)
{
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *at = *p;
    if (*at != '\\' || !at[1]) {
        *p = at + 1;
        return (unsigned char)*at;
    }
    at++;
    if (*at >= '0' && *at <= '7') {
        int value = 0;
        for (int i = 0; i < 3 && *at >= '0' && *at <= '7' && value * 8 + *at - '0' < 256; i++)
            value = value * 8 + *at++ - '0';
        *p = at;
        return value;
    }
    const char *known = strchr(letters, *at);
    *p = at + 1;
    return known ? (unsigned char)values[known - letters] : (unsigned char)*at;
}

/* [:name:] at p: how long it is, or 0. */
static size_t take_class(const char *p, struct set *s)
{
    const char *end = strncmp(p, "[:", 2) == 0 ? strstr(p + 2, ":]") : NULL;
    char name[16];
    if (!end || end - p - 2 >= (long)sizeof name)
        return 0;
    memcpy(name, p + 2, (size_t)(end - p - 2));
    name[end - p - 2] = 0;
    static const struct { const char *name; int (*is)(int); } classes[] = {
        { "alpha", isalpha }, { "digit", isdigit }, { "alnum", isalnum }, { "upper", isupper }, { "lower", islower },
        { "space", isspace }, { "blank", isblank }, { "punct", ispunct }, { "print", isprint }, { "graph", isgraph },
        { "cntrl", iscntrl }, { "xdigit", isxdigit },
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strcmp(name, classes[i].name) != 0)
            continue;
        for (int c = 0; c < 256; c++)
            if (classes[i].is(c))
                set_add(s, c);
        return (size_t)(end + 2 - p);
    }
    warn_text(name, "no such class");
    exit(1);
}

/* [c*N] fills; N 0 or absent means up to the length of the other set. */
static bool take_repeat(const char **p, struct set *s, size_t want)
{
    const char *at = *p;
    if (*at != '[')
        return false;
    at++;
    int byte = take_byte(&at);
    char *end;
    if (*at != '*')
        return false;
    unsigned long n = strtoul(at + 1, &end, at[1] == '0' ? 8 : 10);
    if (*end != ']')
        return false;
    for (n = n ? n : want > s->n ? want - s->n : 0; n > 0; n--)
        set_add(s, byte);
    *p = end + 1;
    return true;
}

static void set_read(struct set *s, const char *p, size_t want)
{
    while (*p) {
        size_t len = take_class(p, s);
        if (len) {
            p += len;
            continue;
        }
        if (take_repeat(&p, s, want))
            continue;
        int from = take_byte(&p);
        if (*p == '-' && p[1]) {
            p++;
            int to = take_byte(&p);
            if (to < from) {
                warn_text("a range", "its end is before its beginning");
                exit(1);
            }
            for (int c = from; c <= to; c++)
                set_add(s, c);
        } else {
            set_add(s, from);
        }
    }
}

static void set_complement(struct set *s)
{
    bool in[256] = { 0 };
    for (size_t i = 0; i < s->n; i++)
        in[s->byte[i]] = true;
    s->n = 0;
    for (int c = 0; c < 256; c++)
        if (!in[c])
            set_add(s, c);
}

static bool in_set(const struct set *s, int c)
{
    return memchr(s->byte, c, s->n) != NULL;
}

int main(int argc, char **argv)
{
    static struct set from, to;
    bool have[128] = { 0 }, gone[256] = { 0 }, squeezed[256] = { 0 };
    unsigned char image[256];
    static const char letters[] = "cCdst";
    tool_init(argv, "usage: tr [-ct] [-s] SET1 SET2\n"
                    "       tr [-c] -d SET1\n"
                    "       tr [-c] -s SET1\n"
                    "       tr [-c] -ds SET1 SET2\n"
                    "Replace, delete (-d) or squeeze (-s) bytes. -c: all but those of SET1,\n"
                    "-t: of SET1 only as many as SET2 has.\n");
    options_arrange(argc, argv, letters, "complement=c delete=d squeeze-repeats=s truncate-set1=t");
    int index = parse_flags(argc, argv, letters, have), sets = argc - index;
    bool complement = have['c'] || have['C'], delete = have['d'], squeeze = have['s'];
    if (sets < 1 || sets > 2 || (sets == 1 && !delete && !squeeze) || (sets == 2 && delete && !squeeze))
        die_usage();
    set_read(&from, argv[index], 0);
    if (complement)
        set_complement(&from);
    if (sets == 2)
        set_read(&to, argv[index + 1], have['t'] ? 0 : from.n);
    if (sets == 2 && have['t'] && to.n < from.n)
        from.n = to.n;
    for (int c = 0; c < 256; c++) {
        image[c] = (unsigned char)c;
        gone[c] = delete && in_set(&from, c);
        squeezed[c] = squeeze && in_set(sets == 2 ? &to : &from, c);
    }
    for (size_t i = 0; sets == 2 && !delete && i < from.n && to.n; i++)
        image[from.byte[i]] = to.byte[i < to.n ? i : to.n - 1];
    for (int c, last = -1; (c = getchar()) != EOF;) {
        if (gone[c] || (squeezed[image[c]] && image[c] == last))
            continue;
        last = image[c];
        putchar(last);
    }
    if (ferror(stdin))
        die("standard input");
    return flush_output();
}
