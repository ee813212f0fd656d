/* TCP sockets: what programs do to a connection, and what its state means to them.
 *
 *   created --connect--> the machine runs, in the tables (alive) --dead--> out of the tables
 *      |                          |
 *      +--listen                  +--file closed: orphan; the machine goes on alone until it is dead
 *
 * tcp_connect.c has how one is made, tcp_data.c its bytes, tcp_listen.c who waits for one.
 *
 * Whoever has locked a socket and moved its machine calls tcp_after_locked, and net_run() once
 * nothing is locked: what was sent has then arrived, and the answers too. */
#include "net/tcp.h"
#include "lib/assert.h"
#include "lib/random.h"
#include "mm/slab.h"

/* What one segment carries at most: with its headers it fits in four pages. The interface would take
 * 64 KiB, but contiguous memory of that size is rare in a machine that has run for long. */
#define SEGMENT_MAX (4u * 4096u - 384u)
#define TIME_WAITS_MAX 1024u

/* Of the event: all has arrived, or will never. Only sockets that linger tell of it. */
#define DRAINED_BIT (SOCK_ROOM_BIT << 1)

static u32 time_waits; /* atomic */

static u32 recv_limit(const struct tcp_sock *c) { return MIN(c->i.s.rcvbuf, BYTE_RING_BYTES); }

u32 tcp_room(const struct tcp_sock *c)
{
    u32 used = byte_ring_used(&c->rx), limit = recv_limit(c);
    return used < limit ? limit - used : 0;
}

/* A number that nobody outside can guess and that grows from one connection to the next between the
 * same ends, so that the old one's segments do not fit the new one. RFC 6528. */
u32 tcp_first_number(const struct inet_sock *i)
{
    static u64 secret[2]; /* both 0: not made yet; two makers at once only waste a number */
    u64 w[5];
    if (!__atomic_load_n(&secret[0], __ATOMIC_ACQUIRE)) {
        secret[1] = kernel_random_u64();
        __atomic_store_n(&secret[0], kernel_random_u64() | 1, __ATOMIC_RELEASE);
    }
    memcpy(w, i->local.addr.b, 16);
    memcpy(w + 2, i->remote.addr.b, 16);
    w[4] = (u64)i->local.port << 16 | i->remote.port;
    u64 h = secret[1];
    for (unsigned k = 0; k < ARRAY_SIZE(w); k++) {
        h = (h ^ w[k]) * (secret[0] | 1);
        h ^= h >> 29;
    }
    return (u32)(h >> 32) + (u32)(clock_now_ns() >> 6);
}

struct tcp_sock *tcp_sock_create(int family, u32 uid)
{
    struct tcp_sock *c = kzalloc(sizeof *c);
    if (!c)
        return NULL;
    inet_init(&c->i, &tcp_socket_ops, family, SOCK_STREAM, IP_TCP, POLL_WRITABLE | POLL_HUP, uid);
    mutex_init(&c->backlog_lock, "tcp backlog");
    list_init(&c->backlog);
    list_init(&c->accept_link);
    list_init(&c->due_link);
    timer_init(&c->timer, tcp_timer_fire);
    tcp_start(c, 0);
    return c;
}

void tcp_start(struct tcp_sock *c, u32 iss)
{
    struct tcp old = c->t;
    tcp_init(&c->t, &tcp_wire_ops, iss, SEGMENT_MAX, tcp_room(c));
    if (!old.ops)
        return;
    c->t.nodelay = old.nodelay; /* set before connect */
    c->t.cork = old.cork;
    c->t.keep_alive = old.keep_alive;
    c->t.keep_idle = old.keep_idle;
    c->t.keep_interval = old.keep_interval;
    c->t.keep_count = old.keep_count;
    c->t.linger_ns = old.linger_ns;
    c->t.give_up_ns = old.give_up_ns;
}

int tcp_create(int family, int type, int protocol, const struct sock_caller *caller, struct socket **out)
{
    struct tcp_sock *c = tcp_sock_create(family, caller->ids.uid);
    if (!c)
        return -ENOMEM;
    *out = &c->i.s;
    return 0;
}

/* --- after the machine moved --- */

static void timer_follow(struct tcp_sock *c)
{
    u64 at = tcp_deadline(&c->t);
    if (!at || (c->armed_at && c->armed_at <= at))
        return; /* it fires early and looks again: cheaper than to arm it anew each time */
    c->armed_at = at;
    timer_arm(&c->timer, at);
}

static void died(struct tcp_sock *c)
{
    if (!c->alive)
        return;
    c->alive = false;
    if (c->parent)
        tcp_child_died(c);
    port_release(&tcp_ports, &c->i);
    byte_ring_drop(&c->tx, byte_ring_used(&c->tx));
    c->t.queued = 0;
    if (c->t.error)
        __atomic_store_n(&c->i.s.error, c->t.error, __ATOMIC_RELEASE);
    __atomic_fetch_or(&c->i.s.shut, SHUT_BOTH, __ATOMIC_ACQ_REL);
}

/* The bits of the state that follow from the machine and the buffers. */
static u32 state_bits(struct tcp_sock *c)
{
    u32 shut = socket_shut(&c->i.s), bits = 0;
    enum tcp_state st = c->t.state;
    if (byte_ring_used(&c->rx) || (shut & SHUT_RECV))
        bits |= POLL_READABLE;
    if (shut & SHUT_RECV)
        bits |= POLL_RDHUP;
    if (st != TCP_SYN_SENT && st != TCP_SYN_RCVD &&
        ((shut & SHUT_SEND) || byte_ring_used(&c->tx) * 3 <= tcp_send_limit(c) * 2))
        bits |= POLL_WRITABLE;
    if (shut == SHUT_BOTH || st == TCP_CLOSED)
        bits |= POLL_HUP;
    if (unlikely(c->i.s.linger) && !byte_ring_used(&c->tx))
        bits |= DRAINED_BIT;
    return bits;
}

/* POLL_ERR is not among them: whoever takes the error does so without the connection's lock. */
#define ALL_BITS (POLL_READABLE | POLL_WRITABLE | POLL_HUP | POLL_RDHUP | DRAINED_BIT)

void tcp_state_update_locked(struct tcp_sock *c, u32 news)
{
    struct event *e = &c->i.s.event;
    u32 old = event_state(e) & (ALL_BITS | POLL_ERR), bits = state_bits(c);
    event_clear(e, old & ~bits & ALL_BITS);
    event_set_quietly(e, bits);
    if (unlikely(__atomic_load_n(&c->i.s.error, __ATOMIC_RELAXED))) {
        socket_show_error(&c->i.s);
        bits |= POLL_ERR;
    }
    if ((bits & ~old) | (bits & news))
        event_tell(e, (bits & ~old) | (bits & news));
}

/* TIME_WAIT keeps ports, and nobody waits for it: beyond a number the oldest way out is at once. */
static void time_wait_count(struct tcp_sock *c, enum tcp_state before)
{
    if (c->t.state == TCP_TIME_WAIT && before != TCP_TIME_WAIT &&
        __atomic_add_fetch(&time_waits, 1, __ATOMIC_RELAXED) > TIME_WAITS_MAX)
        tcp_abort(&c->t);
    else if (c->t.state == TCP_TIME_WAIT || before != TCP_TIME_WAIT)
        return;
    c->t.error = 0;
    __atomic_sub_fetch(&time_waits, 1, __ATOMIC_RELAXED);
}

void tcp_after_locked(struct tcp_sock *c, u64 now)
{
    bool was_alive = c->alive;
    if (c->t.state == TCP_LISTEN)
        return;
    if (unlikely(c->i.s.keep_alive != c->t.keep_alive))
        tcp_keep_alive(&c->t, c->i.s.keep_alive, now);
    tcp_output(&c->t, now);
    if (c->t.events & TCP_EV_CONNECTED)
        c->was_connected = true; /* before anybody can accept it */
    if ((c->t.events & TCP_EV_CONNECTED) && c->parent)
        tcp_child_connected(c);
    if (c->t.events & TCP_EV_PEER_CLOSED)
        __atomic_fetch_or(&c->i.s.shut, SHUT_RECV, __ATOMIC_ACQ_REL);
    time_wait_count(c, c->counted);
    c->counted = c->t.state;
    if (c->t.state == TCP_CLOSED)
        died(c);
    tcp_state_update_locked(c, c->t.events & TCP_EV_DATA ? POLL_READABLE : 0);
    c->t.events = 0;
    timer_follow(c);
    if (was_alive && !c->alive)
        socket_put(&c->i.s); /* the caller has another: it holds the lock */
}

/* --- the end --- */

static int tcp_shutdown(struct socket *s, int how)
{
    struct tcp_sock *c = tcp_of(s);
    u32 bits = (u32)how + 1;
    mutex_lock(&s->lock);
    int r = c->t.state == TCP_CLOSED ? -ENOTCONN : 0;
    if (c->t.state == TCP_LISTEN) {
        tcp_listener_shut(c, bits);
    } else if (r == 0) {
        __atomic_fetch_or(&s->shut, bits, __ATOMIC_ACQ_REL);
        if ((bits & SHUT_SEND) && !c->t.fin_queued)
            tcp_finish(&c->t);
        tcp_after_locked(c, clock_now_ns());
    }
    mutex_unlock(&s->lock);
    net_run();
    return r;
}

static void close_locked(struct tcp_sock *c)
{
    bool unread = byte_ring_used(&c->rx) > 0, drop = c->i.s.linger && !c->i.s.linger_s;
    c->t.orphan = true;
    if (c->t.state == TCP_CLOSED)
        return;
    if ((unread || drop) && tcp_is_synchronized(&c->t) && c->t.state != TCP_TIME_WAIT)
        tcp_abort(&c->t); /* RFC 9293 3.6.1: the peer learns that bytes were lost */
    else if (!c->t.fin_queued)
        tcp_finish(&c->t);
    else if (c->t.state == TCP_FIN_WAIT2 && !c->t.wait_at)
        c->t.wait_at = clock_now_ns() + c->t.linger_ns;
}

/* SO_LINGER: until everything has arrived, the time is over, or whoever closes is interrupted. */
static void linger(struct tcp_sock *c)
{
    u64 deadline = socket_deadline(c->i.s.linger_s * TCP_SECOND);
    while (c->alive && __atomic_load_n(&c->t.queued, __ATOMIC_RELAXED))
        if (socket_wait(&c->i.s, DRAINED_BIT, 0, deadline) < 0)
            return;
}

static void tcp_release(struct socket *s)
{
    struct tcp_sock *c = tcp_of(s);
    if (socket_is_listening(s)) {
        port_release(&tcp_ports, &c->i);
        tcp_backlog_drop(c);
        return;
    }
    mutex_lock(&s->lock);
    close_locked(c);
    if (c->alive)
        tcp_after_locked(c, clock_now_ns());
    else
        port_release(&tcp_ports, &c->i);
    mutex_unlock(&s->lock);
    net_run();
    if (s->linger && s->linger_s)
        linger(c);
}

static void tcp_destroy(struct socket *s)
{
    struct tcp_sock *c = tcp_of(s);
    timer_cancel(&c->timer);
    ASSERT(!c->alive && !c->parent);
    byte_ring_fini(&c->tx);
    byte_ring_fini(&c->rx);
    socket_fini(s);
    kfree(c);
}

static int tcp_address(struct socket *s, bool peer, struct net_addr *out)
{
    struct tcp_sock *c = tcp_of(s);
    mutex_lock(&s->lock);
    bool none = peer && (!c->was_connected || c->t.state == TCP_CLOSED);
    mutex_unlock(&s->lock);
    return none ? -ENOTCONN : inet_address(s, peer, out);
}

static int tcp_queued(struct socket *s, bool out, u32 *bytes)
{
    struct tcp_sock *c = tcp_of(s);
    if (socket_is_listening(s))
        return -EINVAL;
    mutex_lock(&s->lock);
    *bytes = byte_ring_used(out ? &c->tx : &c->rx);
    mutex_unlock(&s->lock);
    return 0;
}

static void tcp_buffers_changed(struct socket *s)
{
    struct tcp_sock *c = tcp_of(s);
    mutex_lock(&s->lock);
    if (c->t.nearly == 0)
        c->t.rcv_room = tcp_room(c);
    mutex_unlock(&s->lock);
}

const struct socket_ops tcp_socket_ops = {
    .name = "tcp", .bind = tcp_bind, .connect = tcp_connect_to, .listen = tcp_listen, .accept = tcp_accept,
    .address = tcp_address, .send = tcp_send, .recv = tcp_recv, .shutdown = tcp_shutdown, .set_option = tcp_set_option,
    .get_option = tcp_get_option, .queued = tcp_queued, .buffers_changed = tcp_buffers_changed, .release = tcp_release,
    .destroy = tcp_destroy,
};
