/* Advisory locks on files: ranges that belong to a process or to an open file, and whole files (flock). */
#pragma once
#include "vfs/file.h"
#include "vfs/lock_range.h"

enum lock_space { LOCKS_RANGE, LOCKS_WHOLE, LOCK_SPACES }; /* fcntl's and flock's do not know each other */

/* Waits if it must: -EINTR, -EDEADLK. Otherwise -EAGAIN. -ENOLCK: no memory, or too many. */
int file_lock(struct file *f, enum lock_space space, const struct lock_range *want, bool wait) MUST_CHECK;
/* What stands in the way of `want`, in *out; type LOCK_NONE: nothing. */
void file_lock_test(struct file *f, const struct lock_range *want, struct lock_range *out);
/* The owner's locks on f go: it closed a descriptor, or the open file ends. */
void file_lock_release_all(struct vnode *v, const void *owner);
/* Where the locks on f are, which is on no file system: lock_home.c. NULL: it never had any. make: -ENOLCK. */
struct vnode *lock_home_nameless(const struct file *f);
int lock_home_make(struct file *f, struct vnode **out) MUST_CHECK;
static inline struct vnode *file_lock_home(const struct file *f) /* NULL: it has none */
{
    return likely(f->vnode && f->vnode->mount) ? f->vnode : lock_home_nameless(f);
}
static inline void file_lock_release(const struct file *f, const void *owner)
{
    struct vnode *v = file_lock_home(f);
    if (unlikely(v && __atomic_load_n(&v->locks, __ATOMIC_ACQUIRE) != NULL))
        file_lock_release_all(v, owner);
}
/* v is about to be freed. */
void file_lock_forget(struct vnode *v);
/* Every lock, and behind it those that wait for it (blocked). With the lock of all locks held. */
typedef void (*file_lock_fn)(void *ctx, struct vnode *v, enum lock_space space, const struct lock_range *l, bool blocked);
void file_lock_for_each(file_lock_fn fn, void *ctx);
