/* ls: what is in directories. Columns and colours only on a terminal. */
#include "../lib/modes.h"
#include "../lib/util.h"
#include "../lib/versions.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

struct entry {
    char *name, *path;
    struct stat st;
};

struct list {
    struct entry *items;
    size_t count, cap;
};

/* How the columns of -l are: as wide as what is in them. */
struct widths { int inode, blocks, links, owner, group, size; };

static bool have[256]; /* options; long ones without a letter have one + 128 */
static bool on_tty, colours;
enum { PATTERNS_MAX = 16 };
static const char *ignored[PATTERNS_MAX], *hidden[PATTERNS_MAX]; /* -I; --hide, which -a overrides */
static size_t nignored, nhidden;
static const char *time_format; /* NULL: with the year or the hour, by age */
static unsigned width = 80, fixed_width;
static int status;

static bool list_add(struct list *list, const char *name, char *path)
{
    if (list->count == list->cap) {
        list->cap = list->cap * 2 + 16;
        list->items = realloc(list->items, list->cap * sizeof *list->items);
        if (!list->items)
            die(name);
    }
    struct entry *entry = &list->items[list->count];
    if (!(have['L'] && stat(path, &entry->st) == 0) && lstat(path, &entry->st) < 0) {
        warn_errno(path);
        status |= 1;
        free(path);
        return false;
    }
    entry->name = strdup(name);
    entry->path = path;
    if (!entry->name)
        die(name);
    list->count++;
    return true;
}

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].path);
    }
    free(list->items);
}

static const struct timespec *time_of(const struct stat *st)
{
    return have['c'] ? &st->st_ctim : have['u'] ? &st->st_atim : &st->st_mtim;
}

static int newer_first(const struct timespec *x, const struct timespec *y)
{
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? 1 : -1;
    return (y->tv_nsec > x->tv_nsec) - (y->tv_nsec < x->tv_nsec);
}

static const char *extension(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? dot : "";
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = 0;
    if (have['g' | 128]) {
        order = S_ISDIR(y->st.st_mode) - S_ISDIR(x->st.st_mode);
        if (order)
            return order; /* whichever way the rest goes */
    }
    if (have['S'])
        order = (y->st.st_size > x->st.st_size) - (y->st.st_size < x->st.st_size);
    else if (have['t'] || ((have['c'] || have['u']) && !have['l']))
        order = newer_first(time_of(&x->st), time_of(&y->st));
    else if (have['v'])
        order = version_compare(x->name, y->name);
    else if (have['X'])
        order = strcmp(extension(x->name), extension(y->name));
    if (order == 0)
        order = strcmp(x->name, y->name);
    return have['r'] ? -order : order;
}

static const char *color_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return "\033[1;34m";
    if (S_ISLNK(st->st_mode))
        return "\033[1;36m";
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        return "\033[1;33m";
    if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode))
        return "\033[35m";
    return st->st_mode & 0111 ? "\033[1;32m" : "";
}

static char mark_of(const struct stat *st)
{
    if (S_ISDIR(st->st_mode) && (have['F'] || have['p']))
        return '/';
    if (!have['F'])
        return 0;
    if (S_ISLNK(st->st_mode))
        return '@';
    if (S_ISFIFO(st->st_mode))
        return '|';
    if (S_ISSOCK(st->st_mode))
        return '=';
    return S_ISREG(st->st_mode) && (st->st_mode & 0111) ? '*' : 0;
}

/* -b, -Q: as C writes it; -q or a terminal: '?' for what it would obey; -N: as it is. */
static unsigned put_character(unsigned char c)
{
    static const char controls[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    bool control = c < 32 || c == 127;
    if (!have['b'] && !have['Q'])
        return putchar(control && !have['N'] && (on_tty || have['q']) ? '?' : c), 1;
    const char *known = control ? strchr(controls, c) : NULL;
    if (known && *known)
        return (unsigned)printf("\\%c", letters[known - controls]);
    if (control)
        return (unsigned)printf("\\%03o", c);
    if (c == '\\' || (c == '"' && have['Q']) || (c == ' ' && !have['Q']))
        return (unsigned)printf("\\%c", c);
    return putchar(c), 1;
}

/* The name as shown: a terminal gets no control characters from a file name. */
static unsigned put_name(const struct entry *entry)
{
    const char *color = colours ? color_of(&entry->st) : "";
    unsigned len = 0;
    fputs(color, stdout);
    if (have['Q'])
        len += (unsigned)printf("\"");
    for (const char *c = entry->name; *c; c++)
        len += put_character((unsigned char)*c);
    if (have['Q'])
        len += (unsigned)printf("\"");
    if (*color)
        fputs("\033[0m", stdout);
    char mark = mark_of(&entry->st);
    if (mark && !(have['l'] && mark == '@')) {
        putchar(mark);
        len++;
    }
    return len;
}

static void format_mode(char out[11], mode_t mode)
{
    out[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : S_ISBLK(mode) ? 'b'
           : S_ISFIFO(mode) ? 'p' : S_ISSOCK(mode) ? 's' : '-';
    mode_letters(mode, out + 1);
}

static void owner_text(char out[32], const struct stat *st)
{
    const struct passwd *user = have['n'] ? NULL : getpwuid(st->st_uid);
    if (user)
        snprintf(out, 32, "%s", user->pw_name);
    else
        snprintf(out, 32, "%u", st->st_uid);
}

static void group_text(char out[32], const struct stat *st)
{
    const struct group *group = have['n'] ? NULL : getgrgid(st->st_gid);
    if (group)
        snprintf(out, 32, "%s", group->gr_name);
    else
        snprintf(out, 32, "%u", st->st_gid);
}

static void size_text(char out[32], const struct stat *st)
{
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        snprintf(out, 32, "%u, %u", major(st->st_rdev), minor(st->st_rdev));
    else if (have['h'])
        format_size(out, (uint64_t)st->st_size);
    else
        snprintf(out, 32, "%lld", (long long)st->st_size);
}

static int digits_of(unsigned long long number)
{
    return snprintf(NULL, 0, "%llu", number);
}

static void widen(int *width, int needed)
{
    *width = needed > *width ? needed : *width;
}

static struct widths measure(const struct list *list)
{
    struct widths w = { 0 };
    char text[32];
    for (size_t i = 0; i < list->count; i++) {
        const struct stat *st = &list->items[i].st;
        widen(&w.inode, digits_of(st->st_ino));
        widen(&w.blocks, digits_of((unsigned long long)st->st_blocks / 2));
        widen(&w.links, digits_of(st->st_nlink));
        owner_text(text, st);
        widen(&w.owner, (int)strlen(text));
        group_text(text, st);
        widen(&w.group, (int)strlen(text));
        size_text(text, st);
        widen(&w.size, (int)strlen(text));
    }
    return w;
}

/* --time-style, --full-time: a format of strftime(3); an empty one stands for all there is, nanoseconds too. */
static void put_styled(const struct tm *tm, long ns)
{
    char when[256], zone[16];
    if (*time_format) {
        if (!strftime(when, sizeof when, time_format, tm))
            *when = 0;
        printf(" %s ", when);
        return;
    }
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", tm);
    strftime(zone, sizeof zone, "%z", tm);
    printf(" %s.%09ld %s ", when, ns, zone);
}

static void put_when(const struct stat *st)
{
    char when[32];
    time_t at = time_of(st)->tv_sec;
    long age = (long)(time(NULL) - at);
    bool recent = age > -3600 && age < 182L * 86400;
    struct tm *tm = localtime(&at);
    if (tm && time_format) {
        put_styled(tm, time_of(st)->tv_nsec);
        return;
    }
    if (!tm || !strftime(when, sizeof when, recent ? "%b %e %H:%M" : "%b %e  %Y", tm))
        strcpy(when, "?");
    printf(" %s ", when);
}

static void put_prefix(const struct entry *entry, const struct widths *w)
{
    if (have['i'])
        printf("%*llu ", w->inode, (unsigned long long)entry->st.st_ino);
    if (have['s'])
        printf("%*llu ", w->blocks, (unsigned long long)entry->st.st_blocks / 2);
}

static void put_long(const struct entry *entry, const struct widths *w)
{
    const struct stat *st = &entry->st;
    char mode[11], text[32], target[4096];
    put_prefix(entry, w);
    format_mode(mode, st->st_mode);
    printf("%s %*lu", mode, w->links, (unsigned long)st->st_nlink);
    owner_text(text, st);
    if (!have['g'])
        printf(" %-*s", w->owner, text);
    group_text(text, st);
    if (!have['o'] && !have['G'])
        printf(" %-*s", w->group, text);
    size_text(text, st);
    printf(" %*s", w->size, text);
    put_when(st);
    put_name(entry);
    if (S_ISLNK(st->st_mode)) {
        ssize_t n = readlink(entry->path, target, sizeof target - 1);
        printf(" -> %.*s", n > 0 ? (int)n : 1, n > 0 ? target : "?");
    }
    putchar('\n');
}

/* A name takes as many cells as it has characters, not bytes. */
static unsigned cells_of(const char *name)
{
    unsigned cells = 0;
    for (; *name; name++)
        cells += (*name & 0xc0) != 0x80;
    return cells;
}

static void put_columns(const struct list *list, const struct widths *w)
{
    unsigned longest = 1, prefix = (have['i'] ? (unsigned)w->inode + 1 : 0) + (have['s'] ? (unsigned)w->blocks + 1 : 0);
    for (size_t i = 0; i < list->count; i++) {
        unsigned len = cells_of(list->items[i].name) + (have['F'] || have['p']);
        longest = len > longest ? len : longest;
    }
    size_t columns = width / (prefix + longest + 2);
    columns = columns ? columns : 1;
    size_t rows = (list->count + columns - 1) / columns;
    size_t step = have['x'] ? 1 : rows, next_row = have['x'] ? columns : 1; /* -x: across, not down */
    for (size_t row = 0; row < rows; row++) {
        size_t first = row * next_row, end = have['x'] && first + columns < list->count ? first + columns : list->count;
        for (size_t i = first; i < end; i += step) {
            put_prefix(&list->items[i], w);
            put_name(&list->items[i]);
            unsigned len = cells_of(list->items[i].name) + (mark_of(&list->items[i].st) != 0);
            if (i + step < end)
                printf("%*s", (int)(longest + 2 - len), "");
        }
        putchar('\n');
    }
}

static void put_commas(const struct list *list, const struct widths *w)
{
    size_t column = 0, prefix = (have['i'] ? (size_t)w->inode + 1 : 0) + (have['s'] ? (size_t)w->blocks + 1 : 0);
    for (size_t i = 0; i < list->count; i++) {
        size_t len = prefix + cells_of(list->items[i].name) + (mark_of(&list->items[i].st) != 0);
        bool fits = column + len + 2 < width;
        if (i > 0)
            fputs(fits ? ", " : ",\n", stdout);
        column = i == 0 ? len : fits ? column + len + 2 : len;
        put_prefix(&list->items[i], w);
        put_name(&list->items[i]);
    }
    if (list->count)
        putchar('\n');
}

static void put_list(struct list *list)
{
    if (!have['U'])
        qsort(list->items, list->count, sizeof *list->items, compare);
    struct widths w = have['l'] || have['i'] || have['s'] ? measure(list) : (struct widths){ 0 };
    if (have['m'] || have['C']) {
        (have['m'] ? put_commas : put_columns)(list, &w);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (have['l']) {
            put_long(&list->items[i], &w);
        } else {
            put_prefix(&list->items[i], &w);
            put_name(&list->items[i]);
            putchar('\n');
        }
    }
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool fits_any(const char *name, const char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fnmatch(patterns[i], name, FNM_PERIOD) == 0)
            return true;
    return false;
}

static bool is_listed(const char *name)
{
    size_t len = strlen(name);
    if (name[0] == '.' && !have['a'] && !(have['A'] && !is_dot(name)))
        return false;
    if (!have['a'] && !have['A'] && fits_any(name, hidden, nhidden))
        return false;
    return !(have['B'] && name[len - 1] == '~') && !fits_any(name, ignored, nignored);
}

static void list_directory(const char *path, bool heading)
{
    struct list list = { 0 };
    static bool printed;
    DIR *dir = opendir(path);
    if (!dir) {
        warn_errno(path);
        status |= 1;
        return;
    }
    if (heading)
        printf("%s%s:\n", printed ? "\n" : "", path);
    printed = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_listed(entry->d_name))
            list_add(&list, entry->d_name, join_path(path, entry->d_name));
    closedir(dir);
    if (have['l'] || have['s']) {
        long long blocks = 0;
        for (size_t i = 0; i < list.count; i++)
            blocks += list.items[i].st.st_blocks;
        printf("total %lld\n", blocks / 2);
    }
    put_list(&list);
    for (size_t i = 0; have['R'] && i < list.count; i++)
        if (S_ISDIR(list.items[i].st.st_mode) && !is_dot(list.items[i].name))
            list_directory(list.items[i].path, true);
    list_free(&list);
}

/* A link is what it points to, where a directory's contents are asked for. */
static bool is_directory(const char *path)
{
    struct stat st;
    bool shallow = (have['l'] || have['F']) && !have['L'] && !have['H'];
    return !have['d'] && (shallow ? lstat(path, &st) : stat(path, &st)) == 0 && S_ISDIR(st.st_mode);
}

static void list_arguments(char **args, int count)
{
    struct list files = { 0 }, directories = { 0 };
    bool follow = have['L'];
    have['L'] |= have['H'];
    for (int i = 0; i < count; i++)
        if (!list_add(is_directory(args[i]) ? &directories : &files, args[i], strdup(args[i])))
            status = 2; /* what was named is worse to miss than what was met */
    have['L'] = follow;
    if (files.count)
        put_list(&files);
    if (files.count && directories.count)
        putchar('\n');
    if (!have['U'])
        qsort(directories.items, directories.count, sizeof *directories.items, compare);
    for (size_t i = 0; i < directories.count; i++)
        list_directory(directories.items[i].path, count > 1 || have['R']);
    list_free(&files);
    list_free(&directories);
}

static const char help[] =
    "usage: ls [-aAdRlhinosgGF1CxmptrScuUvXfqbNQLHB] [-I PATTERN] [-w COLUMNS] [--color[=WHEN]] [FILE...]\nList files.\n"
    "  -a all, -A but . and ..;  -d directories themselves;  -R what is inside too\n"
    "  -l with details: -h readable sizes, -n numbers for owners, -o, -G no group, -g no owner,\n"
    "  --full-time, --time-style=long-iso or +FORMAT\n"
    "  -i inode, -s blocks of 1 KiB;  -F mark kinds, -p directories;  -1 one a line, -C columns,\n"
    "  -x columns in rows, -m names with commas\n"
    "  -t newest first (-u: last used, -c: last changed), -S largest first, -r reversed,\n"
    "  -X by what is behind the dot, -v with numbers in names, -U unsorted (-f: and all);  --group-directories-first\n"
    "  -L what links point to, -H those named here;  -q ? for control characters, -b \\n, -Q \"\\n\", -N as they are\n"
    "  -B no names with ~ at the end, -I PATTERN not these, --hide=PATTERN nor these without -a;  -w so many columns\n"
    "  --color  always, never, or auto: on a terminal\n";

/* --sort=WORD, --time=WORD: the letter it stands for. */
static void take_word(const char *text, const char *const words[], const char *letters)
{
    for (size_t i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            have[(unsigned char)letters[i]] = true;
            return;
        }
    warn_text(text, "no such way");
    exit(2);
}

static void take_time_style(const char *text)
{
    if (*text == '+')
        time_format = text + 1;
    else if (strcmp(text, "full-iso") == 0)
        time_format = "";
    else if (strcmp(text, "long-iso") == 0)
        time_format = "%Y-%m-%d %H:%M";
    else if (strcmp(text, "locale") != 0) {
        warn_text(text, "no such style (full-iso, long-iso, +FORMAT)");
        exit(2);
    }
}

/* Options with a value; false: it is none of them. */
static bool take_value(int c, const char *text)
{
    static const char *const sorts[] = { "size", "time", "none", "extension", "version", NULL };
    static const char *const times[] = { "atime", "access", "use", "ctime", "status", NULL };
    uint64_t number;
    switch (c) {
    case 'I':
        if (nignored < PATTERNS_MAX)
            ignored[nignored++] = text;
        return true;
    case 'H' | 128:
        if (nhidden < PATTERNS_MAX)
            hidden[nhidden++] = text;
        return true;
    case 'w':
        if (!parse_u64(text, &number))
            die_usage();
        fixed_width = number && number < 65536 ? (unsigned)number : 65535; /* 0: no end */
        return true;
    case 's' | 128: take_word(text, sorts, "StUXv"); return true;
    case 'u' | 128: take_word(text, times, "uuucc"); return true;
    case 't' | 128: take_time_style(text); return true;
    case 'f' | 128:
        time_format = "";
        have['l'] = true;
        have['C'] = have['x'] = have['m'] = false;
        return true;
    }
    return false;
}

static void read_options(int argc, char **argv)
{
    static const struct option words[] = {
        { "all", no_argument, NULL, 'a' }, { "almost-all", no_argument, NULL, 'A' }, { "directory", no_argument, NULL, 'd' },
        { "classify", no_argument, NULL, 'F' }, { "inode", no_argument, NULL, 'i' }, { "size", no_argument, NULL, 's' },
        { "numeric-uid-gid", no_argument, NULL, 'n' }, { "no-group", no_argument, NULL, 'G' },
        { "dereference", no_argument, NULL, 'L' }, { "ignore", required_argument, NULL, 'I' },
        { "ignore-backups", no_argument, NULL, 'B' }, { "escape", no_argument, NULL, 'b' },
        { "literal", no_argument, NULL, 'N' }, { "quote-name", no_argument, NULL, 'Q' },
        { "hide-control-chars", no_argument, NULL, 'q' }, { "width", required_argument, NULL, 'w' },
        { "kibibytes", no_argument, NULL, 'k' }, { "hide", required_argument, NULL, 'H' | 128 },
        { "group-directories-first", no_argument, NULL, 'g' | 128 }, { "full-time", no_argument, NULL, 'f' | 128 },
        { "time-style", required_argument, NULL, 't' | 128 }, { "sort", required_argument, NULL, 's' | 128 },
        { "time", required_argument, NULL, 'u' | 128 }, { "color", optional_argument, NULL, '#' },
        { "human-readable", no_argument, NULL, 'h' },
        { "recursive", no_argument, NULL, 'R' }, { "reverse", no_argument, NULL, 'r' }, { 0 },
    };
    on_tty = isatty(1);
    colours = have['C'] = on_tty;
    for (int c; (c = getopt_long(argc, argv, "aAdRlhinosgF1CxmptrScuUqLHbBfGkNQvXI:w:", words, NULL)) != -1;) {
        if (c == '?')
            die_usage();
        if (take_value(c, optarg))
            continue;
        if (c == '#')
            colours = !optarg || strcmp(optarg, "always") == 0 || (strcmp(optarg, "auto") == 0 && on_tty);
        else
            have[c] = true;
        if (c == 'f')
            have['a'] = have['U'] = true;
        if (c > 0 && c < 128 && strchr("logn1Cxm", c))
            have['C'] = have['x'] = have['m'] = false;
        if (c > 0 && c < 128 && strchr("Cxm", c))
            have[c == 'x' ? 'C' : c] = have[c] = true;
        if (c == 'o' || c == 'g' || c == 'n')
            have['l'] = true;
    }
}

int main(int argc, char **argv)
{
    static char *here[] = { "." };
    struct winsize size;
    tool_init(argv, help);
    read_options(argc, argv);
    if (on_tty && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
    if (fixed_width)
        width = fixed_width;
    list_arguments(optind < argc ? argv + optind : here, optind < argc ? argc - optind : 1);
    return flush_output() | status;
}
