/* sort: order lines, by all of them or by keys. All is held in memory. Bytes are compared as numbers,
 * as in the C locale; lines that are equal by their keys are ordered as a whole, unless -s. */
#include "../lib/input.h"
#include "../lib/options.h"
#include "../lib/util.h"
#include "../lib/versions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

enum { KEYS_MAX = 16 };
struct how { bool numeric, reverse, fold, blanks, dictionary, human, general, version, printable, month, random; };
struct key { uint64_t field, byte, end_field, end_byte; struct how how; bool own; };

static struct key key[KEYS_MAX];
static size_t nkeys;
static struct how global;
static bool unique, stable, check_only, check_quietly, merge;
static char line_end = '\n'; /* -z: a zero */
static int separator = -1;
static char **line;
static size_t nlines, room;

static int read_lines(FILE *file, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    (void)name;
    for (ssize_t len; (len = getdelim(&text, &size, line_end, file)) >= 0;) {
        text[len - (len > 0 && text[len - 1] == line_end)] = 0;
        if (nlines == room) {
            room = room ? room * 2 : 1024;
            line = realloc(line, room * sizeof *line);
        }
        char *copy = line ? strdup(text) : NULL;
        if (!copy)
            die("sort");
        line[nlines++] = copy;
    }
    free(text);
    return 0;
}

/* Where field n (from 1) begins; without -t its leading blanks belong to it. */
static const char *field_start(const char *s, uint64_t n)
{
    for (; n > 1 && *s; n--) {
        if (separator >= 0) {
            s = strchr(s, separator);
            if (!s)
                return "";
            s++;
        } else {
            while (isblank((unsigned char)*s))
                s++;
            while (*s && !isblank((unsigned char)*s))
                s++;
        }
    }
    return s;
}

static const char *field_end(const char *s)
{
    if (separator >= 0) {
        const char *end = strchr(s, separator);
        return end ? end : s + strlen(s);
    }
    while (isblank((unsigned char)*s))
        s++;
    while (*s && !isblank((unsigned char)*s))
        s++;
    return s;
}

static const char *skip_blanks(const char *s, const struct how *h)
{
    while (h->blanks && isblank((unsigned char)*s))
        s++;
    return s;
}

/* What of a line a key covers. */
static void span_of(const struct key *k, const struct how *h, const char *s, const char **from, const char **to)
{
    const char *all_end = s + strlen(s);
    const char *start = skip_blanks(field_start(s, k->field), h);
    size_t left = strlen(start);
    *from = start + (k->byte - 1 < left ? k->byte - 1 : left);
    if (!k->end_field) {
        *to = *from + strlen(*from);
        return;
    }
    const char *last = field_start(s, k->end_field);
    if (!k->end_byte) {
        *to = *last ? field_end(last) : all_end;
    } else {
        last = skip_blanks(last, h);
        left = strlen(last);
        *to = last + (k->end_byte < left ? k->end_byte : left);
    }
    if (*to < *from || *to > all_end)
        *to = *to > all_end ? *from + strlen(*from) : *from;
}

/* Digits, perhaps with a sign and a point: -n knows no exponents, nor 0x10 or inf. */
static double plain_number(const char *s, char **end)
{
    char number[64];
    size_t n = strspn(s, " \t");
    n += s[n] == '-';
    n += strspn(s + n, "0123456789");
    if (s[n] == '.')
        n += 1 + strspn(s + n + 1, "0123456789");
    snprintf(number, sizeof number, "%.*s", (int)n, s);
    *end = (char *)s + n;
    return strtod(number, NULL);
}

static int compare_numbers(const char *a, const char *b, const struct how *h)
{
    static const char units[] = "KMGTPE";
    char *end_a, *end_b;
    double (*read)(const char *, char **) = h->general ? strtod : plain_number;
    double x = read(a, &end_a), y = read(b, &end_b);
    if (h->general && (end_a == a || end_b == b)) /* what is no number comes first */
        return (end_a != a) - (end_b != b);
    if (h->human) {
        const char *ua = *end_a ? strchr(units, toupper((unsigned char)*end_a)) : NULL;
        const char *ub = *end_b ? strchr(units, toupper((unsigned char)*end_b)) : NULL;
        for (long i = ua ? ua - units : -1; i >= 0; i--)
            x *= 1024;
        for (long i = ub ? ub - units : -1; i >= 0; i--)
            y *= 1024;
    }
    return (x > y) - (x < y);
}

/* JAN is 1; what is no month comes before it. */
static int month_of(const char *s)
{
    static const char names[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    s += strspn(s, " \t");
    for (int i = 0; i < 12; i++)
        if (strncasecmp(s, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

/* FNV-1a from a seed of this run: equal keys stay together. */
static uint64_t shuffled(const char *s, const char *end)
{
    static uint64_t seed;
    if (!seed && getrandom(&seed, sizeof seed, 0) < 0)
        die("sort");
    uint64_t hash = seed | 1;
    for (; s < end; s++)
        hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
    return hash ^ hash >> 29;
}

static bool is_passed_over(const struct how *h, unsigned char c)
{
    if (h->printable && !isprint(c))
        return true;
    return h->dictionary && !isalnum(c) && !isblank(c);
}

static int compare_text(const struct how *h, const char *a, const char *a_end, const char *b, const char *b_end)
{
    for (;;) {
        while (a < a_end && is_passed_over(h, (unsigned char)*a))
            a++;
        while (b < b_end && is_passed_over(h, (unsigned char)*b))
            b++;
        if (a >= a_end || b >= b_end)
            return (a < a_end) - (b < b_end);
        int x = (unsigned char)*a++, y = (unsigned char)*b++;
        if (h->fold)
            x = toupper(x), y = toupper(y);
        if (x != y)
            return x - y;
    }
}

static int compare_span(const struct how *h, const char *a, const char *a_end, const char *b, const char *b_end)
{
    int order;
    if (h->version) {
        char *x = strndup(a, (size_t)(a_end - a)), *y = strndup(b, (size_t)(b_end - b));
        if (!x || !y)
            die("sort");
        order = version_compare(x, y);
        free(x);
        free(y);
    } else if (h->random) {
        uint64_t x = shuffled(a, a_end), y = shuffled(b, b_end);
        order = (x > y) - (x < y);
    } else if (h->month) {
        char x[64], y[64];
        snprintf(x, sizeof x, "%.*s", (int)(a_end - a), a);
        snprintf(y, sizeof y, "%.*s", (int)(b_end - b), b);
        order = month_of(x) - month_of(y);
    } else if (h->numeric || h->human || h->general) {
        char x[64], y[64];
        snprintf(x, sizeof x, "%.*s", (int)(a_end - a), a);
        snprintf(y, sizeof y, "%.*s", (int)(b_end - b), b);
        order = compare_numbers(x, y, h);
    } else {
        order = compare_text(h, skip_blanks(a, h), a_end, skip_blanks(b, h), b_end);
    }
    return h->reverse ? -order : order;
}

static int compare_keys(const char *a, const char *b)
{
    if (!nkeys)
        return compare_span(&global, a, a + strlen(a), b, b + strlen(b));
    for (size_t i = 0; i < nkeys; i++) {
        const struct how *h = key[i].own ? &key[i].how : &global;
        const char *a_from, *a_to, *b_from, *b_to;
        span_of(&key[i], h, a, &a_from, &a_to);
        span_of(&key[i], h, b, &b_from, &b_to);
        int order = compare_span(h, a_from, a_to, b_from, b_to);
        if (order)
            return order;
    }
    return 0;
}

static int compare(const char *a, const char *b)
{
    int order = compare_keys(a, b);
    if (order || unique || stable)
        return order;
    order = strcmp(a, b);
    return global.reverse ? -order : order;
}

/* Merging halves keeps the order of equal lines, which qsort(3) does not promise. */
static void order(char **at, char **spare, size_t n)
{
    if (n < 2)
        return;
    size_t half = n / 2, i = 0, j = half;
    order(at, spare, half);
    order(at + half, spare, n - half);
    memcpy(spare, at, n * sizeof *at);
    for (size_t k = 0; k < n; k++)
        at[k] = j == n || (i < half && compare(spare[i], spare[j]) <= 0) ? spare[i++] : spare[j++];
}

static bool take_letter(struct how *h, int c)
{
    switch (c) {
    case 'n': h->numeric = true; return true;
    case 'r': h->reverse = true; return true;
    case 'f': h->fold = true; return true;
    case 'b': h->blanks = true; return true;
    case 'd': h->dictionary = true; return true;
    case 'h': h->human = true; return true;
    case 'g': h->general = true; return true;
    case 'V': h->version = true; return true;
    case 'i': h->printable = true; return true;
    case 'M': h->month = true; return true;
    case 'R': h->random = true; return true;
    default: return false;
    }
}

static bool take_position(const char **p, uint64_t *field, uint64_t *byte, struct key *k)
{
    char *end;
    *field = strtoull(*p, &end, 10);
    if (end == *p || *field == 0)
        return false;
    if (*end == '.')
        *byte = strtoull(end + 1, &end, 10);
    while (*end && take_letter(&k->how, *end)) {
        k->own = true;
        end++;
    }
    *p = end;
    return true;
}

/* F[.C][letters][,F[.C][letters]] */
static void take_key(const char *text)
{
    struct key *k = &key[nkeys];
    const char *p = text;
    k->byte = 1;
    bool good = nkeys < KEYS_MAX && take_position(&p, &k->field, &k->byte, k) && k->byte > 0;
    if (good && *p == ',') {
        p++;
        good = take_position(&p, &k->end_field, &k->end_byte, k);
    }
    if (!good || *p) {
        warn_text(text, "not a key (2, 2,3n, 1.4,1.6r)");
        exit(2);
    }
    nkeys++;
}

static int check(void)
{
    for (size_t i = 1; i < nlines; i++) {
        int way = compare(line[i - 1], line[i]);
        if (way > 0 || (unique && way == 0)) {
            if (!check_quietly)
                fprintf(stderr, "sort: line %zu is out of order: %s\n", i + 1, line[i]);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *out = NULL;
    static const char letters[] = "bcCdfghimMnrRsuVzk:t:o:";
    tool_init(argv, "usage: sort [-bcCdfghimMnrRsuVz] [-k KEY]... [-t CHAR] [-o FILE] [FILE...]\n"
                    "Order lines. -n: as numbers, -g: as numbers like 1e3, -h: as sizes (2K 1M), -M: as months (Jan), -V: as\n"
                    "names with numbers in them, -R: shuffled, -r: the other way round, -f: in either case, -b: without leading blanks,\n"
                    "-d: only letters, digits and blanks count, -i: only what can be printed, -u: one of equal ones,\n"
                    "-s: keep the order of equal ones, -c: only check, -C: and say nothing, -m: merge, -z: lines end in a\n"
                    "zero, -t: what separates fields,\n"
                    "-k FIELD[.BYTE][,FIELD[.BYTE]]: by these fields, each with letters of its own, -o: write here.\n");
    options_arrange(argc, argv, letters,
                    "ignore-leading-blanks=b check=c dictionary-order=d ignore-case=f general-numeric-sort=g human-numeric-sort=h ignore-nonprinting=i month-sort=M numeric-sort=n reverse=r random-sort=R stable=s unique=u version-sort=V zero-terminated=z key=k field-separator=t output=o merge=m");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || (c == 't' && (!*optarg || optarg[1])))
            die_usage();
        if (c == 'k')
            take_key(optarg);
        else if (c == 't')
            separator = (unsigned char)*optarg;
        else if (c == 'o')
            out = optarg;
        else if (c == 'z')
            line_end = 0;
        else if (c == 'C')
            check_only = check_quietly = true;
        else if (!take_letter(&global, c))
            unique |= c == 'u', stable |= c == 's', check_only |= c == 'c', merge |= c == 'm';
    }
    int status = each_input(argv + optind, argc - optind, read_lines) ? 2 : 0;
    if (status)
        return status;
    if (check_only)
        return check();
    char **spare = malloc((nlines + 1) * sizeof *spare);
    if (!spare)
        die("sort");
    order(line, spare, nlines);
    if (out && !freopen(out, "w", stdout))
        die(out);
    for (size_t i = 0; i < nlines; i++)
        if (!unique || i == 0 || compare(line[i - 1], line[i]) != 0)
            printf("%s%c", line[i], line_end);
    return flush_output() ? 2 : 0;
}
