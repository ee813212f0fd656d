/* The families AF_INET and AF_INET6: protocols by number, addresses as programs write them. ip(7), ipv6(7). */
#include "net/inet.h"
#include "lib/string.h"
#include "net/worker.h"

#define SIN_BYTES 16u
#define SIN6_MIN_BYTES 24u /* without the scope, as of old */
#define SIN6_BYTES 28u

static int create(int family, int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    int echo = family == AF_INET ? IP_ICMP : IP_ICMP6, r = net_worker_start();
    if (r < 0)
        return r;
    if (type == SOCK_STREAM && (protocol == 0 || protocol == IP_TCP))
        return tcp_create(family, type, IP_TCP, c, out);
    if (type == SOCK_DGRAM && (protocol == 0 || protocol == IP_UDP))
        return udp_create(family, type, IP_UDP, c, out);
    if (type == SOCK_DGRAM && protocol == echo)
        return udp_create(family, type, echo, c, out);
    if (type == SOCK_RAW && !c->may_raw)
        return -EPERM;
    if (type == SOCK_RAW && protocol == echo)
        return udp_create(family, type, echo, c, out);
    return type == SOCK_SEQPACKET ? -ESOCKTNOSUPPORT : -EPROTONOSUPPORT;
}

static int create_v4(int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    return create(AF_INET, type, protocol, c, out);
}

static int create_v6(int type, int protocol, const struct sock_caller *c, struct socket **out)
{
    return create(AF_INET6, type, protocol, c, out);
}

const struct net_family inet_family = { .family = AF_INET, .create = create_v4 };
const struct net_family inet6_family = { .family = AF_INET6, .create = create_v6 };

void inet_init(struct inet_sock *i, const struct socket_ops *ops, int family, int type, int protocol, u32 event_bits, u32 uid)
{
    socket_init(&i->s, ops, family, type, protocol, event_bits);
    list_init(&i->bind_link);
    list_init(&i->conn_link);
    if (family == AF_INET)
        i->local.addr = i->remote.addr = ip_from_v4((const u8[4]){ 0 });
    i->uid = uid;
    inet_words_default(i);
}

/* --- addresses --- */

static void get_v4(const struct net_addr *a, struct inet_end *out)
{
    out->port = (u16)(a->bytes[2] << 8 | a->bytes[3]);
    out->addr = ip_from_v4(a->bytes + 4);
}

int inet_end_get(const struct inet_sock *i, const struct net_addr *a, struct inet_end *out)
{
    bool v6 = i->s.family == AF_INET6;
    if (a->len < 2)
        return -EINVAL;
    if (a->family == AF_INET) {
        if (a->len < SIN_BYTES)
            return -EINVAL;
        if (v6 && i->word[INET6_V6ONLY])
            return -ENETUNREACH;
        get_v4(a, out);
        return 0;
    }
    if (!v6 || a->family != AF_INET6)
        return a->len < SIN_BYTES ? -EINVAL : -EAFNOSUPPORT;
    if (a->len < SIN6_MIN_BYTES)
        return -EINVAL;
    out->port = (u16)(a->bytes[2] << 8 | a->bytes[3]);
    memcpy(out->addr.b, a->bytes + 8, 16);
    return i->word[INET6_V6ONLY] && ip_is_v4(&out->addr) ? -ENETUNREACH : 0;
}

void inet_end_put(const struct inet_sock *i, const struct inet_end *e, struct net_addr *out)
{
    bool v6 = i->s.family == AF_INET6;
    memset(out->bytes, 0, SIN6_BYTES);
    out->family = i->s.family;
    out->bytes[2] = (u8)(e->port >> 8);
    out->bytes[3] = (u8)e->port;
    if (v6)
        memcpy(out->bytes + 8, e->addr.b, 16);
    else
        memcpy(out->bytes + 4, e->addr.b + 12, 4);
    out->len = v6 ? SIN6_BYTES : SIN_BYTES;
}

int inet_address(struct socket *s, bool peer, struct net_addr *out)
{
    struct inet_sock *i = inet_of(s);
    mutex_lock(&s->lock);
    struct inet_end e = peer ? i->remote : i->local;
    mutex_unlock(&s->lock);
    if (peer && !e.port)
        return -ENOTCONN;
    inet_end_put(i, &e, out);
    return 0;
}

void inet_destination_fix(struct inet_end *e)
{
    if (!ip_is_any(&e->addr))
        return;
    if (ip_is_v4(&e->addr))
        e->addr = ip_from_v4((const u8[4]){ 127, 0, 0, 1 });
    else
        e->addr.b[15] = 1;
}
