/* TCP sockets: bytes from programs into the ring that is sent, and out of the one that was received. */
#include "net/tcp.h"

/* --- sending --- */

static int send_check_locked(struct tcp_sock *c)
{
    int r = socket_take_error(&c->i.s);
    if (r < 0)
        return r;
    if ((socket_shut(&c->i.s) & SHUT_SEND) || (c->was_connected && !tcp_may_send(&c->t)))
        return -EPIPE;
    if (c->t.state == TCP_SYN_SENT || c->t.state == TCP_SYN_RCVD)
        return 0;
    return c->was_connected ? 0 : -EPIPE;
}

/* Bytes, 0: no room, -errno. */
static ssize_t_k send_piece(struct tcp_sock *c, struct sock_msg *m)
{
    mutex_lock(&c->i.s.lock);
    ssize_t_k n = send_check_locked(c);
    if (n == 0 && tcp_is_synchronized(&c->t))
        n = byte_ring_fill(&c->tx, &m->iter, tcp_send_limit(c));
    if (n > 0) {
        bool cork = c->t.cork;
        u64 now = clock_now_ns();
        c->t.queued = byte_ring_used(&c->tx);
        c->t.cork |= (m->flags & MSG_MORE) != 0;
        tcp_after_locked(c, now);
        c->t.cork = cork;
    }
    if (n == 0)
        event_clear(&c->i.s.event, POLL_WRITABLE);
    mutex_unlock(&c->i.s.lock);
    net_run();
    return n;
}

/* MSG_FASTOPEN: connects first. Data with a SYN needs a cookie of the other side (RFC 7413), which nobody here gives
 * out: it follows. */
static int open_first(struct socket *s, const struct sock_msg *m)
{
    if (!m->name || !m->caller)
        return tcp_of(s)->was_connected ? -EISCONN : -EINVAL;
    return tcp_connect_to(s, m->name, m->caller, m->flags);
}

ssize_t_k tcp_send(struct socket *s, struct sock_msg *m)
{
    struct tcp_sock *c = tcp_of(s);
    ssize_t_k done = 0, n = m->flags & MSG_OOB ? -EOPNOTSUPP : 0;
    if (n == 0 && unlikely(m->flags & MSG_FASTOPEN))
        n = open_first(s, m);
    u64 deadline = socket_deadline(s->send_timeout_ns);
    while (n >= 0 && m->iter.left) {
        n = send_piece(c, m);
        if (n > 0)
            done += n;
        else if (n == 0)
            n = socket_wait(s, POLL_OUT | POLL_HUP | POLL_ERR, m->flags, deadline);
    }
    return done ? done : n;
}

/* --- receiving --- */

/* Bytes, 0: nothing there, -errno. */
static ssize_t_k take(struct tcp_sock *c, struct sock_msg *m)
{
    struct socket *s = &c->i.s;
    bool tell = false;
    mutex_lock(&s->lock);
    ssize_t_k n = m->flags & MSG_TRUNC && !(m->flags & MSG_PEEK) ? (ssize_t_k)MIN((size_t)byte_ring_used(&c->rx), m->iter.left)
                                                                : byte_ring_show(&c->rx, &m->iter, 0, m->iter.left);
    if (n > 0 && (m->flags & MSG_TRUNC) && !(m->flags & MSG_PEEK))
        m->iter.left -= (size_t)n; /* tcp(7): thrown away */
    if (n > 0 && !(m->flags & MSG_PEEK)) {
        byte_ring_drop(&c->rx, (u32)n);
        c->t.rcv_room = tcp_room(c);
        tell = tcp_window_opened(&c->t);
        if (tell)
            tcp_after_locked(c, clock_now_ns());
        else if (!byte_ring_used(&c->rx))
            tcp_state_update_locked(c, 0);
    }
    mutex_unlock(&s->lock);
    if (tell)
        net_run();
    return n;
}

/* Nothing is there: 0: look again, 1: the end, -errno. */
static int wait_more(struct tcp_sock *c, u32 flags, u64 deadline)
{
    struct socket *s = &c->i.s;
    mutex_lock(&s->lock);
    int r = byte_ring_used(&c->rx) ? 2 : socket_take_error(s);
    bool at_end = (socket_shut(s) & SHUT_RECV) || (c->was_connected && c->t.state == TCP_CLOSED);
    bool none = !c->was_connected && !c->connecting;
    mutex_unlock(&s->lock);
    if (r)
        return r == 2 ? 0 : r;
    if (none)
        return -ENOTCONN;
    return at_end ? 1 : socket_wait(s, POLL_IN | POLL_ERR | POLL_HUP, flags, deadline);
}

ssize_t_k tcp_recv(struct socket *s, struct sock_msg *m)
{
    struct tcp_sock *c = tcp_of(s);
    size_t done = 0, wanted = m->flags & MSG_WAITALL ? m->iter.left : MIN((size_t)s->recv_low, m->iter.left);
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    if (m->flags & (MSG_OOB | MSG_ERRQUEUE))
        return m->flags & MSG_OOB ? -EINVAL : -EAGAIN; /* there never is any urgent data */
    if (m->name)
        m->name->len = 0;
    while (m->iter.left) {
        ssize_t_k n = take(c, m);
        if (n < 0)
            return done ? (ssize_t_k)done : n;
        done += (size_t)n;
        if (n > 0 && (m->flags & MSG_PEEK))
            break;
        if (n > 0)
            continue;
        if (done >= wanted)
            break;
        n = wait_more(c, m->flags, deadline);
        if (n)
            return done ? (ssize_t_k)done : MIN(n, 0);
    }
    return (ssize_t_k)done;
}
