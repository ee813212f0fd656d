/* Where locks are on what has no name: `make -O` locks its standard output, be it a terminal, a pipe or sshd's socket.
 *
 * Locks live on vnodes. Such a file gets one with its first lock, for nothing else, and keeps it. All ends of a pipe
 * share theirs, also those that were opened by a link in /proc/PID/fd. */
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

static const struct vnode_ops home_ops = { .name = "locks", .number = home_number, .destroy = home_destroy };

struct vnode *lock_home_nameless(const struct file *f)
{
    if (file_is_pipe(f))
        return __atomic_load_n(&((struct pipe *)f->ctx)->lock_home, __ATOMIC_ACQUIRE);
    return f->vnode ? f->vnode : __atomic_load_n(&f->lock_home, __ATOMIC_ACQUIRE);
}

int lock_home_make(struct file *f, struct vnode **out)
{
    struct vattr a;
    *out = lock_home_nameless(f);
    if (*out)
        return 0;
    struct vnode **place = file_is_pipe(f) ? &((struct pipe *)f->ctx)->lock_home : &f->lock_home;
    struct vnode *v = kmalloc(sizeof *v), *none = NULL;
    if (!v || file_getattr(f, &a) < 0) {
        kfree(v);
        return -ENOLCK;
    }
    vnode_init(v, V_FIFO, &home_ops, NULL, (void *)(uintptr_t)a.ino);
    if (!__atomic_compare_exchange_n(place, &none, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        vnode_put(v);
        v = none; /* another thread was first */
    }
    *out = v;
    return 0;
}
