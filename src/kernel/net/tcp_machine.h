/* TCP's state machine (RFC 9293), pure: segments, calls and time go in, segments and events come out.
 *
 * It knows sequence numbers and no memory: the owner has two buffers and does what the ops say. The
 * owner's lock guards it. After tcp_input(), tcp_timeout() or a call of its own the owner calls
 * tcp_output(), looks at `events` and clears them, and comes back at tcp_deadline(). */
#pragma once
#include "lib/types.h"

/* Linux's numbers, as /proc/net/tcp shows them. */
enum tcp_state { TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RCVD, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSED,
                 TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };
enum { TCP_EV_CONNECTED = 1, TCP_EV_DATA = 2, TCP_EV_PEER_CLOSED = 4, TCP_EV_ROOM = 8, TCP_EV_DEAD = 16 };

/* One segment. wnd: as in the header, unscaled. scale: TCP_NO_SCALE if there was no such option. */
#define TCP_NO_SCALE 0xffu
struct tcp_segment { u32 seq, ack, wnd, len; const u8 *data; u8 flags, scale; u16 mss; };

struct tcp;
struct tcp_ops {
    /* Sends s with s->len bytes of what is queued, from `offset` on. s->data is NULL. */
    void (*send)(struct tcp *t, const struct tcp_segment *s, u32 offset);
    /* Keeps bytes that belong `offset` bytes behind what was received in order. -ENOMEM. */
    int (*store)(struct tcp *t, u32 offset, const u8 *data, u32 len);
    void (*received)(struct tcp *t, u32 n); /* n more of what is stored is in order now */
    void (*acked)(struct tcp *t, u32 n);    /* the first n bytes queued have arrived: drop them */
};

#define TCP_RANGES 8u
struct tcp_range { u32 from, to; };

struct tcp {
    const struct tcp_ops *ops;
    enum tcp_state state;
    u32 events;
    int error; /* positive: why it is dead */
    /* sending: una <= nxt <= max; queued bytes lie from una on */
    u32 iss, snd_una, snd_nxt, snd_max, snd_wnd, snd_wl1, snd_wl2, wnd_most;
    u32 queued;
    u32 mss, cwnd, ssthresh, dup_acks;
    bool fin_queued, nodelay, cork, orphan; /* orphan: nobody will read any more */
    u8 snd_scale, rcv_scale;
    /* receiving */
    u32 rcv_nxt, rcv_adv, rcv_room; /* rcv_room: what the buffer takes beyond rcv_nxt; the owner's */
    struct tcp_range early[TCP_RANGES];
    unsigned nearly;
    bool fin_known, ack_now;
    u32 fin_seq;
    /* time, ns */
    u64 rto, srtt, rttvar, rtt_began; /* rtt_began 0: nothing is being measured */
    u32 rtt_seq, retries, resent; /* resent: segments that went out again, in all */
    u64 challenge_at;               /* no sooner is a segment without data that does not fit answered again */
    u64 unacked_since, give_up_ns;  /* TCP_USER_TIMEOUT; give_up_ns 0: after so many retries */
    u64 linger_ns;                  /* TCP_LINGER2: FIN_WAIT2 without a program */
    u64 resend_at, wait_at, keep_at;  /* 0: off */
    bool keep_alive;
    u64 keep_idle, keep_interval;
    u32 keep_count, keep_sent;
};

#define TCP_SECOND 1000000000ull

void tcp_init(struct tcp *t, const struct tcp_ops *ops, u32 iss, u32 mss, u32 room);
void tcp_connect(struct tcp *t, u64 now);
/* s is the SYN that a listener got. */
void tcp_accept_syn(struct tcp *t, const struct tcp_segment *s, u64 now);
void tcp_input(struct tcp *t, const struct tcp_segment *s, u64 now);
/* Sends what there is to send and may be sent now. */
void tcp_output(struct tcp *t, u64 now);
void tcp_timeout(struct tcp *t, u64 now);
u64 tcp_deadline(const struct tcp *t); /* 0: none */
/* No more will be queued: FIN behind what is. */
void tcp_finish(struct tcp *t);
/* Ends at once; says RST to the peer if that knows of the connection. */
void tcp_abort(struct tcp *t);
/* The owner has read: rcv_room is new. True: that is worth telling the peer (tcp_output). */
bool tcp_window_opened(struct tcp *t);
void tcp_keep_alive(struct tcp *t, bool on, u64 now);
static inline bool tcp_is_synchronized(const struct tcp *t)
{
    return t->state != TCP_CLOSED && t->state != TCP_LISTEN && t->state != TCP_SYN_SENT && t->state != TCP_SYN_RCVD;
}
/* May the program still send? */
static inline bool tcp_may_send(const struct tcp *t)
{
    return (t->state == TCP_ESTABLISHED || t->state == TCP_CLOSE_WAIT) && !t->fin_queued;
}

static inline bool seq_before(u32 a, u32 b) { return (i32)(a - b) < 0; }
