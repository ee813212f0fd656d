/* An event: what holds of an object now, as bits, and who wants to hear when that changes.
 *
 * Everything that can be waited for has one: a pipe, a terminal, a counter, a timer, the end of a
 * process. Embed it, keep its state true, and poll, select, epoll and sleeping calls all work:
 *
 *     event_init(&p->event, "pipe", POLL_OUT);
 *     event_set(&p->event, POLL_IN);      // it holds, and everybody who wants POLL_IN is told
 *     event_clear(&p->event, POLL_IN);    // it no longer does; nobody waits for that
 *
 * Any context, interrupt handlers too. Bits: the POLL_* values of vfs/file.h, and above 1 << 16
 * the owner's own. Whoever watches must hold something that keeps the event alive; event_fini
 * asserts that nobody watches any more. docs/objects/event.md. */
#pragma once
#include "arch/spinlock.h"
#include "lib/list.h"

struct event {
    u32 state;            /* atomic; changed by the owner alone */
    struct spinlock lock; /* irqsave: watchers */
    struct list watchers;
};
#define EVENT_INIT(e, n, bits) { .state = (bits), .lock = SPINLOCK_INIT_KIND(n, LOCK_EVENT), .watchers = LIST_INIT((e).watchers) }

/* Who is told. fire runs with the event's lock held and interrupts off: it may wake, queue and tell
 * other events, and it adds or removes no watcher. It says whether it had use for the news; an
 * exclusive watcher that had is the only exclusive one told. */
struct watcher {
    struct list link;
    struct event *event;
    bool (*fire)(struct watcher *w, u32 bits);
    u32 want; /* guarded by the event's lock; 0: sleeps on */
    bool exclusive;
};

void event_init(struct event *e, const char *name, u32 state);
void event_fini(struct event *e);
static inline u32 event_state(const struct event *e) { return __atomic_load_n(&e->state, __ATOMIC_ACQUIRE); }
void event_tell_watchers(struct event *e, u32 bits); /* the slow half of event_tell */
/* Tells of `bits` whether or not they are news: more came of what was there (epoll's edges). */
static inline void event_tell(struct event *e, u32 bits)
{
    /* The change before the look at the list; a watcher does the opposite. One sees the other. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (unlikely(__atomic_load_n(&e->watchers.next, __ATOMIC_RELAXED) != &e->watchers))
        event_tell_watchers(e, bits);
}
/* Somebody may be watching: worth finding out what to tell. */
static inline bool event_is_watched(const struct event *e)
{
    return __atomic_load_n(&e->watchers.next, __ATOMIC_RELAXED) != &e->watchers;
}
static inline void event_set_quietly(struct event *e, u32 bits)
{
    if ((event_state(e) & bits) != bits)
        __atomic_fetch_or(&e->state, bits, __ATOMIC_ACQ_REL);
}
static inline void event_set(struct event *e, u32 bits)
{
    event_set_quietly(e, bits);
    event_tell(e, bits);
}
static inline void event_clear(struct event *e, u32 bits)
{
    if (event_state(e) & bits)
        __atomic_fetch_and(&e->state, ~bits, __ATOMIC_ACQ_REL);
}

/* From here on w->fire is called for w->want; look at the state afterwards, not before. */
void watcher_add(struct event *e, struct watcher *w);
/* After it returns fire runs no more. */
void watcher_remove(struct watcher *w);
void watcher_want(struct watcher *w, u32 want); /* then look at the state, as after watcher_add */
