/* The arithmetic of a pipe's ring: pure, tried on the host. One side at a time (the pipe's lock);
 * only the fill level may be looked at by anybody. */
#include "vfs/pipe_ring.h"
#include "lib/assert.h"

static struct pipe_span span_at(const struct pipe_ring *r, u32 index, u32 avail, size_t max)
{
    u32 at = (index - r->origin) & (PIPE_RING_BYTES - 1);
    struct pipe_span s = { .page = at >> PAGE_SHIFT, .offset = at & (u32)(PAGE_SIZE - 1) };
    u32 in_page = (u32)PAGE_SIZE - s.offset;
    s.len = (u32)MIN((size_t)MIN(avail, in_page), max);
    return s;
}

struct pipe_span pipe_ring_read_span(const struct pipe_ring *r, size_t max)
{
    return span_at(r, r->head, pipe_ring_used(r), max);
}

struct pipe_span pipe_ring_write_span(const struct pipe_ring *r, size_t max)
{
    return span_at(r, r->tail, pipe_ring_free(r), max);
}

void pipe_ring_consume(struct pipe_ring *r, u32 n)
{
    ASSERT(n <= pipe_ring_used(r));
    u32 head = r->head + n;
    if (head == r->tail)
        r->origin = head;
    __atomic_store_n(&r->head, head, __ATOMIC_RELEASE);
}

void pipe_ring_produce(struct pipe_ring *r, u32 n)
{
    ASSERT(n <= pipe_ring_free(r));
    __atomic_store_n(&r->tail, r->tail + n, __ATOMIC_RELEASE);
}
