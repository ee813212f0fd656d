/* The terminal as a file: read, write, poll.
 *
 * Bytes go through a small buffer on the kernel stack, so that the lock is free while user memory
 * faults. What was taken from the line discipline and then could not be stored is lost, as on any
 * terminal; the call says how much arrived. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "tty/tty_priv.h"
#include "vm/usercopy.h"

#define READ_CHUNK 256u
#define VTIME_UNIT_NS (NSEC_PER_SEC / 10)

/* What one look at the line discipline found. */
struct look {
    size_t got;
    bool eof, line_done, canonical;
    u8 min, time;
    u32 changes;
};

static struct tty_open *open_of(struct file *f) { return f->ctx; }

static bool is_hung_up(const struct tty_open *o)
{
    return __atomic_load_n(&o->tty->hangups, __ATOMIC_ACQUIRE) != o->hangups;
}

static void take(struct tty *t, char *buf, size_t n, struct look *l)
{
    mutex_lock(&t->lock);
    l->got = ldisc_read(&t->ld, buf, n, &l->eof);
    l->line_done = t->ld.line_done;
    l->canonical = t->ld.t.lflag & T_ICANON;
    l->min = t->ld.t.cc[VMIN];
    l->time = t->ld.t.cc[VTIME];
    l->changes = t->changes;
    if (l->got || l->eof)
        tty_ready_update_locked(t);
    mutex_unlock(&t->lock);
}

static int change_wait(struct tty *t, u32 seen, u64 deadline_ns)
{
    return event_wait(&t->event, TTY_CHANGED, __atomic_load_n(&t->changes, __ATOMIC_ACQUIRE) != seen,
                      WAIT_INTERRUPTIBLE, deadline_ns);
}

/* Nothing more is there now: may the read end with what it has? POSIX.1-2017 11.1.6, 11.1.7. */
static bool read_enough(const struct look *l, size_t done)
{
    if (l->canonical)
        return done > 0;
    if (l->min == 0)
        return done > 0 || l->time == 0;
    return done >= l->min;
}

/* When to stop waiting: MIN 0: VTIME from the start; else VTIME from the last byte. 0: never. */
static u64 read_deadline(const struct look *l, size_t done, u64 start_ns)
{
    if (l->canonical || l->time == 0)
        return 0;
    if (l->min == 0)
        return start_ns + l->time * VTIME_UNIT_NS;
    return done ? clock_now_ns() + l->time * VTIME_UNIT_NS : 0;
}

/* Waits for more input: 1 go on, 0 return what is there, or -errno. */
static int read_wait(struct tty *t, struct file *f, const struct look *l, size_t done, u64 start_ns)
{
    if (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & FILE_NONBLOCK)
        return done ? 0 : -EAGAIN;
    int r = change_wait(t, l->changes, read_deadline(l, done, start_ns));
    if (r == -ETIMEDOUT)
        return 0;
    if (r < 0)
        return done ? 0 : -ERESTARTSYS;
    /* Who was put in the background while it slept must not take what comes now. */
    r = tty_check_background(t, TTY_SIGTTIN);
    if (r < 0)
        return done ? 0 : r;
    return 1;
}

static ssize_t_k tty_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct tty *t = open_of(f)->tty;
    char chunk[READ_CHUNK];
    struct look l;
    size_t done = 0;
    u64 start_ns = clock_now_ns();

    if (is_hung_up(open_of(f)))
        return 0;
    int r = tty_check_background(t, TTY_SIGTTIN);
    if (r < 0)
        return r;
    while (done < n && !is_hung_up(open_of(f))) {
        take(t, chunk, MIN(n - done, (size_t)READ_CHUNK), &l);
        if (l.got) {
            size_t stored = copy_to_user_partial(buf + done, chunk, l.got);
            done += stored;
            if (stored < l.got)
                return done ? (ssize_t_k)done : -EFAULT;
        }
        if (l.eof || (l.canonical && l.line_done))
            break;
        if (l.got)
            continue;
        /* A hangup since the loop's head is no change any more that could be waited for. */
        if (read_enough(&l, done) || is_hung_up(open_of(f)))
            break;
        r = read_wait(t, f, &l, done, start_ns);
        if (r < 0)
            return r;
        if (r == 0)
            break;
    }
    return (ssize_t_k)done;
}

/* ^S or the other side holds output back: 0 when it may go on. */
static int write_wait(struct tty *t, struct file *f, u32 seen)
{
    if (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & FILE_NONBLOCK)
        return -EAGAIN;
    return change_wait(t, seen, 0) < 0 ? -ERESTARTSYS : 0;
}

/* At least one of n bytes; how many, or -errno. */
static ssize_t_k emit_when_allowed(struct tty *t, struct file *f, const char *bytes, size_t n)
{
    for (;;) {
        mutex_lock(&t->lock);
        size_t took = tty_output_stopped_locked(t) ? 0 : tty_emit_locked(t, bytes, n, false);
        u32 seen = t->changes;
        if (took < n)
            tty_ready_update_locked(t);
        mutex_unlock(&t->lock);
        if (took)
            return (ssize_t_k)took;
        int r = is_hung_up(open_of(f)) ? -EIO : write_wait(t, f, seen);
        if (r < 0)
            return r;
    }
}

static int write_check_background(struct tty *t)
{
    mutex_lock(&t->lock);
    bool tostop = t->ld.t.lflag & T_TOSTOP;
    mutex_unlock(&t->lock);
    return tostop ? tty_check_background(t, TTY_SIGTTOU) : 0;
}

/* A long write to a slow line must be possible to interrupt between two pieces. */
static bool must_leave(void)
{
    return __atomic_load_n(&thread_current()->work, __ATOMIC_RELAXED) & (WORK_SIGNAL | WORK_EXIT);
}

/* A piece of a write through the kernel's stack: how many bytes, or -errno. */
static ssize_t_k write_piece(struct tty *t, struct file *f, uptr_t buf, size_t n)
{
    char chunk[TTY_CHUNK];
    size_t got = copy_from_user_partial(chunk, buf, MIN(n, (size_t)TTY_CHUNK));

    return got ? emit_when_allowed(t, f, chunk, got) : -EFAULT;
}

static ssize_t_k tty_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct tty *t = open_of(f)->tty;
    size_t done = 0;

    if (is_hung_up(open_of(f)))
        return -EIO;
    int r = write_check_background(t);
    if (r < 0)
        return r;
    while (done < n && !(done && must_leave())) {
        ssize_t_k took = write_piece(t, f, buf + done, n - done);
        if (took < 0)
            return done ? (ssize_t_k)done : took;
        done += (size_t)took;
    }
    return (ssize_t_k)done;
}

static unsigned tty_poll(struct file *f)
{
    if (is_hung_up(open_of(f)))
        return POLL_READABLE | POLL_WRITABLE | POLL_ERR | POLL_HUP;
    return event_state(&open_of(f)->tty->event) & 0xffff;
}

static struct event *tty_watch(struct file *f, struct kobject **keep)
{
    *keep = NULL;
    return &open_of(f)->tty->event;
}

static void tty_release(struct file *f)
{
    struct tty_open *o = open_of(f);

    if (o->tty->driver->closed)
        o->tty->driver->closed(o->tty);
    tty_put(o->tty);
    kfree(o);
}

const struct file_ops tty_file_ops = {
    .name = "tty",
    .read = tty_read,
    .write = tty_write,
    .poll = tty_poll,
    .watch = tty_watch,
    .release = tty_release,
};

static int open_begin(struct tty *t, struct tty_open *o)
{
    const struct tty_ops *ops = tty_ops_get();

    if (tty_exclusive(t) && !(ops && ops->is_privileged()))
        return -EBUSY;
    *o = (struct tty_open){ .tty = t, .hangups = __atomic_load_n(&t->hangups, __ATOMIC_ACQUIRE) };
    return t->driver->opened ? t->driver->opened(t) : 0;
}

int tty_file_open(struct tty *t, struct file *f)
{
    struct tty_open *o = kmalloc(sizeof(*o));

    if (!o)
        return -ENOMEM;
    int r = open_begin(t, o);
    if (r < 0) {
        kfree(o);
        return r;
    }
    tty_get(t);
    f->ops = &tty_file_ops;
    f->ctx = o;
    f->event = NULL;
    return 0;
}

struct tty *tty_of_file(struct file *f)
{
    return f->ops == &tty_file_ops ? open_of(f)->tty : tty_file_is_master(f) ? f->ctx : NULL;
}

bool tty_file_is_hung_up(struct file *f)
{
    return f->ops == &tty_file_ops && is_hung_up(open_of(f));
}
