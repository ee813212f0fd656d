/* IP input and output. Input believes nothing: version, lengths and checksum are held against what
 * is there, and what is wrong is dropped. There are no fragments: the one interface carries whole
 * packets of any length, and what a sender cannot fit in is refused (-EMSGSIZE). RFC 791, 1122, 8200. */
#include "net/ip.h"
#include "lib/errno.h"

static u16 next_id;

static void put_v4(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst, u8 protocol,
                   struct ip_options o)
{
    u16 total = (u16)(p->len + sizeof(struct ip4_header));
    struct ip4_header *h = (void *)packet_push(p, sizeof *h);
    *h = (struct ip4_header){
        .version_ihl = 0x45, .tos = o.tos, .total = swap16(total), .ttl = o.ttl, .protocol = protocol,
        .id = swap16(__atomic_fetch_add(&next_id, 1, __ATOMIC_RELAXED)), .fragment = swap16(IP4_DONT_FRAGMENT),
    };
    memcpy(h->src, src->b + 12, 4);
    memcpy(h->dst, dst->b + 12, 4);
    h->checksum = checksum_end(checksum_add(0, h, sizeof *h));
}

static void put_v6(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst, u8 protocol,
                   struct ip_options o)
{
    u16 payload = (u16)p->len;
    struct ip6_header *h = (void *)packet_push(p, sizeof *h);
    *h = (struct ip6_header){ .version_flow = swap32(6u << 28 | (u32)o.tos << 20), .payload = swap16(payload), .next = protocol, .hops = o.ttl };
    memcpy(h->src, src->b, 16);
    memcpy(h->dst, dst->b, 16);
}

int ip_output(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst, u8 protocol, struct ip_options o)
{
    struct netdev *d;
    struct ip_addr ours;
    bool v4 = ip_is_v4(dst);
    int r = netdev_route(dst, &d, &ours);
    if (r == 0 && p->len + (v4 ? sizeof(struct ip4_header) : 0) > MIN(d->mtu, PACKET_DATA_MAX))
        r = -EMSGSIZE;
    if (r < 0) {
        packet_free(p);
        return r;
    }
    if (!ip_is_any(src))
        ours = *src;
    (v4 ? put_v4 : put_v6)(p, &ours, dst, protocol, o);
    __atomic_fetch_add(&d->tx_packets, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&d->tx_bytes, p->len, __ATOMIC_RELAXED);
    return d->transmit(d, p);
}

/* --- input --- */

static bool take_v4(struct packet *p)
{
    const struct ip4_header *h = (const void *)packet_data(p);
    u32 header = (h->version_ihl & 15u) * 4, total = swap16(h->total);
    if (header < sizeof *h || total < header || total > p->len)
        return false;
    if (!p->checked && checksum_end(checksum_add(0, h, header)) != 0)
        return false;
    if (swap16(h->fragment) & IP4_FRAGMENT_BITS)
        return false;
    p->src = ip_from_v4(h->src);
    p->dst = ip_from_v4(h->dst);
    p->protocol = h->protocol;
    p->ttl = h->ttl;
    p->tos = h->tos;
    packet_trim(p, total);
    return packet_pull(p, header);
}

static bool take_v6(struct packet *p)
{
    const struct ip6_header *h = (const void *)packet_data(p);
    u32 payload = swap16(h->payload);
    if (p->len < sizeof *h || payload > p->len - sizeof *h)
        return false;
    memcpy(p->src.b, h->src, 16);
    memcpy(p->dst.b, h->dst, 16);
    p->protocol = h->next;
    p->ttl = h->hops;
    p->tos = (u8)(swap32(h->version_flow) >> 20);
    packet_trim(p, (u32)sizeof *h + payload);
    return packet_pull(p, sizeof *h) && !ip_is_v4(&p->src) && !ip_is_v4(&p->dst);
}

static bool take_header(struct packet *p)
{
    if (p->len < sizeof(struct ip4_header))
        return false;
    u8 version = packet_data(p)[0] >> 4;
    p->network = p->start;
    return version == 4 ? take_v4(p) : version == 6 && take_v6(p);
}

void ip_input(struct packet *p)
{
    if (!take_header(p) || !netdev_is_local(&p->dst)) {
        packet_free(p); /* nobody's, or not for us: this machine forwards nothing */
        return;
    }
    switch (p->protocol) {
    case IP_TCP: tcp_input_packet(p); break;
    case IP_UDP: udp_input(p); break;
    case IP_ICMP:
    case IP_ICMP6: icmp_input(p); break;
    default: packet_free(p);
    }
}
