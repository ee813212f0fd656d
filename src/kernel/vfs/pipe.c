/* Pipes and FIFOs: one ring of pages, two kinds of ends.
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
#include "mm/slab.h"
#include "arch/paging.h"
#include "sched/clock.h"
#include "sched/event_wait.h"
#include "vfs/file_priv.h"
#include "vfs/pipe_ring.h"
#include "vm/usercopy.h"

_Static_assert(PIPE_CAPACITY == PIPE_RING_BYTES, "the ring is the capacity");
#define PIPE_PAGES (PIPE_RING_BYTES / PAGE_SIZE)

#define READ_BITS (POLL_READABLE | POLL_HUP)
#define WRITE_BITS (POLL_WRITABLE | POLL_ERR)
#define OPENED_BIT (1u << 16) /* told when an end is opened */

struct pipe {
    struct mutex lock;
    struct event event;
    struct pipe_ring ring;
    paddr_t page[PIPE_PAGES]; /* 0: not yet needed */
    u32 files;                /* atomic; the last to leave frees */
    u32 readers, writers;     /* open ends; atomic for lookers */
    u32 reader_opens, writer_opens; /* ever; so that an end that came and went is noticed */
    u32 writers_asleep;
    u64 made_ns;
    u32 uid, gid; /* who made it */
};

static const struct file_ops pipe_file_ops;

static u32 load(const u32 *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static void count_add(u32 *p, u32 n) { __atomic_fetch_add(p, n, __ATOMIC_ACQ_REL); }

static struct pipe *pipe_new(void)
{
    struct pipe *p = kzalloc(sizeof *p);
    if (!p)
        return NULL;
    mutex_init(&p->lock, "pipe");
    event_init(&p->event, "pipe event", POLL_WRITABLE);
    p->made_ns = clock_realtime_ns();
    return p;
}

static void pipe_free(struct pipe *p)
{
    for (unsigned i = 0; i < PIPE_PAGES; i++)
        if (p->page[i])
            pmm_free_page(p->page[i]);
    event_fini(&p->event);
    kfree(p);
}

static bool pipe_may_read(struct pipe *p) { return pipe_ring_used(&p->ring) > 0 || load(&p->writers) == 0; }
static bool pipe_may_write(struct pipe *p, u32 need) { return pipe_ring_free(&p->ring) >= need || load(&p->readers) == 0; }

/* These two sleep without the lock. 0, -EAGAIN, -ERESTARTSYS. */
static int pipe_wait_readable(struct file *f, struct pipe *p)
{
    if (file_has(f, FILE_NONBLOCK))
        return -EAGAIN;
    mutex_unlock(&p->lock);
    int r = event_wait(&p->event, READ_BITS, pipe_may_read(p), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    return r ? -ERESTARTSYS : 0;
}

/* tell: readers do not know yet of what was written. */
static int pipe_wait_writable(struct file *f, struct pipe *p, u32 need, bool tell)
{
    if (file_has(f, FILE_NONBLOCK))
        return -EAGAIN;
    p->writers_asleep++;
    mutex_unlock(&p->lock);
    if (tell)
        event_tell(&p->event, POLL_READABLE);
    int r = event_wait(&p->event, WRITE_BITS, pipe_may_write(p, need), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    p->writers_asleep--;
    return r ? -ERESTARTSYS : 0;
}

/* After the ring was drained: true if writers are to be told. */
static bool drained_locked(struct pipe *p)
{
    if (pipe_ring_used(&p->ring) == 0)
        event_clear(&p->event, POLL_READABLE);
    if (pipe_ring_free(&p->ring) >= PIPE_BUF_BYTES && !(event_state(&p->event) & POLL_OUT)) {
        event_set_quietly(&p->event, POLL_WRITABLE);
        return true;
    }
    return p->writers_asleep > 0;
}

static void filled_locked(struct pipe *p)
{
    event_set_quietly(&p->event, POLL_READABLE);
    if (pipe_ring_free(&p->ring) < PIPE_BUF_BYTES)
        event_clear(&p->event, POLL_WRITABLE);
}

/* Takes out up to n bytes: bytes, or -EFAULT if the first one had no place. */
static ssize_t_k drain_locked(struct pipe *p, uptr_t buf, size_t n)
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
    while (pipe_ring_used(&p->ring) == 0 && load(&p->writers) && !done)
        done = pipe_wait_readable(f, p);
    if (!done)
        done = drain_locked(p, buf, n);
    bool tell = done > 0 && drained_locked(p);
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
    while (pipe_ring_used(&p->ring) == 0 && load(&p->writers) && !r)
        r = pipe_wait_readable(f, p);
    for (unsigned i = 0; i < n && r >= 0; i++) {
        r = drain_locked(p, uptr(v[i].base), v[i].len);
        done += MAX(r, 0);
        if (r < (ssize_t_k)v[i].len)
            break;
    }
    bool tell = done > 0 && drained_locked(p);
    mutex_unlock(&p->lock);
    if (tell)
        event_tell(&p->event, POLL_WRITABLE);
    return done ? done : r;
}

/* Makes sure that the next n bytes (at most PIPE_BUF_BYTES, so two pages) have pages. */
static int pages_for(struct pipe *p, size_t n)
{
    struct pipe_span s = pipe_ring_write_span(&p->ring, n);
    unsigned count = n > s.len ? 2 : 1;
    for (unsigned i = 0; i < count; i++) {
        paddr_t *page = &p->page[(s.page + i) % PIPE_PAGES];
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
    if (whole && pages_for(p, n))
        return -ENOMEM;
    while (done < n) {
        struct pipe_span s = pipe_ring_write_span(&p->ring, n - done);
        if (s.len == 0)
            break;
        if (!whole && pages_for(p, s.len))
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
static ssize_t_k write_round_locked(struct file *f, struct pipe *p, uptr_t buf, size_t n, u32 need, bool tell)
{
    while (load(&p->readers) && pipe_ring_free(&p->ring) < need) {
        int r = pipe_wait_writable(f, p, need, tell);
        if (r)
            return r;
        tell = false;
    }
    if (!load(&p->readers))
        return -EPIPE;
    ssize_t_k r = fill_locked(p, buf, n);
    if (r > 0)
        filled_locked(p);
    return r;
}

/* With the lock held; without it at the end. */
static __attribute__((noinline)) ssize_t_k write_long_unlock(struct file *f, struct pipe *p, uptr_t buf, size_t n)
{
    size_t done = 0;
    ssize_t_k r = 0;
    u32 need = n <= PIPE_BUF_BYTES ? (u32)n : 1;
    while (done < n) {
        r = write_round_locked(f, p, buf + done, n - done, need, done > 0);
        if (r <= 0)
            break;
        done += (size_t)r;
        if (need > 1)
            break; /* whole, or cut by a fault */
    }
    mutex_unlock(&p->lock);
    if (done)
        event_tell(&p->event, POLL_READABLE);
    return done ? (ssize_t_k)done : r;
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
    filled_locked(p);
    return true;
}

static ssize_t_k pipe_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct pipe *p = f->ctx;
    ssize_t_k done;
    mutex_lock(&p->lock);
    if (unlikely(!write_short_locked(p, buf, n, &done)))
        return write_long_unlock(f, p, buf, n);
    mutex_unlock(&p->lock);
    if (done > 0)
        event_tell(&p->event, POLL_READABLE);
    return done;
}

/* At most PIPE_BUF_BYTES, which go in together. */
static ssize_t_k write_spans_locked(struct file *f, struct pipe *p, const struct file_span *v, unsigned n, u32 total)
{
    ssize_t_k done = 0, r = 0;
    while (load(&p->readers) && pipe_ring_free(&p->ring) < total && !r)
        r = pipe_wait_writable(f, p, total, false);
    if (r)
        return r;
    if (!load(&p->readers))
        return -EPIPE;
    if (pages_for(p, total))
        return -ENOMEM;
    for (unsigned i = 0; i < n; i++) {
        r = fill_locked(p, uptr(v[i].base), v[i].len);
        done += MAX(r, 0);
        if (r < (ssize_t_k)v[i].len)
            break;
    }
    if (done)
        filled_locked(p);
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

/* What the counts of ends say. A FIFO whose first writer is still to come has not hung up. */
static void ends_changed_locked(struct pipe *p)
{
    u32 gone = (!load(&p->writers) && load(&p->writer_opens) ? POLL_HUP : 0) | (load(&p->readers) ? 0 : POLL_ERR);
    event_clear(&p->event, (POLL_HUP | POLL_ERR) & ~gone);
    event_set_quietly(&p->event, gone);
}

static void ends_close(struct pipe *p, u32 flags)
{
    mutex_lock(&p->lock);
    if (flags & FILE_READ)
        count_add(&p->readers, -1u);
    if (flags & FILE_WRITE)
        count_add(&p->writers, -1u);
    ends_changed_locked(p);
    mutex_unlock(&p->lock);
    event_tell(&p->event, event_state(&p->event) & (POLL_HUP | POLL_ERR));
}

static void ends_open(struct pipe *p, u32 flags)
{
    mutex_lock(&p->lock);
    count_add(&p->files, 1);
    if (flags & FILE_READ) {
        count_add(&p->reader_opens, 1);
        count_add(&p->readers, 1);
    }
    if (flags & FILE_WRITE) {
        count_add(&p->writer_opens, 1);
        count_add(&p->writers, 1);
    }
    ends_changed_locked(p);
    mutex_unlock(&p->lock);
    event_tell(&p->event, OPENED_BIT);
}

/* The ends of a file go; v: the FIFO, or NULL. Under v's lock nobody finds a pipe that is going.
 * Freed by count, not by looking at the ends: the other side may still be inside mutex_unlock. */
static void pipe_leave(struct pipe *p, struct vnode *v, u32 flags)
{
    if (v)
        mutex_lock(&v->lock);
    ends_close(p, flags);
    bool last = __atomic_fetch_sub(&p->files, 1, __ATOMIC_ACQ_REL) == 1;
    if (v) {
        if (last)
            v->pipe = NULL;
        mutex_unlock(&v->lock);
    }
    if (last)
        pipe_free(p);
}

static void pipe_release(struct file *f) { pipe_leave(f->ctx, f->vnode, f->flags); }

static void attr_get(const struct pipe *p, struct vattr *out)
{
    *out = (struct vattr){
        .ino = (u64)(uintptr_t)p >> 4 & 0xffffffffu, .mode = MODE_FIFO | 0600, .nlink = 1, .uid = p->uid, .gid = p->gid,
        .atime_ns = p->made_ns, .mtime_ns = p->made_ns, .ctime_ns = p->made_ns, .btime_ns = p->made_ns,
    };
}

static int pipe_getattr(struct file *f, struct vattr *out)
{
    attr_get(f->ctx, out);
    return 0;
}

static const struct file_ops pipe_file_ops = {
    .name = "pipe", .read = pipe_read, .write = pipe_write, .read_spans = pipe_read_spans, .write_spans = pipe_write_spans,
    .release = pipe_release, .getattr = pipe_getattr,
};

/* f becomes an end of p, or both, as its flags say. */
static void pipe_attach(struct pipe *p, struct file *f)
{
    f->ctx = p;
    f->ops = &pipe_file_ops;
    f->event = &p->event;
    f->event_mask = (file_has(f, FILE_READ) ? READ_BITS : 0) | (file_has(f, FILE_WRITE) ? WRITE_BITS : 0);
}

int pipe_create(u32 flags, u32 uid, u32 gid, struct file **rd, struct file **wr)
{
    struct pipe *p = pipe_new();
    if (!p)
        return -ENOMEM;
    p->uid = uid;
    p->gid = gid;
    struct file *r, *w;
    int err = file_create(&pipe_file_ops, p, flags | FILE_READ, &r);
    if (err)
        goto free_pipe;
    pipe_attach(p, r);
    ends_open(p, FILE_READ);
    err = file_create(&pipe_file_ops, p, flags | FILE_WRITE, &w);
    if (err) {
        file_put(r); /* the last end: frees p */
        return err;
    }
    pipe_attach(p, w);
    ends_open(p, FILE_WRITE);
    *rd = r;
    *wr = w;
    return 0;
free_pipe:
    pipe_free(p);
    return err;
}

int pipe_readable_bytes(struct file *f, size_t *out)
{
    if (f->ops != &pipe_file_ops)
        return -EINVAL;
    struct pipe *p = f->ctx;
    *out = pipe_ring_used(&p->ring);
    return 0;
}

static int nameless_getattr(struct vnode *v, struct vattr *out)
{
    attr_get(v->pipe, out);
    return 0;
}

static struct vnode *nameless_destroy(struct vnode *v)
{
    pipe_leave(v->pipe, NULL, 0);
    kfree(v);
    return NULL;
}

/* What /proc/PID/fd opens a pipe without a name by: nobody waits there for the other side. */
static const struct vnode_ops nameless_ops = { .name = "pipe", .getattr = nameless_getattr, .destroy = nameless_destroy };

/* Waits until the other side has opened too. Opening both ways waits for nobody. */
static int fifo_wait(struct pipe *p, u32 flags, u32 reader_opens, u32 writer_opens)
{
    bool rd = flags & FILE_READ, wr = flags & FILE_WRITE;
    if (rd && !wr)
        return event_wait(&p->event, OPENED_BIT, load(&p->writers) || load(&p->writer_opens) != writer_opens,
                          WAIT_INTERRUPTIBLE, 0);
    if (wr && !rd)
        return event_wait(&p->event, OPENED_BIT, load(&p->readers) || load(&p->reader_opens) != reader_opens,
                          WAIT_INTERRUPTIBLE, 0);
    return 0;
}

int fifo_open(struct vnode *v, struct file *f)
{
    bool nonblock = file_has(f, FILE_NONBLOCK), alone = v->ops == &nameless_ops;
    if (!(f->flags & (FILE_READ | FILE_WRITE)))
        return -EINVAL;
    mutex_lock(&v->lock);
    struct pipe *p = v->pipe;
    bool write_only = !(f->flags & FILE_READ);
    if (write_only && nonblock && !alone && (!p || !load(&p->readers))) {
        mutex_unlock(&v->lock);
        return -ENXIO;
    }
    if (!p)
        p = v->pipe = pipe_new();
    if (!p) {
        mutex_unlock(&v->lock);
        return -ENOMEM;
    }
    u32 reader_opens = load(&p->reader_opens), writer_opens = load(&p->writer_opens);
    ends_open(p, f->flags);
    mutex_unlock(&v->lock);
    if (!nonblock && !alone && fifo_wait(p, f->flags, reader_opens, writer_opens)) {
        pipe_leave(p, v, f->flags);
        return -ERESTARTSYS;
    }
    pipe_attach(p, f);
    return 0;
}

/* It counts as a file of the pipe without an end, so nobody who opens it is ever the last to leave. */
int pipe_vnode_get(struct file *f, struct vnode **out)
{
    if (f->ops != &pipe_file_ops)
        return -ENXIO;
    ASSERT(!f->vnode);
    struct vnode *v = kmalloc(sizeof *v);
    if (!v)
        return -ENOMEM;
    vnode_init(v, V_FIFO, &nameless_ops, NULL, NULL);
    v->pipe = f->ctx;
    count_add(&v->pipe->files, 1);
    *out = v;
    return 0;
}
