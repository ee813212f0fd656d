/* AF_UNIX datagrams and seqpackets: whole messages in the receiver's list.
 *
 * A sender that finds no room is put on the receiver's list of the refused and is not writable until
 * the receiver has taken something: so poll tells the truth though room is somebody else's. A
 * datagram socket takes few messages from strangers, so that nobody can fill it alone; from its own
 * peer, and of a seqpacket's, the sender's buffer size is the limit. */
#include "net/unix_priv.h"
#include "lib/assert.h"
#include "mm/slab.h"
#include "sched/event_wait.h"

#define STRANGERS_MAX 10u  /* Linux's net.unix.max_dgram_qlen */
#define PACKET_OVERHEAD 512u

void unix_packet_free(struct unix_packet *p)
{
    unix_control_drop(&p->control);
    unix_name_put(p->from);
    kfree(p);
}

/* --- who was refused --- */

void unix_refused_tell_locked(struct unix_inbox *in)
{
    struct list *n;
    while ((n = list_pop_front(&in->refused)))
        event_set(&list_entry(n, struct unix_refusal, link)->u->s.event, POLL_WRITABLE);
}

void unix_refused_forget(struct unix_sock *u)
{
    struct unix_sock *by = u->refused_by;
    if (!by)
        return;
    mutex_lock(&by->in.lock);
    list_remove(&u->refused.link);
    mutex_unlock(&by->in.lock);
    u->refused_by = NULL;
    socket_put(&by->s);
}

static bool has_room_locked(const struct unix_sock *u, const struct unix_sock *to, u32 charge)
{
    const struct unix_inbox *in = &to->in;
    if (u->s.type == SOCK_DGRAM && unix_peer(to) != u && in->npackets > STRANGERS_MAX)
        return false;
    return in->charged == 0 || in->charged + charge <= u->s.sndbuf;
}

/* True: r is listed until `to` takes something. False: there is room now, or nobody who could make any. */
static bool refusal_add_locked(struct unix_refusal *r, struct unix_sock *to, u32 charge)
{
    if (to->in.closed || has_room_locked(r->u, to, charge))
        return false;
    list_push_back(&to->in.refused, &r->link);
    return true;
}

/* u is not writable until there is room at `to`, the last one that had none. */
static void refused_add(struct unix_sock *u, struct unix_sock *to, u32 charge)
{
    mutex_lock(&u->s.lock);
    unix_refused_forget(u);
    mutex_lock(&to->in.lock);
    if (refusal_add_locked(&u->refused, to, charge)) {
        socket_get(&to->s);
        u->refused_by = to;
        event_clear(&u->s.event, POLL_WRITABLE);
    }
    if (!u->refused_by || (socket_shut(&u->s) & SHUT_SEND))
        event_set(&u->s.event, POLL_WRITABLE);
    mutex_unlock(&to->in.lock);
    mutex_unlock(&u->s.lock);
}

static bool is_told(const struct unix_refusal *r)
{
    return __atomic_load_n(&r->link.next, __ATOMIC_ACQUIRE) == &r->link;
}

/* Until there may be room at `to`, or u may not send any more. Each thread has its own place in the list: others may
 * wait for other receivers. */
static int wait_for_room(struct unix_sock *u, struct unix_sock *to, u32 charge, u64 deadline)
{
    struct unix_refusal mine = { .u = u };
    list_init(&mine.link);
    mutex_lock(&to->in.lock);
    (void)refusal_add_locked(&mine, to, charge);
    mutex_unlock(&to->in.lock);
    int r = event_wait(&u->s.event, POLL_WRITABLE, is_told(&mine) || (socket_shut(&u->s) & SHUT_SEND),
                       WAIT_INTERRUPTIBLE, deadline);
    mutex_lock(&to->in.lock);
    list_remove(&mine.link);
    mutex_unlock(&to->in.lock);
    return socket_wait_result(r, deadline);
}

/* --- sending --- */

/* To whom m goes, with a reference. */
static int target(struct unix_sock *u, struct sock_msg *m, struct unix_sock **out)
{
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->name && u->s.type == SOCK_DGRAM)
        return unix_find(m->name, u->s.type, m->caller, out);
    mutex_lock(&u->s.lock);
    struct unix_sock *peer = u->peer;
    if (peer)
        socket_get(&peer->s);
    mutex_unlock(&u->s.lock);
    *out = peer;
    if (peer)
        return 0;
    return socket_shut(&u->s) & SHUT_SEND ? -EPIPE : -ENOTCONN;
}

static int packet_make(struct unix_sock *u, struct sock_msg *m, struct unix_packet **out)
{
    size_t n = m->iter.left;
    if (n > u->s.sndbuf - 32)
        return -EMSGSIZE;
    struct unix_packet *p = kmalloc(sizeof *p + n);
    if (!p)
        return -ENOBUFS;
    *p = (struct unix_packet){ .len = (u32)n, .charge = (u32)n + PACKET_OVERHEAD, .from = unix_name_of(u) };
    unix_name_get(p->from);
    int r = net_iter_get(&m->iter, p->data, n) == n ? 0 : -EFAULT;
    if (r == 0 && m->control.handles)
        r = unix_rights_send(m->control.handles);
    if (r < 0) {
        unix_packet_free(p);
        return r;
    }
    p->control = m->control;
    m->control.handles = NULL;
    if (!p->control.has_ids)
        net_caller_ids(m, &p->control.ids);
    *out = p;
    return 0;
}

/* 0, -EAGAIN: no room, or -errno. */
static int deliver(struct unix_sock *u, struct unix_sock *to, struct unix_packet *p)
{
    struct unix_inbox *in = &to->in;
    struct unix_sock *bound_to = unix_peer(to);
    bool dgram = u->s.type == SOCK_DGRAM;
    if (dgram && bound_to && bound_to != u)
        return -EPERM;
    mutex_lock(&in->lock);
    int r = in->closed ? (dgram ? -ECONNREFUSED : -EPIPE) : 0;
    if (r == 0 && ((socket_shut(&u->s) & SHUT_SEND) || (socket_shut(&to->s) & SHUT_RECV)))
        r = -EPIPE;
    if (r == 0 && !has_room_locked(u, to, p->charge))
        r = -EAGAIN;
    if (r == 0) {
        p->control.stamp_ns = socket_stamp(&to->s, 0);
        list_push_back(&in->packets, &p->link);
        in->npackets++;
        in->charged += p->charge;
        event_set_quietly(&to->s.event, POLL_READABLE);
    }
    mutex_unlock(&in->lock);
    if (r == 0)
        event_tell(&to->s.event, POLL_READABLE);
    return r;
}

/* The peer has gone: as if never connected. */
static void disconnect(struct unix_sock *u, struct unix_sock *from)
{
    mutex_lock(&u->s.lock);
    bool ours = u->peer == from;
    if (ours)
        __atomic_store_n(&u->peer, NULL, __ATOMIC_RELEASE);
    mutex_unlock(&u->s.lock);
    if (ours)
        socket_put(&from->s);
}

ssize_t_k unix_packet_send(struct socket *s, struct sock_msg *m)
{
    struct unix_sock *u = unix_of(s), *to;
    struct unix_packet *p;
    u64 deadline = socket_deadline(s->send_timeout_ns);
    int r = target(u, m, &to);
    if (r < 0)
        return r;
    r = packet_make(u, m, &p);
    if (r < 0)
        goto put_target;
    ssize_t_k sent = p->len; /* once delivered it may be gone */
    while ((r = deliver(u, to, p)) == -EAGAIN) {
        refused_add(u, to, p->charge);
        r = m->flags & MSG_DONTWAIT ? -EAGAIN : wait_for_room(u, to, p->charge, deadline);
        if (r < 0)
            break;
    }
    if (r < 0)
        unix_packet_free(p);
    if (r == -ECONNREFUSED && !m->name)
        disconnect(u, to);
put_target:
    socket_put(&to->s);
    return r < 0 ? r : sent;
}

int unix_dgram_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    struct unix_sock *u = unix_of(s), *to = NULL;
    bool leave = a->len >= 2 && a->family == AF_UNSPEC;
    int r = leave ? 0 : unix_find(a, s->type, c, &to);
    if (r < 0)
        return r;
    mutex_lock(&s->lock);
    struct unix_sock *theirs = to ? unix_peer(to) : NULL, *old = to;
    if (theirs && theirs != u)
        r = -EPERM;
    else if (to && s->pass_ids && !u->name)
        r = unix_autobind(u);
    if (r == 0) {
        old = u->peer;
        __atomic_store_n(&u->peer, to, __ATOMIC_RELEASE);
        event_set(&s->event, POLL_WRITABLE);
    }
    mutex_unlock(&s->lock);
    if (old)
        socket_put(&old->s);
    return r;
}

/* --- receiving --- */

/* What the program gets of p; p stays if it only peeks. */
static ssize_t_k packet_show(const struct unix_sock *u, struct unix_packet *p, struct sock_msg *m)
{
    size_t n = MIN((size_t)p->len, m->iter.left);
    bool peek = m->flags & MSG_PEEK;
    if (net_iter_put(&m->iter, p->data, n) != n)
        return -EFAULT;
    if (n < p->len)
        m->flags_out |= MSG_TRUNC;
    if (m->name) {
        m->name->len = 0;
        if (p->from)
            unix_name_give(p->from, m->name);
    }
    m->control = p->control;
    m->control.has_ids = true;
    m->control.stamp_ns = socket_stamp(&u->s, p->control.stamp_ns);
    if (peek && p->control.handles) {
        m->control.handles = unix_rights_copy(p->control.handles);
        if (!m->control.handles)
            return -ENOMEM;
    } else if (p->control.handles) {
        unix_rights_received(p->control.handles);
        p->control.handles = NULL;
    }
    return m->flags & MSG_TRUNC ? (ssize_t_k)p->len : (ssize_t_k)n;
}

static void remove_locked(struct unix_sock *u, struct unix_packet *p)
{
    struct unix_inbox *in = &u->in;
    list_remove(&p->link);
    in->npackets--;
    in->charged -= p->charge;
    if (list_empty(&in->packets) && !in->eof)
        event_clear(&u->s.event, POLL_READABLE);
    unix_refused_tell_locked(in);
}

/* 1: one was there, and *result is set. */
static int take(struct unix_sock *u, struct sock_msg *m, ssize_t_k *result)
{
    struct unix_inbox *in = &u->in;
    struct unix_packet *p = NULL;
    bool peek = m->flags & MSG_PEEK;
    if (unlikely(peek))
        unix_flight_hold();
    mutex_lock(&in->lock);
    bool some = !list_empty(&in->packets);
    if (some) {
        p = list_first(&in->packets, struct unix_packet, link);
        if (peek) {
            *result = packet_show(u, p, m);
            p = NULL;
        } else {
            remove_locked(u, p);
        }
    }
    mutex_unlock(&in->lock);
    if (unlikely(peek))
        unix_flight_release();
    if (p) {
        *result = packet_show(u, p, m);
        unix_packet_free(p);
    }
    return some;
}

ssize_t_k unix_packet_recv(struct socket *s, struct sock_msg *m)
{
    struct unix_sock *u = unix_of(s);
    ssize_t_k n;
    if (m->flags & (MSG_OOB | MSG_ERRQUEUE))
        return m->flags & MSG_OOB ? -EOPNOTSUPP : -EAGAIN;
    if (s->type == SOCK_SEQPACKET && !unix_peer(u) && !socket_shut(s))
        return -ENOTCONN;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    while (!take(u, m, &n)) {
        int r = socket_take_error(s);
        if (r < 0)
            return r;
        if (m->name)
            m->name->len = 0;
        if (socket_shut(s) & SHUT_RECV)
            return take(u, m, &n) ? n : 0;
        r = socket_wait(s, POLL_IN | POLL_ERR, m->flags, deadline);
        if (r < 0)
            return r;
    }
    return n;
}
