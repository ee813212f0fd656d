/* Requests of sockets about interfaces, as ifconfig and libc's if_nametoindex make them. netdevice(7).
 *
 * They may all be asked; interfaces cannot be changed, and a request to change one to what it is already
 * succeeds. Addresses are told to AF_INET sockets only, as on Linux. */
#include "linux/abi/netif.h"
#include "linux/missing.h"
#include "linux/sock.h"
#include "net/netdev.h"

static void address_put(struct lx_ifreq *q, const u8 v4[4])
{
    memset(q->data, 0, sizeof q->data);
    q->family = AF_INET;
    memcpy(q->data + 4, v4, 4); /* struct sockaddr_in: behind family and port */
}

/* The interface's first address of IPv4, or NULL. */
static const struct netdev_address *address_of(const struct netdev *d)
{
    for (unsigned i = 0; i < d->naddresses; i++)
        if (ip_is_v4(&d->addresses[i].addr))
            return &d->addresses[i];
    return NULL;
}

static long address_get(const struct netdev *d, u32 cmd, struct lx_ifreq *q)
{
    const struct netdev_address *a = address_of(d);
    if (!a)
        return -EADDRNOTAVAIL;
    u32 mask = swap32(~0u << (32 - a->prefix_len)), none = 0;
    if (cmd == LX_SIOCGIFNETMASK)
        address_put(q, (const u8 *)&mask);
    else if (cmd == LX_SIOCGIFBRDADDR)
        address_put(q, (const u8 *)&none); /* the loopback interface has none */
    else
        address_put(q, a->addr.b + 12);
    return 0;
}

/* Answers into q, which the program named its interface in. */
static long get(const struct socket *s, const struct netdev *d, u32 cmd, struct lx_ifreq *q)
{
    switch (cmd) {
    case LX_SIOCGIFFLAGS: q->flags = (u16)d->flags; return 0;
    case LX_SIOCGIFMETRIC: q->value = 0; return 0;
    case LX_SIOCGIFMTU: q->value = (i32)d->mtu; return 0;
    case LX_SIOCGIFINDEX: q->value = d->index; return 0;
    case LX_SIOCGIFTXQLEN: q->value = (i32)d->tx_queue_len; return 0;
    case LX_SIOCGIFMAP: memset(q->data, 0, sizeof q->data); return 0;
    case LX_SIOCGIFHWADDR:
        memset(q->data, 0, sizeof q->data);
        q->family = d->arp_type;
        memcpy(q->data + 2, d->mac, sizeof d->mac);
        return 0;
    case LX_SIOCGIFADDR:
    case LX_SIOCGIFDSTADDR:
    case LX_SIOCGIFBRDADDR:
    case LX_SIOCGIFNETMASK: return s->family == AF_INET ? address_get(d, cmd, q) : -ENOTTY;
    case LX_SIOCETHTOOL: return -EOPNOTSUPP;
    default: return -ENOTTY;
    }
}

static long set(const struct netdev *d, u32 cmd, const struct lx_ifreq *q)
{
    if (!lx_capable(LX_CAP_NET_ADMIN))
        return -EPERM;
    const struct netdev_address *a = address_of(d);
    if (cmd == LX_SIOCSIFFLAGS && (q->flags & NETDEV_UP))
        return 0;
    if (cmd == LX_SIOCSIFMTU && (u32)q->value == d->mtu)
        return 0;
    if (cmd == LX_SIOCSIFADDR && a && memcmp(q->data + 4, a->addr.b + 12, 4) == 0)
        return 0;
    return lx_missing(cmd, -EOPNOTSUPP);
}

/* A row of names and addresses. Without a buffer: only how long it would be. */
static long list(u64 arg)
{
    struct lx_ifconf c;
    struct netdev *d;
    i32 used = 0;
    if (copy_from_user(&c, uptr(arg), sizeof c))
        return -EFAULT;
    for (unsigned i = 0; (d = netdev_at(i)); i++) {
        struct lx_ifreq q = { 0 };
        if (!address_of(d) || (c.buf && c.len - used < (i32)sizeof q))
            continue;
        str_copy(q.name, d->name, sizeof q.name);
        address_put(&q, address_of(d)->addr.b + 12);
        if (c.buf && copy_to_user(uptr(c.buf + (u64)used), &q, sizeof q))
            return -EFAULT;
        used += (i32)sizeof q;
    }
    c.len = used;
    return copy_to_user(uptr(arg), &c, sizeof c);
}

static long name_get(u64 arg, struct lx_ifreq *q)
{
    struct netdev *d = netdev_by_index(q->value);
    if (!d)
        return -ENODEV;
    memset(q->name, 0, sizeof q->name);
    str_copy(q->name, d->name, sizeof q->name);
    return copy_to_user(uptr(arg), q, sizeof *q);
}

static bool sets(u32 cmd)
{
    return cmd == LX_SIOCSIFFLAGS || cmd == LX_SIOCSIFADDR || cmd == LX_SIOCSIFMTU || cmd == LX_SIOCSIFNETMASK ||
        cmd == LX_SIOCSIFBRDADDR ||
           cmd == LX_SIOCSIFTXQLEN || cmd == LX_SIOCSIFNAME || cmd == LX_SIOCSIFHWADDR;
}

bool lx_is_netif_ioctl(u32 cmd) { return cmd >= LX_SIOCADDRT && cmd <= LX_SIOCSIFMAP; }

long lx_netif_ioctl(struct socket *s, u32 cmd, u64 arg)
{
    struct lx_ifreq q;
    if (cmd == LX_SIOCGIFCONF)
        return list(arg);
    if (cmd == LX_SIOCADDRT || cmd == LX_SIOCDELRT)
        return lx_capable(LX_CAP_NET_ADMIN) ? lx_missing(cmd, -EOPNOTSUPP) : -EPERM;
    if (copy_from_user(&q, uptr(arg), sizeof q))
        return -EFAULT;
    if (cmd == LX_SIOCGIFNAME)
        return name_get(arg, &q);
    q.name[sizeof q.name - 1] = 0;
    struct netdev *d = netdev_by_name(q.name);
    if (!d)
        return -ENODEV;
    if (sets(cmd))
        return set(d, cmd, &q);
    long r = get(s, d, cmd, &q);
    if (r == -ENOTTY)
        return lx_missing(cmd, r);
    return r < 0 ? r : copy_to_user(uptr(arg), &q, sizeof q);
}
