/* TCP, what time does: round trips measured, segments sent again, dead peers found. RFC 6298, RFC 9293 3.8. Pure. */
#include "lib/errno.h"
#include "net/tcp_machine_priv.h"

#define RTO_MIN (TCP_SECOND / 5)
#define RTO_MAX (120 * TCP_SECOND)
#define RETRIES_MAX 15u
#define SYN_RETRIES_MAX 6u
#define SYN_ACK_RETRIES_MAX 5u

void tcp_rtt_take(struct tcp *t, u64 now)
{
    u64 r = now - t->rtt_began;
    t->rtt_began = 0;
    if (!t->srtt) {
        t->srtt = r;
        t->rttvar = r / 2;
    } else {
        u64 d = r > t->srtt ? r - t->srtt : t->srtt - r;
        t->rttvar = (3 * t->rttvar + d) / 4;
        t->srtt = (7 * t->srtt + r) / 8;
    }
    t->rto = MIN(MAX(t->srtt + 4 * t->rttvar, RTO_MIN), RTO_MAX);
}

static u32 retries_allowed(const struct tcp *t)
{
    return t->state == TCP_SYN_SENT ? SYN_RETRIES_MAX : t->state == TCP_SYN_RCVD ? SYN_ACK_RETRIES_MAX : RETRIES_MAX;
}

static void resend(struct tcp *t, u64 now)
{
    t->resend_at = 0;
    t->rtt_began = 0; /* Karn: what was sent twice measures nothing */
    if (!t->retries)
        t->unacked_since = now;
    t->retries++;
    if (t->give_up_ns ? now - t->unacked_since >= t->give_up_ns : t->retries > retries_allowed(t)) {
        tcp_end(t, ETIMEDOUT);
        return;
    }
    t->rto = MIN(t->rto * 2, RTO_MAX);
    t->resent++;
    if (t->state == TCP_SYN_SENT || t->state == TCP_SYN_RCVD) {
        tcp_send_syn(t, now);
        return;
    }
    if (t->snd_wnd == 0 && t->queued) { /* a probe: one byte that the window does not take */
        tcp_emit(t, t->snd_una, 0, 1, 0);
        if (t->snd_nxt == t->snd_una)
            t->snd_nxt++;
        if (seq_before(t->snd_max, t->snd_nxt))
            t->snd_max = t->snd_nxt;
        tcp_resend_start(t, now);
        return;
    }
    if (t->snd_max == t->snd_una && t->queued) { /* nothing lost: a small piece has waited long enough */
        t->retries = 0;
        t->resent--;
        tcp_send_piece(t, MIN(MIN(t->queued, t->mss), t->snd_wnd), t->fin_queued &&
                       t->queued <= MIN(t->mss, t->snd_wnd), now);
        return;
    }
    t->ssthresh = MAX((t->snd_max - t->snd_una) / 2, 2 * t->mss);
    t->cwnd = t->mss;
    t->snd_nxt = t->snd_una;
    tcp_output(t, now);
}

static void keep_alive(struct tcp *t, u64 now)
{
    if (t->keep_sent >= t->keep_count) {
        tcp_abort(t);
        t->error = ETIMEDOUT;
        return;
    }
    t->keep_sent++;
    t->keep_at = now + t->keep_interval;
    tcp_emit(t, t->snd_una - 1, 0, 0, 0); /* an old number: it must be answered. RFC 9293 3.8.4 */
}

void tcp_timeout(struct tcp *t, u64 now)
{
    if (t->wait_at && now >= t->wait_at)
        tcp_end(t, 0);
    if (t->resend_at && now >= t->resend_at)
        resend(t, now);
    if (t->keep_at && now >= t->keep_at)
        keep_alive(t, now);
}

u64 tcp_deadline(const struct tcp *t)
{
    u64 first = 0;
    const u64 all[] = { t->resend_at, t->wait_at, t->keep_at };
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
        if (all[i] && (!first || all[i] < first))
            first = all[i];
    return first;
}

void tcp_keep_alive(struct tcp *t, bool on, u64 now)
{
    t->keep_alive = on;
    t->keep_sent = 0;
    t->keep_at = on && tcp_is_synchronized(t) && t->state != TCP_TIME_WAIT ? now + t->keep_idle : 0;
}
