/* Names: making, linking, renaming and removing them. Each old call is its *at() form from the
 * working directory; the file system does the work, this file copies paths and checks flags. */
#include "linux/sys_priv.h"

static u32 masked(u32 mode) { return mode & 07777 & ~__atomic_load_n(&lx_current()->fs->umask, __ATOMIC_RELAXED); }

static long mkdir_at(int dirfd, u64 path, u32 mode)
{
    struct lx_path p;
    int r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    r = p.name[0] ? vfs_mkdir(&p.walk.w, p.start, p.name, masked(mode) & 01777) : -ENOENT;
    lx_path_close(&p);
    return r;
}

long sys_mkdir(u64 path, u64 mode, u64, u64, u64, u64) { return mkdir_at(LX_AT_FDCWD, path, (u32)mode); }
long sys_mkdirat(u64 dirfd, u64 path, u64 mode, u64, u64, u64) { return mkdir_at((int)dirfd, path, (u32)mode); }

static int check_node_type(u32 *mode)
{
    switch (*mode & MODE_FMT) {
    case 0: *mode |= MODE_REG; return 0;
    case MODE_REG:
    case MODE_FIFO:
    case MODE_SOCK: return 0;
    case MODE_CHR:
    case MODE_BLK: return lx_capable(LX_CAP_MKNOD) ? 0 : -EPERM;
    case MODE_DIR: return -EPERM;
    default: return -EINVAL;
    }
}

static long mknod_at(int dirfd, u64 path, u32 mode, u32 dev)
{
    int r = check_node_type(&mode);
    if (r < 0)
        return r;
    struct lx_path p;
    r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    bool is_device = (mode & MODE_FMT) == MODE_CHR || (mode & MODE_FMT) == MODE_BLK;
    mode = (mode & MODE_FMT) | masked(mode);
    r = p.name[0] ? vfs_mknod(&p.walk.w, p.start, p.name, mode, is_device ? dev : 0) : -ENOENT;
    lx_path_close(&p);
    return r;
}

long sys_mknod(u64 path, u64 mode, u64 dev, u64, u64, u64) { return mknod_at(LX_AT_FDCWD, path, (u32)mode, (u32)dev); }

long sys_mknodat(u64 dirfd, u64 path, u64 mode, u64 dev, u64, u64)
{
    return mknod_at((int)dirfd, path, (u32)mode, (u32)dev);
}

static long remove_at(int dirfd, u64 path, bool directory)
{
    struct lx_path p;
    int r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    if (!p.name[0])
        r = -ENOENT;
    else if (directory)
        r = vfs_rmdir(&p.walk.w, p.start, p.name);
    else
        r = vfs_unlink(&p.walk.w, p.start, p.name);
    lx_path_close(&p);
    return r;
}

long sys_rmdir(u64 path, u64, u64, u64, u64, u64) { return remove_at(LX_AT_FDCWD, path, true); }
long sys_unlink(u64 path, u64, u64, u64, u64, u64) { return remove_at(LX_AT_FDCWD, path, false); }

long sys_unlinkat(u64 dirfd, u64 path, u64 flags, u64, u64, u64)
{
    if ((u32)flags & ~LX_AT_REMOVEDIR)
        return -EINVAL;
    return remove_at((int)dirfd, path, (u32)flags & LX_AT_REMOVEDIR);
}

/* Two paths of one call, and what is done with them. */
struct two_paths { struct lx_path from, to; };

static int two_paths_open(struct two_paths *t, int fromfd, u64 from, int tofd, u64 to)
{
    int r = lx_path_open(&t->from, fromfd, uptr(from));
    if (r < 0)
        return r;
    r = lx_path_open(&t->to, tofd, uptr(to));
    if (r == 0 && t->from.name[0] && t->to.name[0])
        return 0;
    if (r == 0) {
        lx_path_close(&t->to);
        r = -ENOENT;
    }
    lx_path_close(&t->from);
    return r;
}

static void two_paths_close(struct two_paths *t)
{
    lx_path_close(&t->to);
    lx_path_close(&t->from);
}

static long rename_at(int fromfd, u64 from, int tofd, u64 to, u32 flags)
{
    /* RENAME_WHITEOUT is for layers of file systems, which are not there. */
    if (flags & ~(LX_RENAME_NOREPLACE | LX_RENAME_EXCHANGE))
        return lx_missing(flags, -EINVAL);
    if (flags == (LX_RENAME_NOREPLACE | LX_RENAME_EXCHANGE))
        return -EINVAL;
    struct two_paths t;
    int r = two_paths_open(&t, fromfd, from, tofd, to);
    if (r < 0)
        return r;
    r = vfs_rename(&t.from.walk.w, t.from.start, t.from.name, t.to.start, t.to.name, flags);
    two_paths_close(&t);
    return r;
}

long sys_rename(u64 from, u64 to, u64, u64, u64, u64) { return rename_at(LX_AT_FDCWD, from, LX_AT_FDCWD, to, 0); }

long sys_renameat(u64 fromfd, u64 from, u64 tofd, u64 to, u64, u64)
{
    return rename_at((int)fromfd, from, (int)tofd, to, 0);
}

long sys_renameat2(u64 fromfd, u64 from, u64 tofd, u64 to, u64 flags, u64)
{
    return rename_at((int)fromfd, from, (int)tofd, to, (u32)flags);
}

/* The working directory: -EPERM, but only after what is wrong with the new name. */
static int link_cwd(int tofd, u64 to)
{
    struct lx_path p;
    int r = lx_path_open(&p, tofd, uptr(to));
    if (r < 0)
        return r;
    r = p.name[0] ? vfs_link_vnode(&p.walk.w, p.walk.w.cwd, p.start, p.name) : -ENOENT;
    lx_path_close(&p);
    return r;
}

/* An empty path and a descriptor: a file that may have no name. Only with CAP_DAC_READ_SEARCH, as descriptors reach
 * farther than names: open(2). 1: the path is not empty. */
static int link_fd(int fromfd, u64 from, int tofd, u64 to)
{
    struct lx_path p;
    struct file *f;
    char first;
    if (copy_from_user(&first, uptr(from), 1) < 0)
        return -EFAULT;
    if (first)
        return 1;
    if (!lx_capable(LX_CAP_DAC_READ_SEARCH))
        return -ENOENT;
    if (fromfd == LX_AT_FDCWD)
        return link_cwd(tofd, to);
    int r = lx_file_get(fromfd, &f);
    if (r < 0)
        return r;
    r = f->vnode ? lx_path_open(&p, tofd, uptr(to)) : -EXDEV;
    if (r == 0) {
        r = p.name[0] ? vfs_link_vnode(&p.walk.w, file_place(f), p.start, p.name) : -ENOENT;
        lx_path_close(&p);
    }
    file_put(f);
    return r;
}

static long link_at(int fromfd, u64 from, int tofd, u64 to, u32 flags)
{
    if (flags & ~(LX_AT_SYMLINK_FOLLOW | LX_AT_EMPTY_PATH))
        return -EINVAL;
    if (flags & LX_AT_EMPTY_PATH) {
        int r = link_fd(fromfd, from, tofd, to);
        if (r != 1)
            return r;
    }
    struct two_paths t;
    int r = two_paths_open(&t, fromfd, from, tofd, to);
    if (r < 0)
        return r;
    r = vfs_link(&t.from.walk.w, t.from.start, t.from.name, t.to.start, t.to.name, flags & LX_AT_SYMLINK_FOLLOW);
    two_paths_close(&t);
    return r;
}

long sys_link(u64 from, u64 to, u64, u64, u64, u64) { return link_at(LX_AT_FDCWD, from, LX_AT_FDCWD, to, 0); }

long sys_linkat(u64 fromfd, u64 from, u64 tofd, u64 to, u64 flags, u64)
{
    return link_at((int)fromfd, from, (int)tofd, to, (u32)flags);
}

static long symlink_at(u64 target, int dirfd, u64 path)
{
    char *text;
    int r = lx_path_get(uptr(target), &text);
    if (r < 0)
        return r;
    struct lx_path p;
    r = text[0] ? lx_path_open(&p, dirfd, uptr(path)) : -ENOENT;
    if (r == 0) {
        r = p.name[0] ? vfs_symlink(&p.walk.w, text, p.start, p.name) : -ENOENT;
        lx_path_close(&p);
    }
    kfree(text);
    return r;
}

long sys_symlink(u64 target, u64 path, u64, u64, u64, u64) { return symlink_at(target, LX_AT_FDCWD, path); }
long sys_symlinkat(u64 target, u64 dirfd, u64 path, u64, u64, u64) { return symlink_at(target, (int)dirfd, path); }

static long readlink_vnode(struct vnode *v, u64 buf, size_t size)
{
    if (v->type != V_LNK || !v->ops->readlink)
        return -EINVAL;
    char *text = kmalloc(PATH_MAX_BYTES);
    if (!text)
        return -ENOMEM;
    long n = v->ops->readlink(v, text, PATH_MAX_BYTES);
    if (n > 0) {
        vnode_accessed(v, ACCESS_DAILY);
        n = MIN(n, (long)size); /* cut without a word and without a terminator: readlink(2) */
        if (copy_to_user(uptr(buf), text, (size_t)n) < 0)
            n = -EFAULT;
    }
    kfree(text);
    return n;
}

static long readlink_at(int dirfd, u64 path, u64 buf, i32 size)
{
    if (size <= 0)
        return -EINVAL;
    struct lx_path p;
    long r = lx_path_open(&p, dirfd, uptr(path));
    if (r < 0)
        return r;
    struct vnode *v;
    r = lx_path_vnode(&p, dirfd, LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH, &v);
    if (r == 0) {
        r = readlink_vnode(v, buf, (size_t)size);
        vnode_put(v);
        if (r == -EINVAL && !p.name[0])
            r = -ENOENT; /* an empty path means a link only if dirfd is one */
    }
    lx_path_result(&p, r);
    lx_path_close(&p);
    return r;
}

long sys_readlink(u64 path, u64 buf, u64 size, u64, u64, u64) { return readlink_at(LX_AT_FDCWD, path, buf, (i32)size); }

long sys_readlinkat(u64 dirfd, u64 path, u64 buf, u64 size, u64, u64)
{
    return readlink_at((int)dirfd, path, buf, (i32)size);
}
