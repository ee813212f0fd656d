/* Which vnodes are watched, and finding those who are to hear of an event.
 *
 * One spinlock for all watches and queues: nobody takes it while nothing is watched. A watch does not hold its
 * vnode but goes with it, which is how "the file is gone" is known; only vnodes that are made anew at every
 * lookup (procfs) are held.
 *
 * Most files are not watched and not in a directory that is. That this was found out is noted in the vnode with the
 * generation it was found in (read before looking); a new watch and a moved name begin another generation. */
#include "lib/string.h"
#include "mm/slab.h"
#include "vfs/mount.h"
#include "vfs/notify_priv.h"

struct spinlock notify_lock = SPINLOCK_INIT("inotify");
u32 notify_watch_count;
u64 notify_generation = 1; /* a new vnode has 0: nothing is known of it */
static u32 last_cookie;

u32 notify_cookie(void)
{
    u32 cookie = __atomic_add_fetch(&last_cookie, 1, __ATOMIC_RELAXED);
    return cookie ? cookie : __atomic_add_fetch(&last_cookie, 1, __ATOMIC_RELAXED);
}

void notify_watch_unlink_locked(struct notify_watch *w)
{
    ASSERT(spin_held(&notify_lock));
    struct notify_watch **at = &w->v->watches;
    while (*at != w) {
        ASSERT(*at);
        at = &(*at)->next;
    }
    *at = w->next;
    __atomic_fetch_sub(&notify_watch_count, 1, __ATOMIC_RELAXED);
}

/* The watch is over, and its reader knows. The vnode if it was pinned: the caller puts it. */
static struct vnode *watch_end_locked(struct notify_watch *w)
{
    struct vnode *held = w->pinned ? w->v : NULL;
    inotify_queue_locked(w, NOTIFY_IGNORED, 0, NULL, 0);
    notify_watch_unlink_locked(w);
    list_remove(&w->link);
    kfree(w);
    return held;
}

struct told { u32 mask, cookie; const char *name; size_t len; bool removed; };

static void tell(struct vnode *v, const struct told *t)
{
    unsigned nheld = 0;
    if (!__atomic_load_n(&v->watches, __ATOMIC_ACQUIRE))
        return;
    spin_lock(&notify_lock);
    for (struct notify_watch *w = v->watches, *next; w; w = next) {
        next = w->next;
        if (!(w->mask & t->mask & NOTIFY_ALL) || (t->removed && (w->how & NOTIFY_EXCL_UNLINK)))
            continue;
        inotify_queue_locked(w, t->mask, t->cookie, t->name, t->len);
        if (w->how & NOTIFY_ONESHOT)
            nheld += watch_end_locked(w) != NULL;
    }
    spin_unlock(&notify_lock);
    for (; nheld; nheld--)
        vnode_put(v);
}

void notify_self_watched(struct vnode *v, u32 mask)
{
    v = vnode_real(v);
    bool shows = v->type == V_DIR && !(mask & NOTIFY_MOVE_SELF);
    tell(v, &(struct told){ .mask = mask | (shows ? NOTIFY_ISDIR : 0) });
}

void notify_name_watched(struct vnode *dir, const char *name, size_t len, u32 mask, u32 cookie)
{
    tell(vnode_real(dir), &(struct told){ .mask = mask, .cookie = cookie, .name = name, .len = len });
}

void notify_node_watched(struct vnode *v, u32 mask)
{
    char name[NAME_MAX_BYTES + 1];
    struct vnode *dir = NULL;
    v = vnode_real(v);
    u64 generation = __atomic_load_n(&notify_generation, __ATOMIC_SEQ_CST);
    bool quiet = true;
    int r = v->ops->steady && v->ops->name_of ? v->ops->name_of(v, &dir, name, sizeof name) : -1;
    if (r >= 0 && dir) {
        u32 is_dir = v->type == V_DIR ? NOTIFY_ISDIR : 0;
        quiet = !__atomic_load_n(&dir->watches, __ATOMIC_ACQUIRE);
        tell(dir, &(struct told){ .mask = mask | is_dir, .name = name, .len = strlen(name), .removed = r > 0 });
        vnode_put(dir);
    }
    if (quiet)
        __atomic_store_n(&v->quiet, generation, __ATOMIC_RELAXED);
    notify_self_watched(v, mask);
}

void notify_forget(struct vnode *v)
{
    const struct mount *m = v->mount;
    bool unmounted = m && !m->covered && m->root && m != vfs_root()->mount;
    spin_lock(&notify_lock);
    for (struct notify_watch *w = v->watches, *next; w; w = next) {
        next = w->next;
        if (unmounted)
            inotify_queue_locked(w, NOTIFY_UNMOUNT, 0, NULL, 0);
        else if (w->mask & NOTIFY_DELETE_SELF)
            inotify_queue_locked(w, NOTIFY_DELETE_SELF, 0, NULL, 0);
        struct vnode *held = watch_end_locked(w);
        ASSERT(!held); /* else v would still be there */
    }
    spin_unlock(&notify_lock);
}
