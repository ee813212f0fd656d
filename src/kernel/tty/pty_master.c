/* The master of a pty as a file: what a terminal emulator, `script` or sshd holds.
 *
 * Reading takes what the slave's programs wrote, writing is typing. With TIOCPKT each read begins with a
 * byte: 0 before data, or notices alone (man 4 tty_ioctl). The master is one file; when it goes, the
 * slave hangs up. */
#include "tty/pty_priv.h"

#include "lib/errno.h"
#include "vfs/devfs.h"
#include "vm/usercopy.h"

static struct pty *pair_of(const struct file *f) { return pty_of(f->ctx); }

/* One look at the ring: how many bytes, 0: nothing there, -EIO: and nothing will come. */
static ssize_t_k take(struct pty *p, char *buf, size_t n)
{
    struct tty *t = &p->tty;
    size_t got = 0;

    mutex_lock(&t->lock);
    if (p->packet && p->notices) {
        buf[got++] = (char)p->notices;
        p->notices = 0;
    } else if (pty_used(p) > 0) {
        if (p->packet)
            buf[got++] = 0;
        got += pty_take_locked(p, buf + got, n - got);
    } else if (p->slave_gone) {
        mutex_unlock(&t->lock);
        return -EIO;
    }
    pty_update_locked(p);
    bool was_full = !(event_state(&t->event) & POLL_OUT);
    if (got && was_full)
        tty_changed_locked(t);
    mutex_unlock(&t->lock);
    return (ssize_t_k)got;
}

static ssize_t_k take_waiting(struct pty *p, struct file *f, char *buf, size_t n)
{
    for (;;) {
        ssize_t_k got = take(p, buf, n);
        if (got != 0)
            return got;
        if (file_has(f, FILE_NONBLOCK))
            return -EAGAIN;
        const u32 bits = POLL_READABLE | POLL_HUP;
        if (event_wait(&p->event, bits, event_state(&p->event) & bits, WAIT_INTERRUPTIBLE, 0) < 0)
            return -ERESTARTSYS;
    }
}

/* Does what was read so far end the call? Notices come alone, and data once begun is not waited for. */
static ssize_t_k master_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct pty *p = pair_of(f);
    char chunk[TTY_CHUNK];
    size_t done = 0;

    while (done < n) {
        size_t want = MIN(n - done, (size_t)TTY_CHUNK);
        ssize_t_k got = done ? take(p, chunk, want) : take_waiting(p, f, chunk, want);
        if (got <= 0)
            return done ? (ssize_t_k)done : got;
        size_t stored = copy_to_user_partial(buf + done, chunk, (size_t)got);
        done += stored;
        if (stored < (size_t)got)
            return done ? (ssize_t_k)done : -EFAULT;
        if (pty_is_packet(f))
            break;
    }
    return (ssize_t_k)done;
}

/* What the line discipline takes of n bytes without losing any. */
static size_t type_locked(struct tty *t, const char *bytes, size_t n, unsigned *effects)
{
    size_t done = 0;

    for (size_t piece; done < n && (piece = MIN(ldisc_room(&t->ld), n - done)) > 0; done += piece)
        *effects |= tty_receive_locked(t, bytes + done, piece);
    return done;
}

static ssize_t_k type_waiting(struct pty *p, struct file *f, const char *bytes, size_t n)
{
    for (;;) {
        unsigned effects = 0;
        mutex_lock(&p->tty.lock);
        size_t done = type_locked(&p->tty, bytes, n, &effects);
        pty_update_locked(p);
        mutex_unlock(&p->tty.lock);
        tty_received(&p->tty, effects);
        if (done)
            return (ssize_t_k)done;
        if (file_has(f, FILE_NONBLOCK))
            return -EAGAIN;
        if (event_wait(&p->event, POLL_WRITABLE, event_state(&p->event) & POLL_OUT, WAIT_INTERRUPTIBLE, 0) < 0)
            return -ERESTARTSYS;
    }
}

static ssize_t_k write_piece(struct pty *p, struct file *f, uptr_t buf, size_t n)
{
    char chunk[TTY_CHUNK];
    size_t got = copy_from_user_partial(chunk, buf, MIN(n, (size_t)TTY_CHUNK));

    return got ? type_waiting(p, f, chunk, got) : -EFAULT;
}

static ssize_t_k master_write(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    size_t done = 0;

    while (done < n) {
        ssize_t_k took = write_piece(pair_of(f), f, buf + done, n - done);
        if (took < 0)
            return done ? (ssize_t_k)done : took;
        done += (size_t)took;
    }
    return (ssize_t_k)done;
}

static void master_release(struct file *f)
{
    struct pty *p = pair_of(f);

    pty_retire(p);
    tty_put(&p->tty);
}

const struct file_ops pty_master_ops = {
    .name = "ptmx", .read = master_read, .write = master_write, .release = master_release,
};

static int open_ptmx(struct file *f, void *ctx)
{
    struct pty *p;
    int r = pty_create(&p);

    if (r < 0)
        return r;
    f->ops = &pty_master_ops;
    f->ctx = &p->tty;
    f->event = &p->event;
    f->event_mask = POLL_READABLE | POLL_WRITABLE | POLL_PRI | POLL_HUP;
    return 0;
}

bool tty_file_is_master(const struct file *f) { return f->ops == &pty_master_ops; }

int pty_number(struct file *f) { return (int)pair_of(f)->index; }

void pty_set_locked(struct file *f, bool locked)
{
    mutex_lock(&pair_of(f)->tty.lock);
    pair_of(f)->locked = locked;
    mutex_unlock(&pair_of(f)->tty.lock);
}

bool pty_is_locked(struct file *f)
{
    return __atomic_load_n(&pair_of(f)->locked, __ATOMIC_RELAXED);
}

void pty_set_packet(struct file *f, bool on)
{
    struct pty *p = pair_of(f);

    mutex_lock(&p->tty.lock);
    if (on && !p->packet)
        p->notices = 0;
    __atomic_store_n(&p->packet, on, __ATOMIC_RELAXED);
    pty_update_locked(p);
    mutex_unlock(&p->tty.lock);
}

bool pty_is_packet(struct file *f)
{
    return __atomic_load_n(&pair_of(f)->packet, __ATOMIC_RELAXED);
}

size_t pty_readable_bytes(struct file *f)
{
    struct pty *p = pair_of(f);

    mutex_lock(&p->tty.lock);
    size_t n = pty_used(p);
    mutex_unlock(&p->tty.lock);
    return n;
}

int pty_open_peer(struct file *f, u32 file_flags, struct file **out)
{
    return devpts_open_slave(pair_of(f), file_flags, out);
}

void pty_init(void)
{
    int r = devfs_add("ptmx", MODE_CHR | 0666, makedev(5, 2), open_ptmx, NULL);

    ASSERT(r == 0);
    devpts_init();
}
