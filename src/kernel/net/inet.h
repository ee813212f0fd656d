/* AF_INET and AF_INET6: what TCP, UDP and ping sockets share. Private to net/. */
#pragma once
#include "net/ip.h"
#include "net/socket.h"

/* Options of the levels IP and IPV6 that are a number or yes and no (inet_option.c). */
enum inet_word {
    INET_TOS, INET_TTL, INET_PKTINFO, INET_RECVTTL, INET_RECVTOS, INET_RECVOPTS, INET_RETOPTS, INET_MTU_DISCOVER, INET_RECVERR,
    INET_FREEBIND, INET_MINTTL, INET_LATE_PORT, INET_MULTICAST_TTL, INET_MULTICAST_LOOP,
    INET6_HOPS, INET6_MULTICAST_HOPS, INET6_MULTICAST_LOOP, INET6_MTU_DISCOVER, INET6_RECVERR, INET6_V6ONLY, INET6_RECVPKTINFO,
    INET6_RECVHOPLIMIT, INET6_DONT_FRAGMENT, INET6_RECVTCLASS, INET6_TCLASS, INET6_FLOW_LABEL, INET6_FREEBIND, INET_WORDS,
};

struct inet_sock {
    struct socket s;
    struct inet_end local, remote; /* set under s.lock; changed in a table only with its lock */
    bool bound, addr_chosen;       /* addr_chosen: by bind, not by the route */
    u8 word[INET_WORDS];           /* options; plain bytes, set and read without a lock */
    u32 uid;                       /* for SO_REUSEPORT */
    struct list bind_link, conn_link; /* port.c's */
};
static inline struct inet_sock *inet_of(struct socket *s) { return container_of(s, struct inet_sock, s); }

void inet_init(struct inet_sock *i, const struct socket_ops *ops, int family, int type, int protocol, u32 event_bits,
               u32 uid);
/* Addresses in and out. What an IPv6 socket may not reach: -ENETUNREACH. */
int inet_end_get(const struct inet_sock *i, const struct net_addr *a, struct inet_end *out) MUST_CHECK;
void inet_end_put(const struct inet_sock *i, const struct inet_end *e, struct net_addr *out);
int inet_address(struct socket *s, bool peer, struct net_addr *out);
void inet_words_default(struct inet_sock *i);
/* How what i sends to an address of that version leaves. */
static inline struct ip_options inet_leaving(const struct inet_sock *i, bool v4)
{
    return (struct ip_options){ i->word[v4 ? INET_TTL : INET6_HOPS], i->word[v4 ? INET_TOS : INET6_TCLASS] };
}
/* What the program said beside a message, held against what there is. *from: the source address, if it named one. */
int inet_control_apply(const struct sock_ip_control *c, bool v4, struct ip_addr *from, struct ip_options *o) MUST_CHECK;
/* What i asked to be told of p. */
void inet_control_tell(const struct inet_sock *i, const struct packet *p, struct sock_ip_control *out);
int inet_set_option(struct socket *s, int level, int name, const void *value, u32 len);
int inet_get_option(struct socket *s, int level, int name, void *value, u32 *len);
/* 0.0.0.0 as a destination means this machine. */
void inet_destination_fix(struct inet_end *e);

/* --- ports (port.c) --- */
struct port_table;
extern struct port_table tcp_ports, udp_ports, ping_ports;
/* Binds i to an address and a port (0: any free one). -EADDRINUSE, -EADDRNOTAVAIL, -EACCES. */
int port_bind(struct port_table *t, struct inet_sock *i, const struct inet_end *e, bool admin) MUST_CHECK;
/* Any port for a connection to `remote` from `from`, and the connection itself. -EADDRNOTAVAIL,
 * -EADDRINUSE. An unbound socket gets a port. */
int port_connect(struct port_table *t, struct inet_sock *i, const struct ip_addr *from,
                 const struct inet_end *remote) MUST_CHECK;
/* A connection that came in, with both ends set: -EADDRINUSE if there is one already. */
int port_add_child(struct port_table *t, struct inet_sock *i) MUST_CHECK;
void port_disconnect(struct port_table *t, struct inet_sock *i);
void port_release(struct port_table *t, struct inet_sock *i); /* out of all lists */
/* Who a packet is for, with a reference, or NULL. connected_only: no listeners nor unconnected ones. */
struct inet_sock *port_find(struct port_table *t, const struct inet_end *local, const struct inet_end *remote,
                            bool connected_only);
/* TCP: may i listen on its port? -EADDRINUSE. */
int port_listen(struct port_table *t, struct inet_sock *i) MUST_CHECK;
void port_for_each(struct port_table *t, void (*fn)(struct inet_sock *i, void *ctx), void *ctx);

int udp_create(int family, int type, int protocol, const struct sock_caller *c, struct socket **out);
int tcp_create(int family, int type, int protocol, const struct sock_caller *c, struct socket **out);
