/* Pipes that have a name: FIFOs, and the names that /proc/PID/fd gives to pipes without one.
 *
 * A FIFO's vnode has a pipe as long as anybody has it open, under the vnode's lock. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/pipe_priv.h"

static int nameless_getattr(struct vnode *v, struct vattr *out)
{
    pipe_attr_get(v->pipe, out);
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
        return event_wait(&p->event, PIPE_OPENED_BIT, load(&p->writers) || load(&p->writer_opens) != writer_opens,
                          WAIT_INTERRUPTIBLE, 0);
    if (wr && !rd)
        return event_wait(&p->event, PIPE_OPENED_BIT, load(&p->readers) || load(&p->reader_opens) != reader_opens,
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
    pipe_ends_open(p, f->flags);
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
    if (!file_is_pipe(f))
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
