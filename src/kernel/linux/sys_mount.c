/* mount and umount2. Only what is honoured is accepted: a new mount whose options concern access
 * times at most. nosuid, noexec, read-only, bind and remount are refused, not ignored. */
#include "linux/abi/mount.h"
#include "linux/sys_priv.h"

#define HARMLESS (LX_MS_NOATIME | LX_MS_NODIRATIME | LX_MS_SILENT | LX_MS_RELATIME | LX_MS_STRICTATIME | LX_MS_LAZYTIME)

/* A string that may be absent: then *out is NULL. */
static int optional_text(u64 user, char **out)
{
    *out = NULL;
    return user ? lx_path_get(uptr(user), out) : 0;
}

long sys_mount(u64 source, u64 target, u64 type, u64 flags, u64 data, u64)
{
    char *text[3] = { NULL, NULL, NULL }; /* source, type, options */
    const u64 user[3] = { source, type, data };
    struct lx_path p;
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if ((flags & LX_MS_MGC_MSK) == LX_MS_MGC_VAL)
        flags &= ~(u64)LX_MS_MGC_MSK;
    if (flags & ~(u64)HARMLESS || !type)
        return lx_missing(flags & ~(u64)HARMLESS, -EINVAL);
    int r = 0;
    for (int i = 0; i < 3 && r == 0; i++)
        r = optional_text(user[i], &text[i]);
    if (r == 0)
        r = lx_path_open(&p, LX_AT_FDCWD, uptr(target));
    if (r == 0) {
        r = vfs_mount(&p.walk.w, text[0] ? text[0] : "none", p.start, p.name, text[1], text[2] ? text[2] : "");
        lx_path_close(&p);
    }
    for (int i = 0; i < 3; i++)
        kfree(text[i]);
    return r;
}

long sys_umount2(u64 target, u64 flags, u64, u64, u64, u64)
{
    struct lx_path p;
    if (!lx_capable(LX_CAP_SYS_ADMIN))
        return -EPERM;
    if ((u32)flags & ~LX_MNT_FORCE) /* detaching lazily and expiring are not offered */
        return lx_missing((u32)flags, -EINVAL);
    int r = lx_path_open(&p, LX_AT_FDCWD, uptr(target));
    if (r < 0)
        return r;
    r = vfs_umount(&p.walk.w, p.start, p.name);
    lx_path_close(&p);
    return r;
}
