/* du: how much space files and directories take. A file with several names counts once. */
#include "../lib/inside.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATTERNS_MAX = 16 };
static bool have[128];
static const char *excluded[PATTERNS_MAX];
static size_t nexcluded;
static uint64_t unit = 1024, threshold;
static bool at_most; /* -t -SIZE */
static struct seen { dev_t dev; ino_t ino; } *seen;
static size_t nseen;
static uint64_t depth_max = UINT64_MAX;
static int status;

static bool is_seen(const struct stat *st)
{
    if (!have['L'] && (st->st_nlink < 2 || S_ISDIR(st->st_mode))) /* links lead to directories twice, and in circles */
        return false;
    for (size_t i = 0; i < nseen; i++)
        if (seen[i].dev == st->st_dev && seen[i].ino == st->st_ino)
            return true;
    struct seen *more = realloc(seen, (nseen + 1) * sizeof *seen);
    if (!more)
        die("du");
    seen = more;
    seen[nseen++] = (struct seen){ st->st_dev, st->st_ino };
    return false;
}

static void put(uint64_t bytes, const char *path)
{
    char text[24];
    if (threshold && (at_most ? bytes > threshold : bytes < threshold))
        return;
    if (have['h'])
        format_size(text, bytes);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)(bytes / unit + (bytes % unit != 0)));
    printf("%s\t%s%c", text, path, have['0'] ? 0 : '\n');
}

static bool is_excluded(const char *path)
{
    for (size_t i = 0; i < nexcluded; i++)
        if (fnmatch(excluded[i], path, 0) == 0 || fnmatch(excluded[i], base_name(path), 0) == 0)
            return true;
    return false;
}

static uint64_t bytes_of(const struct stat *st)
{
    if (!have['A'])
        return (uint64_t)st->st_blocks * 512;
    return S_ISREG(st->st_mode) || S_ISLNK(st->st_mode) || S_ISDIR(st->st_mode) ? (uint64_t)st->st_size : 0;
}

/* Bytes. */
static uint64_t walk(const char *path, uint64_t depth, dev_t device, bool *is_directory)
{
    struct stat st;
    *is_directory = false;
    bool follow = have['L'] || (have['D'] && depth == 0);
    if (is_excluded(path))
        return 0;
    if ((!follow || stat(path, &st) < 0) && lstat(path, &st) < 0) {
        warn_errno(path);
        status = 1;
        return 0;
    }
    if ((!have['l'] && is_seen(&st)) || (depth && have['x'] && st.st_dev != device))
        return 0;
    uint64_t sum = bytes_of(&st), own = sum; /* own: without directories inside */
    bool directory = *is_directory = S_ISDIR(st.st_mode);
    struct inside in = { 0 };
    if (directory && inside_read(path, &in) < 0) {
        warn_errno(path);
        status = 1;
    }
    for (size_t i = 0; i < in.n; i++) {
        bool inner_is_directory;
        uint64_t inner = walk(in.paths[i], depth + 1, depth ? device : st.st_dev, &inner_is_directory);
        sum += inner;
        own += inner_is_directory ? 0 : inner;
    }
    inside_free(&in);
    if (depth == 0 || (!have['s'] && depth <= depth_max && (directory || have['a'])))
        put(have['S'] ? own : sum, path);
    return sum;
}

/* SIZE[KMG], with '-' before it: at most so much. */
static bool take_threshold(const char *text)
{
    char *end;
    at_most = *text == '-';
    threshold = strtoull(text + at_most, &end, 10);
    uint64_t times = *end == 'K' ? 1 << 10 : *end == 'M' ? 1 << 20 : *end == 'G' ? 1 << 30 : 1;
    return end > text + at_most && (!*end || !end[1]) && !__builtin_mul_overflow(threshold, times, &threshold);
}

static bool take_option(int c, const char *text)
{
    if (c == '?' || (c == 'd' && !parse_u64(text, &depth_max)) || (c == 't' && !take_threshold(text)))
        return false;
    have[c] = true;
    if (c == 'E' && nexcluded < PATTERNS_MAX)
        excluded[nexcluded++] = text;
    if (c == 'H')
        have['D'] = true;
    if (c == 'b' || c == 'k' || c == 'm')
        unit = c == 'b' ? 1 : c == 'k' ? 1 << 10 : 1 << 20;
    have['A'] |= c == 'b';
    return true;
}

int main(int argc, char **argv)
{
    uint64_t sum = 0;
    bool is_directory;
    static const char letters[] = "achksxbmlLSH0DAd:t:E:";
    tool_init(argv, "usage: du [-abchklmsxDLS0] [-d DEPTH] [-t SIZE] [--exclude=PATTERN] [FILE...]\n"
                    "Show the space taken, in KiB.\n"
                    "  -a each file;  -s only what is named;  -d only so deep;  -c a total;  -S without what is in directories below\n"
                    "  -h 1.5G, -m MiB, -b bytes;  --apparent-size what files say they hold (-b too);  -t what takes SIZE or more\n"
                    "  -x stay on one file system;  -l each name counts;  -L follow links, -D those named here;  -0 lines end in a zero\n");
    options_arrange(argc, argv, letters,
                    "all=a total=c human-readable=h summarize=s one-file-system=x bytes=b count-links=l "
                    "dereference=L separate-dirs=S null=0 max-depth=d threshold=t exclude=E apparent-size=A dereference-args=D");
    for (int c; (c = getopt(argc, argv, letters)) != -1;)
        if (!take_option(c, optarg))
            die_usage();
    if (optind == argc)
        sum = walk(".", 0, 0, &is_directory);
    for (; optind < argc; optind++)
        sum += walk(argv[optind], 0, 0, &is_directory);
    if (have['c'])
        put(sum, "total");
    return flush_output() | status;
}
