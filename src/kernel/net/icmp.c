/* ICMP for both versions: answers echoes, says that a port is closed and hears it said; the copies for
 * raw and ping sockets. RFC 792, 4443. */
#include "net/udp.h"
#include "mm/slab.h"

static struct mutex raw_lock = MUTEX_INIT(raw_lock, "raw sockets");
static struct list raws = LIST_INIT(raws);

void icmp_raw_add(struct udp_sock *u)
{
    mutex_lock(&raw_lock);
    list_push_back(&raws, &u->raw_link);
    mutex_unlock(&raw_lock);
}

void icmp_raw_remove(struct udp_sock *u)
{
    mutex_lock(&raw_lock);
    list_remove(&u->raw_link);
    mutex_unlock(&raw_lock);
}

void icmp_raw_for_each(void (*fn)(struct inet_sock *i, void *ctx), void *ctx)
{
    struct udp_sock *u;
    mutex_lock(&raw_lock);
    list_for_each(u, &raws, raw_link)
        fn(&u->i, ctx);
    mutex_unlock(&raw_lock);
}

static u16 checksum_of(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst, bool v4)
{
    u32 sum = v4 ? 0 : checksum_pseudo(src, dst, IP_ICMP6, p->len);
    return checksum_end(checksum_add(sum, packet_data(p), p->len));
}

/* The sum of a message whose checksum field is still what it is. IPv6's needs both addresses, and
 * what stays in the machine needs none. */
static void sign(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst)
{
    struct icmp_header *h = (void *)packet_data(p);
    h->checksum = 0;
    h->checksum = checksum_of(p, src, dst, ip_is_v4(dst));
}

int icmp_prepare(struct udp_sock *u, struct packet *p, const struct ip_addr *to)
{
    struct icmp_header *h = (void *)packet_data(p);
    bool v4 = u->i.s.protocol == IP_ICMP;
    if (p->len < sizeof *h || v4 != ip_is_v4(to))
        return -EINVAL;
    if (udp_is_raw(u) && v4)
        return 0; /* the program's own work */
    if (!udp_is_raw(u)) {
        if (h->type != (v4 ? ICMP_ECHO : ICMP6_ECHO) || h->code)
            return -EINVAL;
        h->id = swap16(u->i.local.port);
    }
    sign(p, &u->i.local.addr, to);
    return 0;
}

/* --- copies for sockets --- */

static struct packet *copy_from(const struct packet *p, u32 start)
{
    u32 len = p->start + p->len - start;
    struct packet *c = packet_alloc(len);
    if (!c)
        return NULL;
    c->src = p->src;
    c->dst = p->dst;
    c->dev = p->dev;
    c->ttl = p->ttl;
    c->tos = p->tos;
    memcpy(packet_data(c), p->buf + start, len);
    return c;
}

static void show_raw(const struct packet *p)
{
    struct udp_sock *u;
    mutex_lock(&raw_lock);
    list_for_each(u, &raws, raw_link) {
        if (u->i.s.protocol != p->protocol)
            continue;
        /* IPv4's raw sockets see the IP header, IPv6's do not: raw(7), ipv6(7) */
        struct packet *c = copy_from(p, p->protocol == IP_ICMP ? p->network : p->start);
        if (c)
            udp_queue(u, c);
    }
    mutex_unlock(&raw_lock);
}

void icmp_show(const struct packet *p)
{
    const struct icmp_header *h = (const void *)(p->buf + p->start);
    show_raw(p);
    if (h->type != ICMP_ECHO_REPLY && h->type != ICMP6_ECHO_REPLY)
        return;
    struct inet_end local = { p->dst, swap16(h->id) }, remote = { p->src, 1 };
    struct inet_sock *i = port_find(&ping_ports, &local, &remote, false);
    struct packet *c = i && i->s.protocol == p->protocol ? copy_from(p, p->start) : NULL;
    if (c)
        udp_queue(udp_of(&i->s), c);
    if (i)
        socket_put(&i->s);
}

/* --- the protocol --- */

static void echo_answer(struct packet *p, bool v4)
{
    struct packet *c = copy_from(p, p->start);
    if (!c)
        return;
    ((struct icmp_header *)packet_data(c))->type = v4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY;
    sign(c, &p->dst, &p->src);
    (void)!ip_output(c, &p->dst, &p->src, p->protocol, IP_PLAIN);
}

/* What came back is the beginning of a packet of ours: whose? */
static void unreachable(const struct packet *p, bool v4)
{
    const u8 *inner = p->buf + p->start + sizeof(struct icmp_header);
    u32 left = p->len - (u32)sizeof(struct icmp_header);
    u32 header = v4 && left >= 1 ? (inner[0] & 15u) * 4 : (u32)sizeof(struct ip6_header);
    struct udp_news n = { .what = { .error = ECONNREFUSED, .type = p->buf[p->start],
                                   .code = p->buf[p->start + 1], .v6 = !v4, .by = p->src } };
    struct inet_end *from = &n.from, *to = &n.to;
    if (header < sizeof(struct ip4_header) || left < header + 4)
        return;
    if (inner[v4 ? 9 : 6] != IP_UDP)
        return;
    if (v4) {
        from->addr = ip_from_v4(inner + 12);
        to->addr = ip_from_v4(inner + 16);
    } else {
        memcpy(from->addr.b, inner + 8, 16);
        memcpy(to->addr.b, inner + 24, 16);
    }
    from->port = (u16)(inner[header] << 8 | inner[header + 1]);
    to->port = (u16)(inner[header + 2] << 8 | inner[header + 3]);
    u32 headers = header + (u32)sizeof(struct udp_header);
    n.data = inner + MIN(headers, left);
    n.len = left - MIN(headers, left);
    udp_error(&n);
}

void icmp_input(struct packet *p)
{
    struct icmp_header *h = (void *)packet_data(p);
    bool v4 = p->protocol == IP_ICMP;
    if (p->len >= sizeof *h && v4 == ip_is_v4(&p->src) && (p->checked || checksum_of(p, &p->src, &p->dst, v4) == 0)) {
        icmp_show(p);
        if (h->type == (v4 ? ICMP_ECHO : ICMP6_ECHO))
            echo_answer(p, v4);
        else if (h->type == (v4 ? ICMP_UNREACHABLE : ICMP6_UNREACHABLE) && h->code == (v4 ? ICMP_PORT : ICMP6_PORT))
            unreachable(p, v4);
    }
    packet_free(p);
}

/* Its IP header and the first bytes behind go along, so that the sender knows which it was. */
void icmp_send_port_unreachable(const struct packet *p)
{
    bool v4 = ip_is_v4(&p->src);
    u32 n = MIN(p->start + p->len - p->network, v4 ? 548u : 1232u); /* RFC 1812 4.3.2.3, RFC 4443 2.4 */
    struct packet *c = packet_alloc((u32)sizeof(struct icmp_header) + n);
    if (!c)
        return;
    struct icmp_header *h = (void *)packet_data(c);
    *h = (struct icmp_header){ .type = v4 ? ICMP_UNREACHABLE : ICMP6_UNREACHABLE, .code = v4 ? ICMP_PORT : ICMP6_PORT };
    memcpy(h + 1, p->buf + p->network, n);
    sign(c, &p->dst, &p->src);
    (void)!ip_output(c, &p->dst, &p->src, v4 ? IP_ICMP : IP_ICMP6, IP_PLAIN);
}
