/* Condition variables of locks that have an owner: FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI (futex(2)).
 *
 * A thread waits at one word and, when it is signalled, for the ownership of another, which it has when the
 * call returns. Linux moves the sleeper from one queue to the other; here it is woken and queues itself
 * (futex_pi.c), before it sees ring 3 again. A lock that is let go in between it finds free; its priority
 * counts from then on.
 *
 * What a sleeper named as its lock must be what the signaller names; and no other call may wake it, or it
 * would believe that it owns the lock. */
#include "arch/user_copy.h"
#include "lib/errno.h"
#include "linux/futex.h"
#include "linux/lx.h"

static int keys_get(vaddr_t addr, vaddr_t lock_addr, bool private, struct futex_key *key, struct futex_key *lock)
{
    int r = futex_key_get(addr, private, key);
    if (r < 0)
        return r;
    r = futex_key_get(lock_addr, private, lock);
    if (r == 0 && futex_same_key(*key, *lock)) {
        futex_key_put(*lock);
        r = -EINVAL;
    }
    if (r < 0)
        futex_key_put(*key);
    return r;
}

/* 0: it was signalled. It queued before it looked: nothing is lost in between. */
static int wait_signalled(struct futex_waiter *w, vaddr_t addr, u32 expect, u64 deadline_ns)
{
    u32 value;
    futex_enqueue(w);
    int r = copy_from_user(&value, uptr(addr), sizeof value);
    if (r == 0 && value != expect)
        r = -EAGAIN;
    if (r == 0)
        r = wait_event(w->wq, __atomic_load_n(&w->woken, __ATOMIC_ACQUIRE), WAIT_INTERRUPTIBLE, deadline_ns);
    return futex_dequeue(w) ? 0 : r == -EINTR ? -ERESTARTNOINTR : r;
}

int futex_cond_wait(vaddr_t addr, vaddr_t lock_addr, bool private, u32 expect, u64 deadline_ns)
{
    struct futex_key lock;
    struct waitq wq;
    struct futex_waiter w = { .bitset = FUTEX_BITSET_ANY, .wq = &wq, .lock = &lock };
    int r = keys_get(addr, lock_addr, private, &w.key, &lock);
    if (r < 0)
        return r;
    waitq_init(&wq, "futex waiter");
    r = wait_signalled(&w, addr, expect, deadline_ns);
    futex_key_put(w.key);
    futex_key_put(lock);
    if (r < 0)
        return r;
    r = futex_pi_lock(lock_addr, private, false, deadline_ns);
    return r == -ERESTARTNOINTR ? -EAGAIN : r; /* the signal for which it waited has been: it cannot begin anew */
}

/* All who wait at `key` named `lock`. */
static bool all_want_locked(struct futex_key key, struct futex_key lock)
{
    struct futex_waiter *w;
    list_for_each(w, &futex_bucket_of(key)->waiters, link)
        if (futex_same_key(w->key, key) && (!w->lock || !futex_same_key(*w->lock, lock)))
            return false;
    return true;
}

static int signal_locked(struct futex_key key, u64 most)
{
    struct futex_waiter *w, *next;
    int n = 0;
    list_for_each_safe(w, next, &futex_bucket_of(key)->waiters, link) {
        if ((u64)n == most)
            break;
        if (!futex_same_key(w->key, key))
            continue;
        futex_wake_waiter_locked(w);
        n++;
    }
    return n;
}

int futex_cond_signal(vaddr_t addr, vaddr_t lock_addr, bool private, u32 expect, u64 most)
{
    struct futex_key key, lock;
    u32 value;
    int r = keys_get(addr, lock_addr, private, &key, &lock);
    if (r < 0)
        return r;
    struct futex_bucket *b = futex_bucket_of(key);
    do {
        spin_lock(&b->lock);
        r = futex_compare_locked(addr, &expect);
        if (r == 0)
            r = all_want_locked(key, lock) ? signal_locked(key, most) : -EINVAL;
        spin_unlock(&b->lock);
    } while (r == -EFAULT && copy_from_user(&value, uptr(addr), sizeof value) == 0);
    futex_key_put(key);
    futex_key_put(lock);
    return r;
}
