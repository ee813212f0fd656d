/* Datagram sockets of the Internet families inside: UDP, and ICMP's echo. Private to net/. */
#pragma once
#include "net/inet.h"

struct udp_sock {
    struct inet_sock i;
    struct mutex queue_lock; /* guards the rest */
    struct list queue;       /* packets, each at its payload */
    u32 charged;
    bool closed;
    struct list reports;     /* udp_report.c's, of datagrams that did not arrive */
    u32 reported;            /* bytes they take */
    struct list raw_link;    /* raw sockets; icmp.c's */
};
static inline struct udp_sock *udp_of(struct socket *s) { return container_of(inet_of(s), struct udp_sock, i); }

/* Puts p into the socket's queue, or drops it if that is full. Takes p. */
void udp_queue(struct udp_sock *u, struct packet *p);
/* ICMP said that a datagram did not arrive: whose and where to, and as much of it as came back. */
struct udp_news { struct inet_end from, to; struct sock_ip_report what; const u8 *data; u32 len; };
void udp_error(const struct udp_news *n);
ssize_t_k udp_report_recv(struct udp_sock *u, struct sock_msg *m) MUST_CHECK; /* MSG_ERRQUEUE: -EAGAIN: there is none */
void udp_reports_drop(struct udp_sock *u);
static inline bool udp_is_raw(const struct udp_sock *u) { return u->i.s.type == SOCK_RAW; }
static inline bool udp_is_echo(const struct udp_sock *u) { return u->i.s.protocol != IP_UDP; }
/* The message in p, as the program wrote it, made ready to go: 0 or -EINVAL. */
int icmp_prepare(struct udp_sock *u, struct packet *p, const struct ip_addr *to) MUST_CHECK;
void icmp_raw_add(struct udp_sock *u);
void icmp_raw_remove(struct udp_sock *u);
void icmp_raw_for_each(void (*fn)(struct inet_sock *i, void *ctx), void *ctx);
