/* What the operations on names share, and what open needs of them. */
#pragma once
#include "vfs/mount.h"
#include "vfs/path_split.h"

/* A name in a directory, as path_parent gives it. */
struct place {
    struct vnode *dir;
    struct path_part part;
};

/* The directory comes with a reference. */
int place_find(const struct walk *w, struct vnode *start, const char *path, struct place *p) MUST_CHECK;
/* "", "." and ".." name directories that exist, but no entry that could be changed. */
bool place_is_special(const struct place *p);
/* What has the name, mounts not crossed. */
int place_lookup(const struct place *p, struct vnode **out) MUST_CHECK;
/* In a sticky directory only the owners of the entry and of the directory take names away. */
int names_may_remove(const struct vcred *c, struct vnode *dir, struct vnode *v) MUST_CHECK;

/* May names come into dir, or go? -EROFS before anything else, as Linux. */
static inline MUST_CHECK int names_may_change(struct vnode *dir, const struct vcred *c)
{
    return vnode_is_readonly(dir) ? -EROFS : vnode_permission(dir, c, MAY_WRITE | MAY_EXEC);
}
/* A file without a name in dir. */
int names_tmpfile(struct vnode *dir, const struct vcred *c, u32 mode, bool linkable, struct vnode **out) MUST_CHECK;
/* Makes a node that is no directory and no link, with the owner that dir and the caller give it. */
int names_create(struct vnode *dir, const struct vcred *c, const char *name, size_t len, u32 mode, u64 rdev,
                 struct vnode **out) MUST_CHECK;
