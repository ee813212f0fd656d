/* Advisory locks: who has them, who waits.
 *
 * A vnode gets its lists with its first lock and keeps them. One mutex guards all lists and the waits of all
 * files, because a deadlock is a circle through several files. Who waits is woken when any lock on the file
 * goes, and tries again; meanwhile its request is listed, with the owner that stands in the way. Only
 * processes' ranges are searched for circles: open files and flock may wait for themselves, as on Linux. */
#include "vfs/file_lock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define LOCKS_MAX 65536u /* together: kernel memory that nobody can be made to give back */
#define CIRCLE_MAX 16    /* longer chains are not followed */

struct vnode_locks {
    struct vnode *v;
    struct list link; /* in all */
    struct list held[LOCK_SPACES];
    struct waitq wait;
};

/* A request that waits. */
struct pending {
    struct list link; /* in waits */
    struct vnode_locks *on;
    enum lock_space space;
    struct lock_range want;
    const void *blocker;
};

static struct mutex all_lock = MUTEX_INIT(all_lock, "file locks");
static struct list all = LIST_INIT(all), waits = LIST_INIT(waits); /* by all_lock, as nlocks */
static unsigned nlocks;

static struct vnode_locks *locks_of(struct vnode *v) { return __atomic_load_n(&v->locks, __ATOMIC_ACQUIRE); }

static int locks_make(struct vnode *v, struct vnode_locks **out)
{
    *out = locks_of(v);
    if (*out)
        return 0;
    struct vnode_locks *l = kzalloc(sizeof *l);
    if (!l)
        return -ENOLCK;
    l->v = v;
    for (int i = 0; i < LOCK_SPACES; i++)
        list_init(&l->held[i]);
    waitq_init(&l->wait, "file lock wait");
    mutex_lock(&all_lock);
    *out = locks_of(v);
    if (!*out) {
        *out = l;
        list_push_back(&all, &l->link);
        __atomic_store_n(&v->locks, l, __ATOMIC_RELEASE);
    }
    mutex_unlock(&all_lock);
    if (*out != l)
        kfree(l);
    return 0;
}

void file_lock_forget(struct vnode *v)
{
    struct vnode_locks *l = locks_of(v);
    ASSERT(list_empty(&l->held[LOCKS_RANGE]) && list_empty(&l->held[LOCKS_WHOLE]));
    mutex_lock(&all_lock);
    list_remove(&l->link);
    mutex_unlock(&all_lock);
    kfree(l);
}

/* Whom `owner` waits for, or NULL. */
static const void *waits_for(const void *owner)
{
    struct pending *p;
    list_for_each(p, &waits, link)
        if (p->want.owner == owner && p->space == LOCKS_RANGE && !p->want.by_file)
            return p->blocker;
    return NULL;
}

static bool closes_circle(const struct lock_range *want, const void *blocker)
{
    for (int i = 0; i < CIRCLE_MAX && blocker; i++, blocker = waits_for(blocker))
        if (blocker == want->owner)
            return true;
    return false;
}

static void litter_free(struct list *litter)
{
    struct lock_range *l, *next;
    list_for_each_safe(l, next, litter, link)
        kfree(l);
}

static void count_locked(struct lock_range *const spare[2], struct list *litter)
{
    nlocks += !spare[0] + !spare[1];
    struct lock_range *l;
    list_for_each(l, litter, link)
        nlocks--;
}

/* 0, -EAGAIN: somebody else has it, and p (if it waits) is listed; -EDEADLK, -ENOLCK. */
static int try_locked(struct vnode_locks *on, enum lock_space space, const struct lock_range *want, struct pending *p,
                      struct lock_range *spare[2], struct list *litter)
{
    ASSERT(mutex_held(&all_lock));
    struct lock_range *other = want->type == LOCK_NONE ? NULL : lock_range_conflict(&on->held[space], want);
    if (p)
        list_remove(&p->link);
    if (!other) {
        if (want->type != LOCK_NONE && nlocks >= LOCKS_MAX)
            return -ENOLCK;
        lock_range_apply(&on->held[space], want, spare, litter);
        count_locked(spare, litter);
        return 0;
    }
    if (!p)
        return -EAGAIN;
    p->blocker = other->owner;
    if (space == LOCKS_RANGE && !want->by_file && closes_circle(want, other->owner))
        return -EDEADLK;
    list_push_back(&waits, &p->link);
    return -EAGAIN;
}

static int try(struct vnode_locks *on, enum lock_space space, const struct lock_range *want, struct pending *p)
{
    struct list litter = LIST_INIT(litter);
    struct lock_range *spare[2] = { kmalloc(sizeof **spare), kmalloc(sizeof **spare) };
    int r = spare[0] && spare[1] ? 0 : -ENOLCK;
    if (!r) {
        mutex_lock(&all_lock);
        r = try_locked(on, space, want, p, spare, &litter);
        mutex_unlock(&all_lock);
    }
    kfree(spare[0]);
    kfree(spare[1]);
    litter_free(&litter);
    if (!r) /* perhaps less than before */
        waitq_wake_all(&on->wait);
    return r;
}

static int wait_for(struct vnode_locks *on, enum lock_space space, const struct lock_range *want)
{
    struct pending p = { .on = on, .space = space, .want = *want };
    int got = -EAGAIN;
    list_init(&p.link);
    int r = wait_event(&on->wait, (got = try(on, space, want, &p)) != -EAGAIN, WAIT_INTERRUPTIBLE, 0);
    mutex_lock(&all_lock);
    list_remove(&p.link);
    mutex_unlock(&all_lock);
    return r ? r : got;
}

int file_lock(struct file *f, enum lock_space space, const struct lock_range *want, bool wait)
{
    struct vnode_locks *on;
    struct vnode *v = file_lock_home(f);
    if (want->type == LOCK_NONE && v && !locks_of(v))
        return 0;
    int r = v ? 0 : lock_home_make(f, &v);
    if (r == 0)
        r = locks_make(v, &on);
    if (r)
        return r;
    r = try(on, space, want, NULL);
    return r == -EAGAIN && wait ? wait_for(on, space, want) : r;
}

void file_lock_test(struct file *f, const struct lock_range *want, struct lock_range *out)
{
    struct vnode *v = file_lock_home(f);
    struct vnode_locks *on = v ? locks_of(v) : NULL;
    out->type = LOCK_NONE;
    if (!on)
        return;
    mutex_lock(&all_lock);
    const struct lock_range *other = lock_range_conflict(&on->held[LOCKS_RANGE], want);
    if (other)
        *out = *other;
    mutex_unlock(&all_lock);
}

void file_lock_release_all(struct vnode *v, const void *owner)
{
    struct vnode_locks *on = locks_of(v);
    struct list litter = LIST_INIT(litter);
    struct lock_range *l, *next;
    mutex_lock(&all_lock);
    for (int space = 0; space < LOCK_SPACES; space++) {
        list_for_each_safe(l, next, &on->held[space], link) {
            if (l->owner != owner)
                continue;
            list_remove(&l->link);
            list_push_back(&litter, &l->link);
            nlocks--;
        }
    }
    mutex_unlock(&all_lock);
    if (list_empty(&litter))
        return;
    litter_free(&litter);
    waitq_wake_all(&on->wait);
}

void file_lock_for_each(file_lock_fn fn, void *ctx)
{
    struct vnode_locks *on;
    struct lock_range *l;
    struct pending *p;
    mutex_lock(&all_lock);
    list_for_each(on, &all, link) {
        for (int space = 0; space < LOCK_SPACES; space++) {
            list_for_each(l, &on->held[space], link) {
                fn(ctx, on->v, space, l, false);
                list_for_each(p, &waits, link)
                    if (p->on == on && p->space == (enum lock_space)space && p->blocker == l->owner)
                        fn(ctx, on->v, space, &p->want, true);
            }
        }
    }
    mutex_unlock(&all_lock);
}
