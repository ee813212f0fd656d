/* The owner of a lock (futex_pi.c) hears that somebody waits for it.
 *
 * The waiter queues first and then tells the owner (pi_waited), and the owner closes itself (pi_closed)
 * before its last look at that. So either the end of the owner finds the waiter, or the waiter finds
 * the owner closed and looks again.
 *
 * A circle of owners who wait for each other is refused, as long as all its waiters wait. */
#include "linux/futex_owner.h"
#include "lib/errno.h"
#include "linux/lx.h"

#define CIRCLE_MAX 1024 /* owners looked at: Linux's max_lock_depth */

struct tell { int tid, next; struct lx_thread *waiter; bool found, closed; }; /* waiter: NULL: only asks */

/* The store before the load, as futex_pi_leave has it the other way round. */
static bool tell_thread(struct uthread *ut, void *ctx)
{
    struct tell *t = ctx;
    if (ut->tid != t->tid)
        return true;
    t->found = true;
    t->next = __atomic_load_n(&ut->lx->pi_owner, __ATOMIC_RELAXED);
    if (t->waiter)
        __atomic_store_n(&ut->lx->pi_waited, true, __ATOMIC_SEQ_CST);
    t->closed = __atomic_load_n(&ut->lx->pi_closed, __ATOMIC_SEQ_CST);
    if (t->waiter && !t->closed) { /* the lock may have gone on to another one meanwhile, who was linked then */
        ut->lx->boost.thread = ut->thread;
        futex_boost_wait_if(&t->waiter->boost, &ut->lx->boost, &t->waiter->pi_owner, t->tid);
    }
    return false;
}

static void tell(struct tell *t)
{
    struct process *p = process_find_thread(t->tid);
    if (!p)
        return;
    process_for_each_thread(p, tell_thread, t);
    kobject_put(&p->obj);
}

/* Does `owner` wait, over however many others, for `tid`? Each waiter has said whom it waits for
 * before it looks, so of those that close a circle the last one sees it. */
static bool closes_circle(int owner, int tid)
{
    for (unsigned i = 0; owner; i++) {
        if (owner == tid || i == CIRCLE_MAX)
            return true;
        struct tell t = { .tid = owner };
        tell(&t);
        owner = t.next;
    }
    return false;
}

int futex_owner_tell(int owner, struct uthread *waiter)
{
    struct tell t = { .tid = owner, .waiter = waiter->lx };
    tell(&t);
    if (!t.found)
        return -ESRCH;
    if (t.closed)
        return FUTEX_AGAIN;
    return t.next && closes_circle(t.next, waiter->tid) ? -EDEADLK : 0;
}
