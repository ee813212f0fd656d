/* The arithmetic of a pipe's ring. Pure.
 *
 * head and tail count bytes ever taken out and put in; they wrap at 2^32, a multiple of the
 * capacity, so tail - head is the fill level always. */
#pragma once
#include "lib/types.h"

#define PIPE_RING_BYTES 65536u /* power of two, whole pages */

struct pipe_ring { u32 head, tail, origin; /* origin: the count that lies at the ring's start */ };
/* A piece that lies within one page of the ring. */
struct pipe_span { u32 page, offset, len; };

static inline u32 pipe_ring_used(const struct pipe_ring *r)
{
    return __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) - __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);
}
static inline u32 pipe_ring_free(const struct pipe_ring *r) { return PIPE_RING_BYTES - pipe_ring_used(r); }

/* The first piece to read (write), at most max bytes; len 0: empty (full). */
struct pipe_span pipe_ring_read_span(const struct pipe_ring *r, size_t max);
struct pipe_span pipe_ring_write_span(const struct pipe_ring *r, size_t max);
/* n bytes of the span were taken out / put in. An emptied ring starts over at its first page, so that
 * small traffic stays in one page. */
void pipe_ring_consume(struct pipe_ring *r, u32 n);
void pipe_ring_produce(struct pipe_ring *r, u32 n);
