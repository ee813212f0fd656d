/* File systems and where they are mounted. */
#pragma once
#include "vfs/path.h"

/* Locking: the table by a mutex; vnode->mounted and mount->covered by a spinlock inside it, so that
 * walks cross with one short lock, and with none where nothing is mounted. */
struct fs_stat { u64 type, bsize, blocks, bfree, files, ffree, namelen; };

struct mount;
struct fs_type {
    const char *name;
    int (*mount)(struct mount *m, const char *options); /* sets m->root (with a reference) */
    /* Nobody reaches m->root by name any more: let go of it and of everything below it. ctx must
     * live until release: vnodes that are still held keep the mount. */
    void (*unmount)(struct mount *m);
    void (*release)(struct mount *m); /* optional: the last vnode is gone; frees ctx */
    /* Optional: is anything but the tree itself holding vnodes? NULL: any vnode but the root. */
    bool (*busy)(struct mount *m);
    void (*statfs)(struct mount *m, struct fs_stat *out);
};
struct mount {
    const struct fs_type *type;
    struct vnode *root;
    struct vnode *covered;  /* directory it is mounted on; NULL for the root */
    u64 dev;                /* st_dev */
    u32 refs;               /* atomic: the mount table and every vnode */
    void *ctx;
    char source[64], target[256], options[64]; /* for /proc/mounts */
    struct list link;
};

void vfs_init(void); /* mounts an empty tmpfs as root */
struct vnode *vfs_root(void); /* not counted */
void fs_register(const struct fs_type *t); /* at boot; at most 16 types */
const char *fs_type_name(unsigned i); /* NULL: there are no more */
/* -ENODEV unknown type, -ENOTDIR, -EBUSY. */
int vfs_mount(const struct walk *w, const char *source, struct vnode *start, const char *target, const char *type, const char *options) MUST_CHECK;
int vfs_umount(const struct walk *w, struct vnode *start, const char *target) MUST_CHECK; /* -EINVAL not a mount point, -EBUSY */
void mount_get(struct mount *m);
void mount_put(struct mount *m); /* NULL is allowed */
/* Both consume the reference to v and return one: what is on top of v (however many
 * mounts); the directory that v covers if it is the root of a mount (one step), else v. */
struct vnode *mount_cross_mounted(struct vnode *v);
static inline struct vnode *mount_cross_down(struct vnode *v)
{
    return likely(!__atomic_load_n(&v->mounted, __ATOMIC_ACQUIRE)) ? v : mount_cross_mounted(v);
}
struct vnode *mount_cross_up(struct vnode *v);
int vfs_statfs(struct vnode *v, struct fs_stat *out) MUST_CHECK;
/* Pages that hold the contents of files and have no copy elsewhere. */
u64 vfs_pages_kept(void);
void vfs_for_each_mount(void (*fn)(const struct mount *m, void *ctx), void *ctx);
