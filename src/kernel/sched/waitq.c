/* Wait queues: a list of who wants to hear of an event. The queue keeps no event: the condition
 * is the caller's, and a woken waiter looks at it again.
 *
 * A waiter stays listed until it removes itself. An exclusive one that was woken moves behind the
 * others, so that the next wake-up goes to somebody else rather than to it twice. */
#include "sched/waitq.h"

void waitq_init(struct waitq *wq, const char *name)
{
    spin_init_kind(&wq->lock, name, LOCK_WAITQ);
    list_init(&wq->waiters);
}

void waitq_add(struct waitq *wq, struct waiter *w, bool exclusive)
{
    w->thread = thread_current();
    w->wq = wq;
    w->exclusive = exclusive;
    u64 state = spin_lock_irqsave(&wq->lock);
    list_push_back(&wq->waiters, &w->link);
    spin_unlock_irqrestore(&wq->lock, state);
}

void waitq_remove(struct waiter *w)
{
    u64 state = spin_lock_irqsave(&w->wq->lock);
    list_remove(&w->link);
    spin_unlock_irqrestore(&w->wq->lock, state);
}

/* Returns how many exclusive waiters may still be woken. */
static unsigned wake_one_locked(struct waitq *wq, struct waiter *w, unsigned n)
{
    if (w->exclusive) {
        if (n == 0)
            return 0;
        n--;
        list_remove(&w->link);
        list_push_back(&wq->waiters, &w->link);
    }
    thread_wake(w->thread);
    return n;
}

static void wake_locked(struct waitq *wq, unsigned n)
{
    /* `last` as it is now: what moves behind it was woken already. */
    struct list *pos = wq->waiters.next, *last = wq->waiters.prev;
    while (pos != &wq->waiters) {
        struct list *next = pos->next;
        n = wake_one_locked(wq, list_entry(pos, struct waiter, link), n);
        if (pos == last)
            return;
        pos = next;
    }
}

void waitq_wake_listed(struct waitq *wq, unsigned n)
{
    u64 state = spin_lock_irqsave(&wq->lock);
    wake_locked(wq, n);
    spin_unlock_irqrestore(&wq->lock, state);
}
