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
static const struct vnode_ops nameless_ops = { .name = "pipe", .getattr = nameless_getattr,
                                               .destroy = nameless_destroy };

/* The other side is open: at this moment nobody need be waited for. Opening both ways waits for nobody. */
static bool partner_there(const struct pipe *p, u32 flags)
{
    bool rd = flags & FILE_READ, wr = flags & FILE_WRITE;
    return (rd && wr) || load(rd ? &p->writers : &p->readers);
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
    /* Judged before the other side hears of us: it may be waiting just for this, and be gone when we look again. */
    bool wait = !nonblock && !alone && !partner_there(p, f->flags);
    const u32 *opens = write_only ? &p->reader_opens : &p->writer_opens;
    u32 opens_before = load(opens);
    pipe_ends_open(p, f->flags);
    mutex_unlock(&v->lock);
    if (wait && event_wait(&p->event, PIPE_OPENED_BIT, load(opens) != opens_before, WAIT_INTERRUPTIBLE, 0)) {
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
