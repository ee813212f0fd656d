/* Files without a vnode (sockets, event counters, ...) as /proc/PID/fd leads to them: they can be looked at, which is
 * how lsof and fuser know them again, and not be opened (-ENXIO).
 *
 * What is handed out is a copy of the attributes, not a reference: a name never keeps a socket open. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "vfs/file.h"

static int nameless_getattr(struct vnode *v, struct vattr *out)
{
    *out = *(const struct vattr *)v->ctx;
    return 0;
}

static struct vnode *nameless_destroy(struct vnode *v)
{
    kfree(v->ctx);
    kfree(v);
    return NULL;
}

static const struct vnode_ops nameless_ops = { .name = "nameless", .getattr = nameless_getattr, .destroy = nameless_destroy };

int nameless_vnode_get(struct file *f, struct vnode **out)
{
    struct vnode *v = kmalloc(sizeof *v);
    struct vattr *a = kmalloc(sizeof *a);
    int r = v && a ? file_getattr(f, a) : -ENOMEM;
    if (r < 0) {
        kfree(a);
        kfree(v);
        return r;
    }
    vnode_init(v, V_SOCK, &nameless_ops, NULL, a);
    *out = v;
    return 0;
}
