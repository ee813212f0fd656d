/* Telling who watches files what happens to them (inotify). The calls cost one load while nobody watches. */
#pragma once
#include "vfs/file.h"

enum { /* inotify(7): Linux's values */
    NOTIFY_ACCESS = 0x1, NOTIFY_MODIFY = 0x2, NOTIFY_ATTRIB = 0x4, NOTIFY_CLOSE_WRITE = 0x8,
    NOTIFY_CLOSE_NOWRITE = 0x10,
    NOTIFY_OPEN = 0x20, NOTIFY_MOVED_FROM = 0x40, NOTIFY_MOVED_TO = 0x80, NOTIFY_CREATE = 0x100, NOTIFY_DELETE = 0x200,
    NOTIFY_DELETE_SELF = 0x400, NOTIFY_MOVE_SELF = 0x800, NOTIFY_UNMOUNT = 0x2000, NOTIFY_Q_OVERFLOW = 0x4000,
    NOTIFY_IGNORED = 0x8000, NOTIFY_ISDIR = 0x40000000,
};
#define NOTIFY_QUEUE_MAX 16384u   /* events that wait in one instance; Linux's max_queued_events */
#define NOTIFY_WATCHES_MAX 65536u /* of all instances together */
#define NOTIFY_INSTANCES_MAX 1024u
#define NOTIFY_ALL 0xfffu /* what may be asked for */
enum { NOTIFY_EXCL_UNLINK = 1, NOTIFY_ONESHOT = 2, NOTIFY_ADD = 4, NOTIFY_NEW = 8 }; /* how it is asked for */

extern u32 notify_watch_count; /* atomic */
extern u64 notify_generation;  /* atomic */
void notify_node_watched(struct vnode *v, u32 mask);
void notify_self_watched(struct vnode *v, u32 mask);
void notify_name_watched(struct vnode *dir, const char *name, size_t len, u32 mask, u32 cookie);

static inline bool notify_is_on(void) { return unlikely(__atomic_load_n(&notify_watch_count, __ATOMIC_RELAXED) != 0); }
/* Is it known that nobody watches v or its directory? */
static inline bool notify_is_quiet(const struct vnode *v)
{
    return __atomic_load_n(&v->quiet, __ATOMIC_RELAXED) == __atomic_load_n(&notify_generation, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&v->watches, __ATOMIC_RELAXED);
}
/* v, to those who watch it, and its name to those who watch the directory. May sleep. */
static inline void notify_node(struct vnode *v, u32 mask)
{
    if (notify_is_on() && v && !notify_is_quiet(v))
        notify_node_watched(v, mask);
}
/* To those who watch v itself. */
static inline void notify_self(struct vnode *v, u32 mask)
{
    if (notify_is_on())
        notify_self_watched(v, mask);
}
/* A name in dir, which may be gone already. mask with NOTIFY_ISDIR. */
static inline void notify_name(struct vnode *dir, const char *name, size_t len, u32 mask, u32 cookie)
{
    if (notify_is_on())
        notify_name_watched(dir, name, len, mask, cookie);
}
/* The same for a name that belongs to v. */
static inline void notify_entry(struct vnode *dir, const char *name, size_t len, const struct vnode *v, u32 mask,
                                u32 cookie)
{
    notify_name(dir, name, len, mask | (v->type == V_DIR ? NOTIFY_ISDIR : 0), cookie);
}
/* A file that there was got, lost or changed a name: after the change. */
static inline void notify_renamed(void)
{
    if (notify_is_on())
        __atomic_fetch_add(&notify_generation, 1, __ATOMIC_SEQ_CST);
}
u32 notify_cookie(void); /* for the two halves of a move; never 0 */
void notify_forget(struct vnode *v); /* v is about to be freed */

/* An instance as a file to read events from. -ENFILE: too many, -ENOMEM. */
int inotify_create(u32 flags, struct file **out) MUST_CHECK;
/* -EINVAL: f is none. The watch's number; how: NOTIFY_ADD to what v is watched for already, NOTIFY_NEW: -EEXIST then. */
int inotify_watch(struct file *f, struct vnode *v, u32 mask, u32 how) MUST_CHECK;
int inotify_unwatch(struct file *f, int number) MUST_CHECK;
int inotify_readable_bytes(struct file *f, size_t *out) MUST_CHECK; /* -EINVAL: f is none */
