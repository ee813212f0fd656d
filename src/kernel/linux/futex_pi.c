/* Futexes that are locks with an owner (futex(2), "Priority-inheritance futexes").
 *
 * The word holds the owner's tid, FUTEX_WAITERS while somebody may sleep here, and FUTEX_OWNER_DIED. Who
 * finds it taken queues itself among the futex waiters (futex.c) and says whose it waits: pi_owner. The
 * owner's unlock chooses the next (the highest real-time priority, of equals the first) and writes
 * its number into the word; the one woken owns the lock.
 *
 *     lock --free--> owner                     unlock: owner --> the next one, or 0
 *       '--taken--> queued --unlock--> owner   end of the owner: the next one is elected
 *                     '--elected--> owner      (and of its robust list: FUTEX_OWNER_DIED)
 *
 * A thread that ends, or calls execve, as an owner elects the next one, who stays in the queue until it
 * has written the word itself: the dead one may not have it mapped any more. Meanwhile whoever comes
 * finds the elected in the queue and waits for him, whatever the word says.
 *
 * The waiter queues first and then tells the owner (futex_owner.c), who runs with its priority until the lock is
 * another one's (futex_boost.c).
 *
 * Locking: the bucket's lock for everything in waiters, and for all that is written to a word with a
 * queue. Words are written under it by instructions that fail if the page is not there: then it is brought
 * without the lock, and all begins anew. */
#include "arch/user_copy.h"
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/futex_owner.h"
#include "linux/lx.h"

#define CLOSING_PAUSE_NS 1000000ull

struct pi_waiter {
    struct futex_waiter w;
    struct waitq wq;
    struct lx_thread *lt; /* its own; stays while it is queued */
    vaddr_t addr;
    int tid;
    bool elected;
};

/* What waits at a key: the next owner, the one who is it already but has yet to say so, how many. */
struct queue { struct pi_waiter *top, *elected; unsigned n; };

static u8 prio_of(const struct pi_waiter *p) { return thread_rt_prio(p->lt->boost.thread); }

/* -EINVAL: somebody takes the word for an ordinary futex; *q is right all the same. */
static int queue_look_locked(struct futex_key key, struct queue *q)
{
    struct futex_waiter *w;
    int r = 0;
    *q = (struct queue){ NULL, NULL, 0 };
    list_for_each(w, &futex_bucket_of(key)->waiters, link) {
        if (!futex_same_key(w->key, key))
            continue;
        q->n++;
        if (!w->pi)
            r = -EINVAL;
        else if (w->pi->elected)
            q->elected = w->pi;
        else if (!q->top || prio_of(w->pi) > prio_of(q->top))
            q->top = w->pi;
    }
    return r;
}

/* In this order: who links it to an owner looks at pi_owner first (futex_owner.c). */
static void waits_for_nobody(struct pi_waiter *p)
{
    __atomic_store_n(&p->lt->pi_owner, 0, __ATOMIC_RELAXED);
    futex_boost_wait(&p->lt->boost, NULL);
}

/* Everybody queued at key, but for the next owner, waits for that one now. */
static void owner_change_locked(struct futex_key key, struct pi_waiter *next)
{
    struct futex_waiter *w;
    list_for_each(w, &futex_bucket_of(key)->waiters, link) {
        if (!futex_same_key(w->key, key) || !w->pi || w->pi == next)
            continue;
        __atomic_store_n(&w->pi->lt->pi_owner, next->tid, __ATOMIC_RELAXED);
        __atomic_store_n(&next->lt->pi_waited, true, __ATOMIC_SEQ_CST);
        futex_boost_wait(&w->pi->lt->boost, &next->lt->boost);
    }
    waits_for_nobody(next);
}

/* Somebody takes the lock over from an owner that is no more, for whom nobody waits afterwards. */
static void elect_locked(struct futex_key key)
{
    struct queue q;
    (void)!queue_look_locked(key, &q);
    struct pi_waiter *next = q.elected ? q.elected : q.top;
    if (!next)
        return;
    owner_change_locked(key, next);
    __atomic_store_n(&next->elected, true, __ATOMIC_RELEASE);
    waitq_wake_all(&next->wq);
}

/* Brings the word's page for writing. -EFAULT. */
static int word_touch(vaddr_t addr)
{
    u32 value, seen;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    return user_cmpxchg32_raw((u32 *)addr, value, value, &seen) < 0 ? -EFAULT : 0;
}

/* Changes the word from *value to new: 0, -EFAULT, or FUTEX_AGAIN with what it is in *value. */
static int word_change(vaddr_t addr, u32 *value, u32 new)
{
    u32 seen;
    if (new == *value)
        return 0;
    if (user_cmpxchg32_raw((u32 *)addr, *value, new, &seen) < 0)
        return -EFAULT;
    bool done = seen == *value;
    *value = seen;
    return done ? 0 : FUTEX_AGAIN;
}

/* 0: ours now. 1: FUTEX_WAITERS is set, and *owner has it. -EDEADLK, -EINVAL, -EFAULT. */
static int word_take_locked(const struct pi_waiter *p, int *owner)
{
    struct queue q;
    u32 value;
    bool is_free;
    int r = queue_look_locked(p->w.key, &q), holder;
    if (r < 0)
        return r;
    if (copy_from_user(&value, uptr(p->addr), sizeof value))
        return -EFAULT;
    do {
        holder = (int)(value & FUTEX_TID_MASK);
        if (holder == p->tid)
            return -EDEADLK;
        is_free = !holder && !q.n;
        r = word_change(p->addr, &value, is_free ? (u32)p->tid | (value & FUTEX_OWNER_DIED) : value | FUTEX_WAITERS);
    } while (r == FUTEX_AGAIN);
    *owner = q.elected ? q.elected->tid : holder ? holder : q.top ? q.top->lt->pi_owner : 0;
    return r < 0 ? r : !is_free;
}

/* --- lock --------------------------------------------------------------------------------------- */

static void queue_leave_locked(struct pi_waiter *p)
{
    list_remove(&p->w.link);
    waits_for_nobody(p);
}

/* The elected one makes itself the owner. If it cannot reach the word, another one is elected. */
static int elected_take_over(struct pi_waiter *p)
{
    struct futex_bucket *b = p->w.bucket;
    int r;
    do {
        u32 value;
        spin_lock(&b->lock);
        r = copy_from_user(&value, uptr(p->addr), sizeof value);
        while (r == 0 && (r = word_change(p->addr, &value, (u32)p->tid | FUTEX_WAITERS | FUTEX_OWNER_DIED)) == FUTEX_AGAIN)
            r = 0;
        if (r == 0)
            queue_leave_locked(p);
        spin_unlock(&b->lock);
    } while (r == -EFAULT && word_touch(p->addr) == 0);
    if (r == 0)
        return 0;
    spin_lock(&b->lock);
    queue_leave_locked(p);
    elect_locked(p->w.key);
    spin_unlock(&b->lock);
    return r;
}

/* Ends the wait: 0 if the lock came to p before that, else r. */
static int wait_end(struct pi_waiter *p, int r)
{
    struct futex_bucket *b = p->w.bucket;
    spin_lock(&b->lock);
    bool woken = p->w.woken, elected = p->elected;
    if (!woken && !elected)
        queue_leave_locked(p);
    spin_unlock(&b->lock);
    return woken ? 0 : elected ? elected_take_over(p) : r;
}

static int wait_queued(struct pi_waiter *p, u64 deadline_ns)
{
    int r = wait_event(&p->wq, __atomic_load_n(&p->w.woken, __ATOMIC_ACQUIRE) ||
                       __atomic_load_n(&p->elected, __ATOMIC_ACQUIRE),
                       WAIT_INTERRUPTIBLE, deadline_ns);
    return wait_end(p, r == -EINTR ? -ERESTARTNOINTR : r);
}

/* There is no such owner. -ESRCH if the word still says so. */
static int owner_missing(const struct pi_waiter *p, int owner)
{
    u32 value;
    if (copy_from_user(&value, uptr(p->addr), sizeof value))
        return -EFAULT;
    return (int)(value & FUTEX_TID_MASK) == owner ? -ESRCH : FUTEX_AGAIN;
}

static int owner_closing(void)
{
    int r = sleep_until_ns(clock_now_ns() + CLOSING_PAUSE_NS, true);
    return r == -EINTR ? -ERESTARTNOINTR : FUTEX_AGAIN;
}

/* 1: queued, and *owner has the lock. */
static int take_or_enqueue(struct pi_waiter *p, int *owner)
{
    struct futex_bucket *b = futex_bucket_of(p->w.key);
    spin_lock(&b->lock);
    int r = word_take_locked(p, owner);
    if (r == 1) {
        p->w.bucket = b;
        __atomic_store_n(&p->lt->pi_owner, *owner, __ATOMIC_SEQ_CST);
        list_push_back(&b->waiters, &p->w.link);
    }
    spin_unlock(&b->lock);
    return r;
}

static int lock_once(struct pi_waiter *p, bool only_try, u64 deadline_ns)
{
    int owner = 0, r = take_or_enqueue(p, &owner);
    if (r == -EFAULT)
        return word_touch(p->addr) < 0 ? -EFAULT : FUTEX_AGAIN;
    if (r != 1)
        return r;
    r = futex_owner_tell(owner, uthread_current());
    if (r == 0 && !only_try)
        return wait_queued(p, deadline_ns);
    int came = wait_end(p, FUTEX_AGAIN);
    if (came != FUTEX_AGAIN)
        return came;
    if (r == -ESRCH)
        return owner_missing(p, owner);
    return r == FUTEX_AGAIN ? owner_closing() : r < 0 ? r : -EAGAIN;
}

int futex_pi_lock(vaddr_t addr, bool private, bool only_try, u64 deadline_ns)
{
    struct uthread *ut = uthread_current();
    struct pi_waiter p = { .lt = ut->lx, .addr = addr, .tid = ut->tid };
    int r = futex_key_get(addr, private, &p.w.key);
    if (r < 0)
        return r;
    ut->lx->boost.thread = ut->thread;
    p.w.pi = &p;
    p.w.wq = &p.wq;
    p.w.bitset = FUTEX_BITSET_ANY;
    waitq_init(&p.wq, "futex owner");
    do {
        p.w.woken = p.elected = false;
        r = lock_once(&p, only_try, deadline_ns);
    } while (r == FUTEX_AGAIN);
    futex_key_put(p.w.key);
    return r;
}

/* --- unlock ------------------------------------------------------------------------------------- */

static int give_locked(struct futex_key key, vaddr_t addr, int tid)
{
    struct queue q;
    u32 value;
    int r = queue_look_locked(key, &q);
    if (r < 0 || q.elected)
        return -EINVAL;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    do {
        if ((int)(value & FUTEX_TID_MASK) != tid)
            return -EPERM;
        r = word_change(addr, &value, q.top ? (u32)q.top->tid | FUTEX_WAITERS : 0);
    } while (r == FUTEX_AGAIN);
    if (r == 0 && q.top) {
        owner_change_locked(key, q.top);
        futex_wake_waiter_locked(&q.top->w);
    }
    return r;
}

int futex_pi_unlock(vaddr_t addr, bool private)
{
    struct futex_key key;
    int tid = uthread_current()->tid;
    u32 value;
    if (copy_from_user(&value, uptr(addr), sizeof value))
        return -EFAULT;
    if ((int)(value & FUTEX_TID_MASK) != tid)
        return -EPERM;
    int r = futex_key_get(addr, private, &key);
    if (r < 0)
        return r;
    do {
        spin_lock(&futex_bucket_of(key)->lock);
        r = give_locked(key, addr, tid);
        spin_unlock(&futex_bucket_of(key)->lock);
    } while (r == -EFAULT && word_touch(addr) == 0);
    futex_key_put(key);
    return r;
}

/* --- the owner's end ---------------------------------------------------------------------------- */

static struct pi_waiter *waiter_for_locked(struct futex_bucket *b, int tid)
{
    struct futex_waiter *w;
    list_for_each(w, &b->waiters, link)
        if (w->pi && !w->pi->elected && w->pi->lt->pi_owner == tid)
            return w->pi;
    return NULL;
}

void futex_pi_leave(struct uthread *ut, int tid)
{
    struct pi_waiter *p;
    __atomic_store_n(&ut->lx->pi_closed, true, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&ut->lx->pi_waited, __ATOMIC_SEQ_CST))
        return;
    for (struct futex_bucket *b = futex_bucket_next(NULL); b; b = futex_bucket_next(b)) {
        spin_lock(&b->lock);
        while ((p = waiter_for_locked(b, tid)))
            elect_locked(p->w.key);
        spin_unlock(&b->lock);
    }
}
