/* Locks on a pipe that has no name: `make -O` locks its standard output, whatever that is.
 *
 * Locks live on vnodes. Such a pipe gets one with its first lock, for nothing else, and keeps it; all its ends share
 * it, also those that were opened by a link in /proc/PID/fd. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/file_lock.h"
#include "vfs/pipe_priv.h"

static struct vnode *home_destroy(struct vnode *v)
{
    kfree(v);
    return NULL;
}

static u64 home_number(struct vnode *v) { return (u64)(uintptr_t)v->ctx; }

static const struct vnode_ops home_ops = { .name = "pipe locks", .number = home_number, .destroy = home_destroy };

struct vnode *pipe_lock_home(const struct file *f)
{
    return file_is_pipe(f) ? __atomic_load_n(&((struct pipe *)f->ctx)->lock_home, __ATOMIC_ACQUIRE) : f->vnode;
}

int pipe_lock_home_make(struct file *f, struct vnode **out)
{
    struct vattr a;
    *out = pipe_lock_home(f);
    if (*out || !file_is_pipe(f))
        return *out ? 0 : -EINVAL;
    struct pipe *p = f->ctx;
    struct vnode *v = kmalloc(sizeof *v), *none = NULL;
    if (!v)
        return -ENOLCK;
    pipe_attr_get(p, &a);
    vnode_init(v, V_FIFO, &home_ops, NULL, (void *)(uintptr_t)a.ino);
    if (!__atomic_compare_exchange_n(&p->lock_home, &none, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        vnode_put(v);
        v = none; /* another thread was first */
    }
    *out = v;
    return 0;
}
