/* ls -l: what is known about a file, in columns. See ls.h. */
#include "ls.h"

#include "../lib/modes.h"
#include "../lib/util.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

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

struct widths measure(const struct list *list)
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

void put_prefix(const struct entry *entry, const struct widths *w)
{
    if (have['i'])
        printf("%*llu ", w->inode, (unsigned long long)entry->st.st_ino);
    if (have['s'])
        printf("%*llu ", w->blocks, (unsigned long long)entry->st.st_blocks / 2);
}

void put_long(const struct entry *entry, const struct widths *w)
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
