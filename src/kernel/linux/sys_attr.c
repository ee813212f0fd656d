/* Attributes coming in: chmod, chown, times, sizes; and the calls that ask for storage to be safe,
 * which all file systems here are at once because they live in memory. */
#include "linux/sys_priv.h"
#include "vfs/pipe.h"
#include "sched/clock.h"

/* A change of attributes, and by which names it may be reached. */
struct change { struct vattr a; unsigned what; bool writer_may; /* not only the owner: utimes(NULL) */ };

static int change_vnode(const struct lx_walk *lw, struct vnode *v, const struct change *c)
{
    struct lx_walk as = *lw;
    as.w.cred = &as.cred;
    if (c->writer_may && !(as.cred.powers & VPOWER_OWNER) && vnode_permission(v, &as.cred, MAY_WRITE) == 0)
        as.cred.powers |= VPOWER_OWNER; /* POSIX: who may write may set the times to now */
    return c->what ? vfs_setattr(&as.w, v, &c->a, c->what) : 0;
}

static long change_at(int dirfd, u64 path, unsigned flags, const struct change *c)
{
    struct lx_path p;
    int r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    struct vnode *v;
    r = lx_path_vnode(&p, dirfd, flags, &v);
    if (r == 0) {
        r = change_vnode(&p.walk, v, c);
        vnode_put(v);
    }
    lx_path_close(&p);
    return r;
}

static int change_in_hand(struct vnode *v, const struct change *c)
{
    struct lx_walk lw;
    lx_walk_get(&lw);
    int r = change_vnode(&lw, v, c);
    lx_walk_put(&lw);
    return r;
}

static int change_nameless(struct file *f, const struct change *c)
{
    struct vnode *v;
    int r = f->ops->setattr ? nameless_vnode_borrow(f, &v) : -EOPNOTSUPP;
    if (r < 0)
        return r;
    r = change_in_hand(v, c);
    vnode_put(v);
    return r;
}

static long change_fd(int fd, const struct change *c)
{
    struct file *f;
    int r = lx_file_get_right(fd, RIGHT_MANAGE, &f);
    if (r < 0)
        return r;
    r = f->flags & FILE_PATH ? -EBADF : f->vnode ? change_in_hand(file_place(f), c) : change_nameless(f, c);
    file_put(f);
    return r;
}

static struct change mode_change(u64 mode)
{
    return (struct change){ .a.mode = (u32)mode & 07777, .what = VSET_MODE };
}

long sys_chmod(u64 path, u64 mode, u64, u64, u64, u64)
{
    struct change c = mode_change(mode);
    return change_at(LX_AT_FDCWD, path, 0, &c);
}
long sys_fchmodat(u64 dirfd, u64 path, u64 mode, u64, u64, u64)
{
    struct change c = mode_change(mode);
    return change_at((int)dirfd, path, 0, &c);
}
long sys_fchmodat2(u64 dirfd, u64 path, u64 mode, u64 flags, u64, u64)
{
    struct change c = mode_change(mode);
    if ((u32)flags & ~(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH))
        return -EINVAL;
    return change_at((int)dirfd, path, (unsigned)flags, &c);
}
long sys_fchmod(u64 fd, u64 mode, u64, u64, u64, u64)
{
    struct change c = mode_change(mode);
    return change_fd((int)fd, &c);
}

static struct change owner_change(u64 uid, u64 gid)
{
    struct change c = { .a.uid = (u32)uid, .a.gid = (u32)gid };
    c.what = ((u32)uid != UINT32_MAX ? VSET_UID : 0) | ((u32)gid != UINT32_MAX ? VSET_GID : 0);
    return c;
}

long sys_chown(u64 path, u64 uid, u64 gid, u64, u64, u64)
{
    struct change c = owner_change(uid, gid);
    return change_at(LX_AT_FDCWD, path, 0, &c);
}
long sys_lchown(u64 path, u64 uid, u64 gid, u64, u64, u64)
{
    struct change c = owner_change(uid, gid);
    return change_at(LX_AT_FDCWD, path, LX_AT_SYMLINK_NOFOLLOW, &c);
}
long sys_fchown(u64 fd, u64 uid, u64 gid, u64, u64, u64)
{
    struct change c = owner_change(uid, gid);
    return change_fd((int)fd, &c);
}
long sys_fchownat(u64 dirfd, u64 path, u64 uid, u64 gid, u64 flags, u64)
{
    struct change c = owner_change(uid, gid);
    if ((u32)flags & ~(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH))
        return -EINVAL;
    return change_at((int)dirfd, path, (unsigned)flags, &c);
}

/* --- times --- */

static struct change now_change(void)
{
    u64 now = clock_realtime_ns();
    return (struct change){ .a.atime_ns = now, .a.mtime_ns = now, .what = VSET_ATIME | VSET_MTIME, .writer_may = true };
}

/* Times before 1970 or beyond the year 2554 do not fit the kernel's clock: clamped, as Linux
 * clamps to what a file system can store. */
static u64 clamp_ns(i64 sec, u64 nsec)
{
    if (sec < 0)
        return 0;
    return (u64)sec >= UINT64_MAX / NSEC_PER_SEC ? UINT64_MAX : (u64)sec * NSEC_PER_SEC + nsec;
}

static int take_timespecs(u64 user, struct change *c)
{
    struct lx_timespec ts[2];
    u64 *field[2] = { &c->a.atime_ns, &c->a.mtime_ns };
    if (copy_from_user(ts, uptr(user), sizeof(ts)) < 0)
        return -EFAULT;
    u64 now = clock_realtime_ns();
    *c = (struct change){ .writer_may = ts[0].nsec == LX_UTIME_NOW && ts[1].nsec == LX_UTIME_NOW };
    for (int i = 0; i < 2; i++) {
        if (ts[i].nsec == LX_UTIME_OMIT)
            continue;
        c->what |= i ? VSET_MTIME : VSET_ATIME;
        if (ts[i].nsec == LX_UTIME_NOW)
            *field[i] = now;
        else if (ts[i].nsec < 0 || ts[i].nsec >= (i64)NSEC_PER_SEC)
            return -EINVAL;
        else
            *field[i] = clamp_ns(ts[i].sec, (u64)ts[i].nsec);
    }
    return 0;
}

long sys_utimensat(u64 dirfd, u64 path, u64 times, u64 flags, u64, u64)
{
    struct change c = now_change();
    int r = times ? take_timespecs(times, &c) : 0;
    if (r < 0)
        return r;
    if (!c.what)
        return 0; /* both omitted: not even the path is looked at */
    if (!path && (i32)dirfd != LX_AT_FDCWD)
        return (u32)flags ? -EINVAL : change_fd((int)dirfd, &c);
    if ((u32)flags & ~(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH))
        return -EINVAL;
    return change_at((int)dirfd, path, (unsigned)flags, &c);
}

static long utimes_at(int dirfd, u64 path, u64 times)
{
    struct lx_timeval tv[2];
    struct change c = now_change();
    if (times) {
        if (copy_from_user(tv, uptr(times), sizeof(tv)) < 0)
            return -EFAULT;
        for (int i = 0; i < 2; i++)
            if (tv[i].usec < 0 || tv[i].usec >= 1000000)
                return -EINVAL;
        c.a.atime_ns = clamp_ns(tv[0].sec, (u64)tv[0].usec * 1000);
        c.a.mtime_ns = clamp_ns(tv[1].sec, (u64)tv[1].usec * 1000);
        c.writer_may = false;
    }
    if (!path && dirfd != LX_AT_FDCWD)
        return change_fd(dirfd, &c);
    return change_at(dirfd, path, 0, &c);
}

long sys_utimes(u64 path, u64 times, u64, u64, u64, u64) { return utimes_at(LX_AT_FDCWD, path, times); }
long sys_futimesat(u64 dirfd, u64 path, u64 times, u64, u64, u64) { return utimes_at((int)dirfd, path, times); }

long sys_utime(u64 path, u64 times, u64, u64, u64, u64)
{
    i64 sec[2];
    struct change c = now_change();
    if (times) {
        if (copy_from_user(sec, uptr(times), sizeof(sec)) < 0)
            return -EFAULT;
        c.a.atime_ns = clamp_ns(sec[0], 0);
        c.a.mtime_ns = clamp_ns(sec[1], 0);
        c.writer_may = false;
    }
    return change_at(LX_AT_FDCWD, path, 0, &c);
}

/* --- sizes --- */

static int truncate_vnode(struct vnode *v, const struct vcred *cred, u64 size)
{
    struct file *f;
    if (v->type == V_DIR)
        return -EISDIR;
    if (v->type != V_REG)
        return -EINVAL;
    int r = vfs_open_vnode(v, cred, FILE_WRITE, &f);
    if (r < 0)
        return r;
    r = lx_file_size_check(f, size);
    if (r == 0)
        r = file_truncate(f, size);
    file_put(f);
    return r;
}

long sys_truncate(u64 path, u64 size, u64, u64, u64, u64)
{
    if ((i64)size < 0)
        return -EINVAL;
    struct lx_path p;
    int r = lx_path_open(&p, LX_AT_FDCWD, uptr(path));
    if (r < 0)
        return r;
    struct vnode *v;
    r = lx_path_vnode(&p, LX_AT_FDCWD, 0, &v);
    if (r == 0) {
        r = truncate_vnode(v, &p.walk.cred, size);
        vnode_put(v);
    }
    lx_path_close(&p);
    return r;
}

long sys_ftruncate(u64 fd, u64 size, u64, u64, u64, u64)
{
    if ((i64)size < 0)
        return -EINVAL;
    struct kobject *obj;
    unsigned rights;
    int r = handle_get(process_current()->handles, (int)fd, KOBJ_FILE, 0, &obj, &rights);
    if (r < 0)
        return r;
    struct file *f = file_from(obj);
    if (f->flags & FILE_PATH)
        r = -EBADF;
    else if (!(rights & RIGHT_WRITE) || !f->vnode || f->vnode->type != V_REG)
        r = -EINVAL;
    else if ((r = lx_file_size_check(f, size)) == 0)
        r = file_truncate(f, size);
    file_put(f);
    return r;
}

/* --- storage --- */

long sys_sync(u64, u64, u64, u64, u64, u64) { return 0; } /* every file system is in memory */

struct range { u64 pos, n; u32 how; };
typedef int (*judge_fn)(struct file *f, const struct range *g);

/* What is left of a call about storage: whether the file and the arguments are such that it means something. */
static long judge(u64 fd, judge_fn fn, const struct range *g)
{
    struct file *f;
    int r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    r = fn(f, g);
    file_put(f);
    return r;
}

static int judge_any(struct file *f, const struct range *g) { return f->flags & FILE_PATH ? -EBADF : 0; }

long sys_syncfs(u64 fd, u64, u64, u64, u64, u64) { return judge(fd, judge_any, NULL); }

static int judge_sync(struct file *f, const struct range *g)
{
    if (f->flags & FILE_PATH)
        return -EBADF;
    if (f->ops->fsync)
        return f->ops->fsync(f);
    return f->vnode && (f->vnode->type == V_REG || f->vnode->type == V_DIR) ? 0 : -EINVAL;
}

long sys_fsync(u64 fd, u64, u64, u64, u64, u64) { return judge(fd, judge_sync, NULL); }
long sys_fdatasync(u64 fd, u64, u64, u64, u64, u64) { return judge(fd, judge_sync, NULL); }

static int judge_sync_range(struct file *f, const struct range *g)
{
    if (f->flags & FILE_PATH)
        return -EBADF;
    if (g->how > 7 || (i64)g->pos < 0 || (i64)g->n < 0 || (i64)(g->pos + g->n) < 0)
        return -EINVAL;
    return f->vnode && f->vnode->type != V_FIFO && f->vnode->type != V_CHR ? 0 : -ESPIPE;
}

long sys_sync_file_range(u64 fd, u64 pos, u64 n, u64 flags, u64, u64)
{
    return judge(fd, judge_sync_range, &(struct range){ pos, n, (u32)flags });
}

static int judge_readahead(struct file *f, const struct range *g)
{
    if (!file_has(f, FILE_READ))
        return -EBADF;
    return f->vnode && (f->vnode->type == V_REG || f->vnode->type == V_BLK) ? 0 : -EINVAL;
}

long sys_readahead(u64 fd, u64, u64, u64, u64, u64) { return judge(fd, judge_readahead, NULL); }

/* Advice about a cache that always holds everything. */
static int judge_advice(struct file *f, const struct range *g)
{
    if (f->flags & FILE_PATH)
        return -EBADF;
    if (f->vnode ? f->vnode->type == V_FIFO : file_is_pipe(f))
        return -ESPIPE;
    return (i64)g->n < 0 || g->how > 5 ? -EINVAL : 0;
}

long sys_fadvise64(u64 fd, u64, u64 len, u64 advice, u64, u64)
{
    return judge(fd, judge_advice, &(struct range){ .n = len, .how = (u32)advice });
}
