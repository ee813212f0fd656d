/* A split virtqueue: how driver and device hand buffers to each other. Pure: memory goes in, and nobody is told.
 * (Virtual I/O Device Version 1.2, 2.7)
 *
 *     virtq_add: buffers become the device's, in a chain that its head names
 *     virtq_take: the device has given a chain back
 *
 * Not locked: the caller's lock guards all of a queue. What the device writes is believed only where it agrees with
 * what it was given; after -EIO the queue is dead and the device must be stopped. */
#pragma once
#include "lib/types.h"

#define VIRTQ_MAX 256u /* entries; a power of two, as every size is */

struct virtq_desc { u64 addr; u32 len; u16 flags, next; };
struct virtq_used_elem { u32 id, len; };

/* Where in the memory the rings lie, from its start, and how much they need. align: of the used ring. */
struct virtq_layout { size_t avail, used, size; };
struct virtq_layout virtq_layout(unsigned n, size_t align);

/* What the driver knows of a descriptor, where no device can write. count: of a head whose chain the device has,
 * the descriptors of the chain; else 0. room: how much it may write into that. */
struct virtq_slot { u16 next, count; u32 room; };

struct virtq {
    unsigned n;
    struct virtq_desc *desc;
    u16 *avail;                   /* flags, index, n heads */
    const volatile u16 *used;     /* flags, index, */
    const volatile struct virtq_used_elem *used_elem; /* and n of these */
    struct virtq_slot *slot;
    u16 free_head, nfree;
    u16 added, taken; /* running counts, as the rings' indices */
    bool dead;
};

/* mem: l->size bytes of zeroes, aligned as the used ring (16 at least); slot: n of them. The queue keeps both. */
void virtq_init(struct virtq *q, unsigned n, void *mem, const struct virtq_layout *l, struct virtq_slot *slot);
/* Asks the device not to interrupt when it gives back. */
void virtq_be_quiet(struct virtq *q);
/* The head that virtq_add will choose next, or -ENOSPC. */
int virtq_next_head(const struct virtq *q);

struct virtq_piece { paddr_t pa; u32 len; };
/* The first nread pieces are the device's to read, the nwrite behind them its to write; one at least. The head, or
 * -ENOSPC: not so many descriptors are free. */
int virtq_add(struct virtq *q, const struct virtq_piece *piece, unsigned nread, unsigned nwrite) MUST_CHECK;
/* Has the device to be told of what was added? It may say that it is looking anyway. */
bool virtq_wants_notice(const struct virtq *q);
/* The head of the next chain that came back and how much was written to it; -EAGAIN: none yet; -EIO: what the device
 * says cannot be, or did so before. */
int virtq_take(struct virtq *q, u32 *written) MUST_CHECK;
/* Has the device given back all there was? Reads only, for a panic, which may have come in the middle of anything. */
bool virtq_is_idle(const struct virtq *q);
/* How many chains the device has. */
static inline unsigned virtq_pending(const struct virtq *q) { return (u16)(q->added - q->taken); }
