/* A stream's bytes on their way: a ring of pages, filled at one end and emptied at the other.
 *
 * head and tail count bytes ever taken out and put in and wrap at 2^32, a multiple of the ring, so
 * tail - head is the fill level always. The owner's lock guards all of it. Pages come when the first
 * byte reaches them. A reliable protocol also looks into the middle (to send again) and puts bytes
 * behind the tail (that came too early): the offsets count from head and from tail. */
#pragma once
#include "net/iter.h"

#define BYTE_RING_PAGES 64u
#define BYTE_RING_BYTES (BYTE_RING_PAGES * (u32)PAGE_SIZE)

/* ahead: the owner has poked bytes behind the tail, so they must stay where they are. */
struct byte_ring { u32 head, tail, origin; bool ahead; u8 *page[BYTE_RING_PAGES]; };

static inline u32 byte_ring_used(const struct byte_ring *r) { return r->tail - r->head; }

void byte_ring_fini(struct byte_ring *r);
/* Takes from the iterator what fits below `limit` bytes in the ring: bytes; -EFAULT, and then the ring is as
 * it was; -ENOMEM if it was none though there was room and something to take. */
ssize_t_k byte_ring_fill(struct byte_ring *r, struct net_iter *from, u32 limit);
/* Gives at most n bytes to the iterator, from `offset` bytes after head on, and leaves them in the
 * ring: bytes, or -EFAULT. */
ssize_t_k byte_ring_show(const struct byte_ring *r, struct net_iter *to, u32 offset, size_t n);
void byte_ring_drop(struct byte_ring *r, u32 n); /* from the head */

/* Kernel memory. peek: n bytes from offset after head, which are there. poke: n bytes at offset
 * after tail; -ENOMEM (nothing changed). extend: n bytes poked at the tail are now in. */
void byte_ring_peek(const struct byte_ring *r, u32 offset, void *dst, u32 n);
int byte_ring_poke(struct byte_ring *r, u32 offset, const void *src, u32 n) MUST_CHECK;
static inline void byte_ring_extend(struct byte_ring *r, u32 n) { r->tail += n; }
