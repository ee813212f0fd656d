/* open and its family: Linux's flags to ours, and the terminal that a session leader gets. */
#include "linux/sys_priv.h"
#include "linux/tty_job.h"

static const struct { u32 linux_bit, file_flag; } flag_map[] = {
    { LX_O_APPEND, FILE_APPEND }, { LX_O_NONBLOCK, FILE_NONBLOCK }, { LX_O_DSYNC, FILE_SYNC },
    { LX_O_DIRECT, FILE_DIRECT }, { LX_O_NOATIME, FILE_NOATIME },   { LX_O_PATH, FILE_PATH },
};
#define MAPPED_FLAGS (LX_O_APPEND | LX_O_NONBLOCK | LX_O_DSYNC | LX_O_DIRECT | LX_O_NOATIME | LX_O_PATH)

u32 lx_open_flags_of(const struct file *f)
{
    u32 flags = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
    u32 fl = f->vnode && !(flags & FILE_PATH) ? LX_O_LARGEFILE : 0; /* as every 64-bit open */
    if (flags & FILE_WRITE)
        fl |= flags & FILE_READ ? LX_O_RDWR : LX_O_WRONLY;
    for (size_t i = 0; i < ARRAY_SIZE(flag_map); i++)
        if (flags & flag_map[i].file_flag)
            fl |= flag_map[i].linux_bit;
    return fl | (flags & FILE_ASYNC ? LX_O_ASYNC : 0); /* which open does not set */
}

/* Access mode 3 opens for neither: ioctl only. */
static u32 file_flags_of(u32 fl)
{
    static const u32 access[] = { FILE_READ, FILE_WRITE, FILE_READ | FILE_WRITE, 0 };
    if (fl & LX_O_PATH)
        return FILE_PATH;
    u32 flags = access[fl & LX_O_ACCMODE];
    for (size_t i = 0; (fl & MAPPED_FLAGS) && i < ARRAY_SIZE(flag_map); i++)
        if (fl & flag_map[i].linux_bit)
            flags |= flag_map[i].file_flag;
    return flags;
}

static int open_flags_of(u32 fl, unsigned *out)
{
    unsigned o = (fl & LX_O_NOFOLLOW ? OPEN_NOFOLLOW : 0) | (fl & LX_O_DIRECTORY ? OPEN_DIRECTORY : 0);
    *out = o;
    if (fl & LX_O_PATH) /* all else is ignored: open(2) */
        return 0;
    if (fl & LX_O_TMPFILE_BIT) {
        if (!(fl & LX_O_DIRECTORY) || (fl & LX_O_CREAT) || (fl & LX_O_ACCMODE) == LX_O_RDONLY)
            return -EINVAL;
        o |= OPEN_TMPFILE | (fl & LX_O_EXCL ? OPEN_EXCL : 0);
    }
    if ((fl & LX_O_CREAT) && (fl & LX_O_DIRECTORY))
        return -EINVAL;
    o |= (fl & LX_O_CREAT ? OPEN_CREATE : 0) | (fl & LX_O_TRUNC ? OPEN_TRUNC : 0);
    if ((fl & (LX_O_CREAT | LX_O_EXCL)) == (LX_O_CREAT | LX_O_EXCL))
        o |= OPEN_EXCL;
    *out = o;
    return 0;
}

static long open_path(struct lx_path *p, u32 fl, unsigned open_flags, u32 mode)
{
    struct file *f;
    u32 umask = __atomic_load_n(&lx_current()->fs->umask, __ATOMIC_RELAXED);
    struct open_how how = { .file_flags = file_flags_of(fl), .open_flags = open_flags, .mode = mode & 07777 & ~umask,
                            .plain = p->plain };
    int r = p->name[0] ? vfs_open(&p->walk.w, p->start, p->name, &how, &f) : -ENOENT;
    lx_path_result(p, r);
    lx_path_close(p);
    if (r < 0)
        return lx_restartable(r);
    r = lx_fd_install(f, fl & LX_O_CLOEXEC ? HANDLE_CLOEXEC : 0);
    if (r >= 0 && !(fl & LX_O_NOCTTY) && f->vnode->type == V_CHR)
        lx_tty_opened(f);
    file_put(f);
    return r;
}

static long open_at(int dirfd, u64 path, u32 fl, u32 mode)
{
    struct lx_path p;
    unsigned open_flags;
    int r = open_flags_of(fl, &open_flags);
    if (r == 0)
        r = lx_path_open(&p, dirfd, uptr(path));
    return r < 0 ? r : open_path(&p, fl, open_flags, mode);
}

long sys_open(u64 path, u64 flags, u64 mode, u64, u64, u64)
{
    return open_at(LX_AT_FDCWD, path, (u32)flags, (u32)mode);
}

long sys_openat(u64 dirfd, u64 path, u64 flags, u64 mode, u64, u64)
{
    return open_at((int)dirfd, path, (u32)flags, (u32)mode);
}

long sys_creat(u64 path, u64 mode, u64, u64, u64, u64)
{
    return open_at(LX_AT_FDCWD, path, LX_O_CREAT | LX_O_WRONLY | LX_O_TRUNC, (u32)mode);
}

/* --- openat2 --- */

struct lx_open_how { u64 flags, mode, resolve; };
#define OPEN_FLAGS_KNOWN 037777703u
#define RESOLVE_CACHED 32u /* a hint: everything is cached */
#define RESOLVE_KNOWN 63u
#define HOW_SIZE_MAX 4096u

/* What a later kernel's struct has behind ours must be zero: openat2(2). */
static int how_get(u64 user, u64 size, struct lx_open_how *how)
{
    u64 word;
    if (size < sizeof *how)
        return -EINVAL;
    if (size > HOW_SIZE_MAX)
        return -E2BIG;
    if (copy_from_user(how, uptr(user), sizeof *how) < 0)
        return -EFAULT;
    for (u64 at = sizeof *how; at < size; at += sizeof word) {
        word = 0;
        if (copy_from_user(&word, uptr(user + at), MIN(size - at, sizeof word)) < 0)
            return -EFAULT;
        if (word)
            return -E2BIG;
    }
    return 0;
}

static int how_check(const struct lx_open_how *how)
{
    bool makes = how->flags & (LX_O_CREAT | LX_O_TMPFILE_BIT);
    const u64 with_path = LX_O_PATH | LX_O_DIRECTORY | LX_O_NOFOLLOW | LX_O_CLOEXEC;
    if ((how->flags & ~(u64)OPEN_FLAGS_KNOWN) || (how->resolve & ~(u64)RESOLVE_KNOWN))
        return -EINVAL;
    if ((how->mode & ~07777ull) || (how->mode && !makes))
        return -EINVAL;
    if ((how->flags & LX_O_PATH) && (how->flags & ~with_path))
        return -EINVAL;
    return (how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT) ? -EINVAL : 0;
}

long sys_openat2(u64 dirfd, u64 path, u64 user, u64 size, u64, u64)
{
    struct lx_open_how how;
    struct lx_path p;
    unsigned open_flags;
    int r = how_get(user, size, &how);
    if (r == 0)
        r = how_check(&how);
    if (r == 0)
        r = open_flags_of((u32)how.flags, &open_flags);
    unsigned resolve = (unsigned)how.resolve & ~RESOLVE_CACHED;
    if (r < 0)
        return r;
    if (!resolve)
        return open_at((int)dirfd, path, (u32)how.flags, (u32)how.mode);
    r = lx_path_begin(&p, (int)dirfd, uptr(path));
    if (r < 0)
        return r;
    if ((resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) && p.name[0] == '/' && !p.start_counted) {
        r = lx_walk_start(&p.walk, (int)dirfd, "", &p.start); /* the directory, also for an absolute path */
        p.start_counted = r == 0;
    }
    if (r < 0 || !p.len) {
        lx_path_close(&p);
        return r < 0 ? r : -ENOENT;
    }
    struct vnode *root = p.walk.w.root;
    p.walk.w.resolve = resolve;
    if (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
        p.walk.w.root = p.start;
    if (p.walk.counted) /* closing puts both; start keeps its own */
        vnode_get(p.walk.w.root);
    long fd = open_path(&p, (u32)how.flags, open_flags, (u32)how.mode);
    if (p.walk.counted)
        vnode_put(root);
    return fd;
}
