/* Control data of the levels IP and IPV6, of datagrams: the program's structs in and out. ip(7), ipv6(7).
 *
 * Which of the two levels counts is known only when the destination is; what is wrong in one is therefore noted, and
 * refused when that version is used (inet_option.c in net/). */
#include "linux/sock.h"

enum { IP_TOS = 1, IP_TTL = 2, IP_PKTINFO = 8, IP_RECVERR = 11 }; /* linux/in.h */
enum { IPV6_RECVERR = 25, IPV6_PKTINFO = 50, IPV6_HOPLIMIT = 52, IPV6_TCLASS = 67 }; /* linux/in6.h */
struct lx_in_pktinfo { i32 index; u8 spec_dst[4], addr[4]; };
struct lx_in6_pktinfo { u8 addr[16]; i32 index; };
/* linux/errqueue.h: struct sock_extended_err, and who said so as an address behind it. */
enum { LX_ORIGIN_ICMP = 2, LX_ORIGIN_ICMP6 = 3 };
struct lx_report { u32 error; u8 origin, type, code, pad; u32 info, data; };
struct lx_report4 { struct lx_report r; u16 family, port; u8 addr[4], zero[8]; };
struct lx_report6 { struct lx_report r; u16 family, port; u32 flow; u8 addr[16]; u32 scope; };
_Static_assert(sizeof(struct lx_report4) == 32 && sizeof(struct lx_report6) == 44, "linux/errqueue.h");

/* --- in --- */

/* A number of `n` bytes; false: it is not from min to max. */
static bool number_get(const void *data, u64 n, bool lenient, i32 min, i32 *v)
{
    if (n == sizeof *v)
        memcpy(v, data, sizeof *v);
    else if (n == 1 && lenient)
        *v = *(const u8 *)data;
    else
        return false;
    return *v >= min && *v <= 255;
}

static bool info_get(const struct lx_in_pktinfo *p, u64 n, struct sock_ip_control *out)
{
    if (n != sizeof *p)
        return false;
    out->index = p->index;
    out->addr = ip_from_v4(p->spec_dst);
    out->has |= SOCK_IP_INFO;
    return true;
}

static bool v4_get(int type, const void *data, u64 n, struct sock_ip_control *out)
{
    i32 v;
    switch (type) {
    case IP_PKTINFO: return info_get(data, n, out);
    case IP_TTL:
        if (!number_get(data, n, false, 1, &v))
            return false;
        out->ttl = (u8)v;
        out->has |= SOCK_IP_TTL;
        return true;
    case IP_TOS:
        if (!number_get(data, n, true, 0, &v))
            return false;
        out->tos = (u8)v;
        out->has |= SOCK_IP_TOS;
        return true;
    default: return false;
    }
}

static bool info6_get(const struct lx_in6_pktinfo *p, u64 n, struct sock_ip_control *out)
{
    if (n < sizeof *p)
        return false;
    out->index = p->index;
    memcpy(out->addr.b, p->addr, sizeof p->addr);
    out->has |= SOCK_IP6_INFO;
    return true;
}

static bool v6_get(int type, const void *data, u64 n, struct sock_ip_control *out)
{
    i32 v;
    if (type == IPV6_PKTINFO)
        return info6_get(data, n, out);
    if ((type != IPV6_HOPLIMIT && type != IPV6_TCLASS) || !number_get(data, n, false, -1, &v))
        return false;
    u32 bit = type == IPV6_HOPLIMIT ? SOCK_IP6_HOPS : SOCK_IP6_CLASS;
    out->has = v < 0 ? out->has & ~bit : out->has | bit; /* -1: as the socket has it */
    *(type == IPV6_HOPLIMIT ? &out->hops6 : &out->class6) = (u8)v;
    return true;
}

int lx_cmsg_ip_get(const struct socket *s, const struct lx_cmsghdr *h, struct sock_ip_control *out)
{
    u64 n = h->len - sizeof *h;
    if (h->level == SOL_SOCKET) /* what others would look at is let pass; linux/socket.h */
        return h->type == LX_SCM_RIGHTS || h->type == LX_SCM_CREDENTIALS ? 0 : -EINVAL;
    if (s->type == SOCK_STREAM)
        return 0;
    if (h->level == SOL_IP && !v4_get(h->type, h + 1, n, out))
        out->has |= SOCK_IP_BAD;
    if (h->level == SOL_IPV6 && s->family == AF_INET6 && !v6_get(h->type, h + 1, n, out))
        out->has |= SOCK_IP6_BAD;
    return 0;
}

/* --- out --- */

static int info_put(struct lx_cmsg_writer *w, const struct sock_ip_control *c)
{
    struct lx_in_pktinfo p = { .index = c->index };
    memcpy(p.spec_dst, c->addr.b + 12, 4);
    memcpy(p.addr, c->addr.b + 12, 4);
    return lx_cmsg_append(w, SOL_IP, IP_PKTINFO, &p, sizeof p);
}

static int info6_put(struct lx_cmsg_writer *w, const struct sock_ip_control *c)
{
    struct lx_in6_pktinfo p = { .index = c->index };
    memcpy(p.addr, c->addr.b, sizeof p.addr);
    return lx_cmsg_append(w, SOL_IPV6, IPV6_PKTINFO, &p, sizeof p);
}

static int number_put(struct lx_cmsg_writer *w, int level, int type, i32 v)
{
    return lx_cmsg_append(w, level, type, &v, sizeof v);
}

static int report_put(struct lx_cmsg_writer *w, const struct sock_ip_report *is, bool socket6)
{
    struct lx_report r = { .error = (u32)is->error, .origin = is->v6 ? LX_ORIGIN_ICMP6 : LX_ORIGIN_ICMP,
                           .type = is->type, .code = is->code };
    struct lx_report6 r6 = { .r = r, .family = AF_INET6 };
    struct lx_report4 r4 = { .r = r, .family = AF_INET };
    memcpy(r6.addr, is->by.b, sizeof r6.addr);
    memcpy(r4.addr, is->by.b + 12, sizeof r4.addr);
    return socket6 ? lx_cmsg_append(w, SOL_IPV6, IPV6_RECVERR, &r6, sizeof r6)
                   : lx_cmsg_append(w, SOL_IP, IP_RECVERR, &r4, sizeof r4);
}

int lx_cmsg_ip_put(struct lx_cmsg_writer *w, const struct sock_ip_control *c)
{
    int r = c->has & SOCK_IP6_INFO ? info6_put(w, c) : 0;
    if (r == 0 && (c->has & SOCK_IP_INFO))
        r = info_put(w, c);
    if (r == 0 && (c->has & SOCK_IP_TTL))
        r = number_put(w, SOL_IP, IP_TTL, c->ttl);
    if (r == 0 && (c->has & SOCK_IP_TOS))
        r = lx_cmsg_append(w, SOL_IP, IP_TOS, &c->tos, sizeof c->tos);
    if (r == 0 && (c->has & SOCK_IP6_HOPS))
        r = number_put(w, SOL_IPV6, IPV6_HOPLIMIT, c->hops6);
    if (r == 0 && (c->has & SOCK_IP6_CLASS))
        r = number_put(w, SOL_IPV6, IPV6_TCLASS, c->class6);
    if (r == 0 && (c->has & (SOCK_IP_REPORT | SOCK_IP6_REPORT)))
        r = report_put(w, &c->report, c->has & SOCK_IP6_REPORT);
    return r;
}
