/* inotify: instances, their queues, and reading them (inotify(7)).
 *
 * An event like the last one in the queue is not queued again. A full queue, or no memory, ends in one
 * overflow event, whose place is part of the instance. Everything under notify_lock but the copying to the
 * reader, who takes out one event at a time. */
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/event_wait.h"
#include "vfs/file_priv.h"
#include "vfs/notify_priv.h"
#include "vm/usercopy.h"

#define EVENT_ALIGN sizeof(struct notify_event)

struct queued { struct list link; struct notify_event event; char name[]; };

struct inotify {
    struct event event;
    struct list watches, queue; /* by notify_lock, like all that follows */
    unsigned nqueued;
    size_t bytes;
    bool overflow; /* waits behind the queue */
    int last_number;
};

static u32 instances; /* atomic */

static const struct file_ops inotify_ops;

static bool same_as_last(const struct inotify *in, const struct notify_event *e, const char *name, size_t len)
{
    if (list_empty(&in->queue))
        return false;
    const struct queued *q = list_entry(in->queue.prev, struct queued, link);
    return q->event.number == e->number && q->event.mask == e->mask && q->event.cookie == e->cookie &&
           q->event.len == e->len && (!e->len || (memcmp(q->name, name, len) == 0 && q->name[len] == 0));
}

void inotify_queue_locked(const struct notify_watch *w, u32 mask, u32 cookie, const char *name, size_t len)
{
    struct inotify *in = w->in;
    struct notify_event e = { w->number, mask, cookie, name ? (u32)ROUND_UP(len + 1, EVENT_ALIGN) : 0 };
    if (in->overflow || same_as_last(in, &e, name, len))
        return;
    struct queued *q = in->nqueued < NOTIFY_QUEUE_MAX ? kzalloc(sizeof *q + e.len) : NULL;
    if (q) {
        q->event = e;
        if (name)
            memcpy(q->name, name, len);
        list_push_back(&in->queue, &q->link);
        in->nqueued++;
        in->bytes += sizeof e + e.len;
    } else {
        in->overflow = true;
        in->bytes += sizeof e;
    }
    event_set(&in->event, POLL_READABLE);
}

/* The next event if it is at most `room` bytes: 0 and *out (NULL: the overflow), -EAGAIN, -EINVAL. */
static int take(struct inotify *in, size_t room, struct queued **out)
{
    int r = 0;
    *out = NULL;
    spin_lock(&notify_lock);
    struct queued *q = list_empty(&in->queue) ? NULL : list_first(&in->queue, struct queued, link);
    size_t size = sizeof(struct notify_event) + (q ? q->event.len : 0);
    if (!q && !in->overflow) {
        r = -EAGAIN;
    } else if (size > room) {
        r = -EINVAL;
    } else {
        if (q) {
            list_remove(&q->link);
            in->nqueued--;
        } else {
            in->overflow = false;
        }
        in->bytes -= size;
        *out = q;
        if (!in->bytes)
            event_clear(&in->event, POLL_READABLE);
    }
    spin_unlock(&notify_lock);
    return r;
}

static ssize_t_k give(uptr_t buf, struct queued *q)
{
    static const struct notify_event overflow = { .number = -1, .mask = NOTIFY_Q_OVERFLOW };
    size_t n = sizeof q->event + (q ? q->event.len : 0);
    int r = copy_to_user(buf, q ? &q->event : &overflow, n);
    kfree(q);
    return r ? r : (ssize_t_k)n;
}

static ssize_t_k inotify_read(struct file *f, uptr_t buf, size_t n, u64 *pos)
{
    struct inotify *in = f->ctx;
    struct queued *q;
    size_t done = 0;
    int r = take(in, n, &q);
    if (r == -EAGAIN && !file_has(f, FILE_NONBLOCK) &&
        event_wait(&in->event, POLL_IN, (r = take(in, n, &q)) != -EAGAIN, WAIT_INTERRUPTIBLE, 0))
        return -ERESTARTSYS;
    while (!r) {
        ssize_t_k given = give(buf + done, q);
        if (given < 0)
            return given; /* the event is lost, as on Linux */
        done += (size_t)given;
        r = take(in, n - done, &q);
    }
    return done ? (ssize_t_k)done : r;
}

/* The next watch, out of all lists, or NULL. */
static struct notify_watch *watch_take(struct inotify *in)
{
    struct notify_watch *w = NULL;
    spin_lock(&notify_lock);
    struct list *first = list_pop_front(&in->watches);
    if (first) {
        w = list_entry(first, struct notify_watch, link);
        notify_watch_unlink_locked(w);
    }
    spin_unlock(&notify_lock);
    return w;
}

static void inotify_release(struct file *f)
{
    struct inotify *in = f->ctx;
    struct queued *q, *next;
    for (struct notify_watch *w; (w = watch_take(in)); kfree(w))
        vnode_put(w->pinned ? w->v : NULL);
    list_for_each_safe(q, next, &in->queue, link)
        kfree(q);
    event_fini(&in->event);
    kfree(in);
    __atomic_fetch_sub(&instances, 1, __ATOMIC_RELAXED);
}

static const struct file_ops inotify_ops = { .name = "anon_inode:inotify", .read = inotify_read,
                                             .release = inotify_release };

int inotify_create(u32 flags, struct file **out)
{
    if (__atomic_add_fetch(&instances, 1, __ATOMIC_RELAXED) > NOTIFY_INSTANCES_MAX) {
        __atomic_fetch_sub(&instances, 1, __ATOMIC_RELAXED);
        return -EMFILE;
    }
    struct inotify *in = kzalloc(sizeof *in);
    int r = in ? file_create(&inotify_ops, in, FILE_READ | flags, out) : -ENOMEM;
    if (r) {
        kfree(in);
        __atomic_fetch_sub(&instances, 1, __ATOMIC_RELAXED);
        return r;
    }
    event_init(&in->event, "inotify event", 0);
    list_init(&in->watches);
    list_init(&in->queue);
    (*out)->event = &in->event;
    return 0;
}

/* The watch that in has on v; mask and how as they are now. -ENOENT: none. */
static int update_locked(struct inotify *in, struct vnode *v, u32 mask, u32 how)
{
    for (struct notify_watch *w = v->watches; w; w = w->next) {
        if (w->in != in)
            continue;
        if (how & NOTIFY_NEW)
            return -EEXIST;
        w->mask = (how & NOTIFY_ADD ? w->mask : 0) | mask;
        w->how = (how & NOTIFY_ADD ? w->how : 0) | how;
        return w->number;
    }
    return -ENOENT;
}

static int add_locked(struct inotify *in, struct notify_watch *w)
{
    if (notify_watch_count >= NOTIFY_WATCHES_MAX || in->last_number == INT32_MAX)
        return -ENOSPC;
    w->number = ++in->last_number;
    w->next = w->v->watches;
    __atomic_store_n(&w->v->watches, w, __ATOMIC_RELEASE);
    __atomic_fetch_add(&notify_generation, 1, __ATOMIC_SEQ_CST);
    list_push_back(&in->watches, &w->link);
    __atomic_fetch_add(&notify_watch_count, 1, __ATOMIC_RELAXED);
    return w->number;
}

int inotify_watch(struct file *f, struct vnode *v, u32 mask, u32 how)
{
    if (f->ops != &inotify_ops)
        return -EINVAL;
    v = vnode_real(v);
    struct notify_watch *w = kmalloc(sizeof *w);
    if (!w)
        return -ENOMEM;
    *w = (struct notify_watch){ .in = f->ctx, .v = v, .mask = mask, .how = how, .pinned = !v->ops->steady };
    if (w->pinned)
        vnode_get(v);
    spin_lock(&notify_lock);
    int r = update_locked(f->ctx, v, mask, how);
    bool fresh = r == -ENOENT;
    if (fresh)
        r = add_locked(f->ctx, w);
    spin_unlock(&notify_lock);
    if (fresh && r >= 0)
        return r;
    vnode_put(w->pinned ? v : NULL);
    kfree(w);
    return r;
}

int inotify_unwatch(struct file *f, int number)
{
    if (f->ops != &inotify_ops)
        return -EINVAL;
    struct inotify *in = f->ctx;
    struct notify_watch *w, *found = NULL;
    spin_lock(&notify_lock);
    list_for_each(w, &in->watches, link)
        if (w->number == number) {
            found = w;
            break;
        }
    if (found) {
        inotify_queue_locked(found, NOTIFY_IGNORED, 0, NULL, 0);
        notify_watch_unlink_locked(found);
        list_remove(&found->link);
    }
    spin_unlock(&notify_lock);
    if (!found)
        return -EINVAL;
    vnode_put(found->pinned ? found->v : NULL);
    kfree(found);
    return 0;
}

int inotify_readable_bytes(struct file *f, size_t *out)
{
    if (f->ops != &inotify_ops)
        return -EINVAL;
    *out = __atomic_load_n(&((struct inotify *)f->ctx)->bytes, __ATOMIC_RELAXED);
    return 0;
}
