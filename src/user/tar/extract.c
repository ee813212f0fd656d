/* Listing and unpacking. See tar.h. */
#include "tar.h"

#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* Folders get their modes and times last, for what is put into them changes those and may need others. */
static struct folder { char *name; mode_t mode; unsigned long uid, gid; int64_t mtime; } *folders;
static size_t nfolders;
static mode_t mask;

static char *take_text(uint64_t size)
{
    if (size > NAMES_MAX) {
        warn_text("archive", "has a name that is too long");
        exit(2);
    }
    char *text = need(calloc(1, (size_t)size + BLOCK + 1));
    for (uint64_t at = 0; at < size; at += BLOCK)
        if (!stream_read(text + at, BLOCK))
            exit((warn_text("archive", "unexpected end"), 2));
    text[size] = 0;
    return text;
}

/* The next member, with what headers before it said of it. False: the end. */
static bool next_member(struct member *member)
{
    unsigned char block[BLOCK];
    char *pax = NULL, *long_name = NULL, *long_link = NULL;
    size_t pax_len = 0;
    bool has_size;
    while (stream_read(block, BLOCK) && !header_is_zero(block)) {
        if (!header_parse(block, member)) {
            warn_text("archive", "this is not a tar archive, or it is damaged");
            exit(2);
        }
        char **text = member->type == 'x' ? &pax : member->type == 'L' ? &long_name : member->type == 'K' ? &long_link : NULL;
        if (text || member->type == 'g') {
            char *taken = take_text(member->size);
            pax_len = member->type == 'x' ? (size_t)member->size : pax_len;
            free(text ? *text : taken);
            if (text)
                *text = taken;
            free(member->name);
            free(member->link);
            continue;
        }
        if (long_name)
            free(member->name), member->name = long_name;
        if (long_link)
            free(member->link), member->link = long_link;
        pax_apply(pax ? pax : "", pax_len, member, &has_size);
        free(pax);
        return true;
    }
    free(pax), free(long_name), free(long_link);
    return false;
}

static bool is_wanted(const char *name)
{
    if (!wanted)
        return true;
    for (char **want = wanted; *want; want++) {
        size_t len = strlen(*want);
        while (len > 1 && (*want)[len - 1] == '/')
            len--;
        if (strncmp(name, *want, len) == 0 && (!name[len] || name[len] == '/'))
            return true;
    }
    return false;
}

static void list(const struct member *member)
{
    char mode[] = "?rwxrwxrwx", when[32] = "?";
    time_t mtime = (time_t)member->mtime;
    struct tm *tm = localtime(&mtime);
    if (!verbose) {
        puts(member->name);
        return;
    }
    const char *at = member->type ? strchr("0-1h2l3c4b5d6p", member->type) : NULL;
    mode[0] = at ? at[1] : '?';
    for (int i = 0; i < 9; i++)
        mode[1 + i] = member->mode & (0400u >> i) ? mode[1 + i] : '-';
    if (tm)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", tm);
    printf("%s %lu/%lu %9llu %s %s", mode, member->uid, member->gid, (unsigned long long)member->size, when,
           member->name);
    printf(member->type == '2' ? " -> %s\n" : member->type == '1' ? " link to %s\n" : "\n", member->link);
}

/* Whatever becomes of the file, the stream stands behind its data. */
static int unpack_data(int fd, uint64_t size)
{
    static char data[1 << 16];
    int error = 0;
    for (uint64_t left = size; left > 0;) {
        size_t n = left < sizeof data ? (size_t)left : sizeof data;
        if (!stream_read(data, n))
            exit((warn_text("archive", "unexpected end"), 2));
        if (!error && full_write(fd, data, n) < 0)
            error = -errno;
        left -= n;
    }
    return error;
}

static int unpack_file(int dir, const char *last, const struct member *member)
{
    unlinkat(dir, last, 0); /* what stands there may be a link to somewhere else */
    int fd = openat(dir, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        int error = -errno;
        stream_skip(member->size);
        return error;
    }
    int error = unpack_data(fd, member->size);
    return close(fd) < 0 && !error ? -errno : error;
}

static int unpack_hard_link(int dir, const char *last, const struct member *member)
{
    const char *clean = place_clean(member->link), *from;
    int from_dir;
    if (!clean || !*clean)
        return -EXDEV;
    int error = place_open(clean, false, &from_dir, &from);
    if (error)
        return error;
    struct stat a, b;
    bool same = fstatat(from_dir, from, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
        fstatat(dir, last, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
                a.st_ino == b.st_ino && a.st_dev == b.st_dev;
    if (!same) {
        unlinkat(dir, last, 0);
        error = linkat(from_dir, from, dir, last, 0) < 0 ? -errno : 0;
    }
    close(from_dir);
    return error;
}

static void remember_folder(const struct member *member, const char *name)
{
    if ((nfolders & (nfolders - 1)) == 0)
        folders = need(realloc(folders, (nfolders ? nfolders * 2 : 1) * sizeof *folders));
    folders[nfolders++] = (struct folder){ .name = need(strdup(name)), .mode = member->mode, .uid = member->uid,
                                           .gid = member->gid,
        .mtime = member->mtime };
}

static int unpack_folder(int dir, const char *last)
{
    struct stat st;
    if (!*last || strcmp(last, ".") == 0)
        return 0;
    char name[256];
    size_t len = strcspn(last, "/");
    if (len >= sizeof name)
        return -ENAMETOOLONG;
    memcpy(name, last, len);
    name[len] = 0;
    if (mkdirat(dir, name, 0700) == 0)
        return 0;
    int error = -errno;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return error;
}

static int unpack_node(int dir, const char *last, const struct member *member)
{
    mode_t kind = member->type == '3' ? S_IFCHR : member->type == '4' ? S_IFBLK : S_IFIFO;
    unlinkat(dir, last, 0);
    return mknodat(dir, last, kind | 0600, makedev(member->major, member->minor)) < 0 ? -errno : 0;
}

static int unpack_symlink(int dir, const char *last, const struct member *member)
{
    unlinkat(dir, last, 0);
    return symlinkat(member->link, dir, last) < 0 ? -errno : 0;
}

/* Owner first: changing it clears set-user-id. */
static int set_attributes(int dir, const char *last, const struct member *member)
{
    struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = (time_t)member->mtime } };
    mode_t mode = keep_modes ? member->mode : member->mode & ~mask;
    if (geteuid() == 0 && fchownat(dir, last, (uid_t)member->uid, (gid_t)member->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (member->type != '2' && fchmodat(dir, last, mode, 0) < 0)
        return -errno;
    return utimensat(dir, last, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int unpack_at(int dir, const char *last, const struct member *member, const char *name)
{
    int error;
    switch (member->type) {
    case '5':
        error = unpack_folder(dir, last);
        if (!error)
            remember_folder(member, name);
        return error;
    case '1': return unpack_hard_link(dir, last, member);
    case '2': error = unpack_symlink(dir, last, member); break;
    case '3': case '4': case '6': error = unpack_node(dir, last, member); break;
    default: error = unpack_file(dir, last, member); break;
    }
    return error ? error : set_attributes(dir, last, member);
}

static void unpack(const struct member *member)
{
    const char *name = place_clean(member->name), *last;
    int dir, error;
    if (!name) {
        refuse(member->name, "leads outside ('..'): not unpacked");
    } else if ((error = place_open(name, true, &dir, &last)) < 0) {
        refuse(member->name, error == -ENOTDIR ? "a part of its path is no folder, or a link: not unpacked" : strerror(-error));
    } else {
        if (verbose)
            puts(member->name);
        error = *last || member->type == '5' ? unpack_at(dir, last, member, name) : -EISDIR;
        close(dir);
        if (error)
            refuse(member->name, strerror(-error));
        if (*last || member->type == '5')
            return;
    }
    if (header_has_data(member))
        stream_skip(member->size);
}

static void finish_folders(void)
{
    const char *last;
    int dir;
    while (nfolders > 0) {
        struct folder *folder = &folders[--nfolders];
        struct member member = { .type = '5', .mode = folder->mode, .uid = folder->uid, .gid = folder->gid,
                                 .mtime = folder->mtime };
        int error = place_open(folder->name, false, &dir, &last);
        if (!error) {
            char *name = strndup(*last ? last : ".", *last ? strcspn(last, "/") : 1);
            error = set_attributes(dir, need(name), &member);
            free(name);
            close(dir);
        }
        if (error)
            refuse(folder->name, strerror(-error));
        free(folder->name);
    }
}

/* False: nothing of the name is left. */
static bool strip(char *name)
{
    char *rest = name + strspn(name, "/");
    for (unsigned n = strip_components; n > 0; n--) {
        rest += strcspn(rest, "/");
        if (!*rest)
            return false;
        rest += strspn(rest, "/");
    }
    if (strip_components)
        memmove(name, rest, strlen(rest) + 1);
    return *name != 0;
}

static void unpack_stripped(struct member *member)
{
    if (strip(member->name) && (member->type != '1' || strip(member->link)))
        unpack(member);
    else if (header_has_data(member))
        stream_skip(member->size);
}

static void write_out(const struct member *member)
{
    char data[8192];
    for (uint64_t left = header_has_data(member) ? member->size : 0; left > 0;) {
        size_t n = left < sizeof data ? (size_t)left : sizeof data;
        if (!stream_read(data, n))
            exit((warn_text("archive", "unexpected end"), 2));
        fwrite(data, 1, n, stdout);
        left -= n;
    }
}

void extract_all(bool only_list)
{
    struct member member;
    bool found = false;
    umask(mask = umask(0));
    while (next_member(&member)) {
        bool take = is_wanted(member.name);
        found |= take;
        take &= !is_excluded(member.name);
        if (take && !only_list && to_stdout)
            write_out(&member);
        else if (take && !only_list)
            unpack_stripped(&member);
        else {
            if (take)
                list(&member);
            if (header_has_data(&member))
                stream_skip(member.size);
        }
        if (header_has_data(&member) && member.size % BLOCK)
            stream_skip(BLOCK - member.size % BLOCK);
        free(member.name);
        free(member.link);
    }
    if (wanted && !found)
        refuse(*wanted, "not in the archive");
    finish_folders();
}
