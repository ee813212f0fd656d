/* ls: what is in directories. Columns and colours only on a terminal. */
#include "../lib/util.h"

#include <dirent.h>
#include <errno.h>
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

static bool have[128];
static bool on_tty;
static unsigned width = 80;
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
    if (lstat(path, &entry->st) < 0) {
        warn_errno(path);
        status = 1;
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

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = 0;
    if (have['S'])
        order = (y->st.st_size > x->st.st_size) - (y->st.st_size < x->st.st_size);
    if (have['t'])
        order = (y->st.st_mtime > x->st.st_mtime) - (y->st.st_mtime < x->st.st_mtime);
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
    if (!have['F'])
        return 0;
    if (S_ISDIR(st->st_mode))
        return '/';
    if (S_ISLNK(st->st_mode))
        return '@';
    if (S_ISFIFO(st->st_mode))
        return '|';
    if (S_ISSOCK(st->st_mode))
        return '=';
    return S_ISREG(st->st_mode) && (st->st_mode & 0111) ? '*' : 0;
}

/* The name as shown: a terminal gets no control characters from a file name. */
static unsigned put_name(const struct entry *entry)
{
    const char *color = on_tty ? color_of(&entry->st) : "";
    unsigned len = 0;
    fputs(color, stdout);
    for (const char *c = entry->name; *c; c++, len++)
        putchar(on_tty && ((unsigned char)*c < 32 || *c == 127) ? '?' : *c);
    if (*color)
        fputs("\033[0m", stdout);
    char mark = mark_of(&entry->st);
    if (mark) {
        putchar(mark);
        len++;
    }
    return len;
}

static void format_mode(char out[11], mode_t mode)
{
    static const char bits[] = "rwxrwxrwx";
    out[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : S_ISBLK(mode) ? 'b' : S_ISFIFO(mode) ? 'p' : S_ISSOCK(mode) ? 's' : '-';
    for (int i = 0; i < 9; i++)
        out[1 + i] = mode & (0400u >> i) ? bits[i] : '-';
    if (mode & S_ISUID)
        out[3] = mode & 0100 ? 's' : 'S';
    if (mode & S_ISGID)
        out[6] = mode & 0010 ? 's' : 'S';
    if (mode & S_ISVTX)
        out[9] = mode & 0001 ? 't' : 'T';
    out[10] = 0;
}

static void put_owner(const struct stat *st)
{
    const struct passwd *user = getpwuid(st->st_uid);
    const struct group *group = getgrgid(st->st_gid);
    char uid[16], gid[16];
    snprintf(uid, sizeof uid, "%u", st->st_uid);
    snprintf(gid, sizeof gid, "%u", st->st_gid);
    printf(" %-8s %-8s", user ? user->pw_name : uid, group ? group->gr_name : gid);
}

static void put_long(const struct entry *entry)
{
    const struct stat *st = &entry->st;
    char mode[11], size[32], when[32], target[512];
    format_mode(mode, st->st_mode);
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        snprintf(size, sizeof size, "%u, %u", major(st->st_rdev), minor(st->st_rdev));
    else if (have['h'])
        format_size(size, (uint64_t)st->st_size);
    else
        snprintf(size, sizeof size, "%lld", (long long)st->st_size);
    long age = (long)(time(NULL) - st->st_mtime);
    bool recent = age > -3600 && age < 182L * 86400;
    struct tm *tm = localtime(&st->st_mtime);
    if (!tm || !strftime(when, sizeof when, recent ? "%b %e %H:%M" : "%b %e  %Y", tm))
        strcpy(when, "?");
    printf("%s %3lu", mode, (unsigned long)st->st_nlink);
    put_owner(st);
    printf(" %8s %s ", size, when);
    put_name(entry);
    if (S_ISLNK(st->st_mode)) {
        ssize_t n = readlink(entry->path, target, sizeof target - 1);
        printf(" -> %.*s", n > 0 ? (int)n : 1, n > 0 ? target : "?");
    }
    putchar('\n');
}

static void put_columns(const struct list *list)
{
    unsigned longest = 1;
    for (size_t i = 0; i < list->count; i++) {
        unsigned len = (unsigned)strlen(list->items[i].name) + have['F'];
        longest = len > longest ? len : longest;
    }
    size_t columns = width / (longest + 2);
    columns = columns ? columns : 1;
    size_t rows = (list->count + columns - 1) / columns;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < list->count; i += rows) {
            unsigned len = put_name(&list->items[i]);
            if (i + rows < list->count)
                printf("%*s", (int)(longest + 2 - len), "");
        }
        putchar('\n');
    }
}

static void put_list(struct list *list)
{
    qsort(list->items, list->count, sizeof *list->items, compare);
    if (!have['l'] && !have['1'] && on_tty) {
        put_columns(list);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (have['l']) {
            put_long(&list->items[i]);
        } else {
            put_name(&list->items[i]);
            putchar('\n');
        }
    }
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void list_directory(const char *path, bool heading)
{
    struct list list = { 0 };
    static bool printed;
    DIR *dir = opendir(path);
    if (!dir) {
        warn_errno(path);
        status = 1;
        return;
    }
    if (heading)
        printf("%s%s:\n", printed ? "\n" : "", path);
    printed = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.' || have['a'] || (have['A'] && !is_dot(entry->d_name)))
            list_add(&list, entry->d_name, join_path(path, entry->d_name));
    closedir(dir);
    if (have['l']) {
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

static void list_arguments(char **args, int count)
{
    struct list files = { 0 }, directories = { 0 };
    for (int i = 0; i < count; i++) {
        struct stat st;
        bool directory = !have['d'] && stat(args[i], &st) == 0 && S_ISDIR(st.st_mode);
        list_add(directory ? &directories : &files, args[i], strdup(args[i]));
    }
    if (files.count)
        put_list(&files);
    if (files.count && directories.count)
        putchar('\n');
    qsort(directories.items, directories.count, sizeof *directories.items, compare);
    for (size_t i = 0; i < directories.count; i++)
        list_directory(directories.items[i].path, count > 1 || have['R']);
    list_free(&files);
    list_free(&directories);
}

int main(int argc, char **argv)
{
    static char *here[] = { "." };
    struct winsize size;
    tool_init(argv, "usage: ls [-aAl1RhdFtrS] [FILE...]\nList files. -a: hidden too, -l: with details, -1: one a line, "
                    "-R: what is inside too,\n-h: readable sizes, -d: directories themselves, -F: mark kinds, "
                    "-t: newest first, -S: largest first, -r: reversed.\n");
    int index = parse_flags(argc, argv, "aAl1RhdFtrS", have);
    on_tty = isatty(1);
    if (on_tty && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
    list_arguments(index < argc ? argv + index : here, index < argc ? argc - index : 1);
    return flush_output() | status;
}
