/* The queues of waiters under the futex calls (futex.c), between the files that make the calls. */
#pragma once
#include "lib/types.h"
#include "sched/waitq.h"

struct vmo;
struct bucket;

struct futex_key { const void *space; u64 addr; struct vmo *vmo; }; /* vmo: space, or NULL if private */

struct futex_waiter {
    struct list link;
    struct bucket *bucket; /* changes by requeue, under both locks */
    struct futex_key key;
    u32 bitset;
    bool woken;
    struct waitq wq;
};

#define FUTEX_BITSET_ANY 0xffffffffu

/* The name of a word of the caller's, with a reference to its object. -EFAULT... */
int futex_key_get(vaddr_t addr, bool private, struct futex_key *out) MUST_CHECK;
void futex_key_put(struct futex_key k);
/* Wakes up to n waiters whose bits meet bitset: how many. */
int futex_wake(struct futex_key key, unsigned n, u32 bitset);
int futex_wake_at(vaddr_t addr, bool private, unsigned n, u32 bitset);
/* 0, -EAGAIN, -EFAULT, -ETIMEDOUT, -EINTR. deadline_ns 0: none. */
int futex_wait(vaddr_t addr, bool private, u32 expect, u32 bitset, u64 deadline_ns) MUST_CHECK;

/* nwake are woken, the next nmove wait at `to` from now on; if the word at addr is *expect (NULL:
 * whatever it is), looked at with the queues locked. */
struct futex_move { vaddr_t addr; const u32 *expect; unsigned nwake, nmove; };
/* How many were woken or moved; -EAGAIN: another value; -EFAULT: the word's page is not there now. */
int futex_requeue(struct futex_key from, struct futex_key to, const struct futex_move *m) MUST_CHECK;

/* FUTEX_WAKE_OP: the word at addr2 is changed as `op` says, n waiters at addr are woken, and n2 at addr2
 * if the old value compared as `op` says (futex_op.c). How many, -EFAULT, -ENOSYS. */
int futex_wake_op(vaddr_t addr, vaddr_t addr2, bool private, unsigned n, unsigned n2, u32 op) MUST_CHECK;
