/* Options of the levels IP and IPV6 (linux/in.h, linux/in6.h; ip(7), ipv6(7)): a table of small numbers, each a byte of
 * the socket, and what is told of them beside a message.
 *
 * What a program sets it is told back. Some have nothing to act upon: there are no fragments, no routers and no IP
 * options on the one interface. */
#include "lib/errno.h"
#include "net/udp.h"

enum { IP_OPTIONS = 4, IP_MTU = 14, IPV6_MTU = 24 }; /* those that are no such numbers */
enum { YES_NO, NUMBER, SERVICE /* of which TCP keeps two bits for itself */ };
#define OR_DEFAULT 1u /* -1 sets the default */
#define LENIENT 2u    /* IP's: a char will do, and nothing is 0 */
#define CUT 4u        /* what is too large loses its upper bits */

struct word_row { u16 level, name; u8 kind, flags; i16 min, max; u8 standard; };
static const struct word_row rows[INET_WORDS] = {
    [INET_TOS] = { SOL_IP, 1, SERVICE, LENIENT | CUT, 0, 255, 0 },
    [INET_TTL] = { SOL_IP, 2, NUMBER, LENIENT | OR_DEFAULT, 1, 255, 64 },
    [INET_PKTINFO] = { SOL_IP, 8, YES_NO, LENIENT, 0, 0, 0 },
    [INET_RECVTTL] = { SOL_IP, 12, YES_NO, LENIENT, 0, 0, 0 },
    [INET_RECVTOS] = { SOL_IP, 13, YES_NO, LENIENT, 0, 0, 0 },
    [INET_RECVOPTS] = { SOL_IP, 6, YES_NO, LENIENT, 0, 0, 0 },
    [INET_RETOPTS] = { SOL_IP, 7, YES_NO, LENIENT, 0, 0, 0 },
    [INET_MTU_DISCOVER] = { SOL_IP, 10, NUMBER, LENIENT, 0, 5, 1 },
    [INET_RECVERR] = { SOL_IP, 11, YES_NO, LENIENT, 0, 0, 0 },
    [INET_FREEBIND] = { SOL_IP, 15, YES_NO, LENIENT, 0, 0, 0 },
    [INET_MINTTL] = { SOL_IP, 21, NUMBER, LENIENT, 0, 255, 0 },
    [INET_LATE_PORT] = { SOL_IP, 24, YES_NO, LENIENT, 0, 0, 0 },
    [INET_MULTICAST_TTL] = { SOL_IP, 33, NUMBER, LENIENT | OR_DEFAULT, 0, 255, 1 },
    [INET_MULTICAST_LOOP] = { SOL_IP, 34, YES_NO, LENIENT, 0, 0, 1 },
    [INET6_HOPS] = { SOL_IPV6, 16, NUMBER, OR_DEFAULT, 0, 255, 64 },
    [INET6_MULTICAST_HOPS] = { SOL_IPV6, 18, NUMBER, OR_DEFAULT, 0, 255, 1 },
    [INET6_MULTICAST_LOOP] = { SOL_IPV6, 19, NUMBER, 0, 0, 1, 1 },
    [INET6_MTU_DISCOVER] = { SOL_IPV6, 23, NUMBER, 0, 0, 5, 1 },
    [INET6_RECVERR] = { SOL_IPV6, 25, YES_NO, 0, 0, 0, 0 },
    [INET6_V6ONLY] = { SOL_IPV6, 26, YES_NO, 0, 0, 0, 0 },
    [INET6_RECVPKTINFO] = { SOL_IPV6, 49, YES_NO, 0, 0, 0, 0 },
    [INET6_RECVHOPLIMIT] = { SOL_IPV6, 51, YES_NO, 0, 0, 0, 0 },
    [INET6_DONT_FRAGMENT] = { SOL_IPV6, 62, YES_NO, 0, 0, 0, 0 },
    [INET6_RECVTCLASS] = { SOL_IPV6, 66, YES_NO, 0, 0, 0, 0 },
    [INET6_TCLASS] = { SOL_IPV6, 67, SERVICE, OR_DEFAULT, 0, 255, 0 },
    [INET6_FLOW_LABEL] = { SOL_IPV6, 70, YES_NO, 0, 0, 0, 1 },
    [INET6_FREEBIND] = { SOL_IPV6, 78, YES_NO, 0, 0, 0, 0 },
};

void inet_words_default(struct inet_sock *i)
{
    for (unsigned w = 0; w < INET_WORDS; w++)
        i->word[w] = rows[w].standard;
}

/* INET_WORDS: there is none. */
static unsigned word_find(const struct inet_sock *i, int level, int name)
{
    unsigned w = level == SOL_IPV6 && i->s.family != AF_INET6 ? INET_WORDS : 0;
    while (w < INET_WORDS && (rows[w].level != level || rows[w].name != name))
        w++;
    return w;
}

/* --- set --- */

static int int_get(const struct word_row *row, const void *value, u32 len, i32 *v)
{
    if (len >= sizeof *v)
        memcpy(v, value, sizeof *v);
    else if (row->flags & LENIENT)
        *v = len ? *(const u8 *)value : 0;
    else
        return -EINVAL;
    return 0;
}

/* What this socket may not say at all. */
static int word_check(const struct inet_sock *i, enum inet_word w, i32 v)
{
    bool stream = i->s.type == SOCK_STREAM;
    switch (w) {
    case INET6_V6ONLY: return i->bound ? -EINVAL : 0;
    case INET_MULTICAST_TTL: return stream ? -EINVAL : 0;
    case INET6_MULTICAST_HOPS: return stream ? -ENOPROTOOPT : 0;
    default: return 0;
    }
}

/* The two lowest bits are TCP's own, for congestion (RFC 3168). */
static u8 service_of(const struct inet_sock *i, i32 v) { return (u8)(i->s.type == SOCK_STREAM ? v & ~3 : v); }

int inet_set_option(struct socket *s, int level, int name, const void *value, u32 len)
{
    struct inet_sock *i = inet_of(s);
    unsigned w = word_find(i, level, name);
    const struct word_row *row = &rows[w];
    i32 v;
    if (level == SOL_IP && name == IP_OPTIONS && len == 0)
        return 0; /* none */
    if (w == INET_WORDS)
        return -ENOPROTOOPT;
    int r = int_get(row, value, len, &v);
    if (r == 0)
        r = word_check(i, w, v);
    if (r < 0)
        return r;
    if ((row->flags & OR_DEFAULT) && v == -1)
        v = row->standard;
    if (row->kind != YES_NO && !(row->flags & CUT) && (v < row->min || v > row->max))
        return -EINVAL;
    if ((w == INET_RECVERR || w == INET6_RECVERR) && !v && i->s.type != SOCK_STREAM)
        udp_reports_drop(udp_of(s));
    i->word[w] = row->kind == YES_NO ? v != 0 : row->kind == SERVICE ? service_of(i, v) : (u8)v;
    return 0;
}

/* --- get --- */

/* How much goes to the peer in one packet; IPv4 has no room for more than its 16 bits say. */
static int mtu_of(const struct inet_sock *i, int level, i32 *v)
{
    struct netdev *d;
    struct ip_addr from;
    int r = i->remote.port ? netdev_route(&i->remote.addr, &d, &from) : -ENOTCONN;
    if (r == 0)
        *v = (i32)(level == SOL_IP ? MIN(d->mtu, PACKET_DATA_MAX) : d->mtu);
    return r;
}

int inet_get_option(struct socket *s, int level, int name, void *value, u32 *len)
{
    struct inet_sock *i = inet_of(s);
    unsigned w = word_find(i, level, name);
    i32 v = w < INET_WORDS ? i->word[w] : 0;
    int r = w < INET_WORDS ? 0 : -ENOPROTOOPT;
    if (s->family == AF_INET && level != SOL_IP)
        return -EOPNOTSUPP;
    if (level == SOL_IP && name == IP_OPTIONS) {
        *len = 0; /* none */
        return 0;
    }
    if ((level == SOL_IP && name == IP_MTU) || (level == SOL_IPV6 && name == IPV6_MTU && s->family == AF_INET6))
        r = mtu_of(i, level, &v);
    if (r < 0)
        return r;
    if (level == SOL_IP && *len && *len < sizeof v)
        *len = 1; /* a char for a char */
    *len = MIN(*len, (u32)sizeof v);
    memcpy(value, &v, *len);
    return 0;
}

/* --- beside a message --- */

int inet_control_apply(const struct sock_ip_control *c, bool v4, struct ip_addr *from, struct ip_options *o)
{
    if (c->has & (v4 ? SOCK_IP_BAD : SOCK_IP6_BAD))
        return -EINVAL;
    if (c->has & (v4 ? SOCK_IP_TTL : SOCK_IP6_HOPS))
        o->ttl = v4 ? c->ttl : c->hops6;
    if (c->has & (v4 ? SOCK_IP_TOS : SOCK_IP6_CLASS))
        o->tos = v4 ? c->tos : c->class6;
    if (!(c->has & (v4 ? SOCK_IP_INFO | SOCK_IP6_INFO : SOCK_IP6_INFO)))
        return 0;
    if (c->index && !netdev_by_index(c->index))
        return -ENODEV;
    if (ip_is_v4(&c->addr) != v4)
        return -EINVAL;
    if (ip_is_any(&c->addr))
        return 0;
    if (!netdev_is_local(&c->addr))
        return -EINVAL;
    *from = c->addr;
    return 0;
}

void inet_control_tell(const struct inet_sock *i, const struct packet *p, struct sock_ip_control *out)
{
    bool v4 = ip_is_v4(&p->src);
    const u8 *w = i->word;
    u32 has = w[INET6_RECVPKTINFO] ? SOCK_IP6_INFO : 0;
    if (v4)
        has |= (w[INET_PKTINFO] ? SOCK_IP_INFO : 0u) | (w[INET_RECVTTL] ? SOCK_IP_TTL : 0u) | (w[INET_RECVTOS] ? SOCK_IP_TOS : 0u);
    else
        has |= (w[INET6_RECVHOPLIMIT] ? SOCK_IP6_HOPS : 0u) | (w[INET6_RECVTCLASS] ? SOCK_IP6_CLASS : 0u);
    if (likely(!has))
        return;
    *out = (struct sock_ip_control){ .has = has, .index = p->dev->index, .addr = p->dst, .ttl = p->ttl, .tos = p->tos, .hops6 = p->ttl, .class6 = p->tos };
}
