/* The archive's bytes, plain or gzip: told apart when they are read. See tar.h. */
#include "tar.h"

#include "../gz/gz.h"
#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEVEL = 6 };
static struct gz *stream;
static struct stat self;
static const char *stream_name;

static void broken(const char *why)
{
    warn_text(stream_name, why);
    exit(2);
}

void stream_open(const char *path, bool write, bool zip)
{
    bool standard = !path || strcmp(path, "-") == 0;
    stream_name = standard ? "archive" : path;
    int fd = standard ? dup(write) : open(path, write ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0666);
    if (standard && isatty(fd))
        broken("not from or to a terminal: name a file with f");
    if (fd < 0 || fstat(fd, &self) < 0)
        broken(strerror(errno));
    stream = write ? gz_open_write(fd, zip ? LEVEL : 0) : gz_open_read(fd);
    if (!stream)
        broken("no memory");
}

/* Where the first block of zeros begins, or the end. */
static off_t end_of_members(int fd)
{
    unsigned char block[BLOCK];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(fd, block, BLOCK, at)) == BLOCK && !header_is_zero(block)) {
        struct member member = { 0 };
        if (!header_parse(block, &member))
            broken(at || block[0] != 0x1f || block[1] != 0x8b ? "this is not a tar archive, or it is damaged"
                                                              : "is compressed: nothing can be added");
        uint64_t size = header_has_data(&member) ? member.size : 0;
        free(member.name);
        free(member.link);
        if (size > (uint64_t)self.st_size)
            broken("unexpected end");
        at += BLOCK + (off_t)((size + BLOCK - 1) / BLOCK * BLOCK);
    }
    if (n < 0)
        broken(strerror(errno));
    if (n > 0 && n < BLOCK) /* it would be written over */
        broken("this is not a tar archive, or it is damaged");
    return at;
}

void stream_open_append(const char *path)
{
    stream_name = path;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || fstat(fd, &self) < 0)
        broken(strerror(errno));
    if (!S_ISREG(self.st_mode))
        broken("not a file that can be added to");
    off_t end = end_of_members(fd);
    if (end > self.st_size)
        broken("unexpected end");
    if (lseek(fd, end, SEEK_SET) < 0)
        broken(strerror(errno));
    stream = gz_open_write(fd, 0);
    if (!stream)
        broken("no memory");
}

void stream_close(void)
{
    const char *why;
    if (gz_close(stream, &why) < 0)
        broken(why);
}

bool stream_read(void *out, size_t len)
{
    long n = gz_read(stream, out, len);
    if (n != 0 && n != (long)len)
        broken(n < 0 ? stream->why : "unexpected end");
    return n > 0;
}

void stream_skip(uint64_t len)
{
    char data[8192];
    for (size_t n; len > 0; len -= n) {
        n = len < sizeof data ? (size_t)len : sizeof data;
        if (!stream_read(data, n))
            broken("unexpected end");
    }
}

void stream_write(const void *data, size_t len)
{
    if (gz_write(stream, data, len) < 0)
        broken(stream->why);
}

bool stream_is(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_dev == self.st_dev && st->st_ino == self.st_ino;
}
