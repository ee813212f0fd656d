/* AF_UNIX streams: bytes in the receiver's ring, and marks for what goes beside some of them.
 *
 * Writable means that the peer's ring is at most a quarter full: a writer that had to wait then has
 * much to do when it runs. A read takes plain bytes up to and including those of one mark with
 * handles, as on Linux; if identities are asked for it mixes no two writers. */
#include "net/unix_priv.h"
#include "lib/assert.h"
#include "mm/slab.h"

/* --- sending --- */

static inline u32 limit_of(const struct unix_sock *u) { return MIN(u->s.sndbuf, BYTE_RING_BYTES); }

/* Who listens, or why not. */
static int receiver(struct unix_sock *u, const struct sock_msg *m, struct unix_sock **out)
{
    struct unix_sock *peer = unix_peer(u);
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->name)
        return peer ? -EISCONN : -EOPNOTSUPP;
    if (!peer)
        return -ENOTCONN;
    *out = peer;
    return 0;
}

static bool wants_mark(const struct unix_sock *u, const struct unix_sock *peer, const struct sock_msg *m)
{
    return m->control.handles || m->control.has_ids || u->s.pass_ids || peer->s.pass_ids;
}

static int mark_make(struct sock_msg *m, struct unix_mark **out)
{
    struct unix_mark *k = kmalloc(sizeof *k);
    if (!k)
        return -ENOMEM;
    int r = m->control.handles ? unix_rights_send(m->control.handles) : 0;
    if (r < 0) {
        kfree(k);
        return r;
    }
    *k = (struct unix_mark){ .control = m->control };
    m->control.handles = NULL;
    if (!k->control.has_ids)
        net_caller_ids(m, &k->control.ids);
    *out = k;
    return 0;
}

static void mark_free(struct unix_mark *k)
{
    if (!k)
        return;
    unix_control_drop(&k->control);
    kfree(k);
}

static inline void filled_locked(struct unix_sock *u, struct unix_sock *peer)
{
    event_set_quietly(&peer->s.event, POLL_READABLE);
    if (byte_ring_used(&peer->in.ring) <= limit_of(u) / 4)
        return;
    event_clear(&u->s.event, POLL_WRITABLE);
    if (unlikely(socket_shut(&u->s) & SHUT_SEND)) /* meanwhile: who waits must not go on waiting */
        event_set(&u->s.event, POLL_WRITABLE);
}

/* One piece: bytes, 0: no room, -errno. Uses up *k. */
static ssize_t_k send_piece(struct unix_sock *u, struct unix_sock *peer, struct sock_msg *m, struct unix_mark **k)
{
    struct unix_inbox *in = &peer->in;
    mutex_lock(&in->lock);
    ssize_t_k n = -EPIPE;
    if (likely(!in->closed && !(socket_shut(&u->s) & SHUT_SEND))) {
        u32 start = in->ring.tail;
        n = byte_ring_fill(&in->ring, &m->iter, limit_of(u));
        if (unlikely(n > 0 && *k)) {
            (*k)->start = start;
            (*k)->end = in->ring.tail;
            list_push_back(&in->marks, &(*k)->link);
            *k = NULL;
        }
        if (n >= 0)
            filled_locked(u, peer);
    }
    mutex_unlock(&in->lock);
    if (n > 0)
        event_tell(&peer->s.event, POLL_READABLE);
    return n;
}

ssize_t_k unix_stream_send(struct socket *s, struct sock_msg *m)
{
    struct unix_sock *u = unix_of(s), *peer;
    struct unix_mark *k = NULL;
    ssize_t_k done = 0, n = receiver(u, m, &peer);
    if (n == 0 && unlikely(wants_mark(u, peer, m)))
        n = mark_make(m, &k);
    u64 deadline = socket_deadline(s->send_timeout_ns);
    while (n >= 0 && m->iter.left) {
        n = send_piece(u, peer, m, &k);
        if (n > 0)
            done += n;
        else if (n == 0)
            n = socket_wait(s, POLL_OUT | POLL_HUP | POLL_ERR, m->flags, deadline);
    }
    if (n == 0 && !done && (socket_shut(s) & SHUT_SEND))
        n = -EPIPE; /* nothing to send, but it could not */
    mark_free(k);
    return done ? done : n;
}

/* --- receiving --- */

struct plan { u32 n; struct unix_mark *mark; };

/* How much of the next `want` bytes one step may take, and the mark that goes with
 * it. With the inbox locked. */
static struct plan plan_step(struct unix_sock *u, size_t want)
{
    struct unix_inbox *in = &u->in;
    struct plan p = { .n = (u32)MIN((size_t)byte_ring_used(&in->ring), want) };
    struct unix_mark *k;
    list_for_each(k, &in->marks, link) {
        u32 from = k->start - in->ring.head;
        if (from >= p.n)
            break;
        if (from > 0 && u->s.pass_ids) {
            p.n = from; /* other writers' first */
            break;
        }
        if (k->control.handles || u->s.pass_ids) {
            p.mark = k;
            p.n = MIN(p.n, k->end - in->ring.head);
            break;
        }
    }
    return p;
}

/* The program gets what k has. */
static int mark_deliver(struct unix_mark *k, struct sock_msg *m)
{
    if (k->control.handles && (m->flags & MSG_PEEK)) {
        m->control.handles = unix_rights_copy(k->control.handles);
        if (!m->control.handles)
            return -ENOMEM;
    } else if (k->control.handles) {
        m->control.handles = k->control.handles; /* in flight until the inbox is unlocked */
        k->control.handles = NULL;
    }
    m->control.has_ids = true;
    m->control.ids = k->control.ids;
    return 0;
}

/* n bytes left the ring: marks that lie behind go, one that was cut begins here now. */
static void marks_pass_locked(struct unix_inbox *in)
{
    while (!list_empty(&in->marks)) {
        struct unix_mark *k = list_first(&in->marks, struct unix_mark, link);
        if ((i32)(k->end - in->ring.head) > 0) {
            if ((i32)(k->start - in->ring.head) < 0)
                k->start = in->ring.head;
            return;
        }
        ASSERT(!k->control.handles);
        list_remove(&k->link);
        kfree(k);
    }
}

/* After bytes were taken: true if the peer is to be told. */
static inline bool drained_locked(struct unix_sock *u, struct unix_sock *peer)
{
    struct unix_inbox *in = &u->in;
    if (unlikely(!list_empty(&in->marks)))
        marks_pass_locked(in);
    if (byte_ring_used(&in->ring) == 0 && !in->eof)
        event_clear(&u->s.event, POLL_READABLE);
    if (!peer || (event_state(&peer->s.event) & POLL_OUT) || byte_ring_used(&in->ring) > limit_of(peer) / 4)
        return false;
    event_set_quietly(&peer->s.event, POLL_WRITABLE);
    return true;
}

/* One step with the inbox locked: bytes, 0: nothing there, -errno. *tell: the peer has room. */
static ssize_t_k take_locked(struct unix_sock *u, struct unix_sock *peer, struct sock_msg *m, bool *stop, bool *tell)
{
    struct unix_inbox *in = &u->in;
    struct plan p = plan_step(u, m->iter.left);
    ssize_t_k n = p.n ? byte_ring_show(&in->ring, &m->iter, 0, p.n) : 0;
    int r = n > 0 && p.mark ? mark_deliver(p.mark, m) : 0;
    if (r < 0)
        return r;
    *stop = p.mark || u->s.pass_ids;
    if (n > 0 && !(m->flags & MSG_PEEK)) {
        byte_ring_drop(&in->ring, (u32)n);
        *tell = drained_locked(u, peer);
    }
    return n;
}

static ssize_t_k take(struct unix_sock *u, struct sock_msg *m, bool *stop)
{
    struct unix_sock *peer = unix_peer(u);
    bool tell = false, peek = m->flags & MSG_PEEK;
    if (unlikely(peek))
        unix_flight_hold();
    mutex_lock(&u->in.lock);
    ssize_t_k n = take_locked(u, peer, m, stop, &tell);
    mutex_unlock(&u->in.lock);
    if (unlikely(peek))
        unix_flight_release();
    else if (unlikely(m->control.handles != NULL))
        unix_rights_received(m->control.handles); /* one mark ends a read, so they came in this step */
    if (tell)
        event_tell(&peer->s.event, POLL_WRITABLE);
    return n;
}

/* Nothing is there: 0 when it is worth to look again, 1 at the end, or -errno. */
static int wait_more(struct unix_sock *u, u32 flags, u64 deadline)
{
    int r = socket_take_error(&u->s);
    if (r < 0)
        return r;
    if (socket_shut(&u->s) & SHUT_RECV) {
        mutex_lock(&u->in.lock);
        bool more = byte_ring_used(&u->in.ring) > 0;
        mutex_unlock(&u->in.lock);
        return more ? 0 : 1;
    }
    return socket_wait(&u->s, POLL_IN | POLL_ERR, flags, deadline);
}

ssize_t_k unix_stream_recv(struct socket *s, struct sock_msg *m)
{
    struct unix_sock *u = unix_of(s);
    bool stop = false;
    size_t done = 0, wanted = m->flags & MSG_WAITALL ? m->iter.left : MIN((size_t)s->recv_low, m->iter.left);
    if (m->flags & (MSG_OOB | MSG_ERRQUEUE))
        return m->flags & MSG_OOB ? -EOPNOTSUPP : -EAGAIN;
    if (!unix_peer(u) && !socket_shut(s))
        return -EINVAL;
    if (m->name)
        m->name->len = 0;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    while (m->iter.left) {
        ssize_t_k n = take(u, m, &stop);
        if (n < 0)
            return done ? (ssize_t_k)done : n;
        done += (size_t)n;
        if (n > 0 && (stop || (m->flags & MSG_PEEK)))
            break;
        if (n > 0)
            continue;
        if (done >= wanted)
            break;
        n = wait_more(u, m->flags, deadline);
        if (n)
            return done ? (ssize_t_k)done : MIN(n, 0);
    }
    return (ssize_t_k)done;
}
