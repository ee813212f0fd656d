/* See gz.h. zlib's own file functions want a C library with checks for overflows (__snprintf_chk): not musl. */
#include "gz.h"

#include "../lib/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GZIP_WINDOW = 15 + 16 }; /* zlib.h, inflateInit2: 16 more for gzip's header */

static int fail(struct gz *gz, const char *why)
{
    gz->why = why ? why : strerror(errno);
    return -1;
}

/* More input, behind what is left of it. False: failed, or none came. */
static bool fill(struct gz *gz)
{
    memmove(gz->buffer, gz->z.next_in, gz->z.avail_in);
    gz->z.next_in = gz->buffer;
    ssize_t n;
    do
        n = read(gz->fd, gz->buffer + gz->z.avail_in, sizeof gz->buffer - gz->z.avail_in);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        fail(gz, NULL);
    gz->z.avail_in += n > 0 ? (unsigned)n : 0;
    return n > 0;
}

/* Whether a (further) gzip header begins here. */
static bool at_header(struct gz *gz)
{
    while (gz->z.avail_in < 2 && fill(gz))
        ;
    return gz->z.avail_in >= 2 && gz->z.next_in[0] == 0x1f && gz->z.next_in[1] == 0x8b; /* RFC 1952, 2.3.1 */
}

struct gz *gz_open_read(int fd)
{
    struct gz *gz = calloc(1, sizeof *gz);
    if (!gz)
        return NULL;
    gz->fd = fd;
    gz->z.next_in = gz->buffer;
    gz->plain = !at_header(gz);
    if (!gz->plain && inflateInit2(&gz->z, GZIP_WINDOW) != Z_OK) {
        free(gz);
        return NULL;
    }
    return gz;
}

struct gz *gz_open_write(int fd, int level)
{
    struct gz *gz = calloc(1, sizeof *gz);
    if (!gz)
        return NULL;
    gz->fd = fd;
    gz->writing = true;
    gz->plain = level == 0;
    if (level && deflateInit2(&gz->z, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(gz);
        return NULL;
    }
    gz->z.next_out = gz->buffer;
    gz->z.avail_out = sizeof gz->buffer;
    return gz;
}

static long read_plain(struct gz *gz, void *out, size_t len)
{
    size_t n = 0;
    while (n < len && (gz->z.avail_in || fill(gz))) {
        size_t piece = gz->z.avail_in < len - n ? gz->z.avail_in : len - n;
        memcpy((char *)out + n, gz->z.next_in, piece);
        gz->z.next_in += piece;
        gz->z.avail_in -= (unsigned)piece;
        n += piece;
    }
    return gz->why ? -1 : (long)n;
}

long gz_read(struct gz *gz, void *out, size_t len)
{
    if (gz->why)
        return -1;
    if (gz->plain)
        return read_plain(gz, out, len);
    gz->z.next_out = out;
    gz->z.avail_out = (unsigned)len;
    while (gz->z.avail_out && !gz->ended) {
        if (gz->z.avail_in == 0 && !fill(gz))
            return fail(gz, gz->why ? gz->why : "unexpected end of the compressed data");
        int result = inflate(&gz->z, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            gz->ended = !at_header(gz) || inflateReset(&gz->z) != Z_OK;
        else if (result != Z_OK && result != Z_BUF_ERROR)
            return fail(gz, gz->z.msg ? gz->z.msg : "damaged compressed data");
    }
    return (long)(len - gz->z.avail_out);
}

static int drain(struct gz *gz)
{
    size_t len = sizeof gz->buffer - gz->z.avail_out;
    gz->z.next_out = gz->buffer;
    gz->z.avail_out = sizeof gz->buffer;
    return full_write(gz->fd, gz->buffer, len) < 0 ? fail(gz, NULL) : 0;
}

int gz_write(struct gz *gz, const void *data, size_t len)
{
    if (gz->plain)
        return full_write(gz->fd, data, len) < 0 ? fail(gz, NULL) : 0;
    gz->z.next_in = (unsigned char *)data;
    gz->z.avail_in = (unsigned)len;
    while (gz->z.avail_in > 0) {
        deflate(&gz->z, Z_NO_FLUSH); /* only a wrong state makes it fail */
        if (gz->z.avail_out == 0 && drain(gz) < 0)
            return -1;
    }
    return 0;
}

static int finish(struct gz *gz)
{
    int result;
    do {
        result = deflate(&gz->z, Z_FINISH);
        if (drain(gz) < 0)
            return -1;
    } while (result == Z_OK || result == Z_BUF_ERROR);
    return 0;
}

int gz_close(struct gz *gz, const char **why)
{
    int status = gz->writing && !gz->plain && !gz->why ? finish(gz) : 0;
    if (close(gz->fd) < 0 && status == 0 && gz->writing)
        status = fail(gz, NULL);
    *why = gz->why;
    if (!gz->plain)
        gz->writing ? deflateEnd(&gz->z) : inflateEnd(&gz->z);
    free(gz);
    return status;
}
