/* The interfaces and the receive queue.
 *
 * One thread at a time works through the queue: whoever comes meanwhile leaves, for the one at work
 * looks again before it stops. So a packet is worked on in the sender's own call as a rule, and input
 * never runs inside of output: no lock of a socket is held. A call does so many packets and no more,
 * for others may send as fast as it works: the thread "net" takes over what is left. */
#include "net/netdev.h"
#include "lib/errno.h"
#include "net/ip.h"
#include "net/worker.h"
#include "sched/waitq.h"

#define QUEUE_MAX 4096u
#define RUN_MAX 256u /* packets that one net_run() works on */

static struct spinlock queue_lock = SPINLOCK_INIT("net queue");
static struct list queue = LIST_INIT(queue);
static u32 queued;
static bool working; /* all guarded by queue_lock */

static int loop_transmit(struct netdev *d, struct packet *p)
{
    p->checked = true;
    net_receive(d, p);
    return 0;
}

static struct netdev loopback = {
    .name = "lo", .index = 1, .mtu = 65536, .tx_queue_len = 1000, .arp_type = 772 /* ARPHRD_LOOPBACK */,
    .flags = NETDEV_UP | NETDEV_LOOPBACK | NETDEV_RUNNING | NETDEV_LOWER_UP,
    .addresses = {
        { { .b = { [10] = 0xff, [11] = 0xff, 127, 0, 0, 1 } }, 8 },
        { { .b = { [15] = 1 } }, 128 },
    },
    .naddresses = 2, .transmit = loop_transmit,
};

static struct netdev *const devices[] = { &loopback };

struct netdev *netdev_at(unsigned i) { return i < ARRAY_SIZE(devices) ? devices[i] : NULL; }

struct netdev *netdev_by_index(int index)
{
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
        if (devices[i]->index == index)
            return devices[i];
    return NULL;
}

struct netdev *netdev_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
        if (strcmp(devices[i]->name, name) == 0)
            return devices[i];
    return NULL;
}

bool netdev_is_local(const struct ip_addr *a) { return ip_is_loopback(a); }

/* There is the loopback interface only: it reaches what is local. */
int netdev_route(const struct ip_addr *dst, struct netdev **out, struct ip_addr *src)
{
    if (!ip_is_loopback(dst))
        return -ENETUNREACH;
    *out = &loopback;
    *src = loopback.addresses[ip_is_v4(dst) ? 0 : 1].addr;
    return 0;
}

void net_receive(struct netdev *d, struct packet *p)
{
    p->dev = d;
    spin_lock(&queue_lock);
    bool fits = queued < QUEUE_MAX;
    if (fits) {
        list_push_back(&queue, &p->link);
        queued++;
    }
    spin_unlock(&queue_lock);
    __atomic_fetch_add(fits ? &d->rx_packets : &d->rx_dropped, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&d->rx_bytes, fits ? p->len : 0, __ATOMIC_RELAXED);
    if (!fits)
        packet_free(p);
}

/* The next packet, if nobody else is at it (`mine`: because the caller is). */
static struct packet *next_packet(bool mine)
{
    spin_lock(&queue_lock);
    struct list *n = working && !mine ? NULL : list_pop_front(&queue);
    queued -= n != NULL;
    if (mine || n)
        working = n != NULL;
    spin_unlock(&queue_lock);
    return n ? list_entry(n, struct packet, link) : NULL;
}

static void hand_over(void)
{
    spin_lock(&queue_lock);
    working = false;
    bool left = queued > 0;
    spin_unlock(&queue_lock);
    if (left)
        net_worker_wake();
}

void net_run(void)
{
    struct packet *p = next_packet(false);
    for (u32 done = 0; p; p = next_packet(true)) {
        ip_input(p);
        if (++done == RUN_MAX) {
            hand_over();
            return;
        }
    }
}
