/* File systems and where they are mounted. */
#pragma once
#include "vfs/path.h"

/* Locking: the table by a mutex; vnode->mounted and mount->covered by a spinlock inside it, so that
 * walks cross with one short lock, and with none where nothing is mounted. */
struct fs_stat { u64 type, bsize, blocks, bfree, files, ffree, namelen; };

/* How a mount may be used. Without one of the two about time: the access time follows the rule of relatime. */
enum mount_flags {
    MOUNT_READONLY = 1, MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_NOEXEC = 8, MOUNT_NOATIME = 16, MOUNT_STRICTATIME = 32,
    MOUNT_NODIRATIME = 64, MOUNT_SYNC = 128, MOUNT_DIRSYNC = 256,
    MOUNT_DETACHED = 1 << 16, /* no name leads there any more; vfs's own, as the next one */
    MOUNT_FS_READONLY = 1 << 17, /* the file system is, under all its names, whatever a mount of it says */
};
#define MOUNT_NO_WRITES (MOUNT_READONLY | MOUNT_FS_READONLY)
#define MOUNT_GIVEN 0xffffu /* what the caller may say */

struct mount;
struct fs_type {
    const char *name;
    int (*mount)(struct mount *m, const char *options); /* sets m->root (with a reference) */
    /* Optional: new options, all or none taken. NULL: there are none to change. */
    int (*remount)(struct mount *m, const char *options);
    /* Nobody reaches m->root by name any more: let go of it and of everything below it. ctx must
     * live until release: vnodes that are still held keep the mount. */
    void (*unmount)(struct mount *m);
    void (*release)(struct mount *m); /* optional: the last vnode is gone; frees ctx */
    /* Optional: is anything but the tree itself holding vnodes? NULL: any vnode but the root. */
    bool (*busy)(struct mount *m);
    bool (*writing)(struct mount *m); /* optional: is a file open to be written? */
    void (*statfs)(struct mount *m, struct fs_stat *out);
    int (*show)(struct mount *m, char *buf,
                size_t size); /* optional: its options, each with a comma before it; format()'s length */
};
struct mount {
    const struct fs_type *type;
    struct vnode *root;
    struct vnode *covered;  /* what it is mounted on; NULL for the root */
    struct mount *of;       /* shows a part of that one's file system, which is no such thing itself; NULL: has its own */
    struct mount *copy;     /* mount_bind.c's, while it copies a tree */
    u64 dev;                /* st_dev */
    u32 refs;               /* atomic: the mount table and every vnode */
    u32 flags;              /* MOUNT_*; atomic */
    int id;                 /* never used again */
    u32 entered;            /* how often a walk came in; by the spinlock, with the next */
    u32 expires;            /* what `entered` is if nobody comes by but the next umount that asks for expiry; 0: not asked */
    void *ctx;
    char source[64];        /* for /proc/mounts */
    struct list link;
};

void vfs_init(void); /* mounts an empty tmpfs as root */
struct vnode *vfs_root(void); /* not counted */
void fs_register(const struct fs_type *t); /* at boot; at most 16 types */
const char *fs_type_name(unsigned i); /* NULL: there are no more */
/* -ENODEV unknown type, -ENOTDIR, -EBUSY. flags: MOUNT_GIVEN. */
int vfs_mount(const struct walk *w, const char *source, struct vnode *start, const char *target, const char *type,
              const char *options, u32 flags) MUST_CHECK;
/* Other flags for what is mounted at target; with options (not NULL) also for the file system: those, and read-only or
 * not under all its names. -EINVAL: no mount begins there. -EBUSY: read-only while files are being written. */
int vfs_remount(const struct walk *w, struct vnode *start, const char *target, const char *options,
                u32 flags) MUST_CHECK;
/* What is mounted at source goes to target. -EINVAL: nothing is; -ELOOP: target lies inside. */
int vfs_mount_move(const struct walk *w, struct vnode *sstart, const char *source, struct vnode *tstart,
                   const char *target) MUST_CHECK;
/* What source leads to is seen at target, too; deep: with all that is mounted below it. -ENOTDIR: one is a directory
 * and the other is none; -EINVAL: source is detached. */
int vfs_mount_bind(const struct walk *w, struct vnode *sstart, const char *source, struct vnode *tstart,
                   const char *target, bool deep) MUST_CHECK;
/* 0 or -EINVAL: does a mount begin at target? */
int vfs_mount_check(const struct walk *w, struct vnode *start, const char *target) MUST_CHECK;
enum umount_how { UMOUNT_DETACH = 1, UMOUNT_EXPIRE = 2, UMOUNT_NOFOLLOW = 4 };
/* -EINVAL not a mount point, -EBUSY. DETACH: what is in use loses its names now and goes with its last
 * user. EXPIRE: -EAGAIN at first, unmounts if nobody has come by until the next time. */
int vfs_umount(const struct walk *w, struct vnode *start, const char *target, unsigned how) MUST_CHECK;
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

static inline u32 vnode_mount_flags(const struct vnode *v)
{
    return v->mount ? __atomic_load_n(&v->mount->flags, __ATOMIC_ACQUIRE) : 0;
}
/* What stores nothing there (devices, pipes) can be written all the same. */
static inline bool vnode_is_readonly(const struct vnode *v)
{
    return unlikely(vnode_mount_flags(v) & MOUNT_NO_WRITES) && (v->type == V_REG || v->type == V_DIR ||
                                                                v->type == V_LNK);
}
/* v was read: sets its access time as the mount says. rule: DAILY, or CHANGED for who saves the look at the clock. */
static inline void vnode_accessed(struct vnode *v, enum access_rule rule)
{
    u32 flags = v->ops->accessed ? vnode_mount_flags(v) : MOUNT_NOATIME;
    if (flags & (MOUNT_NO_WRITES | MOUNT_NOATIME) || (flags & MOUNT_NODIRATIME && v->type == V_DIR))
        return;
    v->ops->accessed(v, flags & MOUNT_STRICTATIME ? ACCESS_ALWAYS : rule);
}
/* A user of v is about to let go of it, and it may be the last one of a detached mount. Consumes the
 * reference; NULL is allowed; no lock held. */
void vnode_leave_detached(struct vnode *v);
static inline void vnode_leave(struct vnode *v)
{
    if (v && unlikely(vnode_mount_flags(v) & MOUNT_DETACHED))
        vnode_leave_detached(v);
    else
        vnode_put(v);
}

int vfs_statfs(struct vnode *v, struct fs_stat *out) MUST_CHECK;
/* Pages that hold the contents of files and have no copy elsewhere. */
u64 vfs_pages_kept(void);
void vfs_for_each_mount(void (*fn)(struct mount *m, void *ctx), void *ctx);
