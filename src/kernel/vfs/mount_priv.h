/* What changes the table of mounts, inside the room. */
#pragma once
#include "arch/spinlock.h"
#include "vfs/mount.h"

extern struct list vfs_mounts;              /* by the table's lock */
extern struct mutex mount_table_lock;
extern struct spinlock mount_cross_lock;    /* vnode->mounted, mount->covered, mount->entered */

struct mount *mount_root(void); /* the first one */
/* Makes m, which nobody sees, visible on dir, whose reference it takes over when it succeeds. -EBUSY, -ENOENT,
 * -EINVAL: dir is detached. */
int mount_attach_locked(struct mount *m, struct vnode *dir) MUST_CHECK;
/* Cuts m off; the directory it covered, whose reference is the caller's now. */
struct vnode *mount_hide(struct mount *m);
void mount_destroy(struct mount *m);
