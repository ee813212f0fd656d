/* df: how full the file systems are. All lines are made before one is printed: columns are as wide as what is in
 * them. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { COLUMNS = 7 }; /* name, kind, size, used, free, share, place */
enum { TEXT_MAX = 24 };

struct line { char *column[COLUMNS]; };

static bool have[128];
static uint64_t unit = 1024;
static const char *only_kind, *not_kind;
static struct line *lines;
static size_t nlines;
static uint64_t sum_whole, sum_used, sum_free;

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        die("df");
    return copy;
}

static struct line *line_new(void)
{
    lines = realloc(lines, (nlines + 1) * sizeof *lines);
    if (!lines)
        die("df");
    lines[nlines] = (struct line){ 0 };
    return &lines[nlines++];
}

/* Sizes in powers of a thousand, as disks are sold; rounded up. */
static void format_thousands(char out[TEXT_MAX], uint64_t bytes)
{
    static const char units[] = "BkMGTPE";
    double size = (double)bytes;
    unsigned at = 0;
    for (; size >= 1000; at++)
        size /= 1000;
    bool tenths = at && size < 9.95;
    double step = tenths ? 10 : 1, up = (double)(uint64_t)(size * step);
    up = (up < size * step ? up + 1 : up) / step;
    if (at)
        snprintf(out, TEXT_MAX, tenths ? "%.1f%c" : "%.0f%c", up, units[at]);
    else
        snprintf(out, TEXT_MAX, "%.0f", up);
}

static char *amount(uint64_t number)
{
    char text[TEXT_MAX];
    if (have['H'])
        format_thousands(text, number);
    else if (have['h'])
        format_size(text, number);
    else
        snprintf(text, sizeof text, "%llu", (unsigned long long)(have['i'] ? number : number / unit + (number % unit != 0)));
    return copy_of(text);
}

static void add(const char *name, const char *kind, const char *place, uint64_t whole, uint64_t used,
                uint64_t free_ones)
{
    struct line *line = line_new();
    char share[TEXT_MAX] = "-";
    if (used + free_ones)
        snprintf(share, sizeof share, "%llu%%",
                 (unsigned long long)((used * 100 + used + free_ones - 1) / (used + free_ones)));
    *line = (struct line){ { copy_of(name), copy_of(kind), amount(whole), amount(used), amount(free_ones), copy_of(share),
                             copy_of(place) } };
}

static int show(const struct mntent *m, bool asked)
{
    struct statvfs s;
    if ((only_kind && strcmp(only_kind, m->mnt_type) != 0) || (not_kind && strcmp(not_kind, m->mnt_type) == 0))
        return 0;
    if (statvfs(m->mnt_dir, &s) < 0) {
        warn_errno(m->mnt_dir);
        return 1;
    }
    if (s.f_blocks == 0 && !asked && !have['a'])
        return 0;
    uint64_t whole = have['i'] ? s.f_files : s.f_blocks * s.f_frsize;
    uint64_t used = have['i'] ? s.f_files - s.f_ffree : (s.f_blocks - s.f_bfree) * s.f_frsize;
    uint64_t free_ones = have['i'] ? s.f_favail : s.f_bavail * s.f_frsize;
    sum_whole += whole, sum_used += used, sum_free += free_ones;
    add(m->mnt_fsname, m->mnt_type, m->mnt_dir, whole, used, free_ones);
    return 0;
}

/* The mount a path lies in: the one whose directory is the longest beginning of the path. */
static int show_of(const char *path)
{
    char *whole = realpath(path, NULL), *name = NULL, *kind = NULL, *dir = NULL;
    if (!whole) {
        warn_errno(path);
        return 1;
    }
    FILE *f = setmntent("/proc/mounts", "r");
    for (struct mntent *m; f && (m = getmntent(f));) {
        size_t len = strlen(m->mnt_dir);
        bool above = strncmp(whole, m->mnt_dir, len) == 0 && (len == 1 || whole[len] == '/' || !whole[len]);
        if (!above || (dir && len < strlen(dir)))
            continue;
        free(name), free(kind), free(dir);
        name = copy_of(m->mnt_fsname), kind = copy_of(m->mnt_type), dir = copy_of(m->mnt_dir);
    }
    if (f)
        endmntent(f);
    free(whole);
    struct mntent found = { .mnt_fsname = name ? name : "-", .mnt_type = kind ? kind : "-", .mnt_dir = dir ? dir : (char *)path };
    int status = show(&found, true);
    free(name), free(kind), free(dir);
    return status;
}

static int show_all(void)
{
    int status = 0;
    FILE *f = setmntent("/proc/mounts", "r");
    if (!f)
        die("/proc/mounts");
    for (struct mntent *m; (m = getmntent(f));)
        status |= show(m, false);
    endmntent(f);
    return status;
}

static void add_heading(void)
{
    struct line *line = line_new();
    bool human = have['h'] || have['H'];
    const char *size = have['i'] ? "Inodes" : human ? "Size" : have['P'] ? unit == 1024 ? "1024-blocks" : "1048576-blocks"
                     : unit == 1024 ? "1K-blocks" : "1M-blocks";
    *line = (struct line){ { copy_of("Filesystem"), copy_of("Type"), copy_of(size), copy_of(have['i'] ? "IUsed" : "Used"),
                             copy_of(have['i'] ? "IFree" : human ? "Avail" : "Available"),
                             copy_of(have['i'] ? "IUse%" : have['P'] && !human ? "Capacity" : "Use%"), copy_of("Mounted on") } };
}

static void put_lines(void)
{
    int width[COLUMNS] = { [0] = 14, [2] = 5, [3] = 5, [4] = 5 };
    for (size_t i = 0; i < nlines; i++)
        for (int c = 0; c < COLUMNS; c++) {
            int len = (int)strlen(lines[i].column[c]);
            width[c] = len > width[c] ? len : width[c];
        }
    for (size_t i = 0; i < nlines; i++) {
        printf("%-*s ", width[0], lines[i].column[0]);
        if (have['T'])
            printf("%-*s ", width[1], lines[i].column[1]);
        for (int c = 2; c < COLUMNS - 1; c++)
            printf("%*s ", width[c], lines[i].column[c]);
        puts(lines[i].column[COLUMNS - 1]);
    }
}

int main(int argc, char **argv)
{
    static const char letters[] = "ahHkmPTilt:x:c";
    int status = 0;
    tool_init(argv, "usage: df [-ahHkmPTil] [-t KIND | -x KIND] [--total] [FILE...]\n"
                    "Show how full file systems are: all, or those the files lie in.\n"
                    "  -a also those without a size;  -t only of this kind, -x not of it;  -T show kinds\n"
                    "  -h 1.5G instead of KiB, -H 1.6G (in thousands), -k KiB, -m MiB, -P as POSIX wants\n"
                    "  -i files instead of space;  --total a last line with sums\n");
    options_arrange(argc, argv, letters,
                    "all=a human-readable=h si=H portability=P print-type=T inodes=i local=l type=t exclude-type=x total=c");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        have[c] = true;
        if (c == 't' || c == 'x')
            *(c == 't' ? &only_kind : &not_kind) = optarg;
        if (strchr("kmhH", c)) { /* the last one counts */
            have['h'] = have['H'] = false;
            have[c] = true;
            unit = c == 'm' ? 1 << 20 : 1024;
        }
    }
    add_heading();
    if (optind == argc)
        status = show_all();
    for (; optind < argc; optind++)
        status |= show_of(argv[optind]);
    if (nlines > 1 && have['c'])
        add("total", "-", "-", sum_whole, sum_used, sum_free);
    if (nlines > 1)
        put_lines();
    else if (!status)
        status = (warn_text("file systems", "none was shown"), 1);
    return flush_output() | status;
}
