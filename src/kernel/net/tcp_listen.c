/* TCP's passive side: SYNs make children, children that are connected wait to be accepted.
 *
 * A child locks itself, then its parent's backlog; nobody locks the other way round. Its reference
 * to the parent keeps that in memory; `closed` says that nobody will accept any more. */
#include "lib/assert.h"
#include "lib/errno.h"
#include "net/tcp.h"

#define BACKLOG_MAX 4096 /* net.core.somaxconn */
#define OPENING_MAX 512u /* children of one listener whose SYN was answered and no more */

int tcp_listen(struct socket *s, int backlog, const struct sock_caller *c)
{
    struct tcp_sock *l = tcp_of(s);
    int r = 0;
    mutex_lock(&s->lock);
    if (!socket_is_listening(s)) {
        if (l->t.state != TCP_CLOSED || l->connecting || l->was_connected)
            r = -EINVAL;
        if (r == 0 && !l->i.bound)
            r = port_bind(&tcp_ports, &l->i, &l->i.local, true);
        if (r == 0)
            r = port_listen(&tcp_ports, &l->i);
    }
    if (r == 0) {
        mutex_lock(&l->backlog_lock);
        l->max_backlog = backlog < 0 || backlog > BACKLOG_MAX ? BACKLOG_MAX : (u32)backlog;
        mutex_unlock(&l->backlog_lock);
        if (l->t.state != TCP_LISTEN)
            event_clear(&s->event, POLL_HUP | POLL_WRITABLE);
        l->t.state = TCP_LISTEN;
    }
    mutex_unlock(&s->lock);
    return r;
}

static struct tcp_sock *backlog_take(struct tcp_sock *l)
{
    mutex_lock(&l->backlog_lock);
    struct list *n = list_pop_front(&l->backlog);
    if (n)
        l->nbacklog--;
    if (list_empty(&l->backlog) && !l->closed && !(socket_shut(&l->i.s) & SHUT_RECV))
        event_clear(&l->i.s.event, POLL_READABLE);
    mutex_unlock(&l->backlog_lock);
    return n ? list_entry(n, struct tcp_sock, accept_link) : NULL;
}

int tcp_accept(struct socket *s, u32 flags, struct socket **out)
{
    struct tcp_sock *c;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    if (!socket_is_listening(s))
        return -EINVAL;
    while (!(c = backlog_take(tcp_of(s)))) {
        if (socket_shut(s) & SHUT_RECV)
            return -EINVAL;
        int r = socket_wait(s, POLL_IN | POLL_ERR, flags, deadline);
        if (r < 0)
            return r;
    }
    *out = &c->i.s;
    return 0;
}

void tcp_listener_shut(struct tcp_sock *l, u32 bits)
{
    mutex_lock(&l->backlog_lock);
    __atomic_fetch_or(&l->i.s.shut, bits, __ATOMIC_ACQ_REL);
    event_set(&l->i.s.event, (bits & SHUT_RECV ? POLL_READABLE : 0) | (bits == SHUT_BOTH ? POLL_HUP : 0));
    mutex_unlock(&l->backlog_lock);
}

/* May one more begin? Counts it then. */
static bool opening_add(struct tcp_sock *l)
{
    mutex_lock(&l->backlog_lock);
    bool ok = !l->closed && l->nbacklog <= l->max_backlog && l->nopening < OPENING_MAX;
    l->nopening += ok;
    mutex_unlock(&l->backlog_lock);
    return ok;
}

static void opening_end(struct tcp_sock *l)
{
    mutex_lock(&l->backlog_lock);
    l->nopening--;
    mutex_unlock(&l->backlog_lock);
}

static struct tcp_sock *child_create(struct tcp_sock *l, const struct inet_end *local, const struct inet_end *remote)
{
    struct socket *s = &l->i.s;
    struct tcp_sock *c = tcp_sock_create(s->family, l->i.uid);
    if (!c)
        return NULL;
    struct socket *n = &c->i.s;
    n->sndbuf = s->sndbuf;
    n->rcvbuf = s->rcvbuf;
    n->linger = s->linger;
    n->linger_s = s->linger_s;
    n->keep_alive = s->keep_alive;
    n->reuse_addr = s->reuse_addr;
    n->reuse_port = s->reuse_port;
    n->recv_timeout_ns = s->recv_timeout_ns;
    n->send_timeout_ns = s->send_timeout_ns;
    memcpy(c->i.word, l->i.word, sizeof c->i.word);
    c->i.local = *local;
    c->i.remote = *remote;
    tcp_start(c, tcp_first_number(&c->i));
    c->t.nodelay = l->t.nodelay;
    c->t.keep_idle = l->t.keep_idle;
    c->t.keep_interval = l->t.keep_interval;
    c->t.keep_count = l->t.keep_count;
    c->t.linger_ns = l->t.linger_ns;
    c->t.give_up_ns = l->t.give_up_ns;
    return c;
}

void tcp_listener_input(struct tcp_sock *l, struct packet *p, const struct tcp_segment *s)
{
    const struct tcp_header *h = (const void *)packet_data(p);
    struct inet_end local = { p->dst, swap16(h->dst) }, remote = { p->src, swap16(h->src) };
    if (s->flags & TCP_RST)
        return;
    if (s->flags & TCP_ACK || !(s->flags & TCP_SYN)) {
        if (s->flags & TCP_ACK)
            tcp_reply_reset(p, s);
        return;
    }
    if (!opening_add(l))
        return; /* full: the peer will ask again */
    struct tcp_sock *c = child_create(l, &local, &remote);
    if (c && port_add_child(&tcp_ports, &c->i)) {
        socket_put(&c->i.s);
        c = NULL;
    }
    if (!c) {
        opening_end(l);
        return;
    }
    u64 now = clock_now_ns();
    mutex_lock(&c->i.s.lock);
    socket_get(&l->i.s);
    c->parent = l;
    c->alive = true; /* the reference it was made with */
    c->t.keep_alive = l->i.s.keep_alive;
    tcp_accept_syn(&c->t, s, now);
    tcp_after_locked(c, now);
    mutex_unlock(&c->i.s.lock);
}

void tcp_child_connected(struct tcp_sock *c)
{
    struct tcp_sock *l = c->parent;
    c->parent = NULL;
    mutex_lock(&l->backlog_lock);
    l->nopening--;
    bool wanted = !l->closed;
    if (wanted) {
        socket_get(&c->i.s);
        list_push_back(&l->backlog, &c->accept_link);
        l->nbacklog++;
        event_set_quietly(&l->i.s.event, POLL_READABLE);
    }
    mutex_unlock(&l->backlog_lock);
    if (wanted)
        event_tell(&l->i.s.event, POLL_READABLE);
    else
        tcp_abort(&c->t);
    socket_put(&l->i.s);
}

void tcp_child_died(struct tcp_sock *c)
{
    struct tcp_sock *l = c->parent;
    c->parent = NULL;
    opening_end(l);
    socket_put(&l->i.s);
}

void tcp_backlog_drop(struct tcp_sock *l)
{
    struct tcp_sock *c;
    mutex_lock(&l->backlog_lock);
    l->closed = true;
    mutex_unlock(&l->backlog_lock);
    while ((c = backlog_take(l))) {
        mutex_lock(&c->i.s.lock);
        if (c->t.state != TCP_CLOSED)
            tcp_abort(&c->t);
        c->t.orphan = true;
        tcp_after_locked(c, clock_now_ns());
        mutex_unlock(&c->i.s.lock);
        socket_put(&c->i.s);
    }
    net_run();
}
