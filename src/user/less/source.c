/* The lines of a file or a pipe, read when they are needed and kept. See less.h. */
#include "less.h"

#include "../lib/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 65536, LOOK_MS = 50 };

void source_open(struct source *source, int fd)
{
    *source = (struct source){ .fd = fd };
}

void source_close(struct source *source)
{
    close(source->fd);
    free(source->bytes);
    free(source->starts);
}

static bool make_room(struct source *source)
{
    if (source->size - source->len < PIECE) {
        size_t size = source->size * 2 + PIECE;
        char *grown = realloc(source->bytes, size);
        if (!grown)
            return false;
        source->bytes = grown;
        source->size = size;
    }
    return true;
}

static bool add_start(struct source *source, size_t at)
{
    if (source->count == source->room) {
        size_t room = source->room * 2 + 1024;
        size_t *grown = realloc(source->starts, room * sizeof *grown);
        if (!grown)
            return false;
        source->starts = grown;
        source->room = room;
    }
    source->starts[source->count++] = at;
    return true;
}

static bool note_lines(struct source *source, size_t from)
{
    for (size_t at = from; at < source->len; at++)
        if ((at == 0 || source->bytes[at - 1] == '\n') && !add_start(source, at))
            return false;
    return true;
}

bool source_read_more(struct source *source)
{
    if (!make_room(source)) {
        source->ended = true;
        return false;
    }
    ssize_t n = read(source->fd, source->bytes + source->len, PIECE);
    if (n < 0 && errno == EINTR)
        return false;
    source->ended = n <= 0;
    if (n <= 0)
        return false;
    size_t from = source->len;
    source->len += (size_t)n;
    if (!note_lines(source, from))
        source->ended = true;
    return true;
}

bool source_have(struct source *source, size_t line)
{
    while (!source->ended && line + 1 >= source->count) {
        struct pollfd wait = { .fd = source->fd, .events = POLLIN };
        if (poll(&wait, 1, LOOK_MS) > 0)
            source_read_more(source);
        else if (terminal_key_waits())
            break;
    }
    return line < source->count;
}

const char *source_line(const struct source *source, size_t line, size_t *len)
{
    size_t start = source->starts[line], end = line + 1 < source->count ? source->starts[line + 1] : source->len;
    *len = end - start;
    if (*len && source->bytes[end - 1] == '\n')
        --*len;
    return source->bytes + start;
}
