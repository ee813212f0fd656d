/* Pipes and FIFOs: one ring of pages, two kinds of ends. How bytes go through; pipe_ends.c has its life.
 *
 * pipe->lock guards the ring, the pages, the counts of ends and the state of the event; user memory
 * is copied with it held (a fault takes no pipe's lock). Both ends share the event: a reader's file
 * shows its reading bits, a writer's its writing ones. Readers are told of every write; writers only
 * when the pipe was full, or when one of them sleeps for less room than poll asks for. They are told
 * after the lock is free, or before sleeping: whom it wakes may run at once. Pages come when the
 * first byte reaches them and stay until the pipe goes. Writes of at most PIPE_BUF_BYTES go in whole
 * or not at all. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "arch/paging.h"
#include "vfs/pipe_priv.h"
#include "vm/usercopy.h"

bool pipe_may_read(struct pipe *p)
{
    if (unlikely(load(&p->special) & PIPE_READ_CLAIMED))
        return false;
    return pipe_ring_used(&p->ring) > 0 || load(&p->writers) == 0;
}

bool pipe_may_write(struct pipe *p, u32 need)
{
    u32 special = load(&p->special);
    if (unlikely(special & PIPE_WRITE_CLAIMED))
        return false;
    if (load(&p->readers) == 0)
        return true;
    return pipe_ring_free(&p->ring) >= need && !(unlikely(special & PIPE_HAS_PACKETS) && pipe_packets_full(p));
}

int pipe_wait_readable(struct pipe *p, bool wait)
{
    if (!wait)
        return -EAGAIN;
    mutex_unlock(&p->lock);
    int r = event_wait(&p->event, PIPE_READ_BITS, pipe_may_read(p), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    return r ? -ERESTARTSYS : 0;
}

int pipe_wait_writable(struct pipe *p, u32 need, bool tell, bool wait)
{
    if (!wait)
        return -EAGAIN;
    p->writers_asleep++;
    mutex_unlock(&p->lock);
    if (tell)
        event_tell(&p->event, POLL_READABLE);
    int r = event_wait(&p->event, PIPE_WRITE_BITS, pipe_may_write(p, need), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    p->writers_asleep--;
    return r ? -ERESTARTSYS : 0;
}

/* What poll calls writable. */
static inline bool has_room(const struct pipe *p)
{
    return pipe_ring_free(&p->ring) >= PIPE_BUF_BYTES && !(unlikely(p->special & PIPE_HAS_PACKETS) &&
                                                           pipe_packets_full(p));
}

bool pipe_drained_locked(struct pipe *p)
{
    if (pipe_ring_used(&p->ring) == 0)
        event_clear(&p->event, POLL_READABLE);
    if (!(event_state(&p->event) & POLL_OUT) && has_room(p)) {
        event_set_quietly(&p->event, POLL_WRITABLE);
        return true;
    }
    return p->writers_asleep > 0;
}

void pipe_filled_locked(struct pipe *p)
{
    event_set_quietly(&p->event, POLL_READABLE);
    if (unlikely(!has_room(p)))
        event_clear(&p->event, POLL_WRITABLE);
}

ssize_t_k pipe_drain_locked(struct pipe *p, uptr_t buf, size_t n)
{
    size_t done = 0;
    while (done < n) {
        struct pipe_span s = pipe_ring_read_span(&p->ring, n - done);
        if (s.len == 0)
            break;
        const char *from = (const char *)phys_to_virt(p->page[s.page]) + s.offset;
        size_t got = copy_to_user_partial(buf + done, from, s.len);
        pipe_ring_consume(&p->ring, (u32)got);
        done += got;
        if (got < s.len)
            return done ? (ssize_t_k)done : -EFAULT;
    }
    return (ssize_t_k)done;
}

static ssize_t_k pipe_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct pipe *p = f->ctx;
    ssize_t_k done = 0;
    if (n == 0)
        return 0;
    mutex_lock(&p->lock);
    while (!pipe_may_read(p) && !done)
        done = pipe_wait_readable(p, !file_has(f, FILE_NONBLOCK));
    if (!done)
        done = unlikely(p->special & PIPE_HAS_PACKETS) ? pipe_packet_drain(p, buf, n) : pipe_drain_locked(p, buf, n);
    bool tell = done > 0 && pipe_drained_locked(p);
    mutex_unlock(&p->lock);
    if (tell)
        event_tell(&p->event, POLL_WRITABLE);
    return done;
}

/* What is there goes into as many pieces as it fills; nobody waits for more. */
static ssize_t_k pipe_read_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    struct pipe *p = f->ctx;
    ssize_t_k done = 0, r = 0;
    if (total == 0)
        return 0;
    mutex_lock(&p->lock);
    while (!pipe_may_read(p) && !r)
        r = pipe_wait_readable(p, !file_has(f, FILE_NONBLOCK));
    for (unsigned i = 0; i < n && r >= 0; i++) {
        r = pipe_drain_locked(p, uptr(v[i].base), pipe_packet_limit(p, v[i].len));
        done += MAX(r, 0);
        if (r < (ssize_t_k)v[i].len)
            break;
    }
    if (unlikely(p->special & PIPE_HAS_PACKETS) && done > 0)
        pipe_packet_end(p, (u32)done);
    bool tell = done > 0 && pipe_drained_locked(p);
    mutex_unlock(&p->lock);
    if (tell)
        event_tell(&p->event, POLL_WRITABLE);
    return done ? done : r;
}

int pipe_pages_for(struct pipe *p, size_t n)
{
    struct pipe_span s = pipe_ring_write_span(&p->ring, n);
    u32 count = (u32)((s.offset + n + PAGE_SIZE - 1) >> PAGE_SHIFT), pages = p->ring.bytes >> PAGE_SHIFT;
    for (u32 i = 0; i < count; i++) {
        paddr_t *page = &p->page[(s.page + i) & (pages - 1)];
        if (!*page && !(*page = pmm_alloc_page()))
            return -ENOMEM;
    }
    return 0;
}

/* Puts in what fits of n bytes: bytes, -EFAULT or -ENOMEM if that was none. */
static ssize_t_k fill_locked(struct pipe *p, uptr_t buf, size_t n)
{
    size_t done = 0;
    bool whole = n <= PIPE_BUF_BYTES;
    if (whole && pipe_pages_for(p, n))
        return -ENOMEM;
    while (done < n) {
        struct pipe_span s = pipe_ring_write_span(&p->ring, n - done);
        if (s.len == 0)
            break;
        if (!whole && pipe_pages_for(p, s.len))
            return done ? (ssize_t_k)done : -ENOMEM;
        char *to = (char *)phys_to_virt(p->page[s.page]) + s.offset;
        if (copy_from_user(to, buf + done, s.len)) /* a piece counts whole or not at all, as on Linux */
            return done ? (ssize_t_k)done : -EFAULT;
        pipe_ring_produce(&p->ring, (u32)s.len);
        done += s.len;
    }
    return (ssize_t_k)done;
}

/* One round: waits for room if there is none, then fills. */
static ssize_t_k write_round_locked(struct pipe *p, uptr_t buf, size_t n, u32 need, bool tell, bool wait)
{
    while (!pipe_may_write(p, need)) {
        int r = pipe_wait_writable(p, need, tell, wait);
        if (r)
            return r;
        tell = false;
    }
    if (!load(&p->readers))
        return -EPIPE;
    ssize_t_k r = fill_locked(p, buf, n);
    if (r > 0)
        pipe_filled_locked(p);
    return r;
}

/* The same for a packet, which has at most PIPE_BUF_BYTES. */
static ssize_t_k write_packet_locked(struct pipe *p, uptr_t buf, size_t n, bool tell, bool wait)
{
    int err = pipe_packets_prepare(p);
    if (err)
        return err;
    ssize_t_k r = write_round_locked(p, buf, n, (u32)n, tell, wait);
    if (r > 0) {
        pipe_packet_note(p, (u32)r);
        pipe_filled_locked(p);
    }
    return r;
}

/* With the lock held; without it at the end. */
static __attribute__((noinline)) ssize_t_k write_long_unlock(struct file *f, struct pipe *p, uptr_t buf, size_t n)
{
    size_t done = 0;
    ssize_t_k r = 0;
    bool packets = file_has(f, FILE_DIRECT), wait = !file_has(f, FILE_NONBLOCK);
    u32 whole = n <= PIPE_BUF_BYTES ? (u32)n : 1;
    while (done < n) {
        size_t part = packets ? MIN(n - done, PIPE_BUF_BYTES) : n - done;
        r = packets ? write_packet_locked(p, buf + done, part, done > 0, wait) :
                      write_round_locked(p, buf + done, part, whole, done > 0, wait);
        if (r <= 0)
            break;
        done += (size_t)r;
        if ((size_t)r < (packets ? part : whole))
            break; /* cut by a fault */
    }
    mutex_unlock(&p->lock);
    if (done)
        event_tell(&p->event, POLL_READABLE);
    return done ? (ssize_t_k)done : r;
}

ssize_t_k pipe_write_some(struct file *f, uptr_t buf, size_t n, bool wait)
{
    struct pipe *p = f->ctx;
    mutex_lock(&p->lock);
    ssize_t_k r = n ? write_round_locked(p, buf, n, 1, false, wait && !file_has(f, FILE_NONBLOCK)) : 0;
    mutex_unlock(&p->lock);
    if (r > 0)
        event_tell(&p->event, POLL_READABLE);
    return r;
}

/* A short write into a page that is there, with room and a reader: true if that is what it is. */
static inline bool write_short_locked(struct pipe *p, uptr_t buf, size_t n, ssize_t_k *done)
{
    struct pipe_span s = pipe_ring_write_span(&p->ring, n);
    if (s.len < n || !n || !p->page[s.page] || !load(&p->readers))
        return false;
    *done = (ssize_t_k)n;
    if (copy_from_user((char *)phys_to_virt(p->page[s.page]) + s.offset, buf, n)) {
        *done = -EFAULT;
        return true;
    }
    pipe_ring_produce(&p->ring, s.len);
    pipe_filled_locked(p);
    return true;
}

static ssize_t_k pipe_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct pipe *p = f->ctx;
    ssize_t_k done;
    mutex_lock(&p->lock);
    if (unlikely(p->special || file_has(f, FILE_DIRECT) || !write_short_locked(p, buf, n, &done)))
        return write_long_unlock(f, p, buf, n);
    mutex_unlock(&p->lock);
    if (done > 0)
        event_tell(&p->event, POLL_READABLE);
    return done;
}

/* At most PIPE_BUF_BYTES, which go in together: one packet, if it is to be one. */
static ssize_t_k write_spans_locked(struct file *f, struct pipe *p, const struct file_span *v, unsigned n, u32 total)
{
    bool packet = file_has(f, FILE_DIRECT);
    ssize_t_k done = 0, r = packet ? pipe_packets_prepare(p) : 0;
    while (!pipe_may_write(p, total) && !r)
        r = pipe_wait_writable(p, total, false, !file_has(f, FILE_NONBLOCK));
    if (r)
        return r;
    if (!load(&p->readers))
        return -EPIPE;
    if (pipe_pages_for(p, total))
        return -ENOMEM;
    for (unsigned i = 0; i < n; i++) {
        r = fill_locked(p, uptr(v[i].base), v[i].len);
        done += MAX(r, 0);
        if (r < (ssize_t_k)v[i].len)
            break;
    }
    if (done && packet)
        pipe_packet_note(p, (u32)done);
    if (done)
        pipe_filled_locked(p);
    return done ? done : r;
}

static ssize_t_k pipe_write_spans(struct file *f, const struct file_span *v, unsigned n, size_t total)
{
    struct pipe *p = f->ctx;
    ssize_t_k done = 0, r = 0;
    if (total && total <= PIPE_BUF_BYTES) {
        mutex_lock(&p->lock);
        done = write_spans_locked(f, p, v, n, (u32)total);
        mutex_unlock(&p->lock);
        if (done > 0)
            event_tell(&p->event, POLL_READABLE);
        return done;
    }
    for (unsigned i = 0; i < n; i++) {
        r = pipe_write(f, uptr(v[i].base), v[i].len, NULL);
        done += MAX(r, 0);
        if (r < (ssize_t_k)v[i].len)
            break;
    }
    return done ? done : r;
}

const struct file_ops pipe_file_ops = {
    .name = "pipe", .read = pipe_read, .write = pipe_write, .read_spans = pipe_read_spans, .write_spans = pipe_write_spans,
    .release = pipe_release, .getattr = pipe_getattr, .setattr = pipe_setattr,
};

bool file_is_pipe(const struct file *f) { return f->ops == &pipe_file_ops; }
bool pipe_is_same(const struct file *a, const struct file *b) { return a->ctx == b->ctx; }

int pipe_readable_bytes(struct file *f, size_t *out)
{
    if (!file_is_pipe(f))
        return -EINVAL;
    struct pipe *p = f->ctx;
    *out = pipe_ring_used(&p->ring);
    return 0;
}
