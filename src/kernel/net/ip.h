/* IP, both versions: the only place that knows their headers. Private to net/. */
#pragma once
#include "net/netdev.h"

struct ip_options { u8 ttl, tos; };
#define IP_PLAIN ((struct ip_options){ .ttl = 64 })

/* Sends p, whose data begins with the transport's header, and takes it. src any: the route's. 0 or
 * -ENETUNREACH, -EMSGSIZE. It has arrived in the queue, not more: call net_run() later, without locks. */
int ip_output(struct packet *p, const struct ip_addr *src, const struct ip_addr *dst, u8 protocol,
              struct ip_options o) MUST_CHECK;
void ip_input(struct packet *p); /* takes p */

/* The transports' ends: p begins with their header. They take p. */
void udp_input(struct packet *p);
void tcp_input_packet(struct packet *p);
void icmp_input(struct packet *p);
void icmp_show(const struct packet *p); /* raw and ping sockets get their copies */
/* Tells the sender of p that nobody is there. p begins with the transport's header, and stays. */
void icmp_send_port_unreachable(const struct packet *p);
