/* Listening and connecting. connect makes the other end at once and puts it in the listener's
 * backlog; both ends can talk from then on, accept only takes it out.
 *
 * Order: s.lock of who connects, then backlog_lock of the listener. A listener never connects, and
 * the state is looked at before its lock is taken, so there is no circle. */
#include "net/unix_priv.h"
#include "lib/assert.h"
#include "sched/event_wait.h"

#define BACKLOG_MAX 4096 /* Linux's net.core.somaxconn */

int unix_listen(struct socket *s, int backlog, const struct sock_caller *c)
{
    struct unix_sock *u = unix_of(s);
    mutex_lock(&s->lock);
    int r = u->name && !u->peer ? 0 : -EINVAL;
    if (r == 0) {
        mutex_lock(&u->backlog_lock);
        u->max_backlog = backlog < 0 || backlog > BACKLOG_MAX ? BACKLOG_MAX : (u32)backlog;
        u->ids = c->ids;
        if (!socket_is_listening(s))
            event_clear(&s->event, POLL_HUP | POLL_WRITABLE);
        __atomic_store_n(&s->listening, true, __ATOMIC_RELEASE);
        mutex_unlock(&u->backlog_lock);
        event_tell(&s->event, SOCK_ROOM_BIT);
    }
    mutex_unlock(&s->lock);
    return r;
}

static struct unix_sock *backlog_take(struct unix_sock *u)
{
    mutex_lock(&u->backlog_lock);
    struct list *n = list_pop_front(&u->backlog);
    if (n)
        u->nbacklog--;
    if (list_empty(&u->backlog) && !(socket_shut(&u->s) & SHUT_RECV))
        event_clear(&u->s.event, POLL_READABLE);
    mutex_unlock(&u->backlog_lock);
    return n ? list_entry(n, struct unix_sock, backlog_link) : NULL;
}

int unix_accept(struct socket *s, u32 flags, struct socket **out)
{
    struct unix_sock *u = unix_of(s), *fresh;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    if (!socket_is_listening(s))
        return -EINVAL;
    while (!(fresh = backlog_take(u))) {
        if (socket_shut(s) & SHUT_RECV)
            return -EINVAL;
        int r = socket_wait(s, POLL_IN, flags, deadline);
        if (r < 0)
            return r;
    }
    event_tell(&s->event, SOCK_ROOM_BIT);
    *out = &fresh->s;
    return 0;
}

void unix_backlog_drop(struct unix_sock *u)
{
    struct unix_sock *fresh;
    if (!socket_is_listening(&u->s))
        return;
    mutex_lock(&u->backlog_lock);
    __atomic_fetch_or(&u->s.shut, SHUT_BOTH, __ATOMIC_ACQ_REL);
    mutex_unlock(&u->backlog_lock);
    while ((fresh = backlog_take(u))) {
        struct unix_sock *peer = unix_peer(fresh);
        if (peer)
            socket_set_error(&peer->s, ECONNRESET);
        unix_release(&fresh->s);
        socket_put(&fresh->s);
    }
    event_tell(&u->s.event, SOCK_ROOM_BIT);
}

static bool is_full(struct unix_sock *l) { return __atomic_load_n(&l->nbacklog, __ATOMIC_ACQUIRE) > l->max_backlog; }

/* Puts `fresh` into l's backlog if that takes any: 0, -EAGAIN, -ECONNREFUSED. */
static int backlog_put(struct unix_sock *l, struct unix_sock *fresh, struct unix_sock *from,
                       const struct sock_caller *c)
{
    mutex_lock(&l->backlog_lock);
    int r = socket_shut(&l->s) & SHUT_RECV ? -ECONNREFUSED : is_full(l) ? -EAGAIN : 0;
    if (r == 0) {
        unix_name_get(l->name);
        fresh->name = l->name;
        fresh->ids = l->ids;
        fresh->s.pass_ids = l->s.pass_ids;
        fresh->s.peer_ids = c->ids;
        from->s.peer_ids = l->ids;
        unix_join(from, fresh);
        list_push_back(&l->backlog, &fresh->backlog_link);
        l->nbacklog++;
        event_set_quietly(&l->s.event, POLL_READABLE);
    }
    mutex_unlock(&l->backlog_lock);
    if (r == 0)
        event_tell(&l->s.event, POLL_READABLE);
    return r;
}

static int connect_once(struct unix_sock *u, struct unix_sock *l, struct unix_sock *fresh, const struct sock_caller *c)
{
    int r = 0;
    mutex_lock(&u->s.lock);
    if (socket_is_listening(&u->s))
        r = -EINVAL;
    else if (u->peer)
        r = -EISCONN;
    else if (!socket_is_listening(&l->s))
        r = -ECONNREFUSED;
    else if (u->s.pass_ids && !u->name)
        r = unix_autobind(u); /* who passes its identity has a name, too */
    if (r == 0)
        r = backlog_put(l, fresh, u, c);
    mutex_unlock(&u->s.lock);
    return r;
}

/* Sleeps while the backlog is full, and holds nothing then: other threads may use the socket meanwhile. */
static int connect_wait(struct unix_sock *u, struct unix_sock *l, struct unix_sock *fresh,
                        const struct sock_caller *c, u32 flags)
{
    u64 deadline = socket_deadline(u->s.send_timeout_ns);
    for (;;) {
        int r = connect_once(u, l, fresh, c);
        if (r != -EAGAIN || (flags & MSG_DONTWAIT))
            return r;
        r = event_wait(&l->s.event, SOCK_ROOM_BIT, !is_full(l) || (socket_shut(&l->s) & SHUT_RECV),
                       WAIT_INTERRUPTIBLE, deadline);
        if (r < 0)
            return socket_wait_result(r, deadline);
    }
}

int unix_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    struct unix_sock *l, *fresh = NULL;
    int r = unix_find(a, s->type, c, &l);
    if (r < 0)
        return r;
    r = unix_create(s->type, &c->ids, &fresh);
    if (r == 0)
        r = connect_wait(unix_of(s), l, fresh, c, flags);
    if (r < 0 && fresh) {
        unix_release(&fresh->s);
        socket_put(&fresh->s);
    }
    socket_put(&l->s);
    return r;
}
