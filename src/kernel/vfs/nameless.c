/* Files without a vnode (sockets, event counters, pipes ...) where a vnode is asked for.
 *
 * As /proc/PID/fd leads to them they can be looked at, which is how lsof and fuser know them again, and not be opened
 * (-ENXIO): what is handed out is a copy of the attributes, not a reference, for a name never keeps a socket open. For
 * the length of a call on a descriptor there is a vnode whose changes reach the file. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "vfs/file.h"

struct nameless { struct vattr a; struct file *f; /* no reference; NULL: only to be looked at */ };

static int nameless_getattr(struct vnode *v, struct vattr *out)
{
    *out = ((const struct nameless *)v->ctx)->a;
    return 0;
}

static int nameless_setattr(struct vnode *v, const struct vattr *in, unsigned what)
{
    struct file *f = ((const struct nameless *)v->ctx)->f;
    return f ? f->ops->setattr(f, in, what) : -EROFS;
}

static struct vnode *nameless_destroy(struct vnode *v)
{
    kfree(v->ctx);
    kfree(v);
    return NULL;
}

static const struct vnode_ops nameless_ops = { .name = "nameless", .getattr = nameless_getattr, .setattr = nameless_setattr,
                                               .destroy = nameless_destroy };

static int nameless_create(struct file *f, struct vnode **out, struct nameless **ctx)
{
    struct vnode *v = kmalloc(sizeof *v);
    struct nameless *n = kmalloc(sizeof *n);
    int r = v && n ? file_getattr(f, &n->a) : -ENOMEM;
    if (r < 0) {
        kfree(n);
        kfree(v);
        return r;
    }
    n->f = NULL;
    vnode_init(v, V_SOCK, &nameless_ops, NULL, n);
    *out = v;
    *ctx = n;
    return 0;
}

int nameless_vnode_get(struct file *f, struct vnode **out)
{
    struct nameless *n;
    return nameless_create(f, out, &n);
}

int nameless_vnode_borrow(struct file *f, struct vnode **out)
{
    struct nameless *n;
    int r = nameless_create(f, out, &n);
    if (r < 0)
        return r;
    u32 kind = n->a.mode & MODE_FMT;
    (*out)->type = kind == MODE_REG ? V_REG : kind == MODE_FIFO ? V_FIFO : V_SOCK;
    n->f = f->ops->setattr ? f : NULL;
    return 0;
}

int nameless_change(struct vattr **kept, struct mutex *lock, const struct vattr *old, const struct vattr *in,
                    unsigned what)
{
    struct vattr *fresh = kmalloc(sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    *fresh = *old;
    mutex_lock(lock);
    if (!*kept) {
        __atomic_store_n(kept, fresh, __ATOMIC_RELEASE);
        fresh = NULL;
    }
    vattr_change(*kept, in, what, clock_realtime_ns());
    mutex_unlock(lock);
    kfree(fresh);
    return 0;
}

bool nameless_changed(struct vattr *const *kept, struct mutex *lock, struct vattr *out)
{
    if (likely(!__atomic_load_n(kept, __ATOMIC_ACQUIRE)))
        return false;
    mutex_lock(lock);
    *out = **kept;
    mutex_unlock(lock);
    return true;
}
