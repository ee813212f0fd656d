/* TCP, what goes out: segments, the window that they tell of, how much may be on its way. RFC 9293 3.8.6,
 * RFC 896. Pure. */
#include "net/tcp_machine_priv.h"

static u32 window(struct tcp *t)
{
    u32 held = t->rcv_adv - t->rcv_nxt, w = MAX(t->rcv_room, seq_before(t->rcv_adv, t->rcv_nxt) ? 0 : held);
    w = MIN(w, WINDOW_MAX << t->rcv_scale);
    t->rcv_adv = t->rcv_nxt + w;
    return w;
}

void tcp_emit(struct tcp *t, u32 seq, u8 flags, u32 len, u32 offset)
{
    struct tcp_segment s = { .seq = seq, .flags = flags, .len = len, .scale = TCP_NO_SCALE };
    if (t->state != TCP_SYN_SENT) {
        s.flags |= TCP_ACK;
        s.ack = t->rcv_nxt;
    }
    u32 w = window(t);
    s.wnd = flags & TCP_SYN ? MIN(w, WINDOW_MAX) : w >> t->rcv_scale;
    if (flags & TCP_SYN) {
        s.mss = (u16)MIN(t->mss, 65495u);
        s.scale = t->state == TCP_SYN_SENT || t->rcv_scale ? OUR_SCALE : TCP_NO_SCALE;
    }
    t->ack_now = false;
    t->ops->send(t, &s, offset);
}

static void measure(struct tcp *t, u32 seq_end, u64 now)
{
    if (t->rtt_began || seq_before(seq_end - 1, t->snd_max))
        return;
    t->rtt_began = now;
    t->rtt_seq = seq_end;
}

void tcp_resend_start(struct tcp *t, u64 now)
{
    if (!t->resend_at)
        t->resend_at = now + t->rto;
}

void tcp_send_syn(struct tcp *t, u64 now)
{
    tcp_emit(t, t->iss, TCP_SYN, 0, 0);
    t->snd_nxt = t->iss + 1;
    measure(t, t->snd_nxt, now);
    t->snd_max = t->snd_nxt;
    tcp_resend_start(t, now);
}

static bool sends_data(const struct tcp *t)
{
    return t->state == TCP_ESTABLISHED || t->state == TCP_CLOSE_WAIT || t->state == TCP_FIN_WAIT1 ||
        t->state == TCP_CLOSING || t->state == TCP_LAST_ACK;
}

/* Is a piece of len bytes, with `unsent` to send, worth a segment now? RFC 9293 3.8.6.2.1, RFC 896. */
static bool worth_it(const struct tcp *t, u32 len, u32 unsent)
{
    if (len >= t->mss || (t->wnd_most && len >= t->wnd_most / 2))
        return len > 0;
    if (len < unsent || len == 0)
        return false;
    return t->fin_queued || (!t->cork && (t->nodelay || t->snd_nxt == t->snd_una));
}

void tcp_send_piece(struct tcp *t, u32 len, bool fin, u64 now)
{
    u32 flight = t->snd_nxt - t->snd_una;
    bool last = flight + len == t->queued;
    tcp_emit(t, t->snd_nxt, (u8)((fin ? TCP_FIN : 0) | (len && last ? TCP_PSH : 0)), len, flight);
    measure(t, t->snd_nxt + len + fin, now);
    t->snd_nxt += len + fin;
    if (seq_before(t->snd_max, t->snd_nxt))
        t->snd_max = t->snd_nxt;
    tcp_resend_start(t, now);
}

/* One segment of data or the FIN: false if there was nothing to send. */
static bool send_next(struct tcp *t, u64 now)
{
    u32 flight = t->snd_nxt - t->snd_una, most = MIN(t->snd_wnd, t->cwnd);
    u32 unsent = flight < t->queued ? t->queued - flight : 0;
    u32 len = MIN(MIN(unsent, t->mss), most > flight ? most - flight : 0);
    bool fin = t->fin_queued && len == unsent && flight <= t->queued;
    if (!fin && !worth_it(t, len, unsent))
        return false;
    tcp_send_piece(t, len, fin, now);
    return true;
}

void tcp_output(struct tcp *t, u64 now)
{
    if (sends_data(t)) {
        while (send_next(t, now))
            ;
        /* Something waits and nothing is on its way to be answered: ask for the window by and by. */
        if (t->queued && t->snd_nxt == t->snd_una)
            tcp_resend_start(t, now);
    }
    if (t->ack_now && t->state != TCP_CLOSED)
        tcp_emit(t, t->snd_nxt, 0, 0, 0);
}

bool tcp_window_opened(struct tcp *t)
{
    u32 told = seq_before(t->rcv_adv, t->rcv_nxt) ? 0 : t->rcv_adv - t->rcv_nxt;
    if (!sends_data(t) && t->state != TCP_FIN_WAIT2)
        return false;
    if (t->rcv_room < told + MIN(2 * t->mss, t->rcv_room / 2 + 1) || told >= WINDOW_MAX << t->rcv_scale)
        return false;
    if (told >= 4 * t->mss && told >= t->rcv_room / 2)
        return false; /* the next answer tells in time */
    t->ack_now = true;
    return true;
}
