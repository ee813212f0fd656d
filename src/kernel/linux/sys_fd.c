/* Descriptors: a descriptor is a handle, so this is the handle table in Linux's words.
 *
 * Rights follow from the open flags once, when the descriptor is made; every copy (dup, fork,
 * SCM_RIGHTS) carries the rights of its original, which handle_restrict may have lowered.
 * RLIMIT_NOFILE bounds the slot number, not the count, as on Linux. */
#include "linux/file_owner.h"
#include "linux/sock.h"
#include "linux/sys_lock.h"
#include "linux/sys_memfd.h"
#include "linux/sys_priv.h"
#include "vfs/pipe.h"

unsigned lx_rights_of(const struct file *f)
{
    unsigned rights = RIGHT_DUPLICATE | RIGHT_TRANSFER | RIGHT_WAIT | RIGHT_MANAGE | RIGHT_MAP | RIGHT_EXECUTE;
    if (f->flags & FILE_READ)
        rights |= RIGHT_READ;
    if (f->flags & FILE_WRITE)
        rights |= RIGHT_WRITE;
    return rights;
}

/* Installs at or above min and below RLIMIT_NOFILE. */
static int install(struct kobject *obj, unsigned rights, unsigned flags, int min)
{
    struct handle_table *t = process_current()->handles;
    int fd;
    int r = handle_install(t, obj, rights, flags, min, &fd);
    if (r < 0)
        return r;
    if ((u64)fd < lx_limit(LX_RLIMIT_NOFILE))
        return fd;
    handle_undo(t, fd, obj);
    return -EMFILE;
}

int lx_handle_install(struct kobject *obj, unsigned rights, unsigned flags) { return install(obj, rights, flags, 0); }

int lx_fd_install(struct file *f, unsigned handle_flags)
{
    return install(&f->obj, lx_rights_of(f), handle_flags, 0);
}

long sys_close(u64 fd, u64, u64, u64, u64, u64)
{
    return handle_close(process_current()->handles, (int)fd);
}

long sys_close_range(u64 first, u64 last, u64 flags, u64, u64, u64)
{
    u32 lo = (u32)first, hi = MIN((u32)last, (u32)INT32_MAX);
    if ((u32)first > (u32)last || ((u32)flags & ~(LX_CLOSE_RANGE_CLOEXEC | LX_CLOSE_RANGE_UNSHARE)))
        return -EINVAL;
    int own = (u32)flags & LX_CLOSE_RANGE_UNSHARE ? lx_handles_unshare(process_current()) : 0;
    if (own < 0 || lo > hi)
        return own;
    struct handle_table *t = process_current()->handles;
    for (int fd = handle_next(t, (int)lo); fd >= 0 && (u32)fd <= hi; fd = handle_next(t, fd + 1)) {
        /* A slot that another thread closed meanwhile is what was wanted. */
        int r = flags & LX_CLOSE_RANGE_CLOEXEC ? handle_flags_set(t, fd, HANDLE_CLOEXEC) : handle_close(t, fd);
        (void)r;
    }
    return 0;
}

static long dup_min(int fd, u64 min, unsigned flags)
{
    int to;
    u64 limit = lx_limit(LX_RLIMIT_NOFILE);
    bool in_range = min < limit && min <= INT32_MAX;
    int r = handle_duplicate(process_current()->handles, fd, flags, (unsigned)MIN(min, INT32_MAX), in_range ? limit : 0, &to);
    return r == 0 ? to : r == -EMFILE && !in_range ? -EINVAL : r;
}

static long dup_at(int fd, u32 to, unsigned flags)
{
    struct handle_table *t = process_current()->handles;
    struct kobject *obj;
    unsigned rights;
    if (to >= lx_limit(LX_RLIMIT_NOFILE) || to > INT32_MAX)
        return -EBADF;
    int r = handle_get(t, fd, KOBJ_NONE, RIGHT_DUPLICATE, &obj, &rights);
    if (r < 0)
        return r;
    r = handle_install_at(t, obj, rights, flags, (int)to);
    kobject_put(obj);
    return r < 0 ? r : (long)to;
}

long sys_dup(u64 fd, u64, u64, u64, u64, u64)
{
    long r = dup_min((int)fd, 0, 0);
    return r == -EINVAL ? -EMFILE : r; /* a limit of 0: dup has no argument to blame */
}

long sys_dup2(u64 from, u64 to, u64, u64, u64, u64)
{
    if ((u32)from != (u32)to)
        return dup_at((int)from, (u32)to, 0);
    int r = handle_flags_get(process_current()->handles, (int)from);
    return r < 0 ? r : (long)(int)from;
}

long sys_dup3(u64 from, u64 to, u64 flags, u64, u64, u64)
{
    if (((u32)flags & ~LX_O_CLOEXEC) || (u32)from == (u32)to)
        return -EINVAL;
    return dup_at((int)from, (u32)to, flags ? HANDLE_CLOEXEC : 0);
}

static long make_pipe(u64 user_fds, u32 flags)
{
    if (flags & ~(LX_O_CLOEXEC | LX_O_NONBLOCK | LX_O_DIRECT))
        return lx_missing(flags, -EINVAL);
    unsigned handle_flags = flags & LX_O_CLOEXEC ? HANDLE_CLOEXEC : 0;
    struct handle_table *t = process_current()->handles;
    struct file *rd, *wr;
    i32 fds[2];
    u32 ours = (flags & LX_O_NONBLOCK ? FILE_NONBLOCK : 0) | (flags & LX_O_DIRECT ? FILE_DIRECT : 0);
    int r = pipe_create(ours, lx_current()->fsuid, lx_current()->fsgid, &rd, &wr);
    if (r < 0)
        return r;
    r = fds[0] = lx_fd_install(rd, handle_flags);
    if (r < 0)
        goto put_files;
    r = fds[1] = lx_fd_install(wr, handle_flags);
    if (r < 0)
        goto close_read;
    r = copy_to_user(uptr(user_fds), fds, sizeof(fds));
    if (r == 0)
        goto put_files;
    handle_undo(t, fds[1], &wr->obj);
close_read:
    handle_undo(t, fds[0], &rd->obj);
put_files:
    file_put(rd);
    file_put(wr);
    return r < 0 ? r : 0;
}

long sys_pipe(u64 fds, u64, u64, u64, u64, u64) { return make_pipe(fds, 0); }
long sys_pipe2(u64 fds, u64 flags, u64, u64, u64, u64) { return make_pipe(fds, (u32)flags); }

#define SETFL_LINUX (LX_O_APPEND | LX_O_NONBLOCK | LX_O_DIRECT | LX_O_NOATIME)

/* What of Linux's flags F_SETFL may change, in ours. */
static u32 setfl_flags(u32 fl)
{
    return (fl & LX_O_APPEND ? FILE_APPEND : 0) | (fl & LX_O_NONBLOCK ? FILE_NONBLOCK : 0) |
           (fl & LX_O_DIRECT ? FILE_DIRECT : 0) | (fl & LX_O_NOATIME ? FILE_NOATIME : 0);
}

/* Whose reading leaves no trace: as open's O_NOATIME. */
static int noatime_check(struct file *f)
{
    struct vattr a;
    int r = file_getattr(f, &a);
    return r < 0 ? r : lx_current()->fsuid == a.uid || lx_capable(LX_CAP_FOWNER) ? 0 : -EPERM;
}

static long set_file_flags(int fd, struct file *f, u32 fl)
{
    int r = (fl & LX_O_NOATIME) && !file_has(f, FILE_NOATIME) ? noatime_check(f) : 0;
    if (r == 0 && file_has(f, FILE_ASYNC) != !!(fl & LX_O_ASYNC))
        r = lx_async_set(f, fd, fl & LX_O_ASYNC);
    if (r < 0 && r != -ENOTTY) /* where there is no news to tell of the flag is ignored */
        return r;
    u32 old = __atomic_load_n(&f->flags, __ATOMIC_RELAXED), fresh;
    do
        fresh = (old & ~setfl_flags(SETFL_LINUX)) | setfl_flags(fl);
    while (!__atomic_compare_exchange_n(&f->flags, &old, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return 0;
}

static long pipe_size_set(struct file *f, u32 wish)
{
    u32 size = pipe_size_round(wish);
    if (size > PIPE_CAPACITY_MAX && size > pipe_capacity(f) && !lx_capable(LX_CAP_SYS_RESOURCE))
        return -EPERM;
    int r = pipe_resize(f, wish);
    return r < 0 ? r : (long)size;
}

static long fcntl_file(int fd, struct file *f, u32 cmd, u64 arg)
{
    switch (cmd) {
    case LX_F_GETFL: return lx_open_flags_of(f);
    case LX_F_SETFL: return set_file_flags(fd, f, (u32)arg);
    case LX_F_GETLK:
    case LX_F_SETLK:
    case LX_F_SETLKW:
    case LX_F_OFD_GETLK:
    case LX_F_OFD_SETLK:
    case LX_F_OFD_SETLKW: return lx_fcntl_lock(fd, f, cmd, arg);
    case LX_F_GETPIPE_SZ: return file_is_pipe(f) ? (long)pipe_capacity(f) : -EBADF;
    case LX_F_SETPIPE_SZ: return file_is_pipe(f) ? pipe_size_set(f, (u32)arg) : -EBADF;
    case LX_F_ADD_SEALS: return lx_seals_add(f, arg);
    case LX_F_GET_SEALS: return lx_seals_get(f);
    case LX_F_SETOWN: return lx_owner_set(f, (int)arg);
    case LX_F_GETOWN: return lx_owner_get(f);
    case LX_F_SETOWN_EX: return lx_owner_set_ex(f, arg);
    case LX_F_GETOWN_EX: return lx_owner_get_ex(f, arg);
    case LX_F_SETSIG: return lx_owner_set_signal(f, arg);
    case LX_F_GETSIG: return lx_owner_signal(f);
    default: return lx_missing(cmd, -EINVAL);
    }
}

static long fcntl_slot(int fd, u32 cmd, u64 arg)
{
    struct handle_table *t = process_current()->handles;
    if (cmd == LX_F_SETFD)
        return handle_flags_set(t, fd, arg & LX_FD_CLOEXEC ? HANDLE_CLOEXEC : 0);
    int flags = handle_flags_get(t, fd);
    return flags < 0 ? flags : (flags & HANDLE_CLOEXEC ? (long)LX_FD_CLOEXEC : 0);
}

long sys_fcntl(u64 fd, u64 cmd, u64 arg, u64, u64, u64)
{
    switch ((u32)cmd) {
    case LX_F_DUPFD: return dup_min((int)fd, (u32)arg, 0);
    case LX_F_DUPFD_CLOEXEC: return dup_min((int)fd, (u32)arg, HANDLE_CLOEXEC);
    case LX_F_GETFD:
    case LX_F_SETFD: return fcntl_slot((int)fd, (u32)cmd, arg);
    }
    struct file *f;
    int r = lx_file_borrow((int)fd, 0, &f);
    if (r < 0)
        return r;
    bool path = file_has(f, FILE_PATH) && (u32)cmd != LX_F_GETFL;
    long result = path ? -EBADF : fcntl_file((int)fd, f, (u32)cmd, arg);
    lx_file_return(f, r);
    return result;
}
