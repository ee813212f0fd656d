/* Network interfaces, and the queue through which what they receive enters the stack.
 *
 * A driver fills in a struct netdev, registers it and calls net_receive() with each packet, in a
 * thread; the loopback interface is the first. Received packets wait in one queue; net_run() works
 * through it with no lock held and belongs behind everything that may have sent. */
#pragma once
#include "net/packet.h"

#define NETDEV_NAME_BYTES 16u
/* Linux's IFF_* */
enum { NETDEV_UP = 1, NETDEV_LOOPBACK = 8, NETDEV_RUNNING = 64, NETDEV_LOWER_UP = 0x10000 };

struct netdev_address { struct ip_addr addr; u8 prefix_len; }; /* of the address without mapping */
struct netdev {
    const char *name;
    int index;
    u32 mtu, flags, tx_queue_len;
    u16 arp_type;
    u8 mac[6], broadcast[6];
    struct netdev_address addresses[4];
    unsigned naddresses;
    u64 rx_packets, rx_bytes, tx_packets, tx_bytes, rx_dropped; /* atomic */
    int (*transmit)(struct netdev *d, struct packet *p); /* takes p; 0 or -errno */
};

struct netdev *netdev_at(unsigned i);  /* the i-th from 0, or NULL */
struct netdev *netdev_by_index(int index);
struct netdev *netdev_by_name(const char *name);
/* By which interface a packet for dst leaves, and from which address. -ENETUNREACH. */
int netdev_route(const struct ip_addr *dst, struct netdev **out, struct ip_addr *src) MUST_CHECK;
bool netdev_is_local(const struct ip_addr *a); /* one of the machine's addresses */

void net_receive(struct netdev *d, struct packet *p); /* takes p */
void net_run(void);
