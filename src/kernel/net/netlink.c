/* Sockets of AF_NETLINK: ports, and a bounded queue of answers.
 *
 * There is one party to talk to, the kernel, with port 0. Groups may be joined: nothing that they tell
 * of ever happens here, for interfaces and addresses are what they are from boot on. A program that
 * asks without reading the answers is told ENOBUFS and loses them, as on Linux. */
#include "net/netlink.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "net/proc.h"

struct netlink_sock {
    struct socket s;
    u32 port, groups;           /* guarded by s.lock, set once; and for the list by ports_lock */
    u32 to_port, to_group;      /* connect */
    bool cap_ack, ext_ack, strict, no_enobufs;
    struct list link;           /* in `ports` once it has one */
    struct mutex queue_lock;    /* guards the rest */
    struct list queue;
    u32 charged;
};
static struct netlink_sock *netlink_of(struct socket *s) { return container_of(s, struct netlink_sock, s); }
static const struct socket_ops netlink_ops;

static struct mutex ports_lock = MUTEX_INIT(ports_lock, "netlink ports");
static struct list ports = LIST_INIT(ports);

#define ADDRESS_BYTES 12u /* struct sockaddr_nl */
struct nl_address { u16 family, pad; u32 port, groups; };
_Static_assert(sizeof(struct nl_address) == ADDRESS_BYTES, "as in linux/netlink.h");

static int create(int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    if (type != SOCK_RAW && type != SOCK_DGRAM)
        return -ESOCKTNOSUPPORT;
    if (protocol != NETLINK_ROUTE && protocol != NETLINK_SOCK_DIAG)
        return -EPROTONOSUPPORT;
    struct netlink_sock *n = kzalloc(sizeof *n);
    if (!n)
        return -ENOMEM;
    socket_init(&n->s, &netlink_ops, AF_NETLINK, type, protocol, POLL_WRITABLE);
    mutex_init(&n->queue_lock, "netlink queue");
    list_init(&n->queue);
    list_init(&n->link);
    *out = &n->s;
    return 0;
}
const struct net_family netlink_family = { .family = AF_NETLINK, .create = create };

/* --- ports --- */

/* Each protocol has ports of its own. */
static bool port_taken_locked(u32 port, u16 protocol)
{
    struct netlink_sock *n;
    list_for_each(n, &ports, link)
        if (n->port == port && n->s.protocol == protocol)
            return true;
    return false;
}

/* The one that was asked for; 0: the process's number, or any other if that is taken. With s.lock. */
static int port_take(struct netlink_sock *n, u32 port, u32 pid)
{
    mutex_lock(&ports_lock);
    bool any = !port;
    if (any)
        port = pid;
    while (any && (!port || port_taken_locked(port, n->s.protocol)))
        port = (u32)kernel_random_u64() | 1u << 31; /* no process has such a number */
    int r = port_taken_locked(port, n->s.protocol) ? -EADDRINUSE : 0;
    if (r == 0) {
        n->port = port;
        list_push_back(&ports, &n->link);
    }
    mutex_unlock(&ports_lock);
    return r;
}

static int address_get(const struct net_addr *a, struct nl_address *out)
{
    if (a->len < ADDRESS_BYTES || a->family != AF_NETLINK)
        return -EINVAL;
    memcpy(out, a->bytes, sizeof *out);
    return 0;
}

static void address_put(u32 port, u32 groups, struct net_addr *out)
{
    struct nl_address a = { .family = AF_NETLINK, .port = port, .groups = groups };
    memcpy(out->bytes, &a, sizeof a);
    out->len = sizeof a;
}

static int netlink_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *c)
{
    struct netlink_sock *n = netlink_of(s);
    struct nl_address to;
    int r = address_get(a, &to);
    if (r < 0)
        return r;
    mutex_lock(&s->lock);
    if (n->port)
        r = to.port && to.port != n->port ? -EINVAL : 0;
    else
        r = port_take(n, to.port, c->ids.pid);
    if (r == 0)
        n->groups = to.groups;
    mutex_unlock(&s->lock);
    return r;
}

static int port_ensure(struct netlink_sock *n, u32 pid)
{
    mutex_lock(&n->s.lock);
    int r = n->port ? 0 : port_take(n, 0, pid);
    mutex_unlock(&n->s.lock);
    return r;
}

static int netlink_connect(struct socket *s, const struct net_addr *a, const struct sock_caller *c, u32 flags)
{
    struct netlink_sock *n = netlink_of(s);
    struct nl_address to = { 0 };
    if (a->len < sizeof a->family)
        return -EINVAL;
    int r = a->family == AF_UNSPEC ? 0 : address_get(a, &to);
    if (r == 0 && (to.port || to.groups) && !c->may_admin)
        r = -EPERM;
    if (r == 0)
        r = port_ensure(n, c->ids.pid);
    if (r == 0) {
        n->to_port = to.port;
        n->to_group = to.groups;
    }
    return r;
}

static int netlink_address(struct socket *s, bool peer, struct net_addr *out)
{
    struct netlink_sock *n = netlink_of(s);
    mutex_lock(&s->lock);
    address_put(peer ? n->to_port : n->port, peer ? n->to_group : n->groups, out);
    mutex_unlock(&s->lock);
    return 0;
}

/* --- answers --- */

static void packets_free(struct list *packets)
{
    struct list *l;
    while ((l = list_pop_front(packets)))
        kfree(list_entry(l, struct nl_packet, link));
}

/* A request whose answers lie here unread is the program's own; so they may be many, but only once. */
static bool has_room(struct netlink_sock *n)
{
    mutex_lock(&n->queue_lock);
    bool room = n->charged < n->s.rcvbuf;
    mutex_unlock(&n->queue_lock);
    return room;
}

static void queue_add(struct netlink_sock *n, struct nl_reply *r)
{
    struct list *l;
    bool some = !list_empty(&r->packets);
    mutex_lock(&n->queue_lock);
    while ((l = list_pop_front(&r->packets))) {
        n->charged += list_entry(l, struct nl_packet, link)->size;
        list_push_back(&n->queue, l);
    }
    if (some)
        event_set_quietly(&n->s.event, POLL_READABLE);
    mutex_unlock(&n->queue_lock);
    if (some)
        event_tell(&n->s.event, POLL_READABLE);
}

/* NLMSG_ERROR, also for a good end: what was asked follows if it failed. */
static void acknowledge(struct netlink_sock *n, const struct nl_header *h, int error, struct nl_reply *r)
{
    bool echo = error && !n->cap_ack;
    u32 body = sizeof error + (echo ? h->len : (u32)sizeof *h);
    u8 *at = nl_begin(r, NLMSG_ERROR, echo ? 0 : NLM_F_CAPPED, body, body);
    if (!at)
        return;
    memcpy(at, &error, sizeof error);
    memcpy(at + sizeof error, h, body - sizeof error);
}

static void request_handle(struct netlink_sock *n, const struct nl_request *q)
{
    const struct nl_header *h = q->header;
    struct nl_reply r = { .packets = LIST_INIT(r.packets), .seq = h->seq, .port = n->port };
    int error = 0;
    bool dump = false;
    if (!has_room(n))
        r.error = -ENOBUFS;
    else if ((h->flags & NLM_F_REQUEST) && h->type >= NLMSG_FIRST_TYPE)
        error = (n->s.protocol == NETLINK_ROUTE ? rtnetlink_request : sock_diag_request)(q, &r, &dump);
    if (dump && !r.error) {
        r.packet_bytes = 0;
        (void)!nl_begin(&r, NLMSG_DONE, NLM_F_MULTI, sizeof(i32), sizeof(i32)); /* with the error: none */
    } else if (!r.error && (error || (h->flags & NLM_F_ACK))) {
        acknowledge(n, h, error, &r);
    }
    if (r.error) {
        packets_free(&r.packets);
        if (!n->no_enobufs)
            socket_set_error(&n->s, ENOBUFS);
        return;
    }
    queue_add(n, &r);
}

/* --- sending --- */

static void requests_walk(struct netlink_sock *n, const u8 *buf, u32 len, bool admin)
{
    while (len >= sizeof(struct nl_header)) {
        const struct nl_header *h = (const void *)buf;
        if (h->len < sizeof *h || h->len > len)
            return;
        request_handle(n, &(struct nl_request){ .header = h, .admin = admin, .strict = n->strict });
        u32 step = MIN(NL_ALIGN(h->len), len);
        buf += step;
        len -= step;
    }
}

/* May m go where it wants to? There is nobody but the kernel. */
static int target_check(struct netlink_sock *n, const struct sock_msg *m)
{
    struct nl_address to = { .port = n->to_port, .groups = n->to_group };
    int r = m->name ? address_get(m->name, &to) : 0;
    if (r < 0 || !(to.port || to.groups))
        return r;
    return m->caller && m->caller->may_admin ? -ECONNREFUSED : -EPERM;
}

static ssize_t_k netlink_send(struct socket *s, struct sock_msg *m)
{
    struct netlink_sock *n = netlink_of(s);
    struct sock_ids ids;
    u32 len = (u32)MIN(m->iter.left, (u64)UINT32_MAX);
    int r = m->flags & MSG_OOB ? -EOPNOTSUPP : len == 0 ? -ENODATA : target_check(n, m);
    net_caller_ids(m, &ids);
    if (r == 0)
        r = port_ensure(n, ids.pid);
    if (r == 0 && len > s->sndbuf - 32)
        r = -EMSGSIZE;
    if (r < 0)
        return r;
    u8 *buf = kmalloc(len);
    if (!buf)
        return -ENOBUFS;
    if (net_iter_get(&m->iter, buf, len) != len)
        r = -EFAULT;
    else
        requests_walk(n, buf, len, net_caller_may_admin(m));
    kfree(buf);
    return r < 0 ? r : (ssize_t_k)len;
}

/* --- receiving --- */

static ssize_t_k packet_show(struct nl_packet *p, struct sock_msg *m)
{
    size_t n = MIN((size_t)p->len, m->iter.left);
    if (net_iter_put(&m->iter, p->data, n) != n)
        return -EFAULT;
    if (n < p->len)
        m->flags_out |= MSG_TRUNC;
    if (m->name)
        address_put(0, 0, m->name);
    m->control.has_ids = true; /* the kernel's: all zeroes */
    return m->flags & MSG_TRUNC ? (ssize_t_k)p->len : (ssize_t_k)n;
}

static bool take(struct netlink_sock *n, struct sock_msg *m, ssize_t_k *result)
{
    struct nl_packet *p = NULL;
    mutex_lock(&n->queue_lock);
    bool some = !list_empty(&n->queue);
    if (some) {
        p = list_first(&n->queue, struct nl_packet, link);
        *result = packet_show(p, m);
    }
    if (some && !(m->flags & MSG_PEEK)) {
        list_remove(&p->link);
        n->charged -= p->size;
        if (list_empty(&n->queue))
            event_clear(&n->s.event, POLL_READABLE);
        kfree(p);
    }
    mutex_unlock(&n->queue_lock);
    return some;
}

static ssize_t_k netlink_recv(struct socket *s, struct sock_msg *m)
{
    struct netlink_sock *n = netlink_of(s);
    ssize_t_k got;
    u64 deadline = socket_deadline(s->recv_timeout_ns);
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    for (;;) {
        int r = socket_take_error(s);
        if (r < 0)
            return r;
        if (take(n, m, &got))
            return got;
        r = socket_wait(s, POLL_IN | POLL_ERR, m->flags, deadline);
        if (r < 0)
            return r;
    }
}

/* --- options: linux/netlink.h --- */

enum { OPT_ADD_MEMBERSHIP = 1, OPT_DROP_MEMBERSHIP, OPT_NO_ENOBUFS = 5, OPT_CAP_ACK = 10, OPT_EXT_ACK, OPT_STRICT };
#define GROUPS_MAX 36u /* RTNLGRP_MAX */

static bool *flag_of(struct netlink_sock *n, int name)
{
    switch (name) {
    case OPT_NO_ENOBUFS: return &n->no_enobufs;
    case OPT_CAP_ACK: return &n->cap_ack;
    case OPT_EXT_ACK: return &n->ext_ack; /* it allows more words in errors; there are none */
    case OPT_STRICT: return &n->strict;
    default: return NULL;
    }
}

static int netlink_set_option(struct socket *s, int level, int name, const void *value, u32 len)
{
    struct netlink_sock *n = netlink_of(s);
    u32 v = 0;
    if (level != SOL_NETLINK)
        return -ENOPROTOOPT;
    memcpy(&v, value, len < sizeof v ? 0 : sizeof v); /* what is too short is 0, as on Linux */
    bool *flag = flag_of(n, name);
    if (flag) {
        *flag = v != 0;
        return 0;
    }
    if (name != OPT_ADD_MEMBERSHIP && name != OPT_DROP_MEMBERSHIP)
        return -ENOPROTOOPT;
    if (v < 1 || v > GROUPS_MAX)
        return -EINVAL;
    u32 bit = v <= 32 ? 1u << (v - 1) : 0;
    mutex_lock(&s->lock);
    n->groups = name == OPT_ADD_MEMBERSHIP ? n->groups | bit : n->groups & ~bit;
    mutex_unlock(&s->lock);
    return 0;
}

static int netlink_get_option(struct socket *s, int level, int name, void *value, u32 *len)
{
    const bool *flag = level == SOL_NETLINK ? flag_of(netlink_of(s), name) : NULL;
    i32 v = flag && *flag;
    if (!flag)
        return -ENOPROTOOPT;
    if (*len < sizeof v)
        return -EINVAL;
    *len = sizeof v;
    memcpy(value, &v, sizeof v);
    return 0;
}

/* --- the end --- */

static void netlink_release(struct socket *s)
{
    struct netlink_sock *n = netlink_of(s);
    mutex_lock(&ports_lock);
    list_remove(&n->link);
    mutex_unlock(&ports_lock);
    packets_free(&n->queue);
}

static void netlink_destroy(struct socket *s)
{
    socket_fini(s);
    kfree(netlink_of(s));
}

static const struct socket_ops netlink_ops = {
    .name = "netlink", .bind = netlink_bind, .connect = netlink_connect, .address = netlink_address, .send = netlink_send,
    .recv = netlink_recv, .set_option = netlink_set_option, .get_option = netlink_get_option, .release = netlink_release,
    .destroy = netlink_destroy,
};

/* --- /proc/net/netlink --- */

void netlink_for_each(void (*fn)(const struct netlink_info *i, void *ctx), void *ctx)
{
    struct netlink_sock *n;
    mutex_lock(&ports_lock);
    list_for_each(n, &ports, link)
        fn(&(struct netlink_info){ .protocol = n->s.protocol, .port = n->port, .groups = n->groups,
                                   .queued = n->charged, .refs = n->s.refs, .ino = n->s.ino }, ctx);
    mutex_unlock(&ports_lock);
}
