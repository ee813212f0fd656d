/* UDP (RFC 768), and the sockets that send ICMP's echo: datagrams in a bounded queue.
 *
 * A packet is built once in the sender's call and lies in the receiver's queue as it came; what does
 * not fit is dropped, as UDP may. Checksums are for wires: none is made for what stays in the machine. */
#include "net/udp.h"
#include "lib/assert.h"
#include "mm/slab.h"

static const struct socket_ops udp_ops;
#define ROOM_FOR_IP 28u /* smallest headers of IPv4 and UDP: what a datagram is shorter by than 65535 */

static struct port_table *ports_of(const struct udp_sock *u) { return udp_is_echo(u) ? &ping_ports : &udp_ports; }

int udp_create(int family, int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    struct udp_sock *u = kzalloc(sizeof *u);
    if (!u)
        return -ENOMEM;
    inet_init(&u->i, &udp_ops, family, type, protocol, POLL_WRITABLE, c->ids.uid);
    mutex_init(&u->queue_lock, "udp queue");
    list_init(&u->queue);
    list_init(&u->reports);
    list_init(&u->raw_link);
    if (udp_is_raw(u))
        icmp_raw_add(u);
    *out = &u->i.s;
    return 0;
}

/* --- input --- */

void udp_queue(struct udp_sock *u, struct packet *p)
{
    p->stamp_ns = socket_stamp(&u->i.s, 0);
    mutex_lock(&u->queue_lock);
    bool fits = !u->closed && (u->charged == 0 || u->charged + p->size <= u->i.s.rcvbuf);
    if (fits) {
        list_push_back(&u->queue, &p->link);
        u->charged += p->size;
        event_set_quietly(&u->i.s.event, POLL_READABLE);
    }
    mutex_unlock(&u->queue_lock);
    if (fits)
        event_tell(&u->i.s.event, POLL_READABLE);
    else
        packet_free(p);
}

static bool header_ok(struct packet *p, struct udp_header *h)
{
    if (p->len < sizeof *h)
        return false;
    memcpy(h, packet_data(p), sizeof *h);
    u32 len = swap16(h->length);
    if (len < sizeof *h || len > p->len)
        return false;
    packet_trim(p, len);
    if (p->checked || (!h->checksum && ip_is_v4(&p->src)))
        return true;
    return checksum_end(checksum_add(checksum_pseudo(&p->src, &p->dst, IP_UDP, len), packet_data(p), len)) == 0;
}

void udp_input(struct packet *p)
{
    struct udp_header h;
    if (!header_ok(p, &h)) {
        packet_free(p);
        return;
    }
    struct inet_end local = { p->dst, swap16(h.dst) }, remote = { p->src, swap16(h.src) };
    struct inet_sock *i = port_find(&udp_ports, &local, &remote, false);
    if (!i) {
        icmp_send_port_unreachable(p);
        packet_free(p);
        return;
    }
    p->src_port = remote.port;
    bool pulled = packet_pull(p, sizeof h);
    ASSERT(pulled);
    udp_queue(udp_of(&i->s), p);
    socket_put(&i->s);
}

/* --- sending --- */

static int target(struct udp_sock *u, const struct sock_msg *m, struct inet_end *from, struct inet_end *to)
{
    struct inet_sock *i = &u->i;
    int r = m->name ? inet_end_get(i, m->name, to) : 0;
    if (r < 0)
        return r;
    mutex_lock(&i->s.lock);
    if (!m->name)
        *to = i->remote;
    if (!m->name && !to->port)
        r = -EDESTADDRREQ;
    else if (!to->port && !udp_is_echo(u))
        r = -EINVAL;
    else if (!i->bound && !udp_is_raw(u))
        r = port_bind(ports_of(u), i, &i->local, true);
    *from = i->local;
    mutex_unlock(&i->s.lock);
    inet_destination_fix(to);
    if (r == -EADDRINUSE)
        r = -EAGAIN; /* all ports are taken */
    return r;
}

static void put_header(struct packet *p, const struct inet_end *from, const struct inet_end *to)
{
    struct udp_header *h = (void *)packet_push(p, sizeof *h);
    *h = (struct udp_header){ .src = swap16(from->port), .dst = swap16(to->port), .length = swap16((u16)p->len) };
    if (netdev_is_local(&to->addr))
        return;
    u16 sum = checksum_end(checksum_add(checksum_pseudo(&from->addr, &to->addr, IP_UDP, p->len), packet_data(p), p->len));
    h->checksum = sum ? sum : 0xffff;
}

static ssize_t_k send_to(struct udp_sock *u, struct sock_msg *m, const struct inet_end *from,
                         const struct inet_end *to, struct ip_options o)
{
    size_t n = m->iter.left;
    if (n > PACKET_DATA_MAX - ROOM_FOR_IP)
        return -EMSGSIZE;
    if (!ip_is_any(&from->addr) && ip_is_v4(&from->addr) != ip_is_v4(&to->addr))
        return -ENETUNREACH;
    struct packet *p = packet_alloc((u32)n);
    if (!p)
        return -ENOBUFS;
    int r = net_iter_get(&m->iter, packet_data(p), n) == n ? 0 : -EFAULT;
    if (r == 0 && udp_is_echo(u))
        r = icmp_prepare(u, p, &to->addr);
    if (r < 0) {
        packet_free(p);
        return r;
    }
    if (!udp_is_echo(u))
        put_header(p, from, to);
    r = ip_output(p, &from->addr, &to->addr, (u8)u->i.s.protocol, o);
    net_run();
    return r < 0 ? r : (ssize_t_k)n;
}

static ssize_t_k udp_send(struct socket *s, struct sock_msg *m)
{
    struct udp_sock *u = udp_of(s);
    struct inet_end from, to;
    int r = m->flags & MSG_OOB ? -EOPNOTSUPP : socket_take_error(s);
    if (r == 0 && (socket_shut(s) & SHUT_SEND))
        r = -EPIPE;
    if (r == 0)
        r = target(u, m, &from, &to);
    if (r < 0)
        return r;
    bool v4 = ip_is_v4(&to.addr);
    struct ip_options o = inet_leaving(&u->i, v4);
    if (m->control.ip)
        r = inet_control_apply(m->control.ip, v4, &from.addr, &o);
    return r < 0 ? r : send_to(u, m, &from, &to, o);
}

/* --- receiving --- */

static ssize_t_k packet_show(struct udp_sock *u, struct packet *p, struct sock_msg *m)
{
    size_t n = MIN((size_t)p->len, m->iter.left);
    if (net_iter_put(&m->iter, packet_data(p), n) != n)
        return -EFAULT;
    if (n < p->len)
        m->flags_out |= MSG_TRUNC;
    struct inet_end from = { p->src, p->src_port };
    if (m->name)
        inet_end_put(&u->i, &from, m->name);
    if (m->control.ip)
        inet_control_tell(&u->i, p, m->control.ip);
    m->control.stamp_ns = socket_stamp(&u->i.s, p->stamp_ns);
    return m->flags & MSG_TRUNC ? (ssize_t_k)p->len : (ssize_t_k)n;
}

static void remove_locked(struct udp_sock *u, struct packet *p)
{
    list_remove(&p->link);
    u->charged -= p->size;
    if (list_empty(&u->queue) && !(socket_shut(&u->i.s) & SHUT_RECV))
        event_clear(&u->i.s.event, POLL_READABLE);
}

static bool take(struct udp_sock *u, struct sock_msg *m, ssize_t_k *result)
{
    struct packet *p = NULL;
    mutex_lock(&u->queue_lock);
    bool some = !list_empty(&u->queue), peek = m->flags & MSG_PEEK;
    if (some)
        p = list_first(&u->queue, struct packet, link);
    if (some && peek)
        *result = packet_show(u, p, m);
    else if (some)
        remove_locked(u, p);
    mutex_unlock(&u->queue_lock);
    if (some && !peek) {
        *result = packet_show(u, p, m);
        packet_free(p);
    }
    return some;
}

static ssize_t_k udp_recv(struct socket *s, struct sock_msg *m)
{
    struct udp_sock *u = udp_of(s);
    ssize_t_k n;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->flags & MSG_ERRQUEUE)
        return udp_report_recv(u, m);
    while (!take(u, m, &n)) {
        int r = socket_take_error(s);
        if (r < 0)
            return r;
        if (socket_shut(s) & SHUT_RECV) {
            if (m->name)
                m->name->len = 0;
            return 0;
        }
        r = socket_wait(s, POLL_IN | POLL_ERR, m->flags, deadline);
        if (r < 0)
            return r;
    }
    return n;
}

/* --- names --- */

static int udp_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c)
{
    struct udp_sock *u = udp_of(s);
    struct inet_end e;
    int r = inet_end_get(&u->i, a, &e);
    if (r < 0)
        return r == -ENETUNREACH ? -EINVAL : r;
    mutex_lock(&s->lock);
    if (udp_is_raw(u))
        u->i.local.addr = e.addr;
    else
        r = u->i.bound ? -EINVAL : port_bind(ports_of(u), &u->i, &e, c->may_low_port);
    mutex_unlock(&s->lock);
    return r;
}

static int udp_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    struct udp_sock *u = udp_of(s);
    struct inet_end to;
    struct netdev *d;
    struct ip_addr from;
    bool leave = a->len >= 2 && a->family == AF_UNSPEC;
    int r = leave ? 0 : inet_end_get(&u->i, a, &to);
    if (r < 0)
        return r;
    if (!leave) {
        inet_destination_fix(&to);
        to.port = udp_is_echo(u) ? 1 : to.port; /* no ports there: only that it is connected */
        r = netdev_route(&to.addr, &d, &from);
    }
    if (r < 0)
        return r;
    mutex_lock(&s->lock);
    if (leave)
        port_disconnect(ports_of(u), &u->i);
    else if (udp_is_raw(u))
        u->i.remote = to;
    else
        r = port_connect(ports_of(u), &u->i, &from, &to);
    mutex_unlock(&s->lock);
    return r;
}

static int udp_shutdown(struct socket *s, int how)
{
    if (!inet_of(s)->remote.port)
        return -ENOTCONN;
    mutex_lock(&udp_of(s)->queue_lock); /* who empties the queue says so before, or not at all */
    u32 shut = __atomic_or_fetch(&s->shut, (u32)how + 1, __ATOMIC_ACQ_REL);
    event_set(&s->event, (shut & SHUT_RECV ? POLL_READABLE | POLL_RDHUP : 0) | (shut == SHUT_BOTH ? POLL_HUP : 0));
    mutex_unlock(&udp_of(s)->queue_lock);
    return 0;
}

static int udp_queued(struct socket *s, bool out, u32 *bytes)
{
    struct udp_sock *u = udp_of(s);
    mutex_lock(&u->queue_lock);
    *bytes = out || list_empty(&u->queue) ? 0 : list_first(&u->queue, struct packet, link)->len;
    mutex_unlock(&u->queue_lock);
    return 0;
}

static void udp_release(struct socket *s)
{
    struct udp_sock *u = udp_of(s);
    struct list left = LIST_INIT(left), *n;
    if (udp_is_raw(u))
        icmp_raw_remove(u);
    port_release(ports_of(u), &u->i);
    mutex_lock(&u->queue_lock);
    u->closed = true;
    list_splice_front(&left, &u->queue);
    mutex_unlock(&u->queue_lock);
    udp_reports_drop(u);
    while ((n = list_pop_front(&left)))
        packet_free(list_entry(n, struct packet, link));
}

static void udp_destroy(struct socket *s)
{
    socket_fini(s);
    kfree(udp_of(s));
}

static const struct socket_ops udp_ops = {
    .name = "udp", .bind = udp_bind, .connect = udp_connect, .address = inet_address, .send = udp_send, .recv = udp_recv,
    .shutdown = udp_shutdown, .set_option = inet_set_option, .get_option = inet_get_option, .queued = udp_queued,
    .release = udp_release, .destroy = udp_destroy,
};
