/* The rings. A chain's descriptors are linked twice: in the table for the device, in the slots for us, because a
 * device could write to the table.
 *
 * Order on x86: stores become visible in the order in which they are made, loads are made in order; only a load may
 * overtake an earlier store, which matters once: "added, and is the device looking?" (Virtual I/O Device 1.2, 2.7.13) */
#include "virtq.h"
#include "lib/assert.h"
#include "lib/errno.h"

#define DESC_NEXT 1u /* 2.7.5 */
#define DESC_WRITE 2u
#define AVAIL_NO_INTERRUPT 1u
#define USED_NO_NOTIFY 1u
enum { RING_FLAGS, RING_INDEX, RING_ENTRIES };

struct virtq_layout virtq_layout(unsigned n, size_t align)
{
    struct virtq_layout l = { .avail = n * sizeof(struct virtq_desc) };

    l.used = ROUND_UP(l.avail + (RING_ENTRIES + n + 1) * sizeof(u16), align); /* each ring has a last word: an event index */
    l.size = l.used + RING_ENTRIES * sizeof(u16) + n * sizeof(struct virtq_used_elem) + sizeof(u16);
    return l;
}

void virtq_init(struct virtq *q, unsigned n, void *mem, const struct virtq_layout *l, struct virtq_slot *slot)
{
    char *base = mem;

    ASSERT(n > 0 && n <= VIRTQ_MAX && (n & (n - 1)) == 0);
    *q = (struct virtq){
        .n = n, .desc = mem, .avail = (u16 *)(base + l->avail), .used = (u16 *)(base + l->used), .slot = slot,
        .used_elem = (struct virtq_used_elem *)(base + l->used + RING_ENTRIES * sizeof(u16)), .nfree = (u16)n,
    };
    for (unsigned i = 0; i < n; i++)
        slot[i] = (struct virtq_slot){ .next = (u16)(i + 1) };
}

void virtq_be_quiet(struct virtq *q) { q->avail[RING_FLAGS] = AVAIL_NO_INTERRUPT; }

int virtq_next_head(const struct virtq *q) { return q->nfree ? q->free_head : -ENOSPC; }

/* The chain's descriptors are those that the free list begins with. */
static u16 chain_write(struct virtq *q, const struct virtq_piece *piece, unsigned nread, unsigned n)
{
    struct virtq_slot *head = &q->slot[q->free_head];
    u16 at = q->free_head;

    head->room = 0;
    for (unsigned i = 0; i < n; i++) {
        u16 next = q->slot[at].next;
        u16 flags = (u16)((i + 1 < n ? DESC_NEXT : 0) | (i >= nread ? DESC_WRITE : 0));
        q->desc[at] = (struct virtq_desc){ piece[i].pa, piece[i].len, flags, i + 1 < n ? next : 0 };
        if (i >= nread)
            head->room += piece[i].len;
        at = next;
    }
    return at;
}

int virtq_add(struct virtq *q, const struct virtq_piece *piece, unsigned nread, unsigned nwrite)
{
    unsigned n = nread + nwrite;
    u16 head = q->free_head;

    ASSERT(n > 0);
    if (n > q->nfree)
        return -ENOSPC;
    q->free_head = chain_write(q, piece, nread, n);
    q->nfree = (u16)(q->nfree - n);
    q->slot[head].count = (u16)n;
    q->avail[RING_ENTRIES + q->added % q->n] = head;
    __atomic_store_n(&q->avail[RING_INDEX], ++q->added, __ATOMIC_RELEASE);
    return head;
}

bool virtq_wants_notice(const struct virtq *q)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return !(q->used[RING_FLAGS] & USED_NO_NOTIFY);
}

bool virtq_is_idle(const struct virtq *q) { return q->used[RING_INDEX] == q->avail[RING_INDEX]; }

static void chain_free(struct virtq *q, u16 head)
{
    unsigned n = q->slot[head].count;
    u16 tail = head;

    while (--n)
        tail = q->slot[tail].next;
    q->nfree = (u16)(q->nfree + q->slot[head].count);
    q->slot[head].count = 0;
    q->slot[tail].next = q->free_head;
    q->free_head = head;
}

int virtq_take(struct virtq *q, u32 *written)
{
    if (q->dead)
        return -EIO;
    u16 come = (u16)(__atomic_load_n(&q->used[RING_INDEX], __ATOMIC_ACQUIRE) - q->taken);
    if (come == 0)
        return -EAGAIN;
    u32 id = q->used_elem[q->taken % q->n].id, len = q->used_elem[q->taken % q->n].len;
    if (come > virtq_pending(q) || id >= q->n || !q->slot[id].count || len > q->slot[id].room) {
        q->dead = true;
        return -EIO;
    }
    q->taken++;
    chain_free(q, (u16)id);
    *written = len;
    return (int)id;
}
