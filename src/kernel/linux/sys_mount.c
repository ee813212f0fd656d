/* mount and umount2. Only what is honoured is accepted: mounts that share what happens to them are refused,
 * not ignored. */
#include "linux/abi/mount.h"
#include "linux/sys_priv.h"

#define PROPAGATION (LX_MS_UNBINDABLE | LX_MS_PRIVATE | LX_MS_SLAVE | LX_MS_SHARED)
#define OF_MOUNT (LX_MS_RDONLY | LX_MS_NOSUID | LX_MS_NODEV | LX_MS_NOEXEC | LX_MS_SYNCHRONOUS | LX_MS_DIRSYNC | LX_MS_NOATIME | LX_MS_NODIRATIME | LX_MS_STRICTATIME)
#define HARMLESS (LX_MS_SILENT | LX_MS_RELATIME | LX_MS_LAZYTIME) /* true anyway, or nobody can tell */

/* A string that may be absent: then *out is NULL. */
static int optional_text(u64 user, char **out)
{
    *out = NULL;
    return user ? lx_path_get(uptr(user), out) : 0;
}

static u32 mount_flags_of(u32 ms)
{
    static const struct { u32 ms, flag; } table[] = {
        { LX_MS_RDONLY, MOUNT_READONLY }, { LX_MS_NOSUID, MOUNT_NOSUID }, { LX_MS_NODEV, MOUNT_NODEV },
        { LX_MS_NOEXEC, MOUNT_NOEXEC },
        { LX_MS_SYNCHRONOUS, MOUNT_SYNC }, { LX_MS_DIRSYNC, MOUNT_DIRSYNC }, { LX_MS_NOATIME, MOUNT_NOATIME },
        { LX_MS_NODIRATIME, MOUNT_NODIRATIME }, { LX_MS_STRICTATIME, MOUNT_STRICTATIME },
    };
    u32 flags = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
        if (ms & table[i].ms)
            flags |= table[i].flag;
    return flags & MOUNT_NOATIME ? flags & ~(u32)MOUNT_STRICTATIME : flags;
}

/* Every mount is private: that it may stay, a slave without a master is private, and nobody binds what he was told
 * not to. */
static int set_propagation(const struct lx_path *p, u32 flags)
{
    u32 kind = flags & PROPAGATION;
    if (kind & (kind - 1) || flags & ~(PROPAGATION | LX_MS_REC | LX_MS_SILENT))
        return -EINVAL;
    int r = vfs_mount_check(&p->walk.w, p->start, p->name);
    return r == 0 && kind == LX_MS_SHARED ? lx_missing(flags, -EINVAL) : r;
}

/* What is there already gets another name, or one more. */
static int place_mount(const struct lx_path *to, u64 source, u32 flags)
{
    struct lx_path from;
    if (!source)
        return -EINVAL;
    int r = lx_path_open(&from, LX_AT_FDCWD, uptr(source));
    if (r < 0)
        return r;
    if (!from.name[0])
        r = -EINVAL;
    else if (flags & LX_MS_BIND)
        r = vfs_mount_bind(&to->walk.w, from.start, from.name, to->start, to->name, flags & LX_MS_REC);
    else
        r = vfs_mount_move(&to->walk.w, from.start, from.name, to->start, to->name);
    lx_path_close(&from);
    return r;
}

static int new_mount(const struct lx_path *p, u64 source, u64 type, const char *options, u32 flags)
{
    char *text[2];
    int r = optional_text(source, &text[0]);
    if (r < 0)
        return r;
    r = type ? optional_text(type, &text[1]) : -EINVAL;
    if (r == 0) {
        r = vfs_mount(&p->walk.w, text[0] ? text[0] : "none", p->start, p->name, text[1], options, flags);
        kfree(text[1]);
    }
    kfree(text[0]);
    return r;
}

/* In Linux's order: what the flags ask for first. */
static int mount_at(const struct lx_path *p, u64 source, u64 type, u32 flags, const char *options)
{
    if (flags & LX_MS_REMOUNT) {
        if (flags & ~(OF_MOUNT | HARMLESS | LX_MS_REMOUNT | LX_MS_BIND))
            return lx_missing(flags, -EINVAL);
        return vfs_remount(&p->walk.w, p->start, p->name, flags & LX_MS_BIND ? NULL : options, mount_flags_of(flags));
    }
    if (flags & LX_MS_BIND)
        return place_mount(p, source, flags);
    if (flags & PROPAGATION)
        return set_propagation(p, flags);
    if (flags & LX_MS_MOVE)
        return place_mount(p, source, flags);
    if (flags & ~(u32)(OF_MOUNT | HARMLESS))
        return lx_missing(flags, -EINVAL);
    return new_mount(p, source, type, options, mount_flags_of(flags));
}

long sys_mount(u64 source, u64 target, u64 type, u64 flags, u64 data, u64)
{
    char *options;
    struct lx_path p;
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if ((flags & LX_MS_MGC_MSK) == LX_MS_MGC_VAL)
        flags &= ~(u64)LX_MS_MGC_MSK;
    int r = optional_text(data, &options);
    if (r < 0)
        return r;
    r = lx_path_open(&p, LX_AT_FDCWD, uptr(target));
    if (r == 0) {
        r = mount_at(&p, source, type, (u32)flags, options ? options : "");
        lx_path_close(&p);
    }
    kfree(options);
    return r;
}

long sys_umount2(u64 target, u64 flags, u64, u64, u64, u64)
{
    const u32 known = LX_MNT_FORCE | LX_MNT_DETACH | LX_MNT_EXPIRE | LX_UMOUNT_NOFOLLOW;
    struct lx_path p;
    if ((u32)flags & ~known)
        return -EINVAL;
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if ((flags & LX_MNT_EXPIRE) && (flags & (LX_MNT_FORCE | LX_MNT_DETACH)))
        return -EINVAL;
    int r = lx_path_open(&p, LX_AT_FDCWD, uptr(target));
    if (r < 0)
        return r;
    unsigned how = (flags & LX_MNT_DETACH ? UMOUNT_DETACH : 0) | (flags & LX_MNT_EXPIRE ? UMOUNT_EXPIRE : 0) |
                   (flags & LX_UMOUNT_NOFOLLOW ? UMOUNT_NOFOLLOW : 0);
    r = vfs_umount(&p.walk.w, p.start, p.name, how);
    lx_path_close(&p);
    return r;
}
