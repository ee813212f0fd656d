/* Files, directories, devices as the kernel sees them, whatever file system they live on.
 *
 * A vnode is counted (vnode_get/put). Every file system here is in memory and finds names by hash; which
 * names were found lately is remembered above them (path_cache.h).
 *
 * Locking: vnode->lock (mutex) guards attributes and, for directories, the entries. Parent before
 * child; two directories of a rename by rename_lock first. A page fault takes the address space's
 * and the VMO's lock and never a vnode's, so user memory may be copied with vnode->lock held.
 *
 * A file system with nothing stored (procfs) needs only: directories with lookup (makes a vnode at
 * each call with vnode_init; destroy frees it), readdir (its own cookies, any numbers above 0) and
 * parent; files with getattr and open. open sets f->ops (read; size too if lseek shall work, it
 * may return 0) and f->ctx (freed by f->ops->release). get_vmo is not needed then. The vnode stays
 * as long as the file is open. Symbolic links need readlink; if the text is no path (or the target
 * has no name), follow goes straight to the vnode. */
#pragma once
#include "lib/assert.h"
#include "sched/waitq.h"
#include "vm/vmo.h"

enum vtype { V_REG, V_DIR, V_LNK, V_CHR, V_BLK, V_FIFO, V_SOCK };

/* Mode bits: POSIX values. */
#define MODE_FMT 0170000u
#define MODE_DIR 0040000u
#define MODE_CHR 0020000u
#define MODE_BLK 0060000u
#define MODE_REG 0100000u
#define MODE_FIFO 0010000u
#define MODE_LNK 0120000u
#define MODE_SOCK 0140000u
#define MODE_SUID 04000u
#define MODE_SGID 02000u
#define MODE_STICKY 01000u

struct vattr {
    u64 ino, size, blocks; /* blocks of 512 bytes */
    u32 mode;              /* type and permissions */
    u32 nlink, uid, gid;
    u64 dev, rdev;         /* Linux's dev_t encoding: makedev below */
    u64 atime_ns, mtime_ns, ctime_ns, btime_ns; /* realtime */
    int mount_id;          /* these two are vfs_getattr()'s; 0: on no mount */
    bool is_mount_root;
};

static inline u64 makedev(u32 major, u32 minor)
{
    return (u64)(major & 0xfff) << 8 | (minor & 0xff) | (u64)(minor & 0xfff00) << 12;
}

enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 }; /* Linux's values */
enum { ALLOCATE_KEEP_SIZE = 1, ALLOCATE_HOLE = 2 }; /* Linux's values */
enum { XATTR_MUST_BE_NEW = 1, XATTR_MUST_EXIST = 2 };
enum vattr_set { VSET_MODE = 1, VSET_UID = 2, VSET_GID = 4, VSET_ATIME = 8, VSET_MTIME = 16, VSET_SIZE = 32 };
/* What setattr does to stored attributes, VSET_SIZE excepted; ctime is `now`. The lock of a is held. */
void vattr_change(struct vattr *a, const struct vattr *in, unsigned what, u64 now_ns);
/* The contents change: the set-id bits go, unless the caller has VPOWER_SETGID. */
void vattr_contents_change(struct vattr *a);
/* Set once at boot by linux/, which alone knows whose call it is: his powers. */
void vfs_set_caller_powers(u64 (*powers)(void));

/* When reading sets the access time: whenever it is older than a change; also once a day; always. */
enum access_rule { ACCESS_CHANGED, ACCESS_DAILY, ACCESS_ALWAYS };

struct vnode;
struct mount;
struct file;
struct file_ops;

/* For readdir: return false to stop (entry not taken). */
typedef bool (*dirent_fn)(void *ctx, const char *name, size_t len, u64 ino, enum vtype type, u64 next_cookie);

/* All may sleep. Names are not terminated: use len. NULL entries mean -EOPNOTSUPP, -EROFS (create,
 * unlink, ...) or the obvious default. Called without vnode->lock unless said: each file system
 * takes its own locks. Results come with a reference. */
struct vnode_ops {
    const char *name;
    bool view;   /* stands for another vnode, its ctx: vnode_real() */
    bool steady; /* names come, go and move by these operations alone: the path cache may believe them */
    int (*lookup)(struct vnode *dir, const char *name, size_t len, struct vnode **out);
    int (*create)(struct vnode *dir, const char *name, size_t len, u32 mode, u64 rdev, u32 uid, u32 gid,
                  struct vnode **out); /* any type but DIR, LNK */
    /* A regular file without a name (O_TMPFILE); linkable: link may give it one. NULL: -EOPNOTSUPP. */
    int (*tmpfile)(struct vnode *dir, u32 mode, u32 uid, u32 gid, bool linkable, struct vnode **out);
    int (*mkdir)(struct vnode *dir, const char *name, size_t len, u32 mode, u32 uid, u32 gid, struct vnode **out);
    int (*symlink)(struct vnode *dir, const char *name, size_t len, const char *target, u32 uid, u32 gid);
    int (*link)(struct vnode *dir, const char *name, size_t len, struct vnode *target);
    int (*unlink)(struct vnode *dir, const char *name, size_t len);
    int (*rmdir)(struct vnode *dir, const char *name, size_t len);
    int (*rename)(struct vnode *odir, const char *oname, size_t olen, struct vnode *ndir, const char *nname,
                  size_t nlen, unsigned flags);
    /* From cookie (0: the start) on; "." and ".." included. */
    int (*readdir)(struct vnode *dir, u64 cookie, dirent_fn fn, void *ctx);
    int (*readlink)(struct vnode *v, char *buf, size_t size); /* length, not terminated */
    /* Optional, for links whose target needs no name: the vnode that the link leads to. */
    int (*follow)(struct vnode *link, struct vnode **out);
    /* ".." within this file system; not called on its root. -ENOENT if dir was removed. */
    int (*parent)(struct vnode *dir, struct vnode **out);
    /* A name of v, which is not the root: the directory (with a reference; NULL: the name stands for
     * itself) and the name in it, terminated. 1: it had that name, but it was removed. -ENOENT, -ERANGE. */
    int (*name_of)(struct vnode *v, struct vnode **dir, char *buf, size_t size);
    u64 (*number)(struct vnode *v); /* the inode number, without a lock */
    /* Somebody read it: sets atime by relatime's rule, or always. NULL: no such times. */
    void (*accessed)(struct vnode *v, enum access_rule rule);
    int (*getattr)(struct vnode *v, struct vattr *out);
    int (*setattr)(struct vnode *v, const struct vattr *in, unsigned what); /* VSET_SIZE: truncate */
    /* The contents as a VMO, for mmap and exec; with a reference. -ENODEV. */
    int (*get_vmo)(struct vnode *v, struct vmo **out);
    /* With v->lock held, before n bytes go to pos in the VMO: says whether there is room and stamps
     * mtime and ctime. The size of a regular file is its VMO's: the caller resizes. -ENOSPC.
     * NULL: not writable (-EROFS). */
    int (*write_begin)(struct vnode *v, u64 pos, size_t n);
    /* fallocate: storage for the range, growing the file unless ALLOCATE_KEEP_SIZE; or makes a hole. Regular
     * files; the range fits below FILE_SIZE_MAX. -ENOSPC, -EPERM (sealed), -EINTR. NULL: -EOPNOTSUPP. */
    int (*allocate)(struct vnode *v, u64 pos, u64 n, unsigned how);
    /* Fill in f->ops and f->ctx at open. NULL: regular-file behaviour through get_vmo, devices by
     * their number, FIFOs by the pipe core. */
    int (*open)(struct vnode *v, struct file *f);
    /* Extended attributes; all three or none. get: the length, -ENODATA, -ERANGE (size 0 only asks). set:
     * value NULL removes; how: XATTR_MUST_*; -ENODATA, -EEXIST, -ENOSPC. list: names until show says false,
     * with a lock held. */
    int (*xattr_get)(struct vnode *v, const char *name, void *buf, size_t size);
    int (*xattr_set)(struct vnode *v, const char *name, const void *value, size_t size, unsigned how);
    int (*xattr_list)(struct vnode *v, bool (*show)(const char *name, void *ctx), void *ctx);
    /* The last reference is gone. What it answers is a vnode that it held: the caller lets go of that,
     * so that a long chain of them comes apart without recursion. */
    struct vnode *(*destroy)(struct vnode *v);
};

struct vnode {
    u32 refs;                /* atomic */
    enum vtype type;
    const struct vnode_ops *ops;
    struct mount *mount;     /* file system it lives on; counted; NULL: none */
    struct mount *mounted;   /* what is mounted on this directory, or NULL; guarded by vfs */
    u32 mentions;            /* in the path cache; atomic */
    u32 views;               /* of it; atomic */
    u16 nmounts;             /* on it and on its views; changes with lock held; atomic */
    bool gone;               /* a directory that has no name any more and gets none; atomic */
    i32 writers;             /* atomic; who may write now, or (negative) how many programs run it */
    struct mutex lock;
    struct pipe *pipe;       /* FIFOs that are open; guarded by lock */
    struct notify_watch *watches; /* notify.c's */
    u64 quiet;               /* notify.c's: when nobody watched its directory; atomic */
    struct vnode_locks *locks; /* file_lock.c's; NULL: never had any */
    void *ctx;               /* the file system's */
};
void vnode_init(struct vnode *v, enum vtype type, const struct vnode_ops *ops, struct mount *m, void *ctx);
void vnode_end(struct vnode *v, u32 before); /* the last reference went, or one too many */
static inline void vnode_get(struct vnode *v)
{
    u32 before = __atomic_fetch_add(&v->refs, 1, __ATOMIC_RELAXED);
    ASSERT(before - 1 < ~0u - 1); /* neither dead nor about to wrap */
}
/* What v stands for: v itself, but for a view (view.h). Identity, contents, locks and watches are the real one's; the
 * name, the mount and its flags are the view's. Lives as long as v. */
static inline struct vnode *vnode_real(const struct vnode *v)
{
    return unlikely(v->ops->view) ? v->ctx : (struct vnode *)v;
}

/* Does something stand on it, by whatever name one came there? */
static inline bool vnode_is_covered(const struct vnode *v)
{
    return __atomic_load_n(&vnode_real(v)->nmounts, __ATOMIC_ACQUIRE) != 0;
}

/* A reference if there is one left. */
static inline bool vnode_tryget(struct vnode *v)
{
    u32 n = __atomic_load_n(&v->refs, __ATOMIC_RELAXED);
    while (n && !__atomic_compare_exchange_n(&v->refs, &n, n + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        ;
    return n != 0;
}
/* NULL is allowed; may sleep. */
static inline void vnode_put(struct vnode *v)
{
    u32 before = v ? __atomic_fetch_sub(&v->refs, 1, __ATOMIC_ACQ_REL) : 2;
    if (unlikely(before <= 1))
        vnode_end(v, before);
}

/* For who keeps *v for what it is, not for where it stands: the real one instead of a view, with the reference. */
static inline void vnode_become_real(struct vnode **v)
{
    struct vnode *view = *v;
    *v = vnode_real(view);
    if (*v != view) {
        vnode_get(*v);
        vnode_put(view);
    }
}

/* vmo holds the contents of v, which holds it: v lives as long as anybody maps them. */
void vnode_own_vmo(struct vnode *v, struct vmo *vmo);
/* For whoever maps vmo: the vnode, without a reference, or NULL. */
struct vnode *vnode_of_vmo(struct vmo *vmo);

/* A file that runs is not written to, and the other way round: -ETXTBSY. -EROFS: mounted read-only. Each begin
 * needs its end. */
int vnode_write_begin(struct vnode *v) MUST_CHECK;
void vnode_write_end(struct vnode *v);
int vnode_run_begin(struct vnode *v) MUST_CHECK;
void vnode_run_end(struct vnode *v);
/* Truncates or extends, and sets what else `what` says: ops->setattr as a writer. */
int vnode_set_size(struct vnode *v, const struct vattr *a, unsigned what) MUST_CHECK;

/* Who asks, and what he may beyond his user's and groups' rights. */
struct vcred { u64 powers; u32 uid, gid; const u32 *groups; unsigned ngroups; };
/* Numbered as capabilities(7) does it, so that nobody has to translate them for each path. */
#define VPOWER_CHOWN (1ull << 0)    /* give files away */
#define VPOWER_OVERRIDE (1ull << 1) /* all but execute what nobody may execute */
#define VPOWER_SEARCH (1ull << 2)   /* read files; read and search directories */
#define VPOWER_OWNER (1ull << 3)    /* what else only the owner may */
#define VPOWER_SETGID (1ull << 4)   /* set-gid files of other groups; set-id bits stay when files are written */
#define VPOWER_MKNOD (1ull << 27)   /* device nodes */
#define VPOWER_ALL (~0ull)
static inline bool vcred_can(const struct vcred *c, u64 power) { return !c || (c->powers & power); }
#define MAY_READ 4u
#define MAY_WRITE 2u
#define MAY_EXEC 1u
int vnode_permission_asking(struct vnode *v, const struct vcred *c, unsigned may) MUST_CHECK;
/* 0 or -EACCES, by mode bits and powers. c NULL: the kernel, which may all. */
static inline MUST_CHECK int vnode_permission(struct vnode *v, const struct vcred *c, unsigned may)
{
    return vcred_can(c, VPOWER_OVERRIDE) && (v->type == V_DIR || !(may & MAY_EXEC)) ? 0 : vnode_permission_asking(v, c, may);
}
