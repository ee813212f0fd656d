/* A walk that can stop at the last component and go on: what lookup, open and the operations on
 * names share.
 *
 *     begin -> parent -> find -+-> done
 *                ^             |
 *                +-- follow <--+   (the last component is a link that shall be followed) */
#pragma once
#include "vfs/path.h"
#include "vfs/path_split.h"

struct path_walk {
    const struct walk *w;
    struct vnode *at;  /* counted */
    const char *rest;  /* not yet walked: in the caller's path or in links */
    char *links;       /* PATH_MAX_BYTES, allocated at the first symlink; rest lies at its end */
    unsigned nlinks;
    bool watched;           /* for the path cache: were there vnodes that are not steady, ... */
    bool unsteady, private; /* ... or directories that not everybody may search? */
};

/* One name in dir, which may be searched; a link is not followed. Takes a reference. */
int name_find(const struct walk *w, struct vnode *dir, const char *name, size_t len, struct vnode **out) MUST_CHECK;
/* Whatever begin returned 0 for must be ended. */
int walk_begin(struct path_walk *pw, const struct walk *w, struct vnode *start, const char *path) MUST_CHECK;
void walk_end(struct path_walk *pw);
/* Goes to the directory of the last component and says which that is; the directory may be
 * searched. part->len 0: the path ends in pw->at itself, which need not be a directory then. */
int walk_parent(struct path_walk *pw, struct path_part *part) MUST_CHECK;
/* Finds a component in pw->at (mounts crossed); links are not followed. Takes a reference. */
int walk_find(struct path_walk *pw, const struct path_part *part, struct vnode **out) MUST_CHECK;
/* The vnode at the end of the walk; *must_be_dir: slashes followed the last component. */
int walk_to_end(struct path_walk *pw, bool follow, struct vnode **out, bool *must_be_dir) MUST_CHECK;
/* Puts the target of link in front of what is left. -ELOOP, -ENAMETOOLONG, -ENOENT, -ENOMEM. */
int walk_follow(struct path_walk *pw, struct vnode *link) MUST_CHECK;
