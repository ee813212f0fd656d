/* TCP, what an answer of the peer's says: which bytes have arrived, how much more it takes, that something
 * was lost. RFC 9293 3.10.7.4, RFC 5681, RFC 5961. Pure. */
#include "net/tcp_machine_priv.h"

#define CHALLENGE_NS (TCP_SECOND / 2) /* as Linux's tcp_invalid_ratelimit */

void tcp_window_take(struct tcp *t, const struct tcp_segment *s)
{
    t->snd_wnd = s->flags & TCP_SYN ? s->wnd : s->wnd << t->snd_scale;
    t->wnd_most = MAX(t->wnd_most, t->snd_wnd);
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
}

/* Our FIN has arrived. */
static void fin_acked(struct tcp *t, u64 now)
{
    if (t->state == TCP_FIN_WAIT1) {
        t->state = TCP_FIN_WAIT2;
        if (t->orphan)
            t->wait_at = now + t->linger_ns; /* a peer that never closes must not keep it for ever */
    } else if (t->state == TCP_CLOSING) {
        tcp_time_wait(t, now);
    } else if (t->state == TCP_LAST_ACK) {
        tcp_end(t, 0);
    }
}

static void cwnd_grow(struct tcp *t, u32 n)
{
    if (t->cwnd < t->ssthresh)
        t->cwnd += MIN(n, t->mss);
    else
        t->cwnd += MAX(t->mss * t->mss / t->cwnd, 1u);
    t->cwnd = MIN(t->cwnd, 1u << 24);
}

/* Everything before `ack` has arrived. */
static void ack_advance(struct tcp *t, u32 ack, u64 now)
{
    u32 n = ack - t->snd_una, data = MIN(n, t->queued);
    t->snd_una = ack;
    if (seq_before(t->snd_nxt, ack))
        t->snd_nxt = ack;
    if (t->rtt_began && !seq_before(ack, t->rtt_seq))
        tcp_rtt_take(t, now);
    t->retries = t->dup_acks = 0;
    t->resend_at = seq_before(ack, t->snd_max) ? now + t->rto : 0;
    cwnd_grow(t, n);
    if (data) {
        t->queued -= data;
        t->ops->acked(t, data);
        t->events |= TCP_EV_ROOM;
    }
    if (n > data && t->fin_queued)
        fin_acked(t, now);
}

/* The same answer again, with nothing in it: the next segment seems lost. */
static void ack_again(struct tcp *t, const struct tcp_segment *s)
{
    if (s->len || (s->flags & TCP_FIN) || t->snd_max == t->snd_una || s->wnd << t->snd_scale != t->snd_wnd)
        return;
    if (++t->dup_acks != 3 || !t->queued)
        return;
    t->ssthresh = MAX((t->snd_max - t->snd_una) / 2, 2 * t->mss);
    t->cwnd = t->ssthresh;
    t->rtt_began = 0;
    t->resent++;
    tcp_emit(t, t->snd_una, 0, MIN(t->mss, t->queued), 0);
}

void tcp_challenge(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    if (!s->len && now < t->challenge_at)
        return;
    t->challenge_at = now + CHALLENGE_NS;
    t->ack_now = true;
}

bool tcp_ack_take(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    if (seq_before(t->snd_max, s->ack)) { /* of what was never sent */
        tcp_challenge(t, s, now);
        return false;
    }
    if (seq_before(t->snd_una, s->ack))
        ack_advance(t, s->ack, now);
    else if (s->ack == t->snd_una)
        ack_again(t, s);
    if (t->snd_wnd == 0)
        t->retries = 0; /* it is there, it only has no room */
    if (t->state == TCP_CLOSED)
        return false;
    if (!seq_before(s->ack, t->snd_una) &&
        (seq_before(t->snd_wl1, s->seq) || (t->snd_wl1 == s->seq && !seq_before(s->ack, t->snd_wl2)))) {
        bool was_shut = t->snd_wnd == 0;
        tcp_window_take(t, s);
        if (was_shut && t->snd_wnd) {
            t->retries = 0;
            t->snd_nxt = t->snd_una; /* what was only a probe is sent anew */
            t->resend_at = 0;
        }
    }
    return true;
}
