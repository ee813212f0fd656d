/* /proc/net: sockets, interfaces and routes as text, for netstat, ss, ifconfig and lsof. proc_net(5).
 * Addresses of kernel objects are shown as zeroes, as Linux shows them to who may not see them. */
#include "linux/procfs.h"
#include "linux/procfs_snapshot.h"
#include "net/netdev.h"
#include "net/proc.h"
#include "net/tcp_machine.h"

#define NO_POINTER "0000000000000000"

/* --- AF_UNIX --- */

/* An abstract name's zeroes are shown as @; a path has a terminator that is not. */
static void name_append(struct proc_text *t, const struct unix_info *i)
{
    bool abstract = i->len && !i->name[0];
    u32 n = i->len && !abstract ? i->len - 1 : i->len;
    if (n)
        proc_append(t, " ", 1);
    for (u32 k = 0; k < n; k++)
        proc_append(t, i->name[k] ? (const char *)&i->name[k] : "@", 1);
}

static void unix_line(const struct unix_info *i, void *ctx)
{
    struct proc_text *t = ctx;
    unsigned flags = i->listening ? 0x10000 : 0; /* __SO_ACCEPTCON */
    proc_printf(t, NO_POINTER ": %08X %08X %08X %04X %02X %5llu", i->refs, 0, flags, i->type, i->connected ? 3 : 1,
                (ull)i->ino);
    name_append(t, i);
    proc_append(t, "\n", 1);
}

static int make_unix(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Num       RefCount Protocol Flags    Type St Inode Path\n");
    unix_for_each(unix_line, t);
    return 0;
}

/* --- AF_INET and AF_INET6 --- */

struct lines { struct proc_text *t; bool v6; int n, width; bool datagrams; };

static void end_append(struct lines *l, const struct inet_end *e)
{
    u32 word[4];
    memcpy(word, e->addr.b, sizeof word);
    if (l->v6)
        proc_printf(l->t, " %08X%08X%08X%08X:%04X", word[0], word[1], word[2], word[3], e->port);
    else
        proc_printf(l->t, " %08X:%04X", word[3], e->port);
}

static void inet_line(const struct inet_info *i, void *ctx)
{
    struct lines *l = ctx;
    if (i->v6 != l->v6)
        return;
    proc_printf(l->t, "%*d:", l->width, l->n++);
    end_append(l, &i->local);
    end_append(l, &i->remote);
    proc_printf(l->t, " %02X %08X:%08X %02X:%08llX %08X %5u %8d %llu %u " NO_POINTER, i->state, i->tx, i->rx,
                i->timer_ns ? 1 : 0,
                proc_ticks(i->timer_ns), i->retries, i->uid, 0, (ull)i->ino, i->refs);
    proc_printf(l->t, l->datagrams ? " 0\n" : "\n"); /* drops: not counted for each socket */
}

static int make_inet(struct proc_text *t, enum inet_kind kind, bool v6)
{
    bool datagrams = kind != INET_TCP;
    struct lines l = { .t = t, .v6 = v6, .width = datagrams ? 5 : 4, .datagrams = datagrams };
    proc_printf(t, "%s", datagrams && !v6 ? " " : ""); /* one column more, but for IPv6 */
    proc_printf(t, v6 ? "  sl  local_address                         remote_address                        st" : "  sl  local_address rem_address   st");
    proc_printf(t, " tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode%s\n", datagrams ? " ref pointer drops" : "");
    inet_for_each(kind, inet_line, &l);
    return 0;
}

static int make_tcp(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_TCP, false); }
static int make_tcp6(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_TCP, true); }
static int make_udp(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_UDP, false); }
static int make_udp6(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_UDP, true); }
static int make_icmp(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_PING, false); }
static int make_icmp6(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_PING, true); }
static int make_raw(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_RAW, false); }
static int make_raw6(struct proc_text *t, const struct proc_key *k) { return make_inet(t, INET_RAW, true); }

struct sums { u32 inuse[2], orphans, waiting; };

static void sum_add(const struct inet_info *i, void *ctx)
{
    struct sums *s = ctx;
    if (i->state == TCP_TIME_WAIT)
        s->waiting++;
    else if (!i->ino)
        s->orphans++;
    else
        s->inuse[i->v6]++;
}

static struct sums sums_of(enum inet_kind kind)
{
    struct sums s = { 0 };
    inet_for_each(kind, sum_add, &s);
    return s;
}

static int make_sockstat(struct proc_text *t, const struct proc_key *k)
{
    struct sums tcp = sums_of(INET_TCP);
    proc_printf(t, "sockets: used %u\nTCP: inuse %u orphan %u tw %u\n", socket_count(), tcp.inuse[0], tcp.orphans,
                tcp.waiting);
    proc_printf(t, "UDP: inuse %u\nRAW: inuse %u\n", sums_of(INET_UDP).inuse[0], sums_of(INET_RAW).inuse[0]);
    return 0;
}

static int make_sockstat6(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "TCP6: inuse %u\nUDP6: inuse %u\n", sums_of(INET_TCP).inuse[1], sums_of(INET_UDP).inuse[1]);
    proc_printf(t, "RAW6: inuse %u\n", sums_of(INET_RAW).inuse[1]);
    return 0;
}

/* --- others --- */

static void netlink_line(const struct netlink_info *i, void *ctx)
{
    proc_printf(ctx, NO_POINTER " %-3d %-10u %08x %-8u %-8u %-5d %-8u %-8u %-8llu\n", (int)i->protocol, i->port,
                i->groups, i->queued, 0, 0, i->refs, 0, (ull)i->ino);
}

static int make_netlink(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n");
    netlink_for_each(netlink_line, t);
    return 0;
}

static ull count(const u64 *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }

static int make_dev(struct proc_text *t, const struct proc_key *k)
{
    struct netdev *d;
    proc_printf(t, "Inter-|   Receive                                                |  Transmit\n");
    proc_printf(t, " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n");
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        proc_printf(t, "%6s: %7llu %7llu    0 %4llu    0     0          0         0 %8llu %7llu    0    0    0     0       0          0\n", d->name,
                    count(&d->rx_bytes), count(&d->rx_packets), count(&d->rx_dropped), count(&d->tx_bytes),
                    count(&d->tx_packets));
    return 0;
}

/* The main table: what is inside the machine is in none that is shown here. */
static int make_route(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
    return 0;
}

static int make_arp(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "IP address       HW type     Flags       HW address            Mask     Device\n");
    return 0;
}

static void v6_append(struct proc_text *t, const u8 *b)
{
    for (int i = 0; i < 16; i++)
        proc_printf(t, "%02x", b[i]);
}

static int make_if_inet6(struct proc_text *t, const struct proc_key *k)
{
    struct netdev *d;
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        for (unsigned n = 0; n < d->naddresses; n++) {
            const struct netdev_address *a = &d->addresses[n];
            if (ip_is_v4(&a->addr))
                continue;
            v6_append(t, a->addr.b); /* then index, length, scope (the host) and flags (permanent) */
            proc_printf(t, " %02x %02x 10 80 %8s\n", (unsigned)d->index, a->prefix_len, d->name);
        }
    return 0;
}

static int make_ipv6_route(struct proc_text *t, const struct proc_key *k)
{
    static const u8 zero[16], one[16] = { [15] = 1 };
    v6_append(t, one); /* RTF_UP, by the loopback interface */
    proc_printf(t, " 80 ");
    v6_append(t, zero);
    proc_printf(t, " 00 ");
    v6_append(t, zero);
    proc_printf(t, " %08x %08x %08x %08x %8s\n", 256, 1, 0, 1, "lo");
    return 0;
}

static int make_packet(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"); /* there are none */
    return 0;
}

#define FILE_ROW(n) { .name = #n, .mode = MODE_REG | 0444, .generate = make_##n }
static const struct proc_entry rows[] = {
    FILE_ROW(arp), FILE_ROW(dev), FILE_ROW(icmp), FILE_ROW(icmp6), FILE_ROW(if_inet6), FILE_ROW(ipv6_route),
    FILE_ROW(netlink), FILE_ROW(packet),
    FILE_ROW(raw), FILE_ROW(raw6), FILE_ROW(route), FILE_ROW(sockstat), FILE_ROW(sockstat6), FILE_ROW(tcp),
    FILE_ROW(tcp6), FILE_ROW(udp),
    FILE_ROW(udp6), FILE_ROW(unix),
};
const struct proc_dir proc_net_dir = { .rows = rows, .nrows = ARRAY_SIZE(rows) };
