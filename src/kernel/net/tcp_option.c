/* Options of the level TCP (linux/tcp.h, tcp(7)). What is kept without effect here is harmless to
 * leave without; what would be a promise is refused. */
#include "lib/errno.h"
#include "lib/string.h"
#include "net/tcp.h"

enum { OPT_NODELAY = 1, OPT_MAXSEG, OPT_CORK, OPT_KEEPIDLE, OPT_KEEPINTVL, OPT_KEEPCNT, OPT_SYNCNT, OPT_LINGER2,
       OPT_DEFER_ACCEPT,
       OPT_WINDOW_CLAMP, OPT_INFO, OPT_QUICKACK, OPT_CONGESTION, OPT_USER_TIMEOUT = 18, OPT_FASTOPEN = 23 };

/* struct tcp_info up to what 2.6 had: programs ask by length. What is not kept is 0. */
struct tcp_info {
    u8 state, ca_state, retransmits, probes, backoff, options, scales, flags;
    u32 rto, ato, snd_mss, rcv_mss, unacked, sacked, lost, retrans, fackets;
    u32 last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
    u32 pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering, rcv_rtt, rcv_space, total_retrans;
};
_Static_assert(sizeof(struct tcp_info) == 104 && sizeof(struct tcp_info) <= SOCK_OPTION_MAX, "as in linux/tcp.h");
enum { INFO_WSCALE = 4 };
#define SYN_TRIES_DEFAULT 6 /* net.ipv4.tcp_syn_retries */
#define BACKLOG_MOST 4096u  /* net.core.somaxconn */

static struct tcp_info info_of(const struct tcp_sock *c)
{
    const struct tcp *t = &c->t;
    u32 mss = MAX(t->mss, 1u);
    return (struct tcp_info){
        .state = (u8)t->state, .retransmits = (u8)t->retries, .backoff = (u8)t->retries,
        .options = t->rcv_scale ? INFO_WSCALE : 0,
        .scales = (u8)((t->snd_scale & 15) | t->rcv_scale << 4), .rto = (u32)(t->rto / 1000), .snd_mss = mss, .rcv_mss = mss,
        .unacked = (t->snd_nxt - t->snd_una + mss - 1) / mss, .pmtu = 65535, .rcv_ssthresh = t->rcv_room,
        .rtt = (u32)(t->srtt / 1000),
        .rttvar = (u32)(t->rttvar / 1000), .snd_ssthresh = t->ssthresh == ~0u ? INT32_MAX : t->ssthresh / mss,
        .snd_cwnd = t->cwnd / mss,
        .advmss = mss, .reordering = 3, .rcv_space = c->i.s.rcvbuf, .total_retrans = t->resent,
    };
}

static int set_seconds(u64 *ns, i32 v)
{
    if (v < 1 || v > 32767)
        return -EINVAL;
    *ns = (u64)v * TCP_SECOND;
    return 0;
}

/* How long a listener leaves a silent connection alone is kept as what the client sends meanwhile: after 1, 2, 4 ...
 * seconds, at most two minutes, each time. What comes back is rounded so. */
#define DEFER_STEP_MOST 120u
static u8 defer_tries_of(i32 seconds)
{
    u32 tries = 0, step = 1, all = 0;
    for (; seconds > 0 && all < (u32)seconds && tries < 255; tries++) {
        all += step;
        step = MIN(2 * step, DEFER_STEP_MOST);
    }
    return (u8)tries;
}

static i32 defer_seconds_of(u8 tries)
{
    u32 step = 1, all = 0;
    for (; tries; tries--) {
        all += step;
        step = MIN(2 * step, DEFER_STEP_MOST);
    }
    return (i32)all;
}

/* Hints: what they would change does not happen here, where nothing is lost and no client sends data in its first
 * segment unless it knows that the server takes them. */
static int set_hint_locked(struct tcp_sock *c, int name, i32 v)
{
    enum tcp_state st = c->t.state;
    switch (name) {
    case OPT_SYNCNT:
        if (v < 1 || v > 127)
            return -EINVAL;
        c->syn_tries = (u8)v;
        return 0;
    case OPT_FASTOPEN:
        if (v < 0 || (st != TCP_CLOSED && st != TCP_LISTEN))
            return -EINVAL;
        c->fast_open = MIN((u32)v, BACKLOG_MOST);
        return 0;
    case OPT_WINDOW_CLAMP:
        if (v == 0 && st != TCP_CLOSED)
            return -EINVAL;
        c->window_clamp = v ? (u32)MAX(v, (i32)SOCK_BUFFER_MIN / 4) : 0;
        return 0;
    case OPT_DEFER_ACCEPT: c->defer_tries = defer_tries_of(v); return 0;
    default: return -ENOPROTOOPT;
    }
}

static int set_locked(struct tcp_sock *c, int name, i32 v)
{
    switch (name) {
    case OPT_NODELAY: c->t.nodelay = v != 0; return 0;
    case OPT_CORK: c->t.cork = v != 0; return 0;
    case OPT_KEEPIDLE: return set_seconds(&c->t.keep_idle, v);
    case OPT_KEEPINTVL: return set_seconds(&c->t.keep_interval, v);
    case OPT_KEEPCNT:
        if (v < 1 || v > 127)
            return -EINVAL;
        c->t.keep_count = (u32)v;
        return 0;
    case OPT_MAXSEG:
        if (v && (v < 88 || v > 32767))
            return -EINVAL;
        if (v)
            c->t.mss = MIN(c->t.mss, (u32)v);
        return 0;
    case OPT_LINGER2: /* below 0: none at all; more than a minute is not given */
        c->t.linger_ns = v < 0 ? 1 : v == 0 || v > 60 ? 60 * TCP_SECOND : (u64)v * TCP_SECOND;
        return 0;
    case OPT_USER_TIMEOUT:
        if (v < 0)
            return -EINVAL;
        c->t.give_up_ns = (u64)v * (TCP_SECOND / 1000);
        return 0;
    case OPT_QUICKACK: return 0; /* every segment is answered at once */
    default: return set_hint_locked(c, name, v);
    }
}

int tcp_set_option(struct socket *s, int level, int name, const void *value, u32 len)
{
    struct tcp_sock *c = tcp_of(s);
    i32 v;
    if (level != SOL_TCP)
        return inet_set_option(s, level, name, value, len);
    if (name == OPT_CONGESTION)
        return len >= 4 && memcmp(value, "reno", 4) == 0 ? 0 : -ENOENT;
    if (len < sizeof v)
        return -EINVAL;
    memcpy(&v, value, sizeof v);
    mutex_lock(&s->lock);
    int r = set_locked(c, name, v);
    if (r == 0 && c->t.state != TCP_LISTEN)
        tcp_after_locked(c, clock_now_ns()); /* what was held back may go now */
    mutex_unlock(&s->lock);
    net_run();
    return r;
}

static int word_of(struct tcp_sock *c, int name, i32 *v)
{
    switch (name) {
    case OPT_NODELAY: *v = c->t.nodelay; return 0;
    case OPT_CORK: *v = c->t.cork; return 0;
    case OPT_KEEPIDLE: *v = (i32)(c->t.keep_idle / TCP_SECOND); return 0;
    case OPT_KEEPINTVL: *v = (i32)(c->t.keep_interval / TCP_SECOND); return 0;
    case OPT_KEEPCNT: *v = (i32)c->t.keep_count; return 0;
    case OPT_MAXSEG: *v = (i32)c->t.mss; return 0;
    case OPT_QUICKACK: *v = 1; return 0;
    case OPT_LINGER2: *v = c->t.linger_ns < TCP_SECOND ? -1 : (i32)(c->t.linger_ns / TCP_SECOND); return 0;
    case OPT_USER_TIMEOUT: *v = (i32)(c->t.give_up_ns / (TCP_SECOND / 1000)); return 0;
    case OPT_DEFER_ACCEPT: *v = defer_seconds_of(c->defer_tries); return 0;
    case OPT_SYNCNT: *v = c->syn_tries ? c->syn_tries : SYN_TRIES_DEFAULT; return 0;
    case OPT_FASTOPEN: *v = (i32)c->fast_open; return 0;
    case OPT_WINDOW_CLAMP: *v = (i32)c->window_clamp; return 0;
    default: return -ENOPROTOOPT;
    }
}

static void give(void *value, u32 *len, const void *from, u32 n)
{
    *len = MIN(*len, n);
    memcpy(value, from, *len);
}

int tcp_get_option(struct socket *s, int level, int name, void *value, u32 *len)
{
    struct tcp_sock *c = tcp_of(s);
    i32 v;
    if (level != SOL_TCP)
        return inet_get_option(s, level, name, value, len);
    if (name == OPT_CONGESTION) {
        give(value, len, "reno\0\0\0\0\0\0\0\0\0\0\0", 16);
        return 0;
    }
    if (name == OPT_INFO) {
        mutex_lock(&s->lock);
        struct tcp_info info = info_of(c);
        mutex_unlock(&s->lock);
        give(value, len, &info, sizeof info);
        return 0;
    }
    int r = word_of(c, name, &v);
    if (r == 0)
        give(value, len, &v, sizeof v);
    return r;
}
