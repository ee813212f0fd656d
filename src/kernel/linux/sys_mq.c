/* POSIX message queues: mq_open, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr, mq_unlink.
 * What else can be done with a queue's descriptor is mq_file.c's. */
#include "linux/mq.h"
#include "sched/event_wait.h"

/* linux/mqueue.h */
struct lx_mq_attr { i64 flags, most, bytes, now, reserved[4]; };
_Static_assert(sizeof(struct lx_mq_attr) == 64, "struct mq_attr");

/* -EBADF: no queue, or not open for that. */
static int mq_file_get(int fd, unsigned need, struct file **out)
{
    int r = lx_file_get_right(fd, need, out);
    if (r < 0)
        return r;
    if (mq_of_file(*out))
        return 0;
    file_put(*out);
    return -EBADF;
}

/* --- mq_open, mq_unlink --- */

/* A name is one part of a path; C libraries take the slash away that POSIX wants. */
static int name_get(u64 user, char name[MQ_NAME_BYTES])
{
    long n = strncpy_from_user(name, uptr(user), MQ_NAME_BYTES);
    if (n < 0 || !name[0])
        return n < 0 ? (int)n : -ENOENT;
    return strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? -EACCES : 0;
}

static int wish_make(struct mq_wish *w, u32 flags, u32 mode, u64 uattr)
{
    struct lx_mq_attr attr;
    static const u8 access[4] = { FILE_READ, FILE_WRITE, FILE_READ | FILE_WRITE, 0 };
    w->file_flags = access[flags & 3];
    w->create = flags & LX_O_CREAT;
    w->exclusive = flags & LX_O_EXCL;
    w->mode = mode & 0777 & ~__atomic_load_n(&lx_current()->fs->umask, __ATOMIC_RELAXED);
    w->most = MQ_MESSAGES_DEFAULT;
    w->bytes = MQ_BYTES_DEFAULT;
    if (!w->file_flags)
        return -EINVAL;
    if (!uattr)
        return 0;
    if (copy_from_user(&attr, uptr(uattr), sizeof attr))
        return -EFAULT;
    w->most = (u64)attr.most;
    w->bytes = (u64)attr.bytes;
    return 0;
}

long sys_mq_open(u64 uname, u64 uflags, u64 mode, u64 uattr, u64 a4, u64 a5)
{
    char name[MQ_NAME_BYTES];
    u32 flags = (u32)uflags;
    struct mq_wish w = { .name = name };
    struct mq *q;
    struct file *f;
    int r = wish_make(&w, flags, (u32)mode, uattr);
    if (r == 0)
        r = name_get(uname, name);
    if (r == 0)
        r = mq_find(&w, &q);
    if (r < 0)
        return r;
    r = mq_file_create(q, w.file_flags | lx_nonblock_of(flags), &f);
    if (r == 0)
        r = (int)lx_fd_install_new(f, LX_O_CLOEXEC); /* always: mq_open(3) */
    if (r < 0 && w.created)
        mq_abort(q);
    mq_put(q);
    return r;
}

long sys_mq_unlink(u64 uname, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    char name[MQ_NAME_BYTES];
    int r = name_get(uname, name);
    return r < 0 ? r : mq_forget(name);
}

/* --- sending, receiving --- */

/* An absolute time of the real-time clock; 0: for ever. */
static int deadline_get(u64 user, u64 *deadline_ns)
{
    *deadline_ns = 0;
    int r = user ? lx_timespec_get(uptr(user), deadline_ns) : 0;
    if (r == 0 && user)
        *deadline_ns = MAX(lx_realtime_to_monotonic(*deadline_ns), 1ull);
    return r;
}

static int send(struct file *f, struct mq_message *m, u64 deadline_ns)
{
    struct mq *q = f->ctx;
    int r;
    while ((r = mq_push(q, m)) == -EAGAIN && !file_has(f, FILE_NONBLOCK)) {
        r = event_wait(&q->event, POLL_OUT, event_state(&q->event) & POLL_OUT, WAIT_INTERRUPTIBLE, deadline_ns);
        if (r < 0)
            return (int)lx_restartable(r);
    }
    return r;
}

static int message_get(const struct mq *q, u64 user, u64 len, u64 priority, struct mq_message **out)
{
    if (len > q->bytes)
        return -EMSGSIZE;
    struct mq_message *m = kmalloc(sizeof *m + len);
    if (!m)
        return -ENOMEM;
    m->size = len;
    m->priority = (unsigned)priority;
    if (copy_from_user(m->data, uptr(user), len)) {
        kfree(m);
        return -EFAULT;
    }
    *out = m;
    return 0;
}

long sys_mq_timedsend(u64 fd, u64 user, u64 len, u64 priority, u64 utimeout, u64 a5)
{
    struct file *f;
    struct mq_message *m;
    u64 deadline_ns;
    if ((u32)priority >= MQ_PRIORITIES)
        return -EINVAL;
    int r = deadline_get(utimeout, &deadline_ns);
    if (r == 0)
        r = mq_file_get((int)fd, RIGHT_WRITE, &f);
    if (r < 0)
        return r;
    r = message_get(f->ctx, user, len, (u32)priority, &m);
    if (r == 0) {
        r = send(f, m, deadline_ns);
        if (r < 0)
            kfree(m);
    }
    file_put(f);
    return r;
}

/* Whoever waited and was told of no message looks once more: one that came since was no news for anybody else. */
static int receive(struct file *f, u64 deadline_ns, struct mq_message **m)
{
    struct mq *q = f->ctx;
    bool waits = false;
    int r, slept = 0;
    while ((r = mq_pop(q, !slept && !file_has(f, FILE_NONBLOCK), &waits, m)) == -EAGAIN && waits)
        slept = event_wait(&q->event, POLL_IN, event_state(&q->event) & POLL_IN, WAIT_INTERRUPTIBLE, deadline_ns);
    return r < 0 && slept < 0 ? (int)lx_restartable(slept) : r;
}

static long message_put(struct mq_message *m, u64 user, u64 upriority)
{
    u32 priority = m->priority;
    long r = (long)m->size;
    if (copy_to_user(uptr(user), m->data, m->size) ||
        (upriority && copy_to_user(uptr(upriority), &priority, sizeof priority)))
        r = -EFAULT;
    kfree(m);
    return r;
}

long sys_mq_timedreceive(u64 fd, u64 user, u64 len, u64 upriority, u64 utimeout, u64 a5)
{
    struct file *f;
    struct mq_message *m;
    u64 deadline_ns;
    int r = deadline_get(utimeout, &deadline_ns);
    if (r == 0)
        r = mq_file_get((int)fd, RIGHT_READ, &f);
    if (r < 0)
        return r;
    r = len < ((const struct mq *)f->ctx)->bytes ? -EMSGSIZE : receive(f, deadline_ns, &m);
    file_put(f);
    return r < 0 ? r : message_put(m, user, upriority);
}

/* --- mq_notify, mq_getsetattr --- */

/* One at a time; who has ended does not count. */
static int notice_set(struct mq *q, const struct lx_sigevent *ev)
{
    struct process *me = process_current(), *gone = NULL;
    mutex_lock(&q->lock);
    struct process *has = q->notice.process;
    int r = has && !(event_state(&has->end) & PROCESS_ENDED) ? -EBUSY : 0;
    if (r == 0) {
        gone = has;
        kobject_get(&me->obj);
        q->notice = (struct mq_notice){ me, ev->notify, ev->signo, ev->value };
    }
    mutex_unlock(&q->lock);
    if (gone)
        kobject_put(&gone->obj);
    return r;
}

/* Threads that begin by themselves need a netlink socket, which is not there. */
static int event_check(const struct lx_sigevent *ev)
{
    if (ev->notify == SIGEV_THREAD)
        return (int)lx_missing((u32)ev->notify, -ENOSYS);
    if (ev->notify != SIGEV_NONE && ev->notify != SIGEV_SIGNAL)
        return -EINVAL;
    return ev->notify == SIGEV_SIGNAL && (ev->signo < 0 || ev->signo > LX_NSIG) ? -EINVAL : 0;
}

long sys_mq_notify(u64 fd, u64 uevent, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_sigevent ev;
    struct file *f;
    int r = 0;
    if (uevent)
        r = copy_from_user(&ev, uptr(uevent), sizeof ev) ? -EFAULT : event_check(&ev);
    if (r == 0)
        r = mq_file_get((int)fd, 0, &f);
    if (r < 0)
        return r;
    if (uevent)
        r = notice_set(f->ctx, &ev);
    else
        mq_notice_end(f->ctx, process_current());
    file_put(f);
    return r;
}

static void flags_set(struct file *f, bool nonblock)
{
    if (nonblock)
        __atomic_fetch_or(&f->flags, FILE_NONBLOCK, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&f->flags, ~(u32)FILE_NONBLOCK, __ATOMIC_RELAXED);
}

long sys_mq_getsetattr(u64 fd, u64 unew, u64 uold, u64 a3, u64 a4, u64 a5)
{
    struct lx_mq_attr new, old = { 0 };
    struct file *f;
    if (unew && copy_from_user(&new, uptr(unew), sizeof new))
        return -EFAULT;
    if (unew && (new.flags & ~(i64)LX_O_NONBLOCK))
        return -EINVAL;
    int r = mq_file_get((int)fd, 0, &f);
    if (r < 0)
        return r;
    struct mq *q = f->ctx;
    old.flags = file_has(f, FILE_NONBLOCK) ? (i64)LX_O_NONBLOCK : 0;
    old.most = (i64)q->most;
    old.bytes = (i64)q->bytes;
    old.now = (i64)__atomic_load_n(&q->n, __ATOMIC_RELAXED);
    if (unew)
        flags_set(f, new.flags != 0);
    file_put(f);
    return uold ? copy_to_user(uptr(uold), &old, sizeof old) : 0;
}
