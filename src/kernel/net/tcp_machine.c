/* TCP: what a segment, a call or the time changes. RFC 9293, with RFC 6298 (timer), 5681 (congestion),
 * 5961 (blind resets), 7323 (window scale; no time stamps). Pure.
 *
 *   connect: SYN_SENT -----------------> ESTABLISHED --finish--> FIN_WAIT1 --> FIN_WAIT2 --> TIME_WAIT
 *   SYN:     SYN_RCVD -----------------> ESTABLISHED --FIN-----> CLOSE_WAIT --finish--> LAST_ACK --> CLOSED
 *
 * Every segment that takes sequence space is answered at once: the answer rides on data if there is
 * any, for output runs after input. Bytes that come early are kept as long as the ranges they make
 * fit in a small table; a lost segment is sent again by time or after three equal answers. */
#include "net/tcp_machine.h"
#include "lib/errno.h"

#define RTO_MIN (TCP_SECOND / 5)
#define RTO_MAX (120 * TCP_SECOND)
#define RTO_FIRST TCP_SECOND
#define CHALLENGE_NS (TCP_SECOND / 2) /* as Linux's tcp_invalid_ratelimit */
#define TIME_WAIT_NS (60 * TCP_SECOND) /* as Linux; twice the segment's lifetime is 240 s */
#define RETRIES_MAX 15u
#define SYN_RETRIES_MAX 6u
#define SYN_ACK_RETRIES_MAX 5u
#define WINDOW_MAX 65535u
#define OUR_SCALE 3u /* 512 KiB of window */
#define MSS_DEFAULT 536u

void tcp_init(struct tcp *t, const struct tcp_ops *ops, u32 iss, u32 mss, u32 room)
{
    *t = (struct tcp){
        .ops = ops, .state = TCP_CLOSED, .iss = iss, .snd_una = iss, .snd_nxt = iss, .snd_max = iss, .mss = mss,
        .ssthresh = ~0u, .rcv_room = room, .rto = RTO_FIRST, .keep_idle = 7200 * TCP_SECOND,
        .keep_interval = 75 * TCP_SECOND, .keep_count = 9, .linger_ns = TIME_WAIT_NS,
    };
}

static void end(struct tcp *t, int error)
{
    t->state = TCP_CLOSED;
    t->error = error;
    t->events |= TCP_EV_DEAD;
    t->resend_at = t->wait_at = t->keep_at = 0;
}

/* --- sending --- */

static u32 window(struct tcp *t)
{
    u32 held = t->rcv_adv - t->rcv_nxt, w = MAX(t->rcv_room, seq_before(t->rcv_adv, t->rcv_nxt) ? 0 : held);
    w = MIN(w, WINDOW_MAX << t->rcv_scale);
    t->rcv_adv = t->rcv_nxt + w;
    return w;
}

static void emit(struct tcp *t, u32 seq, u8 flags, u32 len, u32 offset)
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

static void resend_start(struct tcp *t, u64 now)
{
    if (!t->resend_at)
        t->resend_at = now + t->rto;
}

static void send_syn(struct tcp *t, u64 now)
{
    emit(t, t->iss, TCP_SYN, 0, 0);
    t->snd_nxt = t->iss + 1;
    measure(t, t->snd_nxt, now);
    t->snd_max = t->snd_nxt;
    resend_start(t, now);
}

void tcp_connect(struct tcp *t, u64 now)
{
    t->state = TCP_SYN_SENT;
    t->cwnd = 10 * t->mss; /* RFC 6928 */
    send_syn(t, now);
}

static void options_take(struct tcp *t, const struct tcp_segment *s)
{
    t->mss = MIN(t->mss, (u32)(s->mss ? MAX(s->mss, 64u) : MSS_DEFAULT));
    t->cwnd = 10 * t->mss;
    bool scales = s->scale != TCP_NO_SCALE;
    t->snd_scale = scales ? (u8)MIN(s->scale, 14u) : 0; /* RFC 7323 2.3 */
    t->rcv_scale = scales ? OUR_SCALE : 0;
}

static void window_take(struct tcp *t, const struct tcp_segment *s)
{
    t->snd_wnd = s->flags & TCP_SYN ? s->wnd : s->wnd << t->snd_scale;
    t->wnd_most = MAX(t->wnd_most, t->snd_wnd);
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
}

void tcp_accept_syn(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    t->rcv_nxt = t->rcv_adv = s->seq + 1;
    options_take(t, s);
    window_take(t, s);
    t->state = TCP_SYN_RCVD;
    send_syn(t, now);
}

static bool sends_data(const struct tcp *t)
{
    return t->state == TCP_ESTABLISHED || t->state == TCP_CLOSE_WAIT || t->state == TCP_FIN_WAIT1 || t->state == TCP_CLOSING || t->state == TCP_LAST_ACK;
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

/* The next len bytes after snd_nxt. */
static void send_piece(struct tcp *t, u32 len, bool fin, u64 now)
{
    u32 flight = t->snd_nxt - t->snd_una;
    bool last = flight + len == t->queued;
    emit(t, t->snd_nxt, (u8)((fin ? TCP_FIN : 0) | (len && last ? TCP_PSH : 0)), len, flight);
    measure(t, t->snd_nxt + len + fin, now);
    t->snd_nxt += len + fin;
    if (seq_before(t->snd_max, t->snd_nxt))
        t->snd_max = t->snd_nxt;
    resend_start(t, now);
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
    send_piece(t, len, fin, now);
    return true;
}

void tcp_output(struct tcp *t, u64 now)
{
    if (sends_data(t)) {
        while (send_next(t, now))
            ;
        /* Something waits and nothing is on its way to be answered: ask for the window by and by. */
        if (t->queued && t->snd_nxt == t->snd_una)
            resend_start(t, now);
    }
    if (t->ack_now && t->state != TCP_CLOSED)
        emit(t, t->snd_nxt, 0, 0, 0);
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
        emit(t, t->snd_nxt, TCP_RST, 0, 0);
    end(t, ECONNRESET);
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

/* --- time --- */

static void rtt_take(struct tcp *t, u64 now)
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
        end(t, ETIMEDOUT);
        return;
    }
    t->rto = MIN(t->rto * 2, RTO_MAX);
    t->resent++;
    if (t->state == TCP_SYN_SENT || t->state == TCP_SYN_RCVD) {
        send_syn(t, now);
        return;
    }
    if (t->snd_wnd == 0 && t->queued) { /* a probe: one byte that the window does not take */
        emit(t, t->snd_una, 0, 1, 0);
        if (t->snd_nxt == t->snd_una)
            t->snd_nxt++;
        if (seq_before(t->snd_max, t->snd_nxt))
            t->snd_max = t->snd_nxt;
        resend_start(t, now);
        return;
    }
    if (t->snd_max == t->snd_una && t->queued) { /* nothing lost: a small piece has waited long enough */
        t->retries = 0;
        t->resent--;
        send_piece(t, MIN(MIN(t->queued, t->mss), t->snd_wnd), t->fin_queued && t->queued <= MIN(t->mss, t->snd_wnd), now);
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
    emit(t, t->snd_una - 1, 0, 0, 0); /* an old number: it must be answered. RFC 9293 3.8.4 */
}

void tcp_timeout(struct tcp *t, u64 now)
{
    if (t->wait_at && now >= t->wait_at)
        end(t, 0);
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

/* --- receiving --- */

static void connected(struct tcp *t, u64 now)
{
    t->events |= TCP_EV_CONNECTED;
    if (t->keep_alive)
        tcp_keep_alive(t, true, now);
}

static void time_wait(struct tcp *t, u64 now)
{
    t->state = TCP_TIME_WAIT;
    t->resend_at = t->keep_at = 0;
    t->wait_at = now + TIME_WAIT_NS;
}

/* Our FIN has arrived. */
static void fin_acked(struct tcp *t, u64 now)
{
    if (t->state == TCP_FIN_WAIT1) {
        t->state = TCP_FIN_WAIT2;
        if (t->orphan)
            t->wait_at = now + t->linger_ns; /* a peer that never closes must not keep it for ever */
    } else if (t->state == TCP_CLOSING) {
        time_wait(t, now);
    } else if (t->state == TCP_LAST_ACK) {
        end(t, 0);
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
        rtt_take(t, now);
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
    emit(t, t->snd_una, 0, MIN(t->mss, t->queued), 0);
}

/* A segment that does not fit is answered with what would. Two ends that do not fit each other's must
 * not answer each other for ever: what has no data is answered now and then only. */
static void challenge(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    if (!s->len && now < t->challenge_at)
        return;
    t->challenge_at = now + CHALLENGE_NS;
    t->ack_now = true;
}

/* False: the segment is done with. */
static bool ack_take(struct tcp *t, const struct tcp_segment *s, u64 now)
{
    if (seq_before(t->snd_max, s->ack)) { /* of what was never sent */
        challenge(t, s, now);
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
    if (!seq_before(s->ack, t->snd_una) && (seq_before(t->snd_wl1, s->seq) || (t->snd_wl1 == s->seq && !seq_before(s->ack, t->snd_wl2)))) {
        bool was_shut = t->snd_wnd == 0;
        window_take(t, s);
        if (was_shut && t->snd_wnd) {
            t->retries = 0;
            t->snd_nxt = t->snd_una; /* what was only a probe is sent anew */
            t->resend_at = 0;
        }
    }
    return true;
}

/* --- bytes --- */

/* Remembers [from, to): merges what meets. False: the table is full. */
static bool early_add(struct tcp *t, u32 from, u32 to)
{
    for (unsigned i = 0; i < t->nearly;) {
        struct tcp_range *r = &t->early[i];
        if (seq_before(to, r->from) || seq_before(r->to, from)) {
            i++;
            continue;
        }
        from = seq_before(r->from, from) ? r->from : from;
        to = seq_before(to, r->to) ? r->to : to;
        *r = t->early[--t->nearly];
    }
    if (t->nearly == TCP_RANGES)
        return false;
    t->early[t->nearly++] = (struct tcp_range){ from, to };
    return true;
}

/* How far the bytes reach without a gap from rcv_nxt on. */
static u32 in_order(struct tcp *t)
{
    for (unsigned i = 0; i < t->nearly; i++)
        if (!seq_before(t->rcv_nxt, t->early[i].from) && seq_before(t->rcv_nxt, t->early[i].to)) {
            u32 n = t->early[i].to - t->rcv_nxt;
            t->early[i] = t->early[--t->nearly];
            return n;
        }
    return 0;
}

/* s begins at or after rcv_nxt and ends within the window. */
static void data_take(struct tcp *t, const struct tcp_segment *s)
{
    u32 offset = s->seq - t->rcv_nxt, n = s->len;
    if (!n)
        return;
    t->ack_now = true;
    if (t->ops->store(t, offset, s->data, n))
        return; /* no memory: it will come again */
    if (offset || t->nearly) {
        if (!early_add(t, s->seq, s->seq + n))
            return;
        n = in_order(t);
    }
    if (!n)
        return;
    t->rcv_nxt += n;
    t->rcv_room -= n;
    t->ops->received(t, n);
    t->events |= TCP_EV_DATA;
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
    case TCP_FIN_WAIT2: time_wait(t, now); break;
    default: break;
    }
}

/* Cuts what was received before and what does not fit. False: nothing of it is in the window. */
static bool trim(struct tcp *t, struct tcp_segment *s)
{
    u32 taken = s->len + ((s->flags & TCP_FIN) != 0), w = t->rcv_room;
    if (seq_before(s->seq, t->rcv_nxt)) {
        u32 old = t->rcv_nxt - s->seq;
        if (old > taken || (old == taken && taken))
            return false;
        if (old > s->len)
            return false;
        s->data += old;
        s->len -= old;
        s->seq = t->rcv_nxt;
    }
    u32 offset = s->seq - t->rcv_nxt;
    if (offset > w || (offset == w && taken && w))
        return false;
    if (s->len > w - offset) {
        s->len = w - offset;
        s->flags &= (u8)~TCP_FIN;
        t->ack_now = true; /* as to a probe of a closed window */
    }
    return true;
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
            end(t, ECONNREFUSED);
        return;
    }
    if (!(s->flags & TCP_SYN))
        return;
    t->rcv_nxt = t->rcv_adv = s->seq + 1;
    options_take(t, s);
    window_take(t, s);
    t->resend_at = 0;
    t->retries = 0;
    if (!ack) { /* both called at once */
        t->state = TCP_SYN_RCVD;
        send_syn(t, now);
        return;
    }
    t->snd_una = s->ack;
    if (t->rtt_began)
        rtt_take(t, now);
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
    end(t, t->state == TCP_SYN_RCVD ? ECONNREFUSED : t->state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
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
        rtt_take(t, now);
    window_take(t, s);
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
    bool fits = trim(t, &s);
    if ((s.flags & TCP_SYN) || !(s.flags & TCP_ACK)) {
        if (s.flags & TCP_SYN)
            challenge(t, given, now); /* RFC 5961 4.2 */
        return;
    }
    if (!fits)
        challenge(t, given, now);
    if (t->state == TCP_SYN_RCVD && !syn_acked(t, &s, now))
        return;
    if (!ack_take(t, &s, now) || !fits)
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
    data_take(t, &s);
    if (t->fin_known && t->fin_seq == t->rcv_nxt)
        fin_take(t, now);
    else if (s.flags & TCP_FIN)
        t->ack_now = true;
}
