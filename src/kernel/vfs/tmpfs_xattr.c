/* tmpfs: extended attributes, a short list for each node that has any. All of a node's together take
 * XATTR_BYTES_MAX at most: kernel memory is not for keeping files in. */
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/tmpfs_priv.h"

#define XATTR_BYTES_MAX (80u << 10) /* the largest value (xattr(7)), and some more */

struct tmpfs_xattr {
    struct tmpfs_xattr *next;
    size_t name_size, size; /* name_size: with terminator */
    char bytes[];           /* name, value */
};

static struct tmpfs_xattr **find(struct tmpfs_node *n, const char *name)
{
    struct tmpfs_xattr **at = &n->xattrs;
    while (*at && strcmp((*at)->bytes, name) != 0)
        at = &(*at)->next;
    return at;
}

static size_t bytes_of(const struct tmpfs_xattr *x) { return sizeof *x + x->name_size + x->size; }

int tmpfs_xattr_get(struct vnode *v, const char *name, void *buf, size_t size)
{
    struct tmpfs_node *n = tmpfs_node_of(v);
    mutex_lock(&v->lock);
    const struct tmpfs_xattr *x = *find(n, name);
    int r = x ? (int)x->size : -ENODATA;
    if (x && size && size < x->size)
        r = -ERANGE;
    else if (x && size)
        memcpy(buf, x->bytes + x->name_size, x->size);
    mutex_unlock(&v->lock);
    return r;
}

static size_t bytes_used(const struct tmpfs_node *n)
{
    size_t sum = 0;
    for (const struct tmpfs_xattr *x = n->xattrs; x; x = x->next)
        sum += bytes_of(x);
    return sum;
}

/* *x takes the place of what has its name; what goes is left in *x. */
static int put_locked(struct tmpfs_node *n, const char *name, struct tmpfs_xattr **x, unsigned how)
{
    struct tmpfs_xattr **at = find(n, name), *old = *at;
    if (!old && (!*x || (how & XATTR_MUST_EXIST)))
        return -ENODATA;
    if (old && (how & XATTR_MUST_BE_NEW))
        return -EEXIST;
    if (*x && bytes_used(n) - (old ? bytes_of(old) : 0) + bytes_of(*x) > XATTR_BYTES_MAX)
        return -ENOSPC;
    if (*x) {
        (*x)->next = old ? old->next : NULL;
        *at = *x;
    } else {
        *at = old->next;
    }
    *x = old;
    n->attr.ctime_ns = clock_realtime_ns();
    return 0;
}

int tmpfs_xattr_set(struct vnode *v, const char *name, const void *value, size_t size, unsigned how)
{
    size_t name_size = strlen(name) + 1;
    struct tmpfs_xattr *x = NULL;
    if (value && !vmo_kept_room(1 + (size >> PAGE_SHIFT)))
        return -ENOSPC;
    if (value) {
        x = kmalloc(sizeof *x + name_size + size);
        if (!x)
            return -ENOMEM;
        *x = (struct tmpfs_xattr){ .name_size = name_size, .size = size };
        memcpy(x->bytes, name, name_size);
        memcpy(x->bytes + name_size, value, size);
    }
    mutex_lock(&v->lock);
    int r = put_locked(tmpfs_node_of(v), name, &x, how);
    mutex_unlock(&v->lock);
    kfree(x); /* the old one, or the new one that was not wanted */
    return r;
}

int tmpfs_xattr_list(struct vnode *v, bool (*show)(const char *name, void *ctx), void *ctx)
{
    mutex_lock(&v->lock);
    for (const struct tmpfs_xattr *x = tmpfs_node_of(v)->xattrs; x && show(x->bytes, ctx); x = x->next)
        ;
    mutex_unlock(&v->lock);
    return 0;
}

void tmpfs_xattr_free(struct tmpfs_node *n)
{
    for (struct tmpfs_xattr *x = n->xattrs, *next; x; x = next) {
        next = x->next;
        kfree(x);
    }
}
