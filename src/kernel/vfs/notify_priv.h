/* Watches and queues, inside the room. */
#pragma once
#include "arch/spinlock.h"
#include "vfs/notify.h"

struct inotify;

/* One instance watches one vnode. Guarded by notify_lock. */
struct notify_watch {
    struct notify_watch *next; /* of the vnode */
    struct list link;          /* of the instance */
    struct inotify *in;
    struct vnode *v;           /* not counted, unless pinned: takes the watch along when it goes */
    int number;
    u32 mask, how;
    bool pinned;
};

/* An event as it is read; len bytes of name behind it, padded with zeroes. */
struct notify_event { int number; u32 mask, cookie, len; };

extern struct spinlock notify_lock;
/* inotify.c: an event for the reader of w; name may be NULL. */
void inotify_queue_locked(const struct notify_watch *w, u32 mask, u32 cookie, const char *name, size_t len);
/* notify.c: out of its vnode's list; the caller has it out of its instance's. */
void notify_watch_unlink_locked(struct notify_watch *w);
