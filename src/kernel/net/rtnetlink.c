/* NETLINK_ROUTE: what interfaces, addresses and routes there are. rtnetlink(7); numbers of
 * linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h.
 *
 * Everything can be asked, nothing be changed: the loopback interface is as it is from boot on. What
 * is asked to become what it is already succeeds ("ip link set lo up"); other changes are refused,
 * never ignored. */
#include "lib/errno.h"
#include "lib/string.h"
#include "net/netdev.h"
#include "net/netlink.h"

enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22, RTM_NEWROUTE = 24, RTM_GETROUTE = 26,
       RTM_GETNEIGH = 30,
       RTM_NEWRULE = 32, RTM_GETRULE = 34, RTM_LAST = 123 };
enum { IFLA_ADDRESS = 1, IFLA_BROADCAST, IFLA_IFNAME, IFLA_MTU, IFLA_QDISC = 6, IFLA_STATS, IFLA_TXQLEN = 13,
       IFLA_OPERSTATE = 16,
       IFLA_LINKMODE, IFLA_STATS64 = 23, IFLA_GROUP = 27, IFLA_PROMISCUITY = 30, IFLA_NUM_TX_QUEUES,
       IFLA_NUM_RX_QUEUES, IFLA_CARRIER };
enum { IFA_ADDRESS = 1, IFA_LOCAL, IFA_LABEL, IFA_CACHEINFO = 6, IFA_FLAGS = 8 };
enum { RTA_DST = 1, RTA_OIF = 4, RTA_PRIORITY = 6, RTA_PREFSRC, RTA_TABLE = 15 };
enum { FRA_PRIORITY = 6, FRA_TABLE = 15 };
enum { TABLE_DEFAULT = 253, TABLE_MAIN = 254, TABLE_LOCAL = 255 };
enum { SCOPE_HOST = 254, SCOPE_LINK = 253, PROTOCOL_KERNEL = 2, ROUTE_UNICAST = 1, ROUTE_LOCAL = 2, ROUTE_BROADCAST = 3 };
#define IFA_F_PERMANENT 0x80u
#define IFF_UP 1u

struct link_body { u8 family, pad; u16 type; i32 index; u32 flags, change; };
struct addr_body { u8 family, prefix_len, flags, scope; u32 index; };
struct route_body { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; };
struct neigh_body { u8 family, pad[3]; i32 index; u16 state; u8 flags, type; };

static u16 flags_of(const struct nl_request *q) { return q->header->flags & NLM_F_DUMP ? NLM_F_MULTI : 0; }

/* The bytes of an address as its family has them. */
static u32 family_bytes(int family) { return family == AF_INET ? 4 : 16; }
static const u8 *bytes_of(const struct ip_addr *a) { return ip_is_v4(a) ? a->b + 12 : a->b; }
static u8 family_of(const struct ip_addr *a) { return ip_is_v4(a) ? AF_INET : AF_INET6; }

/* --- interfaces --- */

static u64 count(const u64 *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }

static void put_counts(struct nl_reply *r, const struct netdev *d)
{
    /* struct rtnl_link_stats64 up to rx_dropped; the rest never happens here */
    u64 wide[24] = { count(&d->rx_packets), count(&d->tx_packets), count(&d->rx_bytes), count(&d->tx_bytes), 0, 0,
                     count(&d->rx_dropped) };
    u32 narrow[24];
    for (unsigned i = 0; i < ARRAY_SIZE(wide); i++)
        narrow[i] = (u32)wide[i];
    nl_put(r, IFLA_STATS64, wide, sizeof wide);
    nl_put(r, IFLA_STATS, narrow, sizeof narrow);
}

static void link_tell(const struct nl_request *q, struct nl_reply *r, const struct netdev *d)
{
    struct link_body *b = nl_begin(r, RTM_NEWLINK, flags_of(q), sizeof *b, NL_MESSAGE_MAX);
    if (!b)
        return;
    *b = (struct link_body){ .type = d->arp_type, .index = d->index, .flags = d->flags };
    nl_put(r, IFLA_IFNAME, d->name, (u32)strlen(d->name) + 1);
    nl_put_u32(r, IFLA_TXQLEN, d->tx_queue_len);
    nl_put_u8(r, IFLA_OPERSTATE, 0); /* IF_OPER_UNKNOWN, as Linux says of lo */
    nl_put_u8(r, IFLA_LINKMODE, 0);
    nl_put_u32(r, IFLA_MTU, d->mtu);
    nl_put_u32(r, IFLA_GROUP, 0);
    nl_put_u32(r, IFLA_PROMISCUITY, 0);
    nl_put_u32(r, IFLA_NUM_TX_QUEUES, 1);
    nl_put_u32(r, IFLA_NUM_RX_QUEUES, 1);
    nl_put_u8(r, IFLA_CARRIER, 1);
    nl_put(r, IFLA_QDISC, "noqueue", 8);
    nl_put(r, IFLA_ADDRESS, d->mac, sizeof d->mac);
    nl_put(r, IFLA_BROADCAST, d->broadcast, sizeof d->broadcast);
    put_counts(r, d);
}

/* The one that a request names by index or name: NULL: none such. */
static struct netdev *link_named(const struct nl_request *q, i32 index)
{
    char name[NETDEV_NAME_BYTES];
    if (index > 0)
        return netdev_by_index(index);
    const char *given = nl_find(q, sizeof(struct link_body), IFLA_IFNAME, 1);
    if (!given)
        return NULL;
    u32 room = (u32)((const u8 *)q->header + q->header->len - (const u8 *)given);
    memset(name, 0, sizeof name);
    memcpy(name, given, MIN(room, (u32)sizeof name - 1));
    return netdev_by_name(name);
}

static int link_get(const struct nl_request *q, struct nl_reply *r)
{
    const struct link_body *b = nl_body(q, sizeof *b);
    if (!b)
        return -EINVAL;
    struct netdev *d = link_named(q, b->index);
    if (!d)
        return b->index <= 0 && !nl_find(q, sizeof *b, IFLA_IFNAME, 1) ? -EINVAL : -ENODEV;
    link_tell(q, r, d);
    return 0;
}

static int links_dump(const struct nl_request *q, struct nl_reply *r)
{
    struct netdev *d;
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        link_tell(q, r, d);
    return 0;
}

/* Up is what every interface is. */
static int link_set(const struct nl_request *q)
{
    const struct link_body *b = nl_body(q, sizeof *b);
    struct netdev *d = b ? link_named(q, b->index) : NULL;
    if (!b)
        return -EINVAL;
    if (!d)
        return b->index > 0 ? -ENODEV : -EOPNOTSUPP;
    u32 change = b->change ? b->change : ~0u;
    bool same = (change & b->flags & IFF_UP) == (change & d->flags & IFF_UP);
    bool more = q->header->len > sizeof *q->header + sizeof *b && b->index > 0; /* attributes to set */
    return same && !more ? 0 : -EOPNOTSUPP;
}

/* --- addresses --- */

static void addr_tell(const struct nl_request *q, struct nl_reply *r, const struct netdev *d,
                      const struct netdev_address *a)
{
    u8 family = family_of(&a->addr);
    u32 n = family_bytes(family), forever[4] = { ~0u, ~0u, 0, 0 }; /* struct ifa_cacheinfo */
    struct addr_body *b = nl_begin(r, RTM_NEWADDR, flags_of(q), sizeof *b, NL_MESSAGE_MAX);
    if (!b)
        return;
    *b = (struct addr_body){ .family = family, .prefix_len = a->prefix_len, .flags = IFA_F_PERMANENT, .scope = SCOPE_HOST, .index = (u32)d->index };
    nl_put(r, IFA_ADDRESS, bytes_of(&a->addr), n);
    if (family == AF_INET) {
        nl_put(r, IFA_LOCAL, bytes_of(&a->addr), n);
        nl_put(r, IFA_LABEL, d->name, (u32)strlen(d->name) + 1);
    }
    nl_put_u32(r, IFA_FLAGS, IFA_F_PERMANENT);
    nl_put(r, IFA_CACHEINFO, forever, sizeof forever);
}

static int addrs_dump(const struct nl_request *q, struct nl_reply *r)
{
    const struct addr_body *b = nl_body(q, sizeof *b);
    u8 family = *(const u8 *)(q->header + 1);
    u32 index = q->strict && b ? b->index : 0;
    struct netdev *d;
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        for (unsigned k = 0; k < d->naddresses; k++)
            if ((!index || index == (u32)d->index) && (!family || family == family_of(&d->addresses[k].addr)))
                addr_tell(q, r, d, &d->addresses[k]);
    return index && !netdev_by_index((int)index) ? -ENODEV : 0;
}

static int addr_new(const struct nl_request *q)
{
    const struct addr_body *b = nl_body(q, sizeof *b);
    u32 n = b ? family_bytes(b->family) : 0;
    const void *at = b ? nl_find(q, sizeof *b, b->family == AF_INET ? IFA_LOCAL : IFA_ADDRESS, n) : NULL;
    struct netdev *d = b ? netdev_by_index((int)b->index) : NULL;
    if (!at)
        return -EINVAL;
    if (!d)
        return -ENODEV;
    for (unsigned k = 0; k < d->naddresses; k++)
        if (family_of(&d->addresses[k].addr) == b->family && memcmp(bytes_of(&d->addresses[k].addr), at, n) == 0)
            return -EEXIST;
    return -EOPNOTSUPP;
}

/* --- routes --- */

struct route { u8 family, dst_len, table, scope, type; u8 dst[16]; u32 metric; };
/* What the loopback interface's addresses bring about. */
static const struct route routes[] = {
    { AF_INET, 8, TABLE_LOCAL, SCOPE_HOST, ROUTE_LOCAL, { 127 }, 0 },
    { AF_INET, 32, TABLE_LOCAL, SCOPE_HOST, ROUTE_LOCAL, { 127, 0, 0, 1 }, 0 },
    { AF_INET, 32, TABLE_LOCAL, SCOPE_LINK, ROUTE_BROADCAST, { 127, 255, 255, 255 }, 0 },
    { AF_INET6, 128, TABLE_MAIN, 0, ROUTE_UNICAST, { [15] = 1 }, 256 },
    { AF_INET6, 128, TABLE_LOCAL, 0, ROUTE_LOCAL, { [15] = 1 }, 0 },
};
static const u8 loopback_v4[4] = { 127, 0, 0, 1 };

static void route_tell(const struct nl_request *q, struct nl_reply *r, const struct route *e)
{
    struct route_body *b = nl_begin(r, RTM_NEWROUTE, flags_of(q), sizeof *b, NL_MESSAGE_MAX);
    if (!b)
        return;
    *b = (struct route_body){ .family = e->family, .dst_len = e->dst_len, .table = e->table, .protocol = PROTOCOL_KERNEL, .scope = e->scope, .type = e->type };
    nl_put_u32(r, RTA_TABLE, e->table);
    nl_put(r, RTA_DST, e->dst, family_bytes(e->family));
    if (e->family == AF_INET)
        nl_put(r, RTA_PREFSRC, loopback_v4, 4);
    else
        nl_put_u32(r, RTA_PRIORITY, e->metric);
    nl_put_u32(r, RTA_OIF, 1);
}

static int routes_dump(const struct nl_request *q, struct nl_reply *r)
{
    const struct route_body *b = nl_body(q, sizeof *b);
    u8 family = *(const u8 *)(q->header + 1);
    const u32 *at = q->strict && b ? nl_find(q, sizeof *b, RTA_TABLE, sizeof *at) : NULL;
    u32 table = at ? *at : q->strict && b ? b->table : 0;
    for (unsigned i = 0; i < ARRAY_SIZE(routes); i++)
        if ((!family || family == routes[i].family) && (!table || table == routes[i].table))
            route_tell(q, r, &routes[i]);
    return 0;
}

/* Which way a packet to one address goes. */
static int route_get(const struct nl_request *q, struct nl_reply *r)
{
    const struct route_body *b = nl_body(q, sizeof *b);
    u8 family = b ? b->family : 0;
    if (!b || (family != AF_INET && family != AF_INET6))
        return b ? -EOPNOTSUPP : -EINVAL;
    const u8 *given = nl_find(q, sizeof *b, RTA_DST, family_bytes(family));
    struct ip_addr to = family == AF_INET ? ip_from_v4(given ? given : loopback_v4) : (struct ip_addr){ 0 }, from;
    struct netdev *d;
    if (family == AF_INET6 && given)
        memcpy(to.b, given, 16);
    int r2 = netdev_route(&to, &d, &from);
    struct route_body *out = r2 == 0 ? nl_begin(r, RTM_NEWROUTE, 0, sizeof *out, NL_MESSAGE_MAX) : NULL;
    if (!out)
        return r2;
    *out = (struct route_body){ .family = family, .dst_len = family == AF_INET ? 32 : 128, .table = TABLE_LOCAL, .type = ROUTE_LOCAL };
    nl_put_u32(r, RTA_TABLE, TABLE_LOCAL);
    nl_put(r, RTA_DST, bytes_of(&to), family_bytes(family));
    nl_put_u32(r, RTA_OIF, (u32)d->index);
    nl_put(r, RTA_PREFSRC, bytes_of(&from), family_bytes(family));
    return 0;
}

/* --- rules: the tables in the order they are asked --- */

static void rule_tell(const struct nl_request *q, struct nl_reply *r, u8 family, u8 table, u32 priority)
{
    /* struct fib_rule_hdr has the same shape; `type` is its action: 1, FR_ACT_TO_TBL */
    struct route_body *b = nl_begin(r, RTM_NEWRULE, flags_of(q), sizeof *b, NL_MESSAGE_MAX);
    if (!b)
        return;
    *b = (struct route_body){ .family = family, .table = table, .type = 1 };
    nl_put_u32(r, FRA_TABLE, table);
    nl_put_u32(r, FRA_PRIORITY, priority);
}

static int rules_dump(const struct nl_request *q, struct nl_reply *r)
{
    u8 family = *(const u8 *)(q->header + 1);
    if (family != AF_INET6) {
        rule_tell(q, r, AF_INET, TABLE_LOCAL, 0);
        rule_tell(q, r, AF_INET, TABLE_MAIN, 32766);
        rule_tell(q, r, AF_INET, TABLE_DEFAULT, 32767);
    }
    if (family != AF_INET) {
        rule_tell(q, r, AF_INET6, TABLE_LOCAL, 0);
        rule_tell(q, r, AF_INET6, TABLE_MAIN, 32766);
    }
    return 0;
}

/* --- dispatch --- */

static int dump(const struct nl_request *q, struct nl_reply *r)
{
    switch (q->header->type) {
    case RTM_GETLINK: return links_dump(q, r);
    case RTM_GETADDR: return addrs_dump(q, r);
    case RTM_GETROUTE: return routes_dump(q, r);
    case RTM_GETRULE: return rules_dump(q, r);
    case RTM_GETNEIGH: return 0; /* the loopback interface has no neighbours */
    default: return -EOPNOTSUPP;
    }
}

int rtnetlink_request(const struct nl_request *q, struct nl_reply *r, bool *is_dump)
{
    u16 type = q->header->type;
    bool reads = (type & 3) == 2; /* of each four the third is GET */
    if (type > RTM_LAST)
        return -EOPNOTSUPP;
    if (!nl_body(q, 1))
        return 0; /* as Linux: without a family there is nothing to answer */
    if (!reads && !q->admin)
        return -EPERM;
    if (reads && flags_of(q)) {
        r->packet_bytes = NL_PACKET_BYTES;
        int e = dump(q, r);
        *is_dump = e == 0;
        return e;
    }
    switch (type) {
    case RTM_GETLINK: return link_get(q, r);
    case RTM_GETROUTE: return route_get(q, r);
    case RTM_NEWLINK: return link_set(q);
    case RTM_NEWADDR: return addr_new(q);
    default: return -EOPNOTSUPP;
    }
}
