/* The queues of waiters under the futex calls (futex.c), between the files that make the calls. */
#pragma once
#include "lib/types.h"
#include "sched/waitq.h"

struct uthread;
struct vmo;
struct pi_waiter;

/* One queue of waiters. The bucket of a key: futex_bucket_of. */
struct futex_bucket { struct spinlock lock; struct list waiters; };

struct futex_key { const void *space; u64 addr; struct vmo *vmo; }; /* vmo: space, or NULL if private */

struct futex_waiter {
    struct list link;
    struct futex_bucket *bucket; /* changes by requeue, under both locks */
    struct futex_key key;
    u32 bitset;
    bool woken;
    struct pi_waiter *pi;  /* waits for the ownership of a lock (futex_pi.c), not for a wake-up; or NULL */
    const struct futex_key *lock; /* waits to be signalled, and for this lock then (futex_cond.c); or NULL */
    struct waitq *wq;
};

#define FUTEX_BITSET_ANY 0xffffffffu
/* linux/futex.h: the word of a lock that is robust, or has an owner that the kernel knows. */
#define FUTEX_WAITERS 0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK 0x3fffffffu

/* The name of a word of the caller's, with a reference to its object. -EFAULT... */
int futex_key_get(vaddr_t addr, bool private, struct futex_key *out) MUST_CHECK;
void futex_key_put(struct futex_key k);

static inline bool futex_same_key(struct futex_key a, struct futex_key b)
{
    return a.space == b.space && a.addr == b.addr;
}

struct futex_bucket *futex_bucket_of(struct futex_key k);
struct futex_bucket *futex_bucket_next(struct futex_bucket *b); /* NULL: the first; NULL behind the last */
/* Puts w, whose key is set, at the end of its queue. */
void futex_enqueue(struct futex_waiter *w);
/* Leaves the queue. True: somebody had woken it. A waker that has just woken w is done with it. */
bool futex_dequeue(struct futex_waiter *w);
/* w leaves the queue and is woken. It may be gone as soon as the bucket's lock is let go. */
void futex_wake_waiter_locked(struct futex_waiter *w);
/* Wakes up to n waiters whose bits meet bitset: how many; -EINVAL if one of them waits for a lock. */
int futex_wake(struct futex_key key, unsigned n, u32 bitset);
int futex_wake_at(vaddr_t addr, bool private, unsigned n, u32 bitset);
/* 0, -EAGAIN, -EFAULT, -ETIMEDOUT, -EINTR. deadline_ns 0: none. */
int futex_wait(vaddr_t addr, bool private, u32 expect, u32 bitset, u64 deadline_ns) MUST_CHECK;

/* nwake are woken, the next nmove wait at `to` from now on; if the word at addr is *expect (NULL:
 * whatever it is), looked at with the queues locked. */
struct futex_move { vaddr_t addr; const u32 *expect; unsigned nwake, nmove; };
/* How many were woken or moved; -EAGAIN: another value; -EFAULT: the word's page is not there now. */
int futex_requeue(struct futex_key from, struct futex_key to, const struct futex_move *m) MUST_CHECK;

/* Is the word at addr *expect (NULL: whatever it is)? 0, -EAGAIN. Under a bucket's lock no page can be brought:
 * -EFAULT then, and the caller tries again after it was. */
int futex_compare_locked(vaddr_t addr, const u32 *expect) MUST_CHECK;

/* FUTEX_WAKE_OP: the word at addr2 is changed as `op` says, n waiters at addr are woken, and n2 at addr2
 * if the old value compared as `op` says (futex_op.c). How many, -EFAULT, -ENOSYS. */
int futex_wake_op(vaddr_t addr, vaddr_t addr2, bool private, unsigned n, unsigned n2, u32 op) MUST_CHECK;

/* FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI (futex_pi.c). 0, -EAGAIN (only_try), -EDEADLK, -EINVAL,
 * -ESRCH, -EPERM, -EFAULT, -ETIMEDOUT, -ERESTARTNOINTR. */
int futex_pi_lock(vaddr_t addr, bool private, bool only_try, u64 deadline_ns) MUST_CHECK;
int futex_pi_unlock(vaddr_t addr, bool private) MUST_CHECK;
/* FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI (futex_cond.c). wait: as futex_wait, then as futex_pi_lock; -EAGAIN also
 * if a signal came while it waited for the lock. signal: how many, -EAGAIN, -EFAULT, -EINVAL: somebody waits there
 * for something else. */
int futex_cond_wait(vaddr_t addr, vaddr_t lock_addr, bool private, u32 expect, u64 deadline_ns) MUST_CHECK;
int futex_cond_signal(vaddr_t addr, vaddr_t lock_addr, bool private, u32 expect, u64 most) MUST_CHECK;
/* The calling thread, called tid until now, gives up all its memory: who waits for its locks gets them. */
void futex_pi_leave(struct uthread *ut, int tid);
