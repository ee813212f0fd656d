/* Pipes and FIFOs: one ring of pages, two kinds of ends.
 *
 * pipe->lock guards the ring, the pages and the counts of ends; user memory is copied with it held
 * (a fault takes no pipe's lock). Whoever changes something first stores it, then wakes; whoever
 * waits first queues, then looks: no wake-up is lost. Pages come when the first byte reaches them
 * and stay until the pipe goes. Writes of at most PIPE_BUF_BYTES go in whole or not at all. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "arch/paging.h"
#include "sched/clock.h"
#include "vfs/file_priv.h"
#include "vfs/pipe_ring.h"
#include "vm/usercopy.h"

_Static_assert(PIPE_CAPACITY == PIPE_RING_BYTES, "the ring is the capacity");
#define PIPE_PAGES (PIPE_RING_BYTES / PAGE_SIZE)

struct pipe {
    struct mutex lock;
    struct pipe_ring ring;
    paddr_t page[PIPE_PAGES]; /* 0: not yet needed */
    u32 files;                /* atomic; the last to leave frees */
    u32 readers, writers;     /* open ends; atomic for lookers */
    u32 reader_opens, writer_opens; /* ever; so that an end that came and went is noticed */
    struct waitq can_read, can_write;
    u64 made_ns;
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
    waitq_init(&p->can_read, "pipe_read");
    waitq_init(&p->can_write, "pipe_write");
    p->made_ns = clock_realtime_ns();
    return p;
}

static void pipe_free(struct pipe *p)
{
    for (unsigned i = 0; i < PIPE_PAGES; i++)
        if (p->page[i])
            pmm_free_page(p->page[i]);
    kfree(p);
}

static bool pipe_may_read(struct pipe *p) { return pipe_ring_used(&p->ring) > 0 || load(&p->writers) == 0; }
static bool pipe_may_write(struct pipe *p, u32 need) { return pipe_ring_free(&p->ring) >= need || load(&p->readers) == 0; }

/* Sleeps without the lock until cond_fn's state holds. 0, -EAGAIN, -ERESTARTSYS. */
static int pipe_wait_readable(struct file *f, struct pipe *p)
{
    if (file_has(f, FILE_NONBLOCK))
        return -EAGAIN;
    mutex_unlock(&p->lock);
    int r = wait_event(&p->can_read, pipe_may_read(p), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    return r ? -ERESTARTSYS : 0;
}

static int pipe_wait_writable(struct file *f, struct pipe *p, u32 need)
{
    if (file_has(f, FILE_NONBLOCK))
        return -EAGAIN;
    mutex_unlock(&p->lock);
    int r = wait_event(&p->can_write, pipe_may_write(p, need), WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&p->lock);
    return r ? -ERESTARTSYS : 0;
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
    mutex_unlock(&p->lock);
    if (done > 0)
        waitq_wake_all(&p->can_write);
    return done;
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
static ssize_t_k write_round_locked(struct file *f, struct pipe *p, uptr_t buf, size_t n, u32 need)
{
    while (load(&p->readers) && pipe_ring_free(&p->ring) < need) {
        int r = pipe_wait_writable(f, p, need);
        if (r)
            return r;
    }
    return load(&p->readers) ? fill_locked(p, buf, n) : -EPIPE;
}

static ssize_t_k pipe_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct pipe *p = f->ctx;
    size_t done = 0;
    ssize_t_k r = 0;
    u32 need = n <= PIPE_BUF_BYTES ? (u32)n : 1;
    mutex_lock(&p->lock);
    while (done < n) {
        r = write_round_locked(f, p, buf + done, n - done, need);
        if (r <= 0)
            break;
        done += (size_t)r;
        waitq_wake_all(&p->can_read);
        if (need > 1)
            break; /* whole, or cut by a fault */
    }
    mutex_unlock(&p->lock);
    return done ? (ssize_t_k)done : r;
}

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
    struct pipe *p = f->ctx;
    unsigned ready = 0;
    if (file_has(f, FILE_READ)) {
        if (pt && pt->add(pt, &p->can_read))
            return POLL_ERR;
        if (pipe_ring_used(&p->ring))
            ready |= POLL_IN;
        if (!load(&p->writers) && load(&p->writer_opens))
            ready |= POLL_HUP;
    }
    if (file_has(f, FILE_WRITE)) {
        if (pt && pt->add(pt, &p->can_write))
            return POLL_ERR;
        if (pipe_ring_free(&p->ring) >= PIPE_BUF_BYTES)
            ready |= POLL_OUT;
        if (!load(&p->readers))
            ready |= POLL_ERR;
    }
    return ready;
}

static void ends_close(struct pipe *p, u32 flags)
{
    mutex_lock(&p->lock);
    if (flags & FILE_READ)
        count_add(&p->readers, -1u);
    if (flags & FILE_WRITE)
        count_add(&p->writers, -1u);
    waitq_wake_all(&p->can_read);
    waitq_wake_all(&p->can_write);
    mutex_unlock(&p->lock);
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
    waitq_wake_all(&p->can_read);
    waitq_wake_all(&p->can_write);
    mutex_unlock(&p->lock);
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

static int pipe_getattr(struct file *f, struct vattr *out)
{
    struct pipe *p = f->ctx;
    *out = (struct vattr){
        .ino = (u64)(uintptr_t)p >> 4 & 0xffffffffu, .mode = MODE_FIFO | 0600, .nlink = 1,
        .atime_ns = p->made_ns, .mtime_ns = p->made_ns, .ctime_ns = p->made_ns, .btime_ns = p->made_ns,
    };
    return 0;
}

static const struct file_ops pipe_file_ops = {
    .name = "pipe", .read = pipe_read, .write = pipe_write, .poll = pipe_poll,
    .release = pipe_release, .getattr = pipe_getattr,
};

int pipe_create(u32 flags, struct file **rd, struct file **wr)
{
    struct pipe *p = pipe_new();
    if (!p)
        return -ENOMEM;
    struct file *r, *w;
    int err = file_create(&pipe_file_ops, p, flags | FILE_READ, &r);
    if (err)
        goto free_pipe;
    ends_open(p, FILE_READ);
    err = file_create(&pipe_file_ops, p, flags | FILE_WRITE, &w);
    if (err) {
        file_put(r); /* the last end: frees p */
        return err;
    }
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

/* Waits until the other side has opened too. Opening both ways waits for nobody. */
static int fifo_wait(struct pipe *p, u32 flags, u32 reader_opens, u32 writer_opens)
{
    bool rd = flags & FILE_READ, wr = flags & FILE_WRITE;
    if (rd && !wr)
        return wait_event(&p->can_read, load(&p->writers) || load(&p->writer_opens) != writer_opens,
                          WAIT_INTERRUPTIBLE, 0);
    if (wr && !rd)
        return wait_event(&p->can_write, load(&p->readers) || load(&p->reader_opens) != reader_opens,
                          WAIT_INTERRUPTIBLE, 0);
    return 0;
}

int fifo_open(struct vnode *v, struct file *f)
{
    bool nonblock = file_has(f, FILE_NONBLOCK);
    if (!(f->flags & (FILE_READ | FILE_WRITE)))
        return -EINVAL;
    mutex_lock(&v->lock);
    struct pipe *p = v->pipe;
    bool write_only = !(f->flags & FILE_READ);
    if (write_only && nonblock && (!p || !load(&p->readers))) {
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
    if (!nonblock && fifo_wait(p, f->flags, reader_opens, writer_opens)) {
        pipe_leave(p, v, f->flags);
        return -ERESTARTSYS;
    }
    f->ctx = p;
    f->ops = &pipe_file_ops;
    return 0;
}
