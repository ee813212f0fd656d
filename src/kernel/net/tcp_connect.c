/* TCP sockets: bind and connect. Once nothing is locked net_run() carries what was sent to the other end and back,
 * so that a connection over the loopback interface is there when connect first looks. */
#include "net/tcp.h"

int tcp_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *caller)
{
    struct tcp_sock *c = tcp_of(s);
    struct inet_end e;
    int r = inet_end_get(&c->i, a, &e);
    if (r < 0)
        return r == -ENETUNREACH ? -EINVAL : r;
    mutex_lock(&s->lock);
    r = c->i.bound || c->t.state != TCP_CLOSED ? -EINVAL : port_bind(&tcp_ports, &c->i, &e, caller->may_low_port);
    mutex_unlock(&s->lock);
    return r;
}

/* The first half of connect: 0 if the SYN is on its way. */
static int connect_begin_locked(struct tcp_sock *c, const struct inet_end *to)
{
    struct netdev *d;
    struct ip_addr from;
    int r = netdev_route(&to->addr, &d, &from);
    if (r == 0 && !ip_is_any(&c->i.local.addr) && ip_is_v4(&c->i.local.addr) != ip_is_v4(&to->addr))
        r = -ENETUNREACH;
    if (r == 0 && !to->port)
        r = -ECONNREFUSED; /* no port 0 is ever open */
    if (r == 0)
        r = port_connect(&tcp_ports, &c->i, &from, to);
    if (r < 0)
        return r;
    u64 now = clock_now_ns();
    __atomic_store_n(&c->i.s.shut, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&c->i.s.error, 0, __ATOMIC_RELEASE);
    tcp_start(c, tcp_first_number(&c->i));
    c->t.keep_alive = c->i.s.keep_alive;
    c->alive = c->connecting = true;
    socket_get(&c->i.s);
    tcp_connect(&c->t, now);
    tcp_after_locked(c, now);
    return 0;
}

static struct ip_addr any_address(const struct tcp_sock *c)
{
    return c->i.s.family == AF_INET ? ip_from_v4((const u8[4]){ 0 }) : (struct ip_addr){ 0 };
}

/* What a second connect is told, and the first one at its end. 1: still on the way. */
static int connect_result_locked(struct tcp_sock *c)
{
    if (c->t.state == TCP_SYN_SENT || c->t.state == TCP_SYN_RCVD)
        return 1;
    c->connecting = false;
    int e = socket_take_error(&c->i.s);
    if (c->t.state == TCP_CLOSED && !c->was_connected) {
        c->i.bound = c->i.bound && !list_empty(&c->i.bind_link);
        c->i.remote.port = 0;
        if (!c->i.bound)
            c->i.local = (struct inet_end){ .addr = any_address(c) };
        return e ? e : -ECONNABORTED;
    }
    return e;
}

static int connect_wait(struct tcp_sock *c, u32 flags)
{
    struct socket *s = &c->i.s;
    u64 deadline = socket_deadline(s->send_timeout_ns);
    for (;;) {
        net_run();
        mutex_lock(&s->lock);
        int r = connect_result_locked(c);
        mutex_unlock(&s->lock);
        if (r <= 0)
            return r;
        r = socket_wait(s, POLL_OUT | POLL_ERR | POLL_HUP, flags, deadline);
        if (r < 0)
            return r == -EAGAIN ? -EINPROGRESS : r;
    }
}

int tcp_connect_to(struct socket *s, const struct net_addr *a, const struct sock_caller *caller, u32 flags)
{
    struct tcp_sock *c = tcp_of(s);
    struct inet_end to;
    if (a->len >= 2 && a->family == AF_UNSPEC)
        return -EOPNOTSUPP; /* taking a connection apart this way is not offered */
    int r = inet_end_get(&c->i, a, &to);
    if (r < 0)
        return r;
    inet_destination_fix(&to);
    mutex_lock(&s->lock);
    if (c->t.state == TCP_LISTEN || c->was_connected)
        r = c->connecting ? 1 : -EISCONN;
    else if (c->connecting)
        r = c->t.state == TCP_SYN_SENT && (flags & MSG_DONTWAIT) ? -EALREADY : 1;
    else
        r = connect_begin_locked(c, &to);
    bool began = r == 0;
    mutex_unlock(&s->lock);
    if (!began || !(flags & MSG_DONTWAIT))
        return r < 0 ? r : connect_wait(c, flags);
    net_run();
    return -EINPROGRESS; /* even if it is over by now: poll and SO_ERROR tell */
}
