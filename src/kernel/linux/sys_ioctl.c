/* ioctl: requests that every descriptor knows, then those of pipes and sockets; terminals have tty_ioctl.c. */
#include "linux/abi/ioctl.h"
#include "linux/fb_dev.h"
#include "linux/file_owner.h"
#include "linux/missing.h"
#include "linux/sock.h"
#include "linux/tty_job.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"

static long put_count(u64 arg, u64 n)
{
    i32 count = (i32)MIN(n, (u64)INT32_MAX);
    return copy_to_user(uptr(arg), &count, sizeof(count));
}

/* Of a file that has no requests of its own. Those of terminals ('T') and sockets (0x89) mean that the program tries
 * what it has; others mean something that this kernel does not offer (linux/Documentation ioctl-number). */
static long unknown_ioctl(u32 cmd)
{
    u32 type = cmd >> 8 & 0xff;
    return type == 'T' || type == 0x89 ? -ENOTTY : lx_missing(cmd, -ENOTTY);
}

static long set_nonblock(struct file *f, u64 arg)
{
    i32 on;
    if (copy_from_user(&on, uptr(arg), sizeof(on)) < 0)
        return -EFAULT;
    if (on)
        __atomic_fetch_or(&f->flags, FILE_NONBLOCK, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&f->flags, ~(u32)FILE_NONBLOCK, __ATOMIC_RELAXED);
    return 0;
}

static long set_async(int fd, struct file *f, u64 arg)
{
    i32 on;
    if (copy_from_user(&on, uptr(arg), sizeof(on)) < 0)
        return -EFAULT;
    return lx_async_set(f, fd, on != 0);
}

/* FIONREAD of a pipe is what lies in it, of a regular file what is left. */
static long readable_count(struct file *f, u64 arg)
{
    size_t n;
    struct vattr a;
    if (pipe_readable_bytes(f, &n) == 0 || inotify_readable_bytes(f, &n) == 0)
        return put_count(arg, n);
    if (!f->vnode || f->vnode->type != V_REG || file_getattr(f, &a) < 0)
        return -ENOTTY;
    i64 pos = file_seek(f, 0, LX_SEEK_CUR);
    return put_count(arg, pos >= 0 && (u64)pos < a.size ? a.size - (u64)pos : 0);
}

static long socket_owner(struct file *f, bool set, u64 arg)
{
    i32 id = set ? 0 : lx_owner_get(f);
    if (!set)
        return copy_to_user(uptr(arg), &id, sizeof(id));
    return copy_from_user(&id, uptr(arg), sizeof(id)) ? -EFAULT : lx_owner_set(f, id);
}

static long socket_ioctl(struct socket *s, struct file *f, u32 cmd, u64 arg)
{
    u32 n;
    if (cmd >= LX_FIOSETOWN && cmd <= LX_SIOCGPGRP)
        return socket_owner(f, cmd <= LX_SIOCSPGRP, arg);
    if (lx_is_netif_ioctl(cmd))
        return lx_netif_ioctl(s, cmd, arg);
    if (cmd != LX_FIONREAD && cmd != LX_SIOCOUTQ)
        return cmd >> 8 == 0x54 ? -ENOTTY : lx_missing(cmd, -ENOTTY); /* 0x54: a terminal's */
    int r = socket_queued(s, cmd == LX_SIOCOUTQ, &n);
    return r < 0 ? r : put_count(arg, n);
}

static long file_ioctl(int fd, struct file *f, u32 cmd, u64 arg)
{
    if (cmd == LX_FIONBIO)
        return set_nonblock(f, arg);
    if (cmd == LX_FIOASYNC)
        return set_async(fd, f, arg);
    struct tty *t = tty_of_file(f);
    if (t)
        return lx_tty_ioctl(t, f, cmd, arg);
    struct socket *s = socket_of_file(f);
    if (s)
        return socket_ioctl(s, f, cmd, arg);
    long result;
    if (lx_fb_ioctl(f, cmd, arg, &result))
        return result;
    return cmd == LX_FIONREAD ? readable_count(f, arg) : unknown_ioctl(cmd);
}

long sys_ioctl(u64 fd, u64 cmd, u64 arg, u64, u64, u64)
{
    struct file *f;
    int r = lx_file_borrow((int)fd, 0, &f);
    if (r < 0)
        return r;
    long result = -EBADF; /* of an O_PATH descriptor */
    struct handle_table *t = process_current()->handles;
    if (f->flags & FILE_PATH)
        result = -EBADF;
    else if ((u32)cmd == LX_FIOCLEX)
        result = handle_flags_set(t, (int)fd, HANDLE_CLOEXEC);
    else if ((u32)cmd == LX_FIONCLEX)
        result = handle_flags_set(t, (int)fd, 0);
    else
        result = lx_restartable(file_ioctl((int)fd, f, (u32)cmd, arg));
    lx_file_return(f, r);
    return result;
}
