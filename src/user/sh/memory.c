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

void *arena_alloc(struct arena *arena, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (!arena->head || arena->head->size - arena->used < size) {
        size_t room = size > ARENA_CHUNK ? size : ARENA_CHUNK;
        struct arena_chunk *chunk = xmalloc(sizeof *chunk + room);
        chunk->below = arena->head;
        chunk->size = room;
        arena->head = chunk;
        arena->used = 0;
    }
    void *memory = arena->head->data + arena->used;
    arena->used += size;
    return memset(memory, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    return memcpy(arena_alloc(arena, len + 1), text, len);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){ .chunk = arena->head, .used = arena->used };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->head != mark.chunk) {
        struct arena_chunk *below = arena->head->below;
        free(arena->head);
        arena->head = below;
    }
    arena->used = mark.used;
}

void arena_free(struct arena *arena)
{
    arena_rewind(arena, (struct arena_mark){ 0 });
}

static void buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->cap - buffer->len > extra)
        return;
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
    buffer_append(buffer, &c, 1);
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
    free(buffer->data);
    *buffer = (struct buffer){ 0 };
}
