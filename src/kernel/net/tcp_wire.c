/* TCP's segments on the wire: headers written and read, options, checksums, and whose a segment is. */
#include "net/tcp.h"
#include "lib/assert.h"
#include "lib/errno.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3 };

/* --- out --- */

static u32 put_options(u8 *at, const struct tcp_segment *s)
{
    if (!(s->flags & TCP_SYN))
        return 0;
    at[0] = OPTION_MSS;
    at[1] = 4;
    at[2] = (u8)(s->mss >> 8);
    at[3] = (u8)s->mss;
    if (s->scale == TCP_NO_SCALE)
        return 4;
    at[4] = OPTION_NOP;
    at[5] = OPTION_SCALE;
    at[6] = 3;
    at[7] = s->scale;
    return 8;
}

static int send_segment(struct packet *p, const struct inet_end *from, const struct inet_end *to,
                        const struct tcp_segment *s, struct ip_options o)
{
    u8 options[8];
    u32 n = put_options(options, s);
    memcpy(packet_push(p, n), options, n);
    struct tcp_header *h = (void *)packet_push(p, sizeof *h);
    *h = (struct tcp_header){
        .src = swap16(from->port), .dst = swap16(to->port), .seq = swap32(s->seq), .ack = swap32(s->ack),
        .offset = (u8)((sizeof *h + n) / 4 << 4), .flags = s->flags, .window = swap16((u16)s->wnd),
    };
    if (!netdev_is_local(&to->addr))
        h->checksum = checksum_end(checksum_add(checksum_pseudo(&from->addr, &to->addr, IP_TCP, p->len), h, p->len));
    return ip_output(p, &from->addr, &to->addr, IP_TCP, o);
}

static void wire_send(struct tcp *t, const struct tcp_segment *s, u32 offset)
{
    struct tcp_sock *c = container_of(t, struct tcp_sock, t);
    struct packet *p = packet_alloc(s->len);
    if (!p)
        return; /* as if lost on the way: the timer sends it again */
    if (s->len)
        byte_ring_peek(&c->tx, offset, packet_data(p), s->len);
    (void)!send_segment(p, &c->i.local, &c->i.remote, s, inet_leaving(&c->i, ip_is_v4(&c->i.remote.addr)));
}

static int wire_store(struct tcp *t, u32 offset, const u8 *data, u32 len)
{
    return byte_ring_poke(&container_of(t, struct tcp_sock, t)->rx, offset, data, len);
}

static void wire_received(struct tcp *t, u32 n) { byte_ring_extend(&container_of(t, struct tcp_sock, t)->rx, n); }
static void wire_acked(struct tcp *t, u32 n) { byte_ring_drop(&container_of(t, struct tcp_sock, t)->tx, n); }

const struct tcp_ops tcp_wire_ops = { .send = wire_send, .store = wire_store, .received = wire_received,
                                      .acked = wire_acked };

/* RFC 9293 3.5.2: so that it fits where it comes from. */
void tcp_reply_reset(const struct packet *p, const struct tcp_segment *s)
{
    if (s->flags & TCP_RST)
        return;
    const struct tcp_header *h = (const void *)(p->buf + p->start);
    struct inet_end from = { p->dst, swap16(h->dst) }, to = { p->src, swap16(h->src) };
    struct tcp_segment r = { .flags = TCP_RST, .scale = TCP_NO_SCALE };
    if (s->flags & TCP_ACK) {
        r.seq = s->ack;
    } else {
        r.flags |= TCP_ACK;
        r.ack = s->seq + s->len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
    }
    struct packet *answer = packet_alloc(0);
    if (answer)
        (void)!send_segment(answer, &from, &to, &r, IP_PLAIN);
}

/* --- in --- */

static void take_options(const u8 *at, u32 n, struct tcp_segment *s)
{
    for (u32 i = 0; i < n && at[i] != OPTION_END;) {
        if (at[i] == OPTION_NOP) {
            i++;
            continue;
        }
        u32 len = i + 1 < n ? at[i + 1] : 0;
        if (len < 2 || len > n - i)
            return;
        if (at[i] == OPTION_MSS && len == 4)
            s->mss = (u16)(at[i + 2] << 8 | at[i + 3]);
        if (at[i] == OPTION_SCALE && len == 3)
            s->scale = MIN(at[i + 2], 14u);
        i += len;
    }
}

/* p stays at its header. False: this is no segment. */
static bool take_header(struct packet *p, struct tcp_segment *s, u16 *src, u16 *dst)
{
    const struct tcp_header *h = (const void *)packet_data(p);
    if (p->len < sizeof *h)
        return false;
    u32 header = (u32)(h->offset >> 4) * 4;
    if (header < sizeof *h || header > p->len)
        return false;
    if (!p->checked && checksum_end(checksum_add(checksum_pseudo(&p->src, &p->dst, IP_TCP, p->len), h, p->len)) != 0)
        return false;
    *s = (struct tcp_segment){
        .seq = swap32(h->seq), .ack = swap32(h->ack), .wnd = swap16(h->window), .flags = h->flags & 0x3f,
        .data = packet_data(p) + header, .len = p->len - header, .scale = TCP_NO_SCALE,
    };
    if (s->flags & TCP_SYN)
        take_options(packet_data(p) + sizeof *h, header - (u32)sizeof *h, s);
    *src = swap16(h->src);
    *dst = swap16(h->dst);
    return true;
}

/* True: the connection had ended, and the segment may begin another. */
static bool connection_input(struct tcp_sock *c, struct packet *p, const struct tcp_segment *s)
{
    u64 now = clock_now_ns();
    bool again = false;
    mutex_lock(&c->i.s.lock);
    if (c->t.state == TCP_TIME_WAIT && (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
        seq_before(c->t.rcv_nxt, s->seq)) {
        tcp_abort(&c->t); /* RFC 9293 3.6.1: a new one may take its place */
        again = true;
    } else if (c->t.state == TCP_CLOSED) {
        tcp_reply_reset(p, s);
    } else {
        tcp_input(&c->t, s, now);
        c->rx.ahead = c->t.nearly != 0;
    }
    tcp_after_locked(c, now);
    mutex_unlock(&c->i.s.lock);
    return again;
}

void tcp_input_packet(struct packet *p)
{
    struct tcp_segment s;
    struct inet_end local = { .addr = p->dst }, remote = { .addr = p->src };
    if (!take_header(p, &s, &remote.port, &local.port)) {
        packet_free(p);
        return;
    }
    for (bool again = true; again;) {
        again = false;
        struct inet_sock *i = port_find(&tcp_ports, &local, &remote, false);
        if (!i)
            tcp_reply_reset(p, &s);
        else if (socket_is_listening(&i->s))
            tcp_listener_input(tcp_of(&i->s), p, &s);
        else
            again = connection_input(tcp_of(&i->s), p, &s);
        if (i)
            socket_put(&i->s);
    }
    packet_free(p);
}
