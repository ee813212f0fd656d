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
