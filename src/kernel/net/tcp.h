/* TCP sockets inside. Private to net/. */
#pragma once
#include "net/byte_ring.h"
#include "net/inet.h"
#include "net/tcp_machine.h"
#include "sched/clock.h"

/* s.lock guards all of it but the backlog. While the machine is neither CLOSED nor LISTEN the tables
 * have the socket and a reference is held for that (`alive`). */
struct tcp_sock {
    struct inet_sock i;
    struct tcp t;
    struct byte_ring tx, rx;
    bool alive, connecting, was_connected;
    enum tcp_state counted;     /* the state when the TIME_WAITs were last counted */
    struct timer timer;         /* armed for armed_at or earlier; its function only queues the socket */
    u64 armed_at;
    struct list due_link;       /* tcp_timer.c's */
    bool due;
    struct tcp_sock *parent;    /* a reference; of a child that was not accepted yet */
    struct list accept_link;    /* in the parent's queue */
    struct mutex backlog_lock;  /* listeners: guards the rest */
    struct list backlog;
    u32 nbacklog, nopening, max_backlog;
    u32 fast_open, window_clamp; /* options that are told as they were set, and no more: s.lock */
    u8 syn_tries, defer_tries;
    bool closed;
};
static inline struct tcp_sock *tcp_of(struct socket *s) { return container_of(inet_of(s), struct tcp_sock, i); }

extern const struct socket_ops tcp_socket_ops;
extern const struct tcp_ops tcp_wire_ops; /* tcp_wire.c */

struct tcp_sock *tcp_sock_create(int family, u32 uid);
u32 tcp_first_number(const struct inet_sock *i); /* both ends are set */
void tcp_start(struct tcp_sock *c, u32 iss); /* the machine's beginning, with the buffers' sizes */
u32 tcp_room(const struct tcp_sock *c);      /* what the receive buffer still takes */
static inline u32 tcp_send_limit(const struct tcp_sock *c) { return MIN(c->i.s.sndbuf, BYTE_RING_BYTES); }
/* The event says what machine and buffers say; who waits hears of what is new, and of `news` again. */
void tcp_state_update_locked(struct tcp_sock *c, u32 news);
/* After the machine did something: sends, sets the state, arms the timer. Locked. */
void tcp_after_locked(struct tcp_sock *c, u64 now);
int tcp_bind(struct socket *s, const struct net_addr *a, const struct sock_caller *caller);
int tcp_connect_to(struct socket *s, const struct net_addr *a, const struct sock_caller *caller, u32 flags);
ssize_t_k tcp_send(struct socket *s, struct sock_msg *m);
ssize_t_k tcp_recv(struct socket *s, struct sock_msg *m);
void tcp_reply_reset(const struct packet *p, const struct tcp_segment *s);
/* A segment for a listener. l is not locked. */
void tcp_listener_input(struct tcp_sock *l, struct packet *p, const struct tcp_segment *s);
/* A child has been connected, or has died: its parent hears of it. c is locked. */
void tcp_child_connected(struct tcp_sock *c);
void tcp_child_died(struct tcp_sock *c);
int tcp_listen(struct socket *s, int backlog, const struct sock_caller *c);
int tcp_accept(struct socket *s, u32 flags, struct socket **out);
void tcp_backlog_drop(struct tcp_sock *l);
void tcp_listener_shut(struct tcp_sock *l, u32 bits); /* all who wait in accept are told */
void tcp_due_run(void); /* what timers have made due, by the thread "net" */
void tcp_timer_fire(struct timer *timer);
int tcp_set_option(struct socket *s, int level, int name, const void *value, u32 len);
int tcp_get_option(struct socket *s, int level, int name, void *value, u32 *len);
