/* inotify_init1, inotify_add_watch, inotify_rm_watch; dnotify's F_NOTIFY is not there. */
#include "linux/sys_priv.h"
#include "vfs/notify.h"

#define LX_IN_ONLYDIR 0x01000000u /* linux/inotify.h */
#define LX_IN_DONT_FOLLOW 0x02000000u
#define LX_IN_EXCL_UNLINK 0x04000000u
#define LX_IN_MASK_CREATE 0x10000000u
#define LX_IN_MASK_ADD 0x20000000u
#define LX_IN_ONESHOT 0x80000000u

long sys_inotify_init1(u64 uflags, u64, u64, u64, u64, u64)
{
    struct file *f;
    u32 flags = (u32)uflags;
    if (flags & ~(LX_O_NONBLOCK | LX_O_CLOEXEC))
        return -EINVAL;
    int r = inotify_create(lx_nonblock_of(flags), &f);
    return r < 0 ? r : lx_fd_install_new(f, flags);
}

long sys_inotify_init(u64, u64, u64, u64, u64, u64) { return sys_inotify_init1(0, 0, 0, 0, 0, 0); }

static int watch_path(struct file *f, u64 path, u32 mask)
{
    struct lx_path p;
    struct vnode *v;
    u32 how = (mask & LX_IN_EXCL_UNLINK ? NOTIFY_EXCL_UNLINK : 0) | (mask & LX_IN_ONESHOT ? NOTIFY_ONESHOT : 0) |
              (mask & LX_IN_MASK_ADD ? NOTIFY_ADD : 0) | (mask & LX_IN_MASK_CREATE ? NOTIFY_NEW : 0);
    int r = lx_path_open(&p, LX_AT_FDCWD, uptr(path));
    if (r < 0)
        return r;
    r = lx_path_vnode(&p, LX_AT_FDCWD, mask & LX_IN_DONT_FOLLOW ? LX_AT_SYMLINK_NOFOLLOW : 0, &v);
    if (r == 0) {
        if ((mask & LX_IN_ONLYDIR) && v->type != V_DIR)
            r = -ENOTDIR;
        else
            r = vnode_permission(v, &p.walk.cred, MAY_READ);
        if (r == 0)
            r = inotify_watch(f, v, mask & NOTIFY_ALL, how);
        vnode_put(v);
    }
    lx_path_close(&p);
    return r;
}

long sys_inotify_add_watch(u64 fd, u64 path, u64 umask, u64, u64, u64)
{
    struct file *f;
    u32 mask = (u32)umask;
    bool twice = (mask & LX_IN_MASK_ADD) && (mask & LX_IN_MASK_CREATE);
    if (!(mask & NOTIFY_ALL))
        return -EINVAL;
    int r = lx_file_get_open((int)fd, &f);
    if (r < 0)
        return r;
    size_t unused;
    r = twice || inotify_readable_bytes(f, &unused) < 0 ? -EINVAL : watch_path(f, path, mask);
    file_put(f);
    return r;
}

long sys_inotify_rm_watch(u64 fd, u64 number, u64, u64, u64, u64)
{
    struct file *f;
    int r = lx_file_get_open((int)fd, &f);
    if (r < 0)
        return r;
    r = inotify_unwatch(f, (int)number);
    file_put(f);
    return r;
}
