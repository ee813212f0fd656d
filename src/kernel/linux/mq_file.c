/* The open file of a POSIX message queue: it can be polled, inherited, passed on like any other, and reading it
 * tells how the queue is, in a line of text (mq_overview(7)). Nothing is written to it. */
#include "lib/format.h"
#include "linux/mq.h"

#define STATUS_BYTES 80u /* what its size is said to be, however long the line is */

/* Who closes any descriptor of a queue no longer wants to be told of it. */
static void mq_closed(struct file *f)
{
    if (process_current())
        mq_notice_end(f->ctx, process_current());
}

static void mq_release(struct file *f) { mq_put(f->ctx); }

static u64 mq_size(struct file *) { return STATUS_BYTES; }

static int mq_getattr(struct file *f, struct vattr *out)
{
    struct mq *q = f->ctx;
    u64 used_ns = __atomic_load_n(&q->used_ns, __ATOMIC_RELAXED);
    *out = (struct vattr){
        .ino = q->number, .size = STATUS_BYTES, .mode = MODE_REG | q->mode, .nlink = q->named, .uid = q->uid, .gid = q->gid,
        .atime_ns = used_ns, .mtime_ns = used_ns, .ctime_ns = used_ns, .btime_ns = q->made_ns,
    };
    return 0;
}

/* There is one time: that of the last change, until the next message. */
static int mq_setattr(struct file *f, const struct vattr *in, unsigned what)
{
    struct mq *q = f->ctx;
    struct vattr a;
    (void)!mq_getattr(f, &a);
    mutex_lock(&q->lock);
    vattr_change(&a, in, what, 0);
    __atomic_store_n(&q->used_ns, a.mtime_ns, __ATOMIC_RELAXED);
    q->mode = a.mode & 07777;
    q->uid = a.uid;
    q->gid = a.gid;
    mutex_unlock(&q->lock);
    return 0;
}

static ssize_t_k mq_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    char line[STATUS_BYTES];
    struct mq_status s;
    mq_status_get(f->ctx, &s);
    size_t len = (size_t)format(line, sizeof line, "QSIZE:%-10llu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
                                (unsigned long long)s.bytes, s.how, s.signo, s.pid);
    len = MIN(len, sizeof line - 1);
    n = *pos < len ? MIN(n, len - (size_t)*pos) : 0;
    if (n && copy_to_user(buf, line + *pos, n))
        return -EFAULT;
    *pos += n;
    return (ssize_t_k)n;
}

static const struct file_ops mq_ops = { .name = "mqueue", .no_splice = true, .read = mq_read, .size = mq_size, .closed = mq_closed,
                                        .release = mq_release, .getattr = mq_getattr, .setattr = mq_setattr };

struct mq *mq_of_file(const struct file *f) { return f->ops == &mq_ops ? f->ctx : NULL; }

int mq_file_create(struct mq *q, u32 flags, struct file **out)
{
    int r = file_create(&mq_ops, q, flags, out);
    if (r < 0)
        return r;
    mq_get(q);
    (*out)->event = &q->event;
    (*out)->event_mask = POLL_READABLE | POLL_WRITABLE;
    return 0;
}
