/* Extended attributes: who may, by the namespace of the name (xattr(7)).
 *
 *     user.      like the contents, of files and directories only
 *     trusted.   the superuser's; others do not even see them
 *     security.  for everybody to read and the superuser to write. Not security.capability: execve grants
 *                nothing by it, so that it can be set would be a lie
 *     the rest (system.posix_acl_*): not supported */
#include "linux/abi/xattr.h"
#include "linux/sys_priv.h"
#include "vfs/notify.h"

struct xattr_name { char text[LX_XATTR_NAME_MAX + 1]; };

enum space { SPACE_NONE, SPACE_USER, SPACE_TRUSTED, SPACE_SECURITY };

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static enum space space_of(const char *name)
{
    static const struct { const char *prefix; enum space space; } spaces[] = {
        { "user.", SPACE_USER }, { "trusted.", SPACE_TRUSTED }, { "security.", SPACE_SECURITY },
    };
    for (size_t i = 0; i < ARRAY_SIZE(spaces); i++)
        if (begins(name, spaces[i].prefix))
            return spaces[i].space;
    return SPACE_NONE;
}

static int name_get(u64 user, struct xattr_name *name)
{
    long n = strncpy_from_user(name->text, uptr(user), sizeof name->text);
    return n == -ENAMETOOLONG || n == 0 ? -ERANGE : n < 0 ? (int)n : 0;
}

static int may_user(struct vnode *v, const struct vcred *c, unsigned may)
{
    struct vattr a;
    int r = vfs_getattr(v, &a);
    if (!r && (may & MAY_WRITE) && (a.mode & MODE_STICKY) && v->type == V_DIR && !(c->powers & VPOWER_OWNER) &&
        c->uid != a.uid)
        r = -EPERM;
    return r ? r : vnode_permission(v, c, may);
}

static int may_access(struct vnode *v, const struct vcred *c, const char *name, unsigned may)
{
    enum space space = space_of(name);
    bool writes = may & MAY_WRITE;
    if (space == SPACE_NONE || strcmp(name, "security.capability") == 0)
        return space == SPACE_NONE || writes ? -EOPNOTSUPP : -ENODATA;
    if (strchr(name, '.')[1] == 0)
        return -EINVAL;
    if (space == SPACE_USER && v->type != V_REG && v->type != V_DIR)
        return writes ? -EPERM : -ENODATA;
    if (!v->ops->xattr_get)
        return -EOPNOTSUPP;
    switch (space) {
    case SPACE_USER: return may_user(v, c, may);
    case SPACE_TRUSTED: return lx_capable(LX_CAP_SYS_ADMIN) ? 0 : writes ? -EPERM : -ENODATA;
    default: return !writes || lx_capable(LX_CAP_SYS_ADMIN) ? 0 : -EPERM;
    }
}

/* What one of the calls does to the vnode that it names. */
struct request { u64 name, buf, size; unsigned flags; };
typedef long (*act_fn)(struct vnode *v, const struct vcred *c, const struct request *q);

static long get(struct vnode *v, const struct vcred *c, const struct request *q)
{
    struct xattr_name name;
    int r = name_get(q->name, &name);
    if (r == 0)
        r = may_access(v, c, name.text, MAY_READ);
    if (r < 0)
        return r;
    size_t size = MIN(q->size, (u64)LX_XATTR_SIZE_MAX);
    void *value = kmalloc(size);
    if (!value)
        return -ENOMEM;
    r = v->ops->xattr_get(v, name.text, value, size);
    if (r > 0 && size && copy_to_user(uptr(q->buf), value, (size_t)r) < 0)
        r = -EFAULT;
    kfree(value);
    return r;
}

static long set(struct vnode *v, const struct vcred *c, const struct request *q)
{
    struct xattr_name name;
    if (q->flags & ~(LX_XATTR_CREATE | LX_XATTR_REPLACE))
        return -EINVAL;
    int r = name_get(q->name, &name);
    if (r < 0)
        return r;
    if (q->size > LX_XATTR_SIZE_MAX)
        return -E2BIG;
    void *value = kmalloc(q->size);
    if (!value)
        return -ENOMEM;
    if (q->size && copy_from_user(value, uptr(q->buf), q->size) < 0)
        r = -EFAULT;
    unsigned how = (q->flags & LX_XATTR_CREATE ? XATTR_MUST_BE_NEW : 0) | (q->flags & LX_XATTR_REPLACE ? XATTR_MUST_EXIST : 0);
    if (r == 0)
        r = vnode_is_readonly(v) ? -EROFS : may_access(v, c, name.text, MAY_WRITE);
    if (r == 0)
        r = v->ops->xattr_set(v, name.text, value, q->size, how);
    if (r == 0)
        notify_node(v, NOTIFY_ATTRIB);
    kfree(value);
    return r;
}

static long erase(struct vnode *v, const struct vcred *c, const struct request *q)
{
    struct xattr_name name;
    int r = name_get(q->name, &name);
    if (r == 0)
        r = vnode_is_readonly(v) ? -EROFS : may_access(v, c, name.text, MAY_WRITE);
    if (r == 0)
        r = v->ops->xattr_set(v, name.text, NULL, 0, 0);
    if (r == 0)
        notify_node(v, NOTIFY_ATTRIB);
    return r;
}

struct names { char *buf; size_t used, size; bool all; };

static bool show(const char *name, void *ctx)
{
    struct names *out = ctx;
    size_t n = strlen(name) + 1;
    if (!out->all && space_of(name) == SPACE_TRUSTED)
        return true;
    if (out->used + n <= out->size)
        memcpy(out->buf + out->used, name, n);
    out->used += n;
    return true;
}

static long list(struct vnode *v, const struct vcred *c, const struct request *q)
{
    if (!v->ops->xattr_list)
        return 0;
    struct names out = { .size = MIN(q->size, (u64)LX_XATTR_LIST_MAX), .all = lx_capable(LX_CAP_SYS_ADMIN) };
    out.buf = kmalloc(out.size);
    if (!out.buf)
        return -ENOMEM;
    long r = v->ops->xattr_list(v, show, &out);
    if (r == 0)
        r = (long)out.used;
    if (r > 0 && out.size && out.used > out.size)
        r = out.size == LX_XATTR_LIST_MAX ? -E2BIG : -ERANGE;
    else if (r > 0 && out.size && copy_to_user(uptr(q->buf), out.buf, out.used) < 0)
        r = -EFAULT;
    kfree(out.buf);
    return r;
}

static long by_path(u64 path, unsigned at_flags, act_fn act, const struct request *q)
{
    struct lx_path p;
    struct vnode *v;
    long r = lx_path_open(&p, LX_AT_FDCWD, uptr(path));
    if (r < 0)
        return r;
    r = lx_path_vnode(&p, LX_AT_FDCWD, at_flags, &v);
    if (r == 0) {
        r = act(v, &p.walk.cred, q);
        vnode_put(v);
    }
    lx_path_close(&p);
    return r;
}

static long of_nameless(struct file *f, const struct vcred *c, act_fn act, const struct request *q)
{
    struct vnode *v;
    int r = nameless_vnode_borrow(f, &v);
    if (r < 0)
        return r;
    long result = act(v, c, q);
    vnode_put(v);
    return result;
}

static long by_fd(u64 fd, act_fn act, const struct request *q)
{
    struct file *f;
    long r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    struct lx_walk lw;
    lx_walk_get(&lw);
    if (f->flags & FILE_PATH)
        r = -EBADF;
    else
        r = f->vnode ? act(file_place(f), &lw.cred, q) : of_nameless(f, &lw.cred, act, q);
    lx_walk_put(&lw);
    file_put(f);
    return r;
}

#define REQUEST(...) (&(const struct request){ __VA_ARGS__ })
#define NOFOLLOW LX_AT_SYMLINK_NOFOLLOW

long sys_setxattr(u64 path, u64 name, u64 buf, u64 n, u64 fl, u64)
{
    return by_path(path, 0, set, REQUEST(name, buf, n, (u32)fl));
}

long sys_lsetxattr(u64 path, u64 name, u64 buf, u64 n, u64 fl, u64)
{
    return by_path(path, NOFOLLOW, set, REQUEST(name, buf, n, (u32)fl));
}

long sys_fsetxattr(u64 fd, u64 name, u64 buf, u64 n, u64 fl, u64)
{
    return by_fd(fd, set, REQUEST(name, buf, n, (u32)fl));
}

long sys_getxattr(u64 path, u64 name, u64 buf, u64 n, u64, u64)
{
    return by_path(path, 0, get, REQUEST(name, buf, n, 0));
}

long sys_lgetxattr(u64 path, u64 name, u64 buf, u64 n, u64, u64)
{
    return by_path(path, NOFOLLOW, get, REQUEST(name, buf, n, 0));
}

long sys_fgetxattr(u64 fd, u64 name, u64 buf, u64 n, u64, u64) { return by_fd(fd, get, REQUEST(name, buf, n, 0)); }
long sys_listxattr(u64 path, u64 buf, u64 n, u64, u64, u64) { return by_path(path, 0, list, REQUEST(0, buf, n, 0)); }

long sys_llistxattr(u64 path, u64 buf, u64 n, u64, u64, u64)
{
    return by_path(path, NOFOLLOW, list, REQUEST(0, buf, n, 0));
}

long sys_flistxattr(u64 fd, u64 buf, u64 n, u64, u64, u64) { return by_fd(fd, list, REQUEST(0, buf, n, 0)); }
long sys_removexattr(u64 path, u64 name, u64, u64, u64, u64) { return by_path(path, 0, erase, REQUEST(name, 0, 0, 0)); }

long sys_lremovexattr(u64 path, u64 name, u64, u64, u64, u64)
{
    return by_path(path, NOFOLLOW, erase, REQUEST(name, 0, 0, 0));
}

long sys_fremovexattr(u64 fd, u64 name, u64, u64, u64, u64) { return by_fd(fd, erase, REQUEST(name, 0, 0, 0)); }
