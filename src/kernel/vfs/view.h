/* Views: how the vnodes of one file system look from another mount of it.
 *
 * A view is a vnode that belongs to a bind mount and stands for a vnode of the file system shown there. Names, "..",
 * flags of the mount and mount ids are the view's; all else goes on to the real vnode (vnode_real()), which is what
 * open files, locks, watches, sockets and mappings hold. There is at most one view of a vnode in a mount, and only
 * while somebody has it. */
#pragma once
#include "vfs/mount.h"

/* What a bind mount has as its ctx. NULL: no memory. */
struct view_table;
struct view_table *view_table_create(void) MUST_CHECK;
void view_table_destroy(struct view_table *t); /* empty */

/* The view of real in m; takes over the reference to real, also if it fails. Links that lead on without a name are
 * their own views. -ENOMEM. */
int view_get(struct mount *m, struct vnode *real, struct vnode **out) MUST_CHECK;
/* Is anything of m held but its root, and that by the mount alone? */
bool view_table_busy(const struct mount *m);
/* Is a file open to be written by a name in m? */
bool view_table_writing(const struct mount *m);
