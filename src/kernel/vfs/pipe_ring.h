/* The arithmetic of a pipe's ring. Pure, tried on the host; in the header because it is most of what a
 * short write does. One side at a time (the pipe's lock); only the fill level may be looked at by
 * anybody.
 *
 * head and tail count bytes ever taken out and put in; they wrap at 2^32, a multiple of the
 * capacity, so tail - head is the fill level always. The capacity is a power of two and whole pages. */
#pragma once
#include "lib/assert.h"
#include "lib/types.h"

/* origin: the count that lies at the ring's start; bytes: the capacity; pinned: somebody knows places behind tail. */
struct pipe_ring { u32 head, tail, origin, bytes; bool pinned; };
/* A piece that lies within one page of the ring. */
struct pipe_span { u32 page, offset, len; };

static inline u32 pipe_ring_used(const struct pipe_ring *r)
{
    return __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) - __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);
}
static inline u32 pipe_ring_free(const struct pipe_ring *r) { return r->bytes - pipe_ring_used(r); }

static inline struct pipe_span pipe_ring_span_at(const struct pipe_ring *r, u32 index, u32 avail, size_t max)
{
    u32 at = (index - r->origin) & (r->bytes - 1);
    struct pipe_span s = { .page = at >> PAGE_SHIFT, .offset = at & (u32)(PAGE_SIZE - 1) };
    u32 in_page = (u32)PAGE_SIZE - s.offset;
    s.len = (u32)MIN((size_t)MIN(avail, in_page), max);
    return s;
}
/* The first piece to read (write), at most max bytes; len 0: empty (full). */
static inline struct pipe_span pipe_ring_read_span(const struct pipe_ring *r, size_t max)
{
    return pipe_ring_span_at(r, r->head, pipe_ring_used(r), max);
}
static inline struct pipe_span pipe_ring_write_span(const struct pipe_ring *r, size_t max)
{
    return pipe_ring_span_at(r, r->tail, pipe_ring_free(r), max);
}

/* n bytes of the span were taken out / put in. An emptied ring starts over at its first page, so that
 * small traffic stays in one page. */
static inline void pipe_ring_consume(struct pipe_ring *r, u32 n)
{
    ASSERT(n <= pipe_ring_used(r));
    u32 head = r->head + n;
    if (head == r->tail && !r->pinned)
        r->origin = head;
    __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
}
static inline void pipe_ring_produce(struct pipe_ring *r, u32 n)
{
    ASSERT(n <= pipe_ring_free(r));
    __atomic_store_n(&r->tail, r->tail + n, __ATOMIC_RELEASE);
}
