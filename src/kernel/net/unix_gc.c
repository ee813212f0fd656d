/* Sockets on their way to other sockets, and those that nobody will ever receive.
 *
 * A socket's file in somebody's inbox is kept by that inbox. Inboxes that keep each other's sockets, and
 * that no descriptor leads to any more, would stay for ever: the collector finds and empties them.
 *
 *   candidate: every reference to its file is one in flight
 *   live:      a candidate that is in flight in the inbox of what is no candidate, or of a live one
 *   the rest:  reachable from each other only
 *
 * What makes this hold while others run: flight_lock. With it held no socket gets into flight, out of it,
 * or is looked at on its way (MSG_PEEK). So nobody can come to a candidate's inbox: he would need a
 * descriptor of it, and there is none. It is taken before an inbox's lock, never under one. */
#include "net/unix_priv.h"
#include "lib/assert.h"

static struct mutex flight_lock = MUTEX_INIT(flight_lock, "unix in flight");
static struct list flying = LIST_INIT(flying); /* guarded by flight_lock, as are flights of a socket and ... */
static u32 nflying;                            /* also read without it */
static u32 events;                             /* atomic: since the collector ran */

#define STEPS_PER_EVENT 128u /* of the collector */

void unix_flight_hold(void) { mutex_lock(&flight_lock); }
void unix_flight_release(void) { mutex_unlock(&flight_lock); }

static struct unix_sock *socket_in(const struct sock_handle *h)
{
    struct socket *s = h->obj->type == KOBJ_FILE ? socket_of_file(container_of(h->obj, struct file, obj)) : NULL;
    return s && s->family == AF_UNIX ? unix_of(s) : NULL;
}

static bool has_sockets(const struct sock_handles *h)
{
    for (u32 i = 0; i < h->count; i++)
        if (socket_in(&h->at[i]))
            return true;
    return false;
}

void unix_flight_begin(const struct sock_handles *h)
{
    if (!has_sockets(h))
        return;
    if (__atomic_load_n(&nflying, __ATOMIC_RELAXED) > STEPS_PER_EVENT)
        unix_gc_maybe();
    mutex_lock(&flight_lock);
    for (u32 i = 0; i < h->count; i++) {
        struct unix_sock *u = socket_in(&h->at[i]);
        if (u && u->flights++ == 0) {
            list_push_back(&flying, &u->flying_link);
            nflying++;
        }
    }
    mutex_unlock(&flight_lock);
}

static void flight_end_locked(const struct sock_handles *h)
{
    for (u32 i = 0; i < h->count; i++) {
        struct unix_sock *u = socket_in(&h->at[i]);
        if (u && --u->flights == 0) {
            list_remove(&u->flying_link);
            nflying--;
        }
    }
}

void unix_flight_end(const struct sock_handles *h)
{
    if (!has_sockets(h))
        return;
    mutex_lock(&flight_lock);
    flight_end_locked(h);
    mutex_unlock(&flight_lock);
}

/* --- what an inbox keeps --- */

typedef void (*control_fn)(struct sock_control *c, void *ctx);

static void inbox_walk(struct unix_inbox *in, control_fn fn, void *ctx)
{
    struct unix_mark *k;
    struct unix_packet *p;
    mutex_lock(&in->lock);
    list_for_each(k, &in->marks, link)
        if (k->control.handles)
            fn(&k->control, ctx);
    list_for_each(p, &in->packets, link)
        if (p->control.handles)
            fn(&p->control, ctx);
    mutex_unlock(&in->lock);
}

/* Also what was sent to the connections that wait to be accepted by u: it is kept by u's backlog. */
static void inboxes_walk(struct unix_sock *u, control_fn fn, void *ctx)
{
    struct unix_sock *waiting;
    inbox_walk(&u->in, fn, ctx);
    if (!socket_is_listening(&u->s))
        return;
    mutex_lock(&u->backlog_lock);
    list_for_each(waiting, &u->backlog, backlog_link)
        inbox_walk(&waiting->in, fn, ctx);
    mutex_unlock(&u->backlog_lock);
}

/* --- the collector --- */

static void known_flights_subtract(struct sock_control *c, void *unused)
{
    for (u32 i = 0; i < c->handles->count; i++) {
        struct unix_sock *u = socket_in(&c->handles->at[i]);
        if (u && u->gc == UNIX_GC_CANDIDATE) {
            ASSERT(u->gc_flights);
            u->gc_flights--;
        }
    }
}

static void live_add(struct unix_sock *u, struct list *live)
{
    u->gc = UNIX_GC_LIVE;
    list_push_back(live, &u->gc_link);
}

static void reached_add(struct sock_control *c, void *live)
{
    for (u32 i = 0; i < c->handles->count; i++) {
        struct unix_sock *u = socket_in(&c->handles->at[i]);
        if (u && u->gc == UNIX_GC_CANDIDATE)
            live_add(u, live);
    }
}

static void handles_take(struct sock_control *c, void *doomed)
{
    struct sock_handles **first = doomed;
    c->handles->next = *first;
    *first = c->handles;
    c->handles = NULL;
}

static void candidates_find(void)
{
    struct unix_sock *u;
    list_for_each(u, &flying, flying_link) {
        u->gc_flights = u->flights;
        u->gc = kobject_refs(&u->s.file->obj) == u->flights ? UNIX_GC_CANDIDATE : UNIX_GC_NO;
    }
    list_for_each(u, &flying, flying_link)
        if (u->gc == UNIX_GC_CANDIDATE)
            inboxes_walk(u, known_flights_subtract, NULL);
}

static void live_find(void)
{
    struct list live = LIST_INIT(live), *n;
    struct unix_sock *u;
    list_for_each(u, &flying, flying_link)
        if (u->gc == UNIX_GC_CANDIDATE && u->gc_flights)
            live_add(u, &live);
    while ((n = list_pop_front(&live)))
        inboxes_walk(list_entry(n, struct unix_sock, gc_link), reached_add, &live);
}

void unix_gc(void)
{
    struct sock_handles *doomed = NULL, *h;
    struct unix_sock *u;
    mutex_lock(&flight_lock);
    candidates_find();
    live_find();
    list_for_each(u, &flying, flying_link)
        if (u->gc == UNIX_GC_CANDIDATE)
            inboxes_walk(u, handles_take, &doomed);
    for (h = doomed; h; h = h->next)
        flight_end_locked(h);
    __atomic_store_n(&events, 0, __ATOMIC_RELAXED);
    mutex_unlock(&flight_lock);
    while ((h = doomed)) {
        doomed = h->next;
        unix_rights_count_end(h);
        sock_handles_free(h);
    }
}

/* A run looks at all that flies; so it comes only once in so many events that it adds a few steps to each. */
void unix_gc_maybe(void)
{
    u32 n = __atomic_load_n(&nflying, __ATOMIC_RELAXED);
    if (likely(n == 0))
        return;
    if ((u64)__atomic_add_fetch(&events, 1, __ATOMIC_RELAXED) * STEPS_PER_EVENT >= n)
        unix_gc();
}
