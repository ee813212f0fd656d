/* One side of a pipe for one caller: how splice, tee and their like move bytes without the pipe's lock.
 *
 * What they copy to or from may sleep (a socket), take locks that lie above a pipe's (a file), or be another pipe. So
 * they claim a side: nobody else reads (writes) until the claim ends, the bytes and their places stay what they are,
 * and the lock is free. The ring is pinned while its writing side is claimed, so that a reader who empties it does not
 * move the places that are being filled. */
#include "arch/paging.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "vfs/pipe_priv.h"

static void special_set(struct pipe *p, u32 bit) { __atomic_fetch_or(&p->special, bit, __ATOMIC_RELEASE); }
static void special_clear(struct pipe *p, u32 bit) { __atomic_fetch_and(&p->special, ~bit, __ATOMIC_RELEASE); }

ssize_t_k pipe_claim_read(struct file *f, size_t max, bool wait)
{
    struct pipe *p = f->ctx;
    ssize_t_k r = 0;
    mutex_lock(&p->lock);
    while (!pipe_may_read(p) && !r)
        r = pipe_wait_readable(p, wait && !file_has(f, FILE_NONBLOCK));
    if (!r) {
        r = (ssize_t_k)MIN(pipe_packet_limit(p, max), (size_t)pipe_ring_used(&p->ring));
        if (r)
            special_set(p, PIPE_READ_CLAIMED);
    }
    mutex_unlock(&p->lock);
    return r;
}

void pipe_peek(struct file *f, size_t offset, void *buf, size_t n)
{
    struct pipe *p = f->ctx;
    ASSERT(p->special & PIPE_READ_CLAIMED);
    for (size_t done = 0; done < n;) {
        struct pipe_span s = pipe_ring_span_at(&p->ring, p->ring.head + (u32)(offset + done), (u32)(n - done),
                                               n - done);
        memcpy((char *)buf + done, (const char *)phys_to_virt(p->page[s.page]) + s.offset, s.len);
        done += s.len;
    }
}

void pipe_unclaim_read(struct file *f, size_t used)
{
    struct pipe *p = f->ctx;
    mutex_lock(&p->lock);
    special_clear(p, PIPE_READ_CLAIMED);
    if (used) {
        pipe_ring_consume(&p->ring, (u32)used);
        pipe_packet_trim(p);
    }
    bool tell = used && pipe_drained_locked(p);
    mutex_unlock(&p->lock);
    /* Readers that waited for the claim look again, too. */
    event_tell(&p->event, POLL_READABLE | (tell ? POLL_WRITABLE : 0));
}

ssize_t_k pipe_claim_write(struct file *f, size_t max, bool wait)
{
    struct pipe *p = f->ctx;
    ssize_t_k r = 0;
    mutex_lock(&p->lock);
    while (!pipe_may_write(p, 1) && !r)
        r = pipe_wait_writable(p, 1, false, wait && !file_has(f, FILE_NONBLOCK));
    if (!r && !load(&p->readers))
        r = -EPIPE;
    size_t n = MIN(max, (size_t)pipe_ring_free(&p->ring));
    if (!r)
        r = pipe_pages_for(p, n);
    if (!r) {
        special_set(p, PIPE_WRITE_CLAIMED);
        p->ring.pinned = true;
        r = (ssize_t_k)n;
    }
    mutex_unlock(&p->lock);
    return r;
}

void pipe_put(struct file *f, size_t offset, const void *buf, size_t n)
{
    struct pipe *p = f->ctx;
    ASSERT(p->special & PIPE_WRITE_CLAIMED);
    for (size_t done = 0; done < n;) {
        struct pipe_span s = pipe_ring_span_at(&p->ring, p->ring.tail + (u32)(offset + done), (u32)(n - done),
                                               n - done);
        memcpy((char *)phys_to_virt(p->page[s.page]) + s.offset, (const char *)buf + done, s.len);
        done += s.len;
    }
}

void pipe_unclaim_write(struct file *f, size_t filled)
{
    struct pipe *p = f->ctx;
    mutex_lock(&p->lock);
    special_clear(p, PIPE_WRITE_CLAIMED);
    p->ring.pinned = false;
    if (filled) {
        pipe_ring_produce(&p->ring, (u32)filled);
        pipe_filled_locked(p);
    }
    mutex_unlock(&p->lock);
    event_tell(&p->event, POLL_WRITABLE | (filled ? POLL_READABLE : 0));
}
