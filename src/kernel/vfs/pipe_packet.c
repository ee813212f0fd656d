/* Packets (pipe2's O_DIRECT): each write, cut into pieces of PIPE_BUF_BYTES, is read by itself and whole; what a
 * reader had no room for is lost.
 *
 * The bytes lie in the ring as all others; a queue beside it says where packets begin and end, and bytes between them
 * were written without O_DIRECT. It comes with the first packet and stays with the pipe. As many packets fit as a new
 * pipe has pages, as on Linux. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/pipe_priv.h"

#define PACKETS_MAX PIPE_PAGES

/* begin and end count as the ring does. */
struct packet { u32 begin, end; };
struct pipe_packets { u32 first, count; struct packet at[PACKETS_MAX]; };

int pipe_packets_prepare(struct pipe *p)
{
    ASSERT(mutex_held(&p->lock));
    if (!p->packets && !(p->packets = kzalloc(sizeof *p->packets)))
        return -ENOMEM;
    __atomic_fetch_or(&p->special, PIPE_HAS_PACKETS, __ATOMIC_RELEASE);
    return 0;
}

bool pipe_packets_full(const struct pipe *p) { return load(&p->packets->count) == PACKETS_MAX; }

void pipe_packet_note(struct pipe *p, u32 len)
{
    struct pipe_packets *q = p->packets;
    ASSERT(q->count < PACKETS_MAX && len <= pipe_ring_used(&p->ring));
    q->at[(q->first + q->count) % PACKETS_MAX] = (struct packet){ p->ring.tail - len, p->ring.tail };
    __atomic_store_n(&q->count, q->count + 1, __ATOMIC_RELEASE);
}

size_t pipe_packet_limit(const struct pipe *p, size_t n)
{
    const struct pipe_packets *q = p->packets;
    if (!q || !q->count)
        return n;
    const struct packet *k = &q->at[q->first];
    bool inside = (i32)(p->ring.head - k->begin) >= 0;
    return MIN(n, (size_t)((inside ? k->end : k->begin) - p->ring.head));
}

static void packet_drop(struct pipe_packets *q)
{
    q->first = (q->first + 1) % PACKETS_MAX;
    __atomic_store_n(&q->count, q->count - 1, __ATOMIC_RELEASE);
}

void pipe_packet_end(struct pipe *p, u32 taken)
{
    struct pipe_packets *q = p->packets;
    if (!q->count || q->at[q->first].begin != p->ring.head - taken)
        return; /* they were none */
    u32 rest = q->at[q->first].end - p->ring.head;
    if (rest)
        pipe_ring_consume(&p->ring, rest);
    packet_drop(q);
}

ssize_t_k pipe_packet_drain(struct pipe *p, uptr_t buf, size_t n)
{
    ssize_t_k done = pipe_drain_locked(p, buf, pipe_packet_limit(p, n));
    if (done > 0)
        pipe_packet_end(p, (u32)done);
    return done;
}

void pipe_packet_trim(struct pipe *p)
{
    struct pipe_packets *q = p->packets;
    if (!q || !q->count)
        return;
    struct packet *k = &q->at[q->first];
    if ((i32)(p->ring.head - k->begin) > 0)
        k->begin = p->ring.head;
    if (k->begin == k->end)
        packet_drop(q);
}
