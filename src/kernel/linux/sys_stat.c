/* Attributes going out: stat in its five forms, statx, access, statfs. */
#include "linux/abi/mount.h"
#include "linux/abi/stat.h"
#include "linux/sys_priv.h"
#include "sched/clock.h"

#define BLOCK_SIZE 4096u /* preferred size of I/O: a page */

static void stat_fill(struct lx_stat *st, const struct vattr *a)
{
    *st = (struct lx_stat){
        .dev = a->dev, .ino = a->ino, .nlink = a->nlink, .mode = a->mode, .uid = a->uid, .gid = a->gid,
        .rdev = a->rdev, .size = (i64)a->size, .blksize = BLOCK_SIZE, .blocks = (i64)a->blocks,
        .atime = a->atime_ns / NSEC_PER_SEC, .atime_nsec = a->atime_ns % NSEC_PER_SEC,
        .mtime = a->mtime_ns / NSEC_PER_SEC, .mtime_nsec = a->mtime_ns % NSEC_PER_SEC,
        .ctime = a->ctime_ns / NSEC_PER_SEC, .ctime_nsec = a->ctime_ns % NSEC_PER_SEC,
    };
}

static int getattr_fd(int fd, struct vattr *a)
{
    struct file *f;
    int borrowed = lx_file_borrow(fd, 0, &f);
    if (borrowed < 0)
        return borrowed;
    int r = file_getattr(f, a);
    lx_file_return(f, borrowed);
    return r;
}

static int getattr_at(int dirfd, u64 path, unsigned flags, struct vattr *a)
{
    struct lx_path p;
    int r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    struct vnode *v;
    if (!p.name[0] && (flags & LX_AT_EMPTY_PATH) && dirfd != LX_AT_FDCWD) {
        r = getattr_fd(dirfd, a); /* a pipe, too */
    } else {
        r = lx_path_vnode(&p, dirfd, flags, &v);
        if (r == 0) {
            r = vfs_getattr(v, a);
            vnode_put(v);
        }
    }
    lx_path_result(&p, r);
    lx_path_close(&p);
    return r;
}

static long stat_put(int r, const struct vattr *a, u64 buf)
{
    struct lx_stat st;
    if (r < 0)
        return r;
    stat_fill(&st, a);
    return copy_to_user(uptr(buf), &st, sizeof(st));
}

static long stat_at(int dirfd, u64 path, u64 buf, unsigned flags)
{
    struct vattr a;
    if (flags & ~(LX_AT_SYMLINK_NOFOLLOW | LX_AT_NO_AUTOMOUNT | LX_AT_EMPTY_PATH))
        return -EINVAL;
    int r = getattr_at(dirfd, path, flags, &a);
    return stat_put(r, &a, buf);
}

long sys_stat(u64 path, u64 buf, u64, u64, u64, u64) { return stat_at(LX_AT_FDCWD, path, buf, 0); }

long sys_lstat(u64 path, u64 buf, u64, u64, u64, u64)
{
    return stat_at(LX_AT_FDCWD, path, buf, LX_AT_SYMLINK_NOFOLLOW);
}

long sys_newfstatat(u64 dirfd, u64 path, u64 buf, u64 flags, u64, u64)
{
    return stat_at((int)dirfd, path, buf, (unsigned)flags);
}

long sys_fstat(u64 fd, u64 buf, u64, u64, u64, u64)
{
    struct vattr a;
    int r = getattr_fd((int)fd, &a);
    return stat_put(r, &a, buf);
}

static struct lx_statx_time statx_time(u64 ns)
{
    return (struct lx_statx_time){ .sec = (i64)(ns / NSEC_PER_SEC), .nsec = (u32)(ns % NSEC_PER_SEC) };
}
/* Inverse of makedev. */
static u32 dev_major(u64 dev) { return (u32)(dev >> 8 & 0xfff); }
static u32 dev_minor(u64 dev) { return (u32)((dev & 0xff) | (dev >> 12 & 0xfff00)); }

static void statx_fill(struct lx_statx *sx, const struct vattr *a)
{
    *sx = (struct lx_statx){
        .mask = LX_STATX_BASIC_STATS | LX_STATX_BTIME | (a->mount_id ? LX_STATX_MNT_ID : 0), .blksize = BLOCK_SIZE,
        .nlink = a->nlink,
        .uid = a->uid, .gid = a->gid, .mode = (u16)a->mode, .ino = a->ino, .size = a->size, .blocks = a->blocks,
        .atime = statx_time(a->atime_ns), .btime = statx_time(a->btime_ns),
        .ctime = statx_time(a->ctime_ns), .mtime = statx_time(a->mtime_ns),
        .rdev_major = dev_major(a->rdev), .rdev_minor = dev_minor(a->rdev),
        .dev_major = dev_major(a->dev), .dev_minor = dev_minor(a->dev), .mnt_id = (u64)a->mount_id,
        .attributes = a->is_mount_root ? LX_STATX_ATTR_MOUNT_ROOT : 0, .attributes_mask = LX_STATX_ATTR_MOUNT_ROOT,
    };
}

long sys_statx(u64 dirfd, u64 path, u64 flags, u64 mask, u64 buf, u64)
{
    const unsigned known = LX_AT_SYMLINK_NOFOLLOW | LX_AT_NO_AUTOMOUNT | LX_AT_EMPTY_PATH | LX_AT_STATX_SYNC_TYPE;
    if (((u32)mask & LX_STATX_RESERVED) || ((u32)flags & ~known) ||
        ((u32)flags & LX_AT_STATX_SYNC_TYPE) == LX_AT_STATX_SYNC_TYPE)
        return -EINVAL;
    struct vattr a;
    int r = getattr_at((int)dirfd, path, (unsigned)flags, &a);
    if (r < 0)
        return r;
    struct lx_statx sx;
    statx_fill(&sx, &a);
    return copy_to_user(uptr(buf), &sx, sizeof(sx));
}

static int access_check(struct vnode *v, const struct vcred *c, unsigned may)
{
    if ((may & MAY_EXEC) && v->type == V_REG && (vnode_mount_flags(v) & MOUNT_NOEXEC))
        return -EACCES;
    int r = may ? vnode_permission(v, c, may) : 0;
    return !r && (may & MAY_WRITE) && vnode_is_readonly(v) ? -EROFS : r;
}

/* Judged by the real ids unless AT_EACCESS asks for the effective ones: access(2). */
static long access_at(int dirfd, u64 path, u32 mode, unsigned flags)
{
    if ((mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC)) ||
        (flags & ~(LX_AT_EACCESS | LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH)))
        return -EINVAL;
    struct lx_path p;
    int r = lx_path_begin(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    if (!(flags & LX_AT_EACCESS)) {
        const struct lx_process *me = lx_current();
        p.walk.cred.uid = me->uid;
        p.walk.cred.gid = me->gid;
        if (!(me->caps.securebits & LX_SECBIT_NO_SETUID_FIXUP))
            p.walk.cred.powers = me->uid ? 0 : me->caps.permitted;
    }
    r = lx_path_enter(&p);
    if (r < 0)
        return r;
    struct vnode *v;
    r = lx_path_vnode(&p, dirfd, flags, &v);
    if (r == 0) {
        r = access_check(v, &p.walk.cred, mode);
        vnode_put(v);
    }
    lx_path_result(&p, r);
    lx_path_close(&p);
    return r;
}

long sys_access(u64 path, u64 mode, u64, u64, u64, u64) { return access_at(LX_AT_FDCWD, path, (u32)mode, 0); }
long sys_faccessat(u64 dirfd, u64 path, u64 mode, u64, u64, u64) { return access_at((int)dirfd, path, (u32)mode, 0); }

long sys_faccessat2(u64 dirfd, u64 path, u64 mode, u64 flags, u64, u64)
{
    return access_at((int)dirfd, path, (u32)mode, (unsigned)flags);
}

static u32 statfs_flags(u32 flags)
{
    return LX_ST_VALID | (flags & MOUNT_NO_WRITES ? LX_ST_RDONLY : 0) | (flags & MOUNT_NOSUID ? LX_ST_NOSUID : 0) |
           (flags & MOUNT_NODEV ? LX_ST_NODEV : 0) | (flags & MOUNT_NOEXEC ? LX_ST_NOEXEC : 0) | (flags & MOUNT_SYNC ? LX_ST_SYNCHRONOUS : 0) |
           (flags & MOUNT_NOATIME ? LX_ST_NOATIME : 0) | (flags & MOUNT_NODIRATIME ? LX_ST_NODIRATIME : 0) |
           (flags & (MOUNT_NOATIME | MOUNT_STRICTATIME) ? 0 : LX_ST_RELATIME);
}

static long statfs_put(const struct fs_stat *s, u64 dev, u32 flags, u64 buf)
{
    struct lx_statfs out = {
        .type = (i64)s->type, .bsize = (i64)s->bsize, .frsize = (i64)s->bsize, .blocks = s->blocks, .bfree = s->bfree,
        .bavail = s->bfree, .files = s->files, .ffree = s->ffree, .namelen = (i64)s->namelen,
        .fsid = { (i32)dev }, .flags = statfs_flags(flags),
    };
    return copy_to_user(uptr(buf), &out, sizeof(out));
}

static long statfs_vnode(struct vnode *v, u64 buf)
{
    struct fs_stat s;
    int r = vfs_statfs(v, &s);
    return r < 0 ? r : statfs_put(&s, v->mount->dev, vnode_mount_flags(v), buf);
}

/* What has no name is on one of Linux's inner file systems: statfs(2). */
static long statfs_nameless(struct file *f, u64 buf)
{
    struct vattr a;
    if (f->vnode && f->vnode->mount)
        return statfs_vnode(file_place(f), buf);
    bool tmpfs = f->vnode && f->vnode->type == V_REG;
    int r = file_getattr(f, &a);
    if (r < 0)
        return r;
    u32 kind = a.mode & MODE_FMT;
    struct fs_stat s = { .bsize = PAGE_SIZE, .namelen = NAME_MAX_BYTES,
        .type = tmpfs ? LX_TMPFS_MAGIC : kind == MODE_FIFO ? LX_PIPEFS_MAGIC : kind == MODE_SOCK
        ? LX_SOCKFS_MAGIC : LX_ANON_INODE_FS_MAGIC };
    return statfs_put(&s, 0, 0, buf);
}

long sys_statfs(u64 path, u64 buf, u64, u64, u64, u64)
{
    struct lx_path p;
    long r = lx_path_open(&p, LX_AT_FDCWD, uptr(path));
    if (r < 0)
        return r;
    struct vnode *v;
    r = lx_path_vnode(&p, LX_AT_FDCWD, 0, &v);
    if (r == 0) {
        r = statfs_vnode(v, buf);
        vnode_put(v);
    }
    lx_path_result(&p, r);
    lx_path_close(&p);
    return r;
}

long sys_fstatfs(u64 fd, u64 buf, u64, u64, u64, u64)
{
    struct file *f;
    long r = lx_file_get((int)fd, &f);
    if (r < 0)
        return r;
    r = statfs_nameless(f, buf);
    file_put(f);
    return r;
}
