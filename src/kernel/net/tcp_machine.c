/* TCP, the states: what a segment or a call makes of a connection. RFC 9293, with RFC 5961 (blind resets) and
 * 7323 (window scale; no time stamps). Pure. What goes out is in tcp_output.c, what the peer's answers say in
 * tcp_ack.c, its bytes in tcp_bytes.c, time in tcp_resend.c.
 *
 *   connect: SYN_SENT -----------------> ESTABLISHED --finish--> FIN_WAIT1 --> FIN_WAIT2 --> TIME_WAIT
 *   SYN:     SYN_RCVD -----------------> ESTABLISHED --FIN-----> CLOSE_WAIT --finish--> LAST_ACK --> CLOSED
 *
 * Every segment that takes sequence space is answered at once: the answer rides on data if there is
 * any, for output runs after input. Bytes that come early are kept as long as the ranges they make
 * fit in a small table; a lost segment is sent again by time or after three equal answers. */
#include "lib/errno.h"
#include "net/tcp_machine_priv.h"

#define RTO_FIRST TCP_SECOND
#define TIME_WAIT_NS (60 * TCP_SECOND) /* as Linux; twice the segment's lifetime is 240 s */
#define MSS_DEFAULT 536u

void tcp_init(struct tcp *t, const struct tcp_ops *ops, u32 iss, u32 mss, u32 room)
{
    *t = (struct tcp){
        .ops = ops, .state = TCP_CLOSED, .iss = iss, .snd_una = iss, .snd_nxt = iss, .snd_max = iss, .mss = mss,
        .ssthresh = ~0u, .rcv_room = room, .rto = RTO_FIRST, .keep_idle = 7200 * TCP_SECOND,
        .keep_interval = 75 * TCP_SECOND, .keep_count = 9, .linger_ns = TIME_WAIT_NS,
    };
}

void tcp_end(struct tcp *t, int error)
{
    t->state = TCP_CLOSED;
    t->error = error;
    t->events |= TCP_EV_DEAD;
    t->resend_at = t->wait_at = t->keep_at = 0;
}

static void options_take(struct tcp *t, const struct tcp_segment *s)
{
    t->mss = MIN(t->mss, (u32)(s->mss ? MAX(s->mss, 64u) : MSS_DEFAULT));
    t->cwnd = 10 * t->mss;
    bool scales = s->scale != TCP_NO_SCALE;
    t->snd_scale = scales ? (u8)MIN(s->scale, 14u) : 0; /* RFC 7323 2.3 */
    t->rcv_scale = scales ? OUR_SCALE : 0;
}

void tcp_connect(struct tcp *t, u64 now)
{
    t->state = TCP_SYN_SENT;
    t->cwnd = 10 * t->mss; /* RFC 6928 */
    tcp_send_syn(t, now);
}

void tcp_accept_syn(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    t->rcv_nxt = t->rcv_adv = s->seq + 1;
    options_take(t, s);
    tcp_window_take(t, s);
    t->state = TCP_SYN_RCVD;
    tcp_send_syn(t, now);
}

void tcp_finish(struct tcp *t)
{
    t->fin_queued = true;
    if (t->state == TCP_SYN_SENT || t->state == TCP_SYN_RCVD)
        tcp_abort(t);
    else if (t->state == TCP_ESTABLISHED)
        t->state = TCP_FIN_WAIT1;
    else if (t->state == TCP_CLOSE_WAIT)
        t->state = TCP_LAST_ACK;
}

void tcp_abort(struct tcp *t)
{
    if (t->state != TCP_CLOSED && t->state != TCP_SYN_SENT && t->state != TCP_TIME_WAIT)
        tcp_emit(t, t->snd_nxt, TCP_RST, 0, 0);
    tcp_end(t, ECONNRESET);
}

static void connected(struct tcp *t, u64 now)
{
    t->events |= TCP_EV_CONNECTED;
    if (t->keep_alive)
        tcp_keep_alive(t, true, now);
}

void tcp_time_wait(struct tcp *t, u64 now)
{
    t->state = TCP_TIME_WAIT;
    t->resend_at = t->keep_at = 0;
    t->wait_at = now + TIME_WAIT_NS;
}

static void fin_take(struct tcp *t, u64 now)
{
    t->rcv_nxt++;
    t->ack_now = true;
    t->fin_known = false;
    t->events |= TCP_EV_PEER_CLOSED;
    switch (t->state) {
    case TCP_SYN_RCVD:
    case TCP_ESTABLISHED: t->state = TCP_CLOSE_WAIT; break;
    case TCP_FIN_WAIT1: t->state = TCP_CLOSING; break;
    case TCP_FIN_WAIT2: tcp_time_wait(t, now); break;
    default: break;
    }
}

static void input_syn_sent(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    bool ack = s->flags & TCP_ACK;
    if (ack && s->ack != t->snd_nxt) { /* an old connection's answer: so that end goes. RFC 9293 3.10.7.3 */
        struct tcp_segment r = { .seq = s->ack, .flags = TCP_RST, .scale = TCP_NO_SCALE };
        if (!(s->flags & TCP_RST))
            t->ops->send(t, &r, 0);
        return;
    }
    if (s->flags & TCP_RST) {
        if (ack)
            tcp_end(t, ECONNREFUSED);
        return;
    }
    if (!(s->flags & TCP_SYN))
        return;
    t->rcv_nxt = t->rcv_adv = s->seq + 1;
    options_take(t, s);
    tcp_window_take(t, s);
    t->resend_at = 0;
    t->retries = 0;
    if (!ack) { /* both called at once */
        t->state = TCP_SYN_RCVD;
        tcp_send_syn(t, now);
        return;
    }
    t->snd_una = s->ack;
    if (t->rtt_began)
        tcp_rtt_take(t, now);
    t->state = TCP_ESTABLISHED;
    t->ack_now = true;
    connected(t, now);
}

static void input_reset(struct tcp *t, const struct tcp_segment *s)
{
    if (s->seq != t->rcv_nxt) { /* RFC 5961 3.2: whoever guesses must guess exactly */
        t->ack_now = s->seq - t->rcv_nxt < t->rcv_room;
        return;
    }
    tcp_end(t, t->state == TCP_SYN_RCVD ? ECONNREFUSED : t->state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
}

/* The third step of the opening: true if it is taken now. */
static bool syn_acked(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    if (s->ack != t->snd_nxt && (seq_before(s->ack, t->iss + 1) || seq_before(t->snd_max, s->ack)))
        return false;
    t->snd_una = t->iss + 1;
    t->state = TCP_ESTABLISHED;
    t->resend_at = 0;
    t->retries = 0;
    if (t->rtt_began)
        tcp_rtt_take(t, now);
    tcp_window_take(t, s);
    connected(t, now);
    return true;
}

void tcp_input(struct tcp *t, const struct tcp_segment *given, u64 now)
{
    struct tcp_segment s = *given;
    if (t->state == TCP_CLOSED || t->state == TCP_LISTEN)
        return;
    if (t->state == TCP_SYN_SENT) {
        input_syn_sent(t, &s, now);
        return;
    }
    if (t->keep_at) {
        t->keep_at = now + t->keep_idle;
        t->keep_sent = 0;
    }
    if (s.flags & TCP_RST) {
        input_reset(t, &s);
        return;
    }
    bool fits = tcp_trim(t, &s);
    if ((s.flags & TCP_SYN) || !(s.flags & TCP_ACK)) {
        if (s.flags & TCP_SYN)
            tcp_challenge(t, given, now); /* RFC 5961 4.2 */
        return;
    }
    if (!fits)
        tcp_challenge(t, given, now);
    if (t->state == TCP_SYN_RCVD && !syn_acked(t, &s, now))
        return;
    if (!tcp_ack_take(t, &s, now) || !fits)
        return;
    if (t->state == TCP_TIME_WAIT) {
        t->wait_at = now + TIME_WAIT_NS;
        return;
    }
    if (s.len && t->orphan) { /* RFC 9293 3.6: nobody will ever read this */
        tcp_abort(t);
        return;
    }
    if (s.flags & TCP_FIN) {
        t->fin_known = true;
        t->fin_seq = s.seq + s.len;
    }
    tcp_data_take(t, &s);
    if (t->fin_known && t->fin_seq == t->rcv_nxt)
        fin_take(t, now);
    else if (s.flags & TCP_FIN)
        t->ack_now = true;
}
