/* A packet on its way: one piece of memory with room in front for headers still to come. */
#pragma once
#include "lib/list.h"
#include "net/wire.h"

#define PACKET_HEADROOM 128u /* a link's header, IPv6, TCP with all its options */
#define PACKET_DATA_MAX 65535u

struct netdev;
struct packet {
    struct list link;
    struct netdev *dev;          /* where it came in */
    struct ip_addr src, dst;     /* from its IP header, once that was read */
    u16 src_port;                /* of a datagram, once its header was read */
    u8 protocol, ttl, tos;
    u64 stamp_ns;                /* when it came into a queue where that is asked, or 0 */
    bool checked;                /* it never left the machine: no checksum to look at */
    u32 size;                    /* memory it takes */
    u32 start, len;              /* what is left of it, in buf */
    u32 network;                 /* where its IP header began */
    u8 buf[];
};

/* len bytes, with headroom in front. NULL: no memory. */
struct packet *packet_alloc(u32 len);
void packet_free(struct packet *p);
static inline u8 *packet_data(struct packet *p) { return p->buf + p->start; }
/* n bytes more in front: the caller knows there is room. */
u8 *packet_push(struct packet *p, u32 n);
/* The first n bytes have been read. False: there are not so many. */
bool packet_pull(struct packet *p, u32 n);
/* Cuts what is behind the first n bytes. */
static inline void packet_trim(struct packet *p, u32 n) { p->len = MIN(p->len, n); }
