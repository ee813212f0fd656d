/* tmpfs: everything in memory. Three files, one idea each: tmpfs_dir (names), tmpfs_file (contents of files and
 * links), tmpfs_node (nodes, attributes, the ops table); mounting, limits and the end are in tmpfs_mount. */
#pragma once
#include "sched/clock.h"
#include "vfs/memfd.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/tmpfs_options.h"

#define TMPFS_INLINE_BUCKETS 4

struct tmpfs_node;

/* One name. Guarded by the lock of the directory's vnode. Holds a reference to its node, which knows it,
 * too: `dir` and `same` are guarded by the node's lock. */
struct tmpfs_entry {
    struct tmpfs_entry *hash_next;
    struct list order;  /* in tmpfs_dir.entries, ascending by cookie */
    u64 cookie;         /* never reused within a directory */
    struct tmpfs_node *node;
    struct tmpfs_node *dir;   /* not counted: a directory with names cannot go away */
    struct tmpfs_entry *same; /* the next name of the node */
    u32 hash;
    u16 len;
    char name[];
};

struct tmpfs_dir {
    struct tmpfs_entry **buckets;
    struct tmpfs_entry *inline_buckets[TMPFS_INLINE_BUCKETS];
    u32 nbuckets, count;
    struct list entries;
    u64 next_cookie;
    struct tmpfs_entry *resume; /* where the last readdir stopped, or NULL */
    /* Not counted: a directory with children cannot go away. NULL: removed. Guarded by fs->lock;
     * changes only with fs->rename_lock or on removal. */
    struct tmpfs_node *parent;
};

struct tmpfs_node {
    struct vnode v;
    struct tmpfs *fs;
    struct vattr attr; /* guarded by v.lock; size is valid for directories and links only */
    struct tmpfs_entry *names; /* all it has (tmpfs_link.c); by v.lock */
    bool linkable;     /* made without a name and may get one */
    bool lost;         /* names is one that was removed and is kept for people to see; it holds its dir */
    struct tmpfs_xattr *xattrs; /* by v.lock */
    u32 seals;         /* SEAL_*: what may not be done to the contents any more; by v.lock */
    struct list link;  /* in fs->nodes */
    union {
        struct tmpfs_dir dir;
        struct vmo *vmo;   /* regular files; NULL until first needed, then for good; by v.lock */
        char *target;      /* links; never changes */
    };
};

struct tmpfs {
    struct spinlock lock;      /* nodes, nnodes, parent pointers */
    struct mutex rename_lock;  /* moves between directories: the shape of the tree */
    struct list nodes;
    u64 nnodes, max_nodes;     /* with what hard links count; the second: UINT64_MAX is no limit */
    struct vmo_budget budget;  /* of all contents */
    struct tmpfs_options options; /* as they are in force */
    u64 next_ino;              /* atomic */
    struct mount *mount;
};

extern const struct vnode_ops tmpfs_ops;

static inline struct tmpfs_node *tmpfs_node_of(struct vnode *v) { return container_of(v, struct tmpfs_node, v); }

/* A node without a name, one reference, nlink as it will be with its first name. -ENOMEM, -ENOSPC. */
int tmpfs_node_create(struct tmpfs *fs, u32 mode, u32 uid, u32 gid, struct tmpfs_node **out) MUST_CHECK;
/* Each name of a node beyond its first counts as a node against the limit, as Linux does it. */
bool tmpfs_name_charge(struct tmpfs *fs) MUST_CHECK;
void tmpfs_name_uncharge(struct tmpfs *fs);
/* Now, as stored in the time stamps. */
static inline void tmpfs_stamp(struct tmpfs_node *n) { n->attr.mtime_ns = n->attr.ctime_ns = clock_realtime_ns(); }

/* tmpfs_file.c */
int tmpfs_get_vmo(struct vnode *v, struct vmo **out) MUST_CHECK;
int tmpfs_write_begin(struct vnode *v, u64 pos, size_t n) MUST_CHECK;
int tmpfs_allocate(struct vnode *v, u64 pos, u64 n, unsigned how) MUST_CHECK;
int tmpfs_resize_locked(struct tmpfs_node *n, u64 size) MUST_CHECK;
int tmpfs_readlink(struct vnode *v, char *buf, size_t size) MUST_CHECK;
/* A link with its target, without a name. */
int tmpfs_link_create(struct tmpfs *fs, const char *target, u32 uid, u32 gid, struct tmpfs_node **out) MUST_CHECK;

/* tmpfs_xattr.c */
int tmpfs_xattr_get(struct vnode *v, const char *name, void *buf, size_t size);
int tmpfs_xattr_set(struct vnode *v, const char *name, const void *value, size_t size, unsigned how);
int tmpfs_xattr_list(struct vnode *v, bool (*show)(const char *name, void *ctx), void *ctx);
void tmpfs_xattr_free(struct tmpfs_node *n);

/* tmpfs_dir.c: the index. The caller holds the directory's lock. */
void tmpfs_init(void); /* once, before the first mount */
void tmpfs_dir_init(struct tmpfs_dir *d);
void tmpfs_dir_fini(struct tmpfs_dir *d); /* empty */
/* An entry that is in no directory yet; takes its own reference to node. NULL: no memory. */
struct tmpfs_entry *tmpfs_entry_create(const char *name, size_t len, struct tmpfs_node *node) MUST_CHECK;
void tmpfs_entry_destroy(struct tmpfs_entry *e); /* puts the node: no lock that destroy might need */
struct tmpfs_entry *tmpfs_dir_find(struct tmpfs_dir *d, const char *name, size_t len);
void tmpfs_dir_insert(struct tmpfs_dir *d, struct tmpfs_entry *e);
void tmpfs_dir_remove(struct tmpfs_dir *d, struct tmpfs_entry *e);
/* The entry with the smallest cookie >= cookie, or NULL. */
struct tmpfs_entry *tmpfs_dir_seek(struct tmpfs_dir *d, u64 cookie);
/* The one after it, or NULL. */
static inline struct tmpfs_entry *tmpfs_dir_next(struct tmpfs_dir *d, struct tmpfs_entry *e)
{
    return e->order.next == &d->entries ? NULL : list_entry(e->order.next, struct tmpfs_entry, order);
}

/* tmpfs_link.c: the names of one node. Each wants the node's lock, but for a node that nobody knows. */
void tmpfs_name_add(struct tmpfs_entry *e, struct tmpfs_node *dir);
void tmpfs_name_remove(struct tmpfs_entry *e); /* out of the node's list only */
/* e left its directory. True: the node keeps it as its last name. */
bool tmpfs_name_retire(struct tmpfs_entry *e) MUST_CHECK;
/* A name for people to see that n never had in dir (NULL: it stands for itself). n has no other. -ENOMEM. */
int tmpfs_name_pretend(struct tmpfs_node *n, struct tmpfs_node *dir, const char *name) MUST_CHECK;
/* Afterwards, without locks: what e held is let go of; kept: what retire said. */
void tmpfs_entry_drop(struct tmpfs_entry *e, bool kept);
/* Frees a last name; the vnode that it held, or NULL. For destroy and for a node that gets a name again. */
struct vnode *tmpfs_name_forget(struct tmpfs_node *n) MUST_CHECK;
int tmpfs_name_of(struct vnode *v, struct vnode **dir, char *buf, size_t size);

/* tmpfs_names.c: the operations. */
int tmpfs_lookup(struct vnode *dir, const char *name, size_t len, struct vnode **out);
int tmpfs_create(struct vnode *dir, const char *name, size_t len, u32 mode, u64 rdev, u32 uid, u32 gid,
                 struct vnode **out);
int tmpfs_tmpfile(struct vnode *dir, u32 mode, u32 uid, u32 gid, bool linkable, struct vnode **out);
int tmpfs_mkdir(struct vnode *dir, const char *name, size_t len, u32 mode, u32 uid, u32 gid, struct vnode **out);
int tmpfs_symlink(struct vnode *dir, const char *name, size_t len, const char *target, u32 uid, u32 gid);
int tmpfs_link(struct vnode *dir, const char *name, size_t len, struct vnode *target);
int tmpfs_unlink(struct vnode *dir, const char *name, size_t len);
int tmpfs_rmdir(struct vnode *dir, const char *name, size_t len);
int tmpfs_readdir(struct vnode *dir, u64 cookie, dirent_fn fn, void *ctx);
int tmpfs_parent(struct vnode *dir, struct vnode **out);
/* tmpfs_rename.c */
int tmpfs_rename(struct vnode *odir, const char *oname, size_t olen, struct vnode *ndir, const char *nname,
                 size_t nlen, unsigned flags);

/* For mount types built on tmpfs. */
int tmpfs_mount(struct mount *m, const char *options) MUST_CHECK;
void tmpfs_unmount(struct mount *m);
void tmpfs_release(struct mount *m);
bool tmpfs_busy(struct mount *m);
bool tmpfs_writing(struct mount *m);
int tmpfs_show(struct mount *m, char *buf, size_t size);
void tmpfs_statfs(struct mount *m, struct fs_stat *out);
extern const struct fs_type tmpfs_type;
