/* Memory for the shell. Running out ends the shell with a line: there is nobody to ask. Arenas are
 * stacks: mark, allocate, rewind. */
#include "sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_CHUNK = 4096 };

struct arena_chunk {
    struct arena_chunk *below;
    size_t size;
    _Alignas(16) char data[];
};

static struct arena_chunk *spare; /* one chunk of the usual size: most commands need just one, for a moment */

void *xmalloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory) {
        fputs("sh: out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xmalloc(size), text, size);
}

static struct arena_chunk *chunk_get(size_t size)
{
    struct arena_chunk *chunk = spare;
    if (chunk && size <= ARENA_CHUNK) {
        spare = NULL;
        return chunk;
    }
    size_t room = size > ARENA_CHUNK ? size : ARENA_CHUNK;
    chunk = xmalloc(sizeof *chunk + room);
    chunk->size = room;
    return chunk;
}

static void chunk_put(struct arena_chunk *chunk)
{
    if (!spare && chunk->size == ARENA_CHUNK)
        spare = chunk;
    else
        free(chunk);
}

/* Not zeroed. */
static void *arena_take(struct arena *arena, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (!arena->head || arena->head->size - arena->used < size) {
        struct arena_chunk *chunk = chunk_get(size);
        chunk->below = arena->head;
        arena->head = chunk;
        arena->used = 0;
    }
    void *memory = arena->head->data + arena->used;
    arena->used += size;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take(arena, len + 1);
    copy[len] = 0;
    return memcpy(copy, text, len);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){ .chunk = arena->head, .used = arena->used };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->head != mark.chunk) {
        struct arena_chunk *below = arena->head->below;
        chunk_put(arena->head);
        arena->head = below;
    }
    arena->used = mark.used;
}

void arena_free(struct arena *arena)
{
    arena_rewind(arena, (struct arena_mark){ 0 });
}

/* Buffers live for a moment, and there are many: small ones are handed around. */
enum { SMALL_BUFFER = 128, SPARE_BUFFERS = 8 };
static char *spare_buffers[SPARE_BUFFERS];
static int nspare_buffers;

static void buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->cap - buffer->len > extra)
        return;
    if (buffer->cap == 0 && extra < SMALL_BUFFER) {
        buffer->data = nspare_buffers ? spare_buffers[--nspare_buffers] : xmalloc(SMALL_BUFFER);
        buffer->cap = SMALL_BUFFER;
        return;
    }
    size_t cap = (buffer->len + extra + 1) * 2 + 32;
    char *data = realloc(buffer->data, cap);
    if (!data) {
        fputs("sh: out of memory\n", stderr);
        exit(2);
    }
    buffer->data = data;
    buffer->cap = cap;
}

void buffer_add(struct buffer *buffer, char c)
{
    buffer_reserve(buffer, 1);
    buffer->data[buffer->len++] = c;
    buffer->data[buffer->len] = 0;
}

void buffer_append(struct buffer *buffer, const char *text, size_t len)
{
    buffer_reserve(buffer, len);
    memcpy(buffer->data + buffer->len, text, len);
    buffer->len += len;
    buffer->data[buffer->len] = 0;
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->cap == SMALL_BUFFER && nspare_buffers < SPARE_BUFFERS)
        spare_buffers[nspare_buffers++] = buffer->data;
    else
        free(buffer->data);
    *buffer = (struct buffer){ 0 };
}
