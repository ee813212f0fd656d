/* What changes the table of mounts, inside the room. */
#pragma once
#include "arch/spinlock.h"
#include "vfs/mount.h"

extern struct list vfs_mounts;              /* by the table's lock */
extern struct mutex mount_table_lock;
extern struct spinlock mount_cross_lock;    /* vnode->mounted, mount->covered, mount->entered */

struct mount *mount_root(void); /* the first one */
/* A mount that nobody knows yet, without a root, with a number of its own as st_dev. -ENOMEM. */
int mount_alloc(const struct fs_type *t, const char *source, u32 flags, struct mount **out) MUST_CHECK;
/* Makes m, which nobody sees, visible on dir (or file), whose reference it takes over when it succeeds. -EBUSY,
 * -ENOENT, -EINVAL: dir is detached. */
int mount_attach_locked(struct mount *m, struct vnode *dir) MUST_CHECK;
/* Cuts m off; what it covered, which is kept for it: mount_show() puts it back, mount_leave() (NULL is allowed, no
 * lock) gives that up, and its reference. */
struct vnode *mount_hide(struct mount *m) MUST_CHECK;
void mount_show(struct mount *m, struct vnode *covered);
void mount_leave(struct vnode *covered);
/* Is v the directory or file `top`, or inside it? Of one file system, and no views. */
bool mount_is_under(struct vnode *v, struct vnode *top);
void mount_destroy(struct mount *m); /* it is in no list */
