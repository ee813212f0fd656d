/* Putting files into an archive. See tar.h. */
#include "tar.h"

#include "../lib/inside.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Files with several names: the first goes in whole, the others as links to it. */
static struct seen { dev_t dev; ino_t ino; char *name; } *seen;
static size_t nseen;

static const char *first_name(const struct stat *st, const char *name)
{
    for (size_t i = 0; i < nseen; i++)
        if (seen[i].ino == st->st_ino && seen[i].dev == st->st_dev)
            return seen[i].name;
    if ((nseen & (nseen - 1)) == 0)
        seen = need(realloc(seen, (nseen ? nseen * 2 : 1) * sizeof *seen));
    seen[nseen++] = (struct seen){ .dev = st->st_dev, .ino = st->st_ino, .name = need(strdup(name)) };
    return NULL;
}

static void put_padded(const void *data, size_t len)
{
    static const char zeros[BLOCK];
    stream_write(data, len);
    if (len % BLOCK)
        stream_write(zeros, BLOCK - len % BLOCK);
}

static void put_pax(const struct member *member)
{
    unsigned char block[BLOCK];
    char size[24];
    size_t room = strlen(member->name) + strlen(member->link) + 128, len;
    char *records = need(malloc(room));
    snprintf(size, sizeof size, "%llu", (unsigned long long)member->size);
    len = pax_add(records, room, "path", member->name);
    if (*member->link)
        len += pax_add(records + len, room - len, "linkpath", member->link);
    len += pax_add(records + len, room - len, "size", size);
    struct member pax = { .name = "pax", .type = 'x', .mode = 0644, .size = len };
    header_format(block, &pax);
    stream_write(block, BLOCK);
    put_padded(records, len);
    free(records);
}

static void put_header(const struct member *member)
{
    unsigned char block[BLOCK];
    if (!header_format(block, member))
        put_pax(member);
    stream_write(block, BLOCK);
}

/* As many bytes as the header promised, whatever happens to the file meanwhile. */
static void put_data(const char *path, int fd, uint64_t size)
{
    static char data[1 << 16];
    bool told = false;
    for (uint64_t left = size; left > 0;) {
        size_t want = left < sizeof data ? (size_t)left : sizeof data;
        ssize_t n = read(fd, data, want);
        if (n <= 0) {
            if (!told)
                refuse(path, n < 0 ? strerror(errno) : "became shorter: zeros in its place");
            told = true;
            memset(data, 0, want);
            n = (ssize_t)want;
        }
        stream_write(data, (size_t)n);
        left -= (uint64_t)n;
    }
    if (size % BLOCK)
        stream_write(memset(data, 0, BLOCK), BLOCK - size % BLOCK);
}

static void put_inside(const char *path, const struct stat *st)
{
    struct inside in = { 0 };
    if (follow && !inside_enter(path, st))
        return;
    if (inside_read(path, &in) < 0)
        fail(path);
    for (size_t i = 0; i < in.n; i++)
        create_member(in.paths[i]);
    inside_free(&in);
    if (follow)
        inside_leave();
}

static char type_of(const struct stat *st)
{
    return S_ISREG(st->st_mode) ? '0' : S_ISLNK(st->st_mode) ? '2' : S_ISCHR(st->st_mode) ? '3' : S_ISBLK(st->st_mode) ? '4'
         : S_ISDIR(st->st_mode) ? '5' : S_ISFIFO(st->st_mode) ? '6' : 0;
}

static void put_member(const char *path, const char *name, const struct stat *st)
{
    char target[PATH_MAX] = "", folder[PATH_MAX];
    struct member member = { .name = (char *)name, .link = target, .type = type_of(st), .mode = st->st_mode & 07777,
                             .uid = st->st_uid,
        .gid = st->st_gid, .mtime = st->st_mtime, .major = major(st->st_rdev), .minor = minor(st->st_rdev) };
    int fd = -1;
    const char *first = st->st_nlink > 1 && !S_ISDIR(st->st_mode) ? first_name(st, name) : NULL;
    if (first) {
        member.type = '1';
        snprintf(target, sizeof target, "%s", first);
    } else if (S_ISLNK(st->st_mode)) {
        ssize_t n = readlink(path, target, sizeof target - 1);
        target[n > 0 ? n : 0] = 0;
    } else if (S_ISDIR(st->st_mode)) {
        snprintf(folder, sizeof folder, "%s%s", name, name[strlen(name) - 1] == '/' ? "" : "/");
        member.name = folder;
    } else if (S_ISREG(st->st_mode)) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            fail(path);
            return;
        }
        member.size = (uint64_t)st->st_size;
    }
    if (verbose)
        fprintf(stderr, "%s\n", member.name);
    put_header(&member);
    if (fd >= 0) {
        put_data(path, fd, member.size);
        close(fd);
    }
}

void create_member(const char *path)
{
    struct stat st;
    const char *name = path;
    while (*name == '/')
        name++;
    if (!*name)
        name = ".";
    if (is_excluded(path))
        return;
    if ((follow ? stat : lstat)(path, &st) < 0)
        fail(path);
    else if (!type_of(&st))
        refuse(path, "is a socket: left out");
    else if (stream_is(&st))
        refuse(path, "is the archive: left out");
    else {
        put_member(path, name, &st);
        if (S_ISDIR(st.st_mode))
            put_inside(path, &st);
    }
}
