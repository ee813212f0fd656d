/* An open file: what a descriptor of a file, directory, pipe or terminal names. */
#pragma once
#include "object/event.h"
#include "object/kobject.h"
#include "vfs/path.h"

enum file_flags {
    FILE_READ = 1, FILE_WRITE = 2, FILE_APPEND = 4, FILE_NONBLOCK = 8, FILE_PATH = 16, FILE_SYNC = 32,
    FILE_DIRECT = 64, FILE_NOATIME = 128,
    FILE_ASYNC = 512, /* its owner is told of news by a signal */
    FILE_UNCOUNTED = 256, /* may write, and its program may run all the same: a memfd by its first descriptor */
};
/* Poll bits: Linux's values. */
#define POLL_IN 0x001u
#define POLL_PRI 0x002u
#define POLL_OUT 0x004u
#define POLL_ERR 0x008u
#define POLL_HUP 0x010u
#define POLL_NVAL 0x020u
#define POLL_RDNORM 0x040u
#define POLL_WRNORM 0x100u
#define POLL_RDHUP 0x2000u
/* Readiness under its old and its System V name: most files have both. */
#define POLL_READABLE (POLL_IN | POLL_RDNORM)
#define POLL_WRITABLE (POLL_OUT | POLL_WRNORM)

/* A piece of user memory; as struct iovec. */
struct file_span { u64 base, len; };

struct file_ops {
    const char *name; /* "anon_inode:[KIND]" is its whole name in /proc/PID/fd, too */
    /* *pos is the position to use and to advance (a local copy for pread). Bytes, 0 at the end,
     * or -errno; -EAGAIN if FILE_NONBLOCK and it would wait. Buffers are user memory. */
    ssize_t_k (*read)(struct file *f, uptr_t buf, size_t n, u64 *pos);
    ssize_t_k (*write)(struct file *f, uptr_t buf, size_t n, u64 *pos);
    /* Several pieces in one, `total` bytes: for files where that is more than one after the other: a message, a
     * write that no other may come between, a read that must not wait for its second piece. Both or none. */
    ssize_t_k (*read_spans)(struct file *f, const struct file_span *v, unsigned n, size_t total);
    ssize_t_k (*write_spans)(struct file *f, const struct file_span *v, unsigned n, size_t total);
    u64 (*size)(struct file *f);           /* for SEEK_END; NULL: not seekable (-ESPIPE) */
    bool no_splice;                        /* what is read is no stream of bytes: splice takes none (-EINVAL) */
    bool only_start;                       /* there are no positions, every seek leads to 0: null, zero, full */
    /* For files whose readiness is not simply the state of f->event (which is NULL then): the bits,
     * as the calling thread sees them; may sleep. And the event that tells when to look again, with
     * what must stay alive for it, if that is not the file itself: a reference, which the caller
     * puts (NULL: the file is enough). Both or none. */
    unsigned (*poll)(struct file *f);
    struct event *(*watch)(struct file *f, struct kobject **keep);
    void (*closed)(struct file *f);        /* the current process closed a descriptor of it */
    void (*release)(struct file *f);       /* last reference */
    int (*truncate)(struct file *f, u64 size);
    int (*fsync)(struct file *f);
    int (*getattr)(struct file *f, struct vattr *out); /* for files without a vnode, and what of it may change: */
    int (*setattr)(struct file *f, const struct vattr *in, unsigned what); /* never VSET_SIZE. NULL: nothing */
    int (*get_vmo)(struct file *f, struct vmo **out);  /* for mmap, before the vnode's; with a reference */
    size_t (*describe)(struct file *f, char *buf, size_t size); /* more lines for /proc/PID/fdinfo: format()'s length */
};

/* Who is told of news of a file by a signal: linux/file_owner.c's. It goes with the file. */
struct file_owner { void (*free)(struct file_owner *o); };

struct file {
    struct kobject obj; /* KOBJ_FILE */
    const struct file_ops *ops;
    struct vnode *vnode; /* the real one; NULL for pipes and other nameless files */
    struct vnode *view;  /* by which it was opened, or NULL: file_place() */
    void *ctx;
    u64 pos;             /* guarded by lock */
    struct event *event; /* its readiness: the state's bits in event_mask. NULL: ops->poll knows.
                          * A new file has one that is always ready; who opens it may set another */
    struct port_item *watched_by; /* port_items.c's */
    struct vnode *lock_home;      /* lock_home.c's; NULL: it has locks elsewhere, or never had any; atomic */
    struct file_owner *owner;     /* NULL: never had one; set once, atomically */
    u32 event_mask;
    u32 flags;           /* FILE_*; APPEND, NONBLOCK and ASYNC may change: atomic */
    struct mutex lock;   /* position; held during read/write of seekable files */
};

/* A file without a vnode (pipe end, tty from kernel). One reference. */
int file_create(const struct file_ops *ops, void *ctx, u32 flags, struct file **out) MUST_CHECK;
static inline void file_get(struct file *f) { kobject_get(&f->obj); }
static inline void file_put(struct file *f) { kobject_put(&f->obj); }
/* Where it stands in the tree: for its name, its mount, and walks that start there. */
static inline struct vnode *file_place(const struct file *f) { return unlikely(f->view != NULL) ? f->view : f->vnode; }

static inline bool file_has(const struct file *f, u32 flags)
{
    return (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & flags) != 0;
}

static inline struct file *file_from(struct kobject *o) { return container_of(o, struct file, obj); }

/* No file grows beyond this (128 TiB): offsets and page numbers never come near wrapping. */
#define FILE_SIZE_MAX (1ull << 47)
#define FILE_IO_MAX 0x7ffff000ul /* bytes per call, as Linux */

#define OPEN_CREATE 1u
#define OPEN_EXCL 2u
#define OPEN_TRUNC 4u
#define OPEN_NOFOLLOW 8u
#define OPEN_DIRECTORY 16u
#define OPEN_TMPFILE 32u
/* mode: permissions of a created file, umask already applied. plain: the path's length if it is one name without
 * slashes, else (or where nobody has looked) 0. */
struct open_how { u32 file_flags; unsigned open_flags; u32 mode; size_t plain; };
int vfs_open(const struct walk *w, struct vnode *start, const char *path, const struct open_how *how,
             struct file **out) MUST_CHECK;
/* The same on a vnode in hand (exec, /proc/self/fd). */
int vfs_open_vnode(struct vnode *v, const struct vcred *c, u32 file_flags, struct file **out) MUST_CHECK;

/* Check FILE_READ/FILE_WRITE (-EBADF), directories (-EISDIR), then delegate. n is cut to 2^31-4096
 * as Linux does. pos NULL: use and advance f->pos. */
ssize_t_k file_read(struct file *f, uptr_t buf, size_t n, u64 *pos) MUST_CHECK;
ssize_t_k file_write(struct file *f, uptr_t buf, size_t n, u64 *pos) MUST_CHECK;
/* Only where ops has them. The pieces lie in user memory, the caller has seen to that; total is at most FILE_IO_MAX. */
ssize_t_k file_read_spans(struct file *f, const struct file_span *v, unsigned n, size_t total) MUST_CHECK;
ssize_t_k file_write_spans(struct file *f, const struct file_span *v, unsigned n, size_t total) MUST_CHECK;
/* The same, but of a regular file nothing at or above `end` is written: less than n, or -EFBIG. */
ssize_t_k file_write_below(struct file *f, uptr_t buf, size_t n, u64 *pos, u64 end) MUST_CHECK;
/* Several pieces, n bytes, as one write below `end`: no other comes between. Regular files that are open to be
 * written. */
bool file_is_regular(const struct file *f);
ssize_t_k file_write_pieces(struct file *f, const struct file_span *v, size_t n, u64 *pos, u64 end) MUST_CHECK;
/* Writes n > 0 bytes that `from` has at offset, below `end`, without an address of the program's. 0: it has to be done
 * with one. */
ssize_t_k file_send(struct file *f, struct vmo *from, u64 offset, size_t n, u64 *pos, u64 end) MUST_CHECK;
i64 file_seek(struct file *f, i64 off, int whence) MUST_CHECK; /* 0 SET 1 CUR 2 END 3 DATA 4 HOLE */
/* From f->pos on, which becomes *next: fn puts there the cookie behind each entry that it takes. */
int file_readdir(struct file *f, dirent_fn fn, void *ctx, u64 *next) MUST_CHECK;
/* fallocate: -EBADF, -ENODEV (not a regular file), -EFBIG, -EOPNOTSUPP and what vnode_ops.allocate says. */
int file_allocate(struct file *f, u64 pos, u64 n, unsigned how) MUST_CHECK;
int file_truncate(struct file *f, u64 size) MUST_CHECK;
/* Ready bits now. May sleep if f->event is NULL. */
unsigned file_poll_asking(struct file *f);
static inline unsigned file_poll(struct file *f)
{
    return likely(f->event != NULL) ? event_state(f->event) & f->event_mask : file_poll_asking(f);
}
/* What to watch for news of f; *keep as ops->watch. */
struct event *file_watch(struct file *f, struct kobject **keep);
/* Is there something to wait for? Regular files, directories, most devices: no, always ready. */
bool file_can_wait(const struct file *f);
int file_getattr(struct file *f, struct vattr *out) MUST_CHECK; /* also pipes */
/* A vnode that shows what f, which has none, is now; opening it is -ENXIO (nameless.c). */
int nameless_vnode_get(struct file *f, struct vnode **out) MUST_CHECK;
/* The same with the right type, for a call that holds f: changes of its attributes are f's. */
int nameless_vnode_borrow(struct file *f, struct vnode **out) MUST_CHECK;
/* For setattr and getattr of such files: attributes that were changed are kept in *kept (NULL: never changed, old is
 * how they are), freed by whose they are; by lock. -ENOMEM. false: not changed. */
int nameless_change(struct vattr **kept, struct mutex *lock, const struct vattr *old, const struct vattr *in,
                    unsigned what) MUST_CHECK;
bool nameless_changed(struct vattr *const *kept, struct mutex *lock, struct vattr *out);
int file_get_vmo(struct file *f, struct vmo **out) MUST_CHECK;

/* Kernel-side reading of a whole vnode (exec's header, #! line): bytes or -errno. */
ssize_t_k vnode_read_kernel(struct vnode *v, u64 off, void *buf, size_t n) MUST_CHECK;
