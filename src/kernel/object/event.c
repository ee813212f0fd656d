/* Events: the list of watchers and the walk along it. The state itself needs no lock.
 *
 * A watcher is told at most once a walk; an exclusive one that had use for the news goes behind
 * the others, so that the next news go to somebody else. */
#include "object/event.h"
#include "lib/assert.h"

void event_init(struct event *e, const char *name, u32 state)
{
    e->state = state;
    spin_init_kind(&e->lock, name, LOCK_EVENT);
    list_init(&e->watchers);
}

void event_fini(struct event *e)
{
    ASSERT(list_empty(&e->watchers));
}

/* True: this was the exclusive watcher that takes the news. */
static bool tell_one_locked(struct event *e, struct watcher *w, u32 bits)
{
    if (!w->fire(w, bits) || !w->exclusive)
        return false;
    list_remove(&w->link);
    list_push_back(&e->watchers, &w->link);
    return true;
}

static void tell_locked(struct event *e, u32 bits)
{
    bool taken = false;
    /* `last` as it is now: what moves behind it was told already. */
    struct list *pos = e->watchers.next, *last = e->watchers.prev;
    while (pos != &e->watchers) {
        struct list *next = pos->next;
        struct watcher *w = list_entry(pos, struct watcher, link);
        if ((w->want & bits) && !(taken && w->exclusive))
            taken |= tell_one_locked(e, w, bits);
        if (pos == last)
            return;
        pos = next;
    }
}

void event_tell_watchers(struct event *e, u32 bits)
{
    u64 irq = spin_lock_irqsave(&e->lock);
    tell_locked(e, bits);
    spin_unlock_irqrestore(&e->lock, irq);
}

void watcher_add(struct event *e, struct watcher *w)
{
    w->event = e;
    u64 irq = spin_lock_irqsave(&e->lock);
    list_push_back(&e->watchers, &w->link);
    spin_unlock_irqrestore(&e->lock, irq);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* before the caller's look at the state */
}

void watcher_remove(struct watcher *w)
{
    u64 irq = spin_lock_irqsave(&w->event->lock);
    list_remove(&w->link);
    spin_unlock_irqrestore(&w->event->lock, irq);
}

void watcher_want(struct watcher *w, u32 want)
{
    u64 irq = spin_lock_irqsave(&w->event->lock);
    w->want = want;
    spin_unlock_irqrestore(&w->event->lock, irq);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
