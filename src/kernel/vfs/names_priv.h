/* What open needs of the operations on names. */
#pragma once
#include "vfs/path.h"

/* Makes a node that is no directory and no link, with the owner that dir and the caller give it. */
int names_create(struct vnode *dir, const struct vcred *c, const char *name, size_t len, u32 mode, u64 rdev, struct vnode **out) MUST_CHECK;
