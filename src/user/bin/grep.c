/* grep: lines that match. Patterns are those of regcomp(3); with -F plain text. Names: grep, and with
 * -E or -F what once were egrep and fgrep. Status 0: found, 1: not, 2: something went wrong. */
#include "../lib/input.h"
#include "../lib/inside.h"
#include "../lib/util.h"

#include <fnmatch.h>
#include <getopt.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATTERNS_MAX = 512 };
static struct pattern { const char *text; regex_t re; } pattern[PATTERNS_MAX];
static size_t npatterns;
static bool have[128];
static int with_names = -1;
static uint64_t most = UINT64_MAX, after, before;
static bool found_any, failed, colour;
static char line_end = '\n'; /* -z: a zero */
static const char *standard_name = "(standard input)";
enum { GLOBS_MAX = 64, INCLUDE = 256, EXCLUDE, EXCLUDE_DIR, COLOUR, LABEL, LINE_BUFFERED, BINARY_FILES };
static struct glob { const char *text; int kind; } glob[GLOBS_MAX];
static size_t nglobs;

struct span { size_t from, to; };

static void add_pattern(const char *text, size_t len)
{
    if (npatterns == PATTERNS_MAX) {
        warn_text("patterns", "too many");
        exit(2);
    }
    pattern[npatterns++].text = strndup(text, len);
}

/* Each line of it is a pattern. */
static void add_patterns(const char *text)
{
    for (;;) {
        size_t len = strcspn(text, "\n");
        add_pattern(text, len);
        if (!text[len])
            return;
        text += len + 1;
    }
}

static void read_patterns(const char *path)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file) {
        warn_errno(path);
        exit(2);
    }
    for (long len; (len = next_line(file, &line, &size)) >= 0;)
        add_pattern(line, (size_t)len);
    free(line);
}

static void compile(void)
{
    int flags = (have['E'] ? REG_EXTENDED : 0) | (have['i'] ? REG_ICASE : 0);
    for (size_t i = 0; i < npatterns; i++) {
        char why[128];
        int r = regcomp(&pattern[i].re, pattern[i].text, flags);
        if (r == 0)
            continue;
        regerror(r, &pattern[i].re, why, sizeof why);
        warn_text(pattern[i].text, why);
        exit(2);
    }
}

static bool is_word_byte(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (unsigned char)c >= 128;
}

static bool search_text(const char *needle, const char *line, size_t from, struct span *out)
{
    const char *at = have['i'] ? strcasestr(line + from, needle) : strstr(line + from, needle);
    if (!at)
        return false;
    *out = (struct span){ (size_t)(at - line), (size_t)(at - line) + strlen(needle) };
    return true;
}

static bool search_one(struct pattern *p, const char *line, size_t from, struct span *out)
{
    regmatch_t m;
    if (have['F'])
        return search_text(p->text, line, from, out);
    if (regexec(&p->re, line + from, 1, &m, from ? REG_NOTBOL : 0))
        return false;
    *out = (struct span){ from + (size_t)m.rm_so, from + (size_t)m.rm_eo };
    return true;
}

/* -w and -x want more than a match. */
static bool is_good(const char *line, size_t len, struct span s)
{
    if (have['x'])
        return s.from == 0 && s.to == len;
    if (have['w'])
        return (s.from == 0 || !is_word_byte(line[s.from - 1])) && (s.to == len || !is_word_byte(line[s.to])) &&
        s.to > s.from;
    return true;
}

/* The first match of any pattern at or behind `from`, and the longest of those. */
static bool search(const char *line, size_t len, size_t from, struct span *out)
{
    bool found = false;
    for (size_t i = 0; i < npatterns; i++) {
        struct span s;
        for (size_t at = from; at <= len && search_one(&pattern[i], line, at, &s); at = s.from + 1) {
            if (!is_good(line, len, s))
                continue;
            if (!found || s.from < out->from || (s.from == out->from && s.to > out->to))
                *out = s;
            found = true;
            break;
        }
    }
    return found;
}

/* A newline in a line stands for the zero that was there: see scan(). */
static void put_text(const char *text, size_t len)
{
    while (line_end && len > 0) {
        const char *zero = memchr(text, '\n', len);
        size_t n = zero ? (size_t)(zero - text) : len;
        fwrite(text, 1, n, stdout);
        if (zero)
            putchar(0);
        text += n + (zero != NULL);
        len -= n + (zero != NULL);
    }
    fwrite(text, 1, len, stdout);
}

static void put_as_is(const char *text, size_t len) { fwrite(text, 1, len, stdout); }

static void put_between(const char *sgr, const char *text, size_t len, void (*put)(const char *text, size_t len))
{
    if (colour)
        printf("\033[%sm\033[K", sgr);
    put(text, len);
    if (colour)
        fputs("\033[m\033[K", stdout);
}

/* As GNU's grep colours: names magenta, numbers green, marks cyan, what matched bold red. */
static void put_coloured(const char *sgr, const char *text, size_t len) { put_between(sgr, text, len, put_as_is); }
static void put_match(const char *text, size_t len) { put_between("01;31", text, len, put_text); }

static void put_prefix(const char *name, unsigned long number, uint64_t offset, char mark)
{
    char digits[32];
    if (with_names > 0) {
        put_coloured("35", name, strlen(name));
        if (have['Z'])
            putchar(0);
        else
            put_coloured("36", &mark, 1);
    }
    if (have['n']) {
        put_coloured("32", digits, (size_t)snprintf(digits, sizeof digits, "%lu", number));
        put_coloured("36", &mark, 1);
    }
    if (have['b']) {
        put_coloured("32", digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)offset));
        put_coloured("36", &mark, 1);
    }
}

static void put_matches_coloured(const char *line, size_t len)
{
    struct span s;
    size_t done = 0;
    for (size_t from = 0; from <= len && search(line, len, from, &s); from = s.to > s.from ? s.to : s.to + 1) {
        if (s.to == s.from)
            continue;
        put_text(line + done, s.from - done);
        put_match(line + s.from, s.to - s.from);
        done = s.to;
    }
    put_text(line + done, len - done);
}

static void put_line(const char *name, unsigned long number, uint64_t offset, char mark, const char *line, size_t len)
{
    struct span s;
    if (!have['o']) {
        put_prefix(name, number, offset, mark);
        if (colour && mark == ':' && !have['v'])
            put_matches_coloured(line, len);
        else
            put_text(line, len);
        putchar(line_end);
        return;
    }
    for (size_t from = 0; mark == ':' && from <= len && search(line, len, from, &s); from = s.to > s.from ? s.to : s.to + 1) {
        if (s.to == s.from)
            continue;
        put_prefix(name, number, offset + s.from, mark);
        put_match(line + s.from, s.to - s.from);
        putchar(line_end);
    }
}

/* Lines kept for -B: a ring of the last ones that were not shown. */
static struct { char *text; size_t len; uint64_t offset; } *kept;

static void keep(uint64_t number, uint64_t offset, const char *line, size_t len)
{
    if (!before)
        return;
    free(kept[number % before].text);
    kept[number % before].text = memcpy(malloc(len + 1), line, len + 1);
    kept[number % before].len = len;
    kept[number % before].offset = offset;
}

/* From the last line shown (or the oldest kept) up to the line before this one. */
static void put_before(const char *name, unsigned long number, unsigned long shown)
{
    unsigned long from = number > before ? number - before : 1;
    if (from <= shown)
        from = shown + 1;
    if ((after || before) && shown && from > shown + 1 && !have['o']) {
        put_coloured("36", "--", 2);
        putchar('\n');
    }
    for (; from < number; from++)
        put_line(name, from, kept[from % before].offset, '-', kept[from % before].text, kept[from % before].len);
}

/* What searches ends at a zero byte, so a newline, which no line holds, stands for it until it is printed. */
static bool hide_zeros(char *text, size_t len)
{
    bool any = false;
    for (char *p = memchr(text, 0, len); p; p = memchr(p, 0, (size_t)(text + len - p))) {
        *p = '\n';
        any = true;
    }
    return any;
}

static long read_line(FILE *file, char **line, size_t *size)
{
    ssize_t len = getdelim(line, size, line_end, file);
    if (len > 0 && (*line)[len - 1] == line_end)
        (*line)[--len] = 0;
    return len;
}

static int scan(FILE *file, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    unsigned long number = 0, count = 0, shown = 0;
    uint64_t trailing = 0, offset = 0, next = 0;
    bool quiet = have['q'] || have['c'] || have['l'] || have['L'], binary = false;
    const char *label = file == stdin ? standard_name : name;
    for (long len; count < most && (len = read_line(file, &line, &size)) >= 0;) {
        struct span s;
        number++;
        offset = next;
        next += (uint64_t)len + 1;
        binary |= line_end && hide_zeros(line, (size_t)len) && !have['a'];
        if (binary && have['I'])
            break;
        bool selected = search(line, (size_t)len, 0, &s) != have['v'];
        if (!selected) {
            if (trailing && !quiet) {
                put_line(label, number, offset, '-', line, (size_t)len);
                trailing--;
                shown = number;
            }
            keep(number, offset, line, (size_t)len);
            continue;
        }
        found_any = true;
        count++;
        if (have['q'])
            exit(0);
        if (have['l'] || have['L'])
            break;
        if (binary && !quiet) {
            warn_text(label, "binary file matches");
            break;
        }
        if (quiet)
            continue;
        put_before(label, number, shown);
        put_line(label, number, offset, ':', line, (size_t)len);
        shown = number;
        trailing = after;
        keep(number, offset, line, (size_t)len);
    }
    if (have['c']) {
        bool numbered = have['n'], offsets = have['b'];
        have['n'] = have['b'] = false;
        put_prefix(label, 0, 0, ':');
        have['n'] = numbered, have['b'] = offsets;
        printf("%lu\n", count);
    }
    if ((have['l'] && count) || (have['L'] && !count)) {
        put_coloured("35", label, strlen(label));
        putchar(have['Z'] ? 0 : '\n');
    }
    free(line);
    return 0;
}

static void scan_named(const char *path);

/* The last of --include and --exclude that fits decides; without one, what the first of them is not about. */
static bool is_wanted(const char *path, bool directory)
{
    bool first_includes = false, any = false;
    for (size_t i = nglobs; i-- > 0;) {
        if ((glob[i].kind == EXCLUDE_DIR) != directory)
            continue;
        if (fnmatch(glob[i].text, base_name(path), 0) == 0)
            return glob[i].kind == INCLUDE;
        first_includes = glob[i].kind == INCLUDE;
        any = true;
    }
    return !any || !first_includes;
}

static int scan_found(const char *path)
{
    struct stat st;
    if ((have['R'] ? stat : lstat)(path, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) && is_wanted(path, S_ISDIR(st.st_mode)))
        scan_named(path);
    return 0;
}

static void scan_named(const char *path)
{
    struct stat st;
    bool directory = strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (directory && have['r']) {
        failed |= each_inside(path, scan_found) != 0;
    } else if (directory) {
        warn_text(path, "is a directory");
    } else {
        char *names[] = { (char *)path };
        failed |= each_input(names, 1, scan) != 0;
    }
}

static void take_glob(int kind, const char *text)
{
    if (nglobs == GLOBS_MAX) {
        warn_text(text, "too many of these");
        exit(2);
    }
    glob[nglobs++] = (struct glob){ text, kind };
}

static void take_colour(const char *when)
{
    if (!when || strcmp(when, "auto") == 0)
        colour = isatty(1);
    else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
        colour = *when == 'a';
    else
        die_usage();
}

static const struct option long_options[] = {
    { "include", required_argument, NULL, INCLUDE }, { "exclude", required_argument, NULL, EXCLUDE },
    { "exclude-dir", required_argument, NULL, EXCLUDE_DIR }, { "color", optional_argument, NULL, COLOUR },
    { "colour", optional_argument, NULL, COLOUR }, { "extended-regexp", no_argument, NULL, 'E' },
    { "fixed-strings", no_argument, NULL, 'F' }, { "basic-regexp", no_argument, NULL, 'G' },
    { "ignore-case", no_argument, NULL, 'i' }, { "invert-match", no_argument, NULL, 'v' },
    { "word-regexp", no_argument, NULL, 'w' }, { "line-regexp", no_argument, NULL, 'x' },
    { "line-number", no_argument, NULL, 'n' }, { "count", no_argument, NULL, 'c' },
    { "files-with-matches", no_argument, NULL, 'l' }, { "files-without-match", no_argument, NULL, 'L' },
    { "only-matching", no_argument, NULL, 'o' }, { "quiet", no_argument, NULL, 'q' },
    { "silent", no_argument, NULL, 'q' }, { "no-messages", no_argument, NULL, 's' },
    { "recursive", no_argument, NULL, 'r' }, { "with-filename", no_argument, NULL, 'H' },
    { "no-filename", no_argument, NULL, 'h' }, { "text", no_argument, NULL, 'a' },
    { "regexp", required_argument, NULL, 'e' }, { "file", required_argument, NULL, 'f' },
    { "max-count", required_argument, NULL, 'm' }, { "after-context", required_argument, NULL, 'A' },
    { "byte-offset", no_argument, NULL, 'b' }, { "null", no_argument, NULL, 'Z' }, { "null-data", no_argument, NULL, 'z' },
    { "dereference-recursive", no_argument, NULL, 'R' }, { "label", required_argument, NULL, LABEL },
    { "line-buffered", no_argument, NULL, LINE_BUFFERED }, { "binary-files", required_argument, NULL, BINARY_FILES },
    { "before-context", required_argument, NULL, 'B' }, { "context", required_argument, NULL, 'C' },
    { 0 },
};

static void read_options(int argc, char **argv)
{
    for (int c; (c = getopt_long(argc, argv, "EFGvincloqshHrRLwxaybzZIUe:f:m:A:B:C:", long_options, NULL)) != -1;) {
        switch (c) {
        case INCLUDE: case EXCLUDE: case EXCLUDE_DIR: take_glob(c, optarg); break;
        case COLOUR: take_colour(optarg); break;
        case 'e': add_patterns(optarg); break;
        case 'f': read_patterns(optarg); have['f'] = true; break;
        case 'm': case 'A': case 'B': case 'C': {
            uint64_t n;
            if (!parse_u64(optarg, &n) || n > 100000)
                die_usage();
            most = c == 'm' ? n : most;
            after = c == 'A' || c == 'C' ? n : after;
            before = c == 'B' || c == 'C' ? n : before;
            break;
        }
        case 'h': case 'H': with_names = c == 'H'; break;
        case 'R': have['r'] = have['R'] = inside_follows = true; break;
        case 'y': have['i'] = true; break;
        case 'z': line_end = 0; break;
        case LABEL: standard_name = optarg; break;
        case LINE_BUFFERED: setvbuf(stdout, NULL, _IOLBF, 0); break;
        case BINARY_FILES:
            if (strcmp(optarg, "text") != 0 && strcmp(optarg, "without-match") != 0 && strcmp(optarg, "binary") != 0)
                die_usage();
            have['a'] = *optarg == 't', have['I'] = *optarg == 'w';
            break;
        case '?': die_usage();
        default: have[c] = true;
        }
    }
    if (npatterns || have['f'])
        return;
    if (optind == argc)
        die_usage();
    add_patterns(argv[optind++]);
}

/* "-e" and its like: what follows is its value, whatever it looks like. */
static bool takes_value(const char *argument)
{
    static const char *const words[] = { "--regexp", "--file", "--label" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(argument, words[i]) == 0)
            return true;
    return argument[0] == '-' && argument[1] && argument[1] != '-' && strchr("efmABC", argument[strlen(argument) - 1]);
}

/* -5 is -C5. */
static void numbers_are_context(char **argv)
{
    for (char **arg = argv + 1; *arg && strcmp(*arg, "--") != 0; arg++) {
        char *text = NULL;
        if (!takes_value(arg[-1]) && (*arg)[0] == '-' && (*arg)[1] && !(*arg)[1 + strspn(*arg + 1, "0123456789")] &&
            asprintf(&text, "-C%s", *arg + 1) > 0)
            *arg = text;
    }
}

int main(int argc, char **argv)
{
    tool_init(argv, "usage: grep [-EFvincloqshHrRwxaLybzZI] [-m N] [-A N] [-B N] [-C N] PATTERN [FILE...]\n"
                    "       grep [...] [-e PATTERN]... [-f FILE]... [FILE...]\n"
                    "Print lines that match. -E: extended patterns, -F: plain text, -i: in either case, -v: that do not\n"
                    "match, -w: whole words, -x: whole lines, -n: with numbers, -c: only how many, -l (-L): only names\n"
                    "of files with (without) matches, -o: only what matches, -q: only the status, -s: no complaints about\n"
                    "files, -r: in all files below, -H (-h): with (without) names, -m: not more than N, -A, -B, -C: N lines\n"
                    "after, before, around (-N: too), -b: with offsets, -a: what is no text is searched as text, -I: not at all,\n"
                    "-z: lines end in a zero, -Z: names do, -R: as -r, through links, --label=NAME: of standard input,\n"
                    "--line-buffered. --color[=WHEN]: matches in colour (always, never, auto); with -r --include=GLOB:\n"
                    "only such files, --exclude=GLOB, --exclude-dir=GLOB: not such ones. Letters have GNU's long names, too.\n");
    numbers_are_context(argv);
    read_options(argc, argv);
    if (!have['F'])
        compile();
    if (before && !(kept = calloc(before, sizeof *kept)))
        die("grep");
    if (have['s'] && !freopen("/dev/null", "w", stderr))
        return 2;
    if (with_names < 0)
        with_names = argc - optind > 1 || have['r'];
    char *here[] = { have['r'] ? "." : "-" };
    int n = optind < argc ? argc - optind : 1;
    for (int i = 0; i < n; i++)
        scan_named(optind < argc ? argv[optind + i] : here[0]);
    if (flush_output() || failed)
        return 2;
    return !found_any;
}
