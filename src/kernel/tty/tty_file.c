/* The terminal as a file: read, write, poll.
 *
 * Bytes go through a small buffer on the kernel stack, so that the lock is free while user memory
 * faults. What was taken from the line discipline and then could not be stored is lost, as on any
 * terminal; the call says how much arrived. */
#include "lib/errno.h"
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
    struct tty *t = f->ctx;
    char chunk[READ_CHUNK];
    struct look l;
    size_t done = 0;
    u64 start_ns = clock_now_ns();

    int r = tty_check_background(t, TTY_SIGTTIN);
    if (r < 0)
        return r;
    while (done < n) {
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
        if (read_enough(&l, done))
            break;
        r = read_wait(t, f, &l, done, start_ns);
        if (r < 0)
            return r;
        if (r == 0)
            break;
    }
    return (ssize_t_k)done;
}

/* ^S holds output back: 0 when it may go on. */
static int write_wait(struct tty *t, struct file *f, u32 seen)
{
    if (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & FILE_NONBLOCK)
        return -EAGAIN;
    return change_wait(t, seen, 0) < 0 ? -ERESTARTSYS : 0;
}

static int emit_when_allowed(struct tty *t, struct file *f, const char *bytes, size_t n)
{
    for (;;) {
        mutex_lock(&t->lock);
        bool stopped = t->ld.stopped;
        u32 seen = t->changes;
        if (!stopped)
            tty_emit_locked(t, bytes, n);
        mutex_unlock(&t->lock);
        if (!stopped)
            return 0;
        int r = write_wait(t, f, seen);
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

static ssize_t_k tty_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct tty *t = f->ctx;
    char chunk[TTY_CHUNK];
    size_t done = 0;

    int r = write_check_background(t);
    if (r < 0)
        return r;
    while (done < n) {
        if (done && must_leave())
            break;
        size_t want = MIN(n - done, (size_t)TTY_CHUNK);
        size_t got = copy_from_user_partial(chunk, buf + done, want);
        if (got == 0)
            return done ? (ssize_t_k)done : -EFAULT;
        r = emit_when_allowed(t, f, chunk, got);
        if (r < 0)
            return done ? (ssize_t_k)done : r;
        done += got;
        if (got < want)
            break;
    }
    return (ssize_t_k)done;
}

const struct file_ops tty_file_ops = {
    .name = "tty",
    .read = tty_read,
    .write = tty_write,
};

struct tty *tty_of_file(struct file *f)
{
    return f->ops == &tty_file_ops ? f->ctx : NULL;
}
