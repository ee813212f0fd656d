/* name_to_handle_at: a name for a file that outlives its path, which a server would give to its clients.
 *
 * No file system here finds a file by its number, so there are none: what Linux answers for such ones. The arguments
 * are judged all the same, for programs ask in order to learn whether a path is there. */
#include "linux/sys_priv.h"
#include "vfs/mount.h"

long sys_name_to_handle_at(u64 dirfd, u64 path, u64, u64, u64 flags, u64)
{
    struct lx_path p;
    struct vnode *v;
    if ((u32)flags & ~(u32)(LX_AT_SYMLINK_FOLLOW | LX_AT_EMPTY_PATH))
        return -EINVAL;
    int r = lx_path_open(&p, (int)dirfd, uptr(path));
    if (r < 0)
        return r;
    u32 follow = (u32)flags & LX_AT_SYMLINK_FOLLOW ? 0 : LX_AT_SYMLINK_NOFOLLOW;
    r = lx_path_vnode(&p, (int)dirfd, follow | ((u32)flags & LX_AT_EMPTY_PATH), &v);
    lx_path_result(&p, r);
    lx_path_close(&p);
    if (r < 0)
        return r;
    vnode_leave(v);
    return -EOPNOTSUPP;
}
