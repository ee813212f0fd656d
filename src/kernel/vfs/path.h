/* Names to vnodes, and the operations on names. Paths are kernel strings of at most 4095 bytes. */
#pragma once
#include "vfs/vnode.h"

#define PATH_MAX_BYTES 4096
#define NAME_MAX_BYTES 255
#define SYMLINKS_MAX 40

/* Where a walk starts and who walks (cred NULL: the kernel, which may all). */
struct walk { struct vnode *root, *cwd; const struct vcred *cred; unsigned resolve; };
/* resolve, openat2(2)'s bits: what a walk refuses. BENEATH: to leave `root` (-EXDEV instead of staying there). */
#define RESOLVE_NO_XDEV 1u
#define RESOLVE_NO_MAGICLINKS 2u
#define RESOLVE_NO_SYMLINKS 4u
#define RESOLVE_BENEATH 8u
#define RESOLVE_IN_ROOT 16u

#define LOOKUP_NOFOLLOW 1u  /* do not follow a symlink in the last component */
#define LOOKUP_DIRECTORY 2u /* -ENOTDIR unless a directory */
#define LOOKUP_PARENT_OK 4u /* reserved */

/* start: the directory for relative paths (w->cwd or dirfd's). An empty path is -ENOENT.
 * Errors: -ENOENT -ENOTDIR -ELOOP -EACCES -ENAMETOOLONG. */
int path_lookup(const struct walk *w, struct vnode *start, const char *path, unsigned flags,
                struct vnode **out) MUST_CHECK;
/* The same for a terminated name of len bytes without slashes. */
int path_lookup_name(const struct walk *w, struct vnode *dir, const char *name, size_t len, unsigned flags,
                     struct vnode **out) MUST_CHECK;
/* Everything but the last component; *name, *len point into path. "/" and paths ending in "." or
 * ".." give len 0 / the component: callers decide (mkdir: -EEXIST, unlink: ...). A trailing slash
 * sets *must_be_dir. */
int path_parent(const struct walk *w, struct vnode *start, const char *path, struct vnode **dir, const char **name,
                size_t *len, bool *must_be_dir) MUST_CHECK;
/* Absolute name of v as seen from w->root: length with terminator, -ERANGE, -ENOENT. *what: PATH_*. A file
 * with several names shows one of them. */
#define PATH_DELETED 1u     /* it had this name, the last one */
#define PATH_UNREACHABLE 2u /* it lies outside of w->root: the name is from some other root */
int path_of(const struct walk *w, struct vnode *v, char *buf, size_t size, unsigned *what) MUST_CHECK;
/* The same of a directory that can be reached by its name: else -ENOENT. */
int path_of_dir(const struct walk *w, struct vnode *dir, char *buf, size_t size) MUST_CHECK;

int vfs_mkdir(const struct walk *w, struct vnode *start, const char *path, u32 mode) MUST_CHECK;
int vfs_mknod(const struct walk *w, struct vnode *start, const char *path, u32 mode, u64 rdev) MUST_CHECK;
int vfs_symlink(const struct walk *w, const char *target, struct vnode *start, const char *path) MUST_CHECK;
int vfs_link(const struct walk *w, struct vnode *ostart, const char *opath, struct vnode *nstart, const char *npath,
             bool follow) MUST_CHECK;
/* A name for a vnode in hand. */
int vfs_link_vnode(const struct walk *w, struct vnode *v, struct vnode *nstart, const char *npath) MUST_CHECK;
int vfs_unlink(const struct walk *w, struct vnode *start, const char *path) MUST_CHECK;
int vfs_rmdir(const struct walk *w, struct vnode *start, const char *path) MUST_CHECK;
int vfs_rename(const struct walk *w, struct vnode *ostart, const char *opath, struct vnode *nstart, const char *npath,
               unsigned flags) MUST_CHECK; /* RENAME_* */
int vfs_getattr(struct vnode *v, struct vattr *out) MUST_CHECK;
/* Checks ownership as POSIX says, clears set-id bits, stamps ctime. */
int vfs_setattr(const struct walk *w, struct vnode *v, const struct vattr *in, unsigned what) MUST_CHECK;
