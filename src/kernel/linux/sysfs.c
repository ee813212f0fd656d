/* /sys: what programs look for there and this kernel can say truly. Nothing can be written.
 *
 * Devices are those of /dev and the network interfaces; all of them are "virtual", for no bus is shown. What is
 * not there is left out, with Linux's meaning of that: no nodes of memory (a kernel without NUMA), no block
 * devices, no cgroups. Directories that Linux always has are there and may be empty. */
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "linux/procfs.h"
#include "net/netdev.h"
#include "vfs/devfs.h"

#define FILE_ROW(n, fn) { .name = n, .mode = MODE_REG | 0444, .generate = fn }
#define DIR_ROW(n, d) { .name = n, .mode = MODE_DIR | 0755, .dir = d }
#define LINK_ROW(n, fn) { .name = n, .mode = MODE_LNK | 0777, .readlink = fn }

typedef unsigned long long ull; /* for %llu */

static const struct proc_dir empty_dir;

/* --- devices of /dev --- */

enum { MEM = 1, TTY = 4, TTY_OTHER = 5, GRAPHICS = 29, HVC = 229 }; /* Linux's majors (devices.txt) */

static u32 major_of(u64 rdev) { return (u32)(rdev >> 8 & 0xfff); }
static u32 minor_of(u64 rdev) { return (u32)((rdev & 0xff) | (rdev >> 12 & 0xfff00)); }

static const char *class_of(u32 major)
{
    bool tty = major == TTY || major == TTY_OTHER || major == HVC;

    return major == MEM ? "mem" : tty ? "tty" : major == GRAPHICS ? "graphics" : "misc";
}

/* The least number >= from of a device of the class. */
static int device_next(const char *class, int from)
{
    struct dev_info d;
    for (int i = from; dev_info_at((unsigned)i, &d); i++)
        if (strcmp(class_of(major_of(d.rdev)), class) == 0)
            return i;
    return -1;
}
static int mem_next(const struct proc_key *k, int from) { return device_next("mem", from); }
static int tty_next(const struct proc_key *k, int from) { return device_next("tty", from); }
static int graphics_next(const struct proc_key *k, int from) { return device_next("graphics", from); }
static int misc_next(const struct proc_key *k, int from) { return device_next("misc", from); }

static int device_find(const char *name, size_t len)
{
    struct dev_info d;
    for (int i = 0; dev_info_at((unsigned)i, &d); i++)
        if (strlen(d.name) == len && memcmp(d.name, name, len) == 0)
            return i;
    return -1;
}

static int device_show(int number, char *buf, size_t size)
{
    struct dev_info d;
    return format(buf, size, "%s", dev_info_at((unsigned)number, &d) ? d.name : "");
}
static const struct proc_names device_names = { device_find, device_show };

/* The same devices by number, in /sys/dev/char. */
static int number_show(int number, char *buf, size_t size)
{
    struct dev_info d;
    return dev_info_at((unsigned)number, &d) ? format(buf, size, "%u:%u", major_of(d.rdev), minor_of(d.rdev)) : 0;
}
static int number_find(const char *name, size_t len)
{
    struct dev_info d;
    char text[24];
    for (int i = 0; dev_info_at((unsigned)i, &d); i++)
        if ((size_t)number_show(i, text, sizeof text) == len && memcmp(text, name, len) == 0)
            return i;
    return -1;
}
static const struct proc_names number_names = { number_find, number_show };
static int any_next(const struct proc_key *k, int from)
{
    struct dev_info d;
    return dev_info_at((unsigned)from, &d) ? from : -1;
}

static int make_dev(struct proc_text *t, const struct proc_key *k)
{
    struct dev_info d;
    if (!dev_info_at((unsigned)k->id[SYS_DEVICE], &d))
        return -ENODEV;
    proc_printf(t, "%u:%u\n", major_of(d.rdev), minor_of(d.rdev));
    return 0;
}

static int make_uevent(struct proc_text *t, const struct proc_key *k)
{
    struct dev_info d;
    if (!dev_info_at((unsigned)k->id[SYS_DEVICE], &d))
        return -ENODEV;
    proc_printf(t, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n", major_of(d.rdev), minor_of(d.rdev), d.name);
    return 0;
}

static int device_readlink(const struct proc_key *k, char *buf, size_t size)
{
    struct dev_info d;
    if (!dev_info_at((unsigned)k->id[SYS_DEVICE], &d))
        return -ENODEV;
    char text[80];
    int len = format(text, sizeof text, "../../devices/virtual/%s/%s", class_of(major_of(d.rdev)), d.name);
    memcpy(buf, text, MIN((size_t)len, size));
    return (int)MIN((size_t)len, size);
}

static const struct proc_entry device_rows[] = { FILE_ROW("dev", make_dev), FILE_ROW("uevent", make_uevent) };
static const struct proc_dir device_dir = { .rows = device_rows, .nrows = ARRAY_SIZE(device_rows) };
static const struct proc_entry device_entry = DIR_ROW("device", &device_dir), device_link = LINK_ROW("device", device_readlink);

#define DEVICES(class, row) \
    { .member = row, .member_id = SYS_DEVICE, .next = class##_next, .names = &device_names }
static const struct proc_dir mem_dir = DEVICES(mem, &device_entry), tty_dir = DEVICES(tty, &device_entry),
    graphics_dir = DEVICES(graphics, &device_entry), misc_dir = DEVICES(misc, &device_entry);
static const struct proc_dir mem_class = DEVICES(mem, &device_link), tty_class = DEVICES(tty, &device_link),
    graphics_class = DEVICES(graphics, &device_link), misc_class = DEVICES(misc, &device_link);

/* --- network interfaces --- */

static const struct netdev *net_of(const struct proc_key *k) { return netdev_by_index(k->id[SYS_NET]); }

#define NET_FILE(what, ...)                                           \
    static int make_net_##what(struct proc_text *t, const struct proc_key *k) \
    {                                                                 \
        const struct netdev *d = net_of(k);                           \
        if (!d)                                                       \
            return -ENODEV;                                           \
        proc_printf(t, __VA_ARGS__);                                  \
        return 0;                                                     \
    }
NET_FILE(address, "%02x:%02x:%02x:%02x:%02x:%02x\n", d->mac[0], d->mac[1], d->mac[2], d->mac[3], d->mac[4], d->mac[5])
NET_FILE(addr_len, "%u\n", (unsigned)sizeof d->mac)
NET_FILE(carrier, "%u\n", d->flags & NETDEV_LOWER_UP ? 1u : 0u)
NET_FILE(flags, "0x%x\n", d->flags & 0xffff & ~(u32)NETDEV_RUNNING)
NET_FILE(ifindex, "%d\n", d->index)
NET_FILE(mtu, "%u\n", d->mtu)
NET_FILE(operstate, "%s\n", d->flags & NETDEV_LOOPBACK ? "unknown" : d->flags & NETDEV_LOWER_UP ? "up" : "down")
NET_FILE(queue, "%u\n", d->tx_queue_len)
NET_FILE(type, "%u\n", d->arp_type)
NET_FILE(uevent, "INTERFACE=%s\nIFINDEX=%d\n", d->name, d->index)
NET_FILE(rx_bytes, "%llu\n", (ull)__atomic_load_n(&d->rx_bytes, __ATOMIC_RELAXED))
NET_FILE(rx_dropped, "%llu\n", (ull)__atomic_load_n(&d->rx_dropped, __ATOMIC_RELAXED))
NET_FILE(rx_packets, "%llu\n", (ull)__atomic_load_n(&d->rx_packets, __ATOMIC_RELAXED))
NET_FILE(tx_bytes, "%llu\n", (ull)__atomic_load_n(&d->tx_bytes, __ATOMIC_RELAXED))
NET_FILE(tx_packets, "%llu\n", (ull)__atomic_load_n(&d->tx_packets, __ATOMIC_RELAXED))

static int net_find(const char *name, size_t len)
{
    struct netdev *d;
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        if (strlen(d->name) == len && memcmp(d->name, name, len) == 0)
            return d->index;
    return -1;
}
static int net_show(int number, char *buf, size_t size)
{
    const struct netdev *d = netdev_by_index(number);
    return format(buf, size, "%s", d ? d->name : "");
}
static int net_next(const struct proc_key *k, int from)
{
    struct netdev *d;
    int least = -1;
    for (unsigned i = 0; (d = netdev_at(i)); i++)
        if (d->index >= from && (least < 0 || d->index < least))
            least = d->index;
    return least;
}
static const struct proc_names net_names = { net_find, net_show };

static int net_readlink(const struct proc_key *k, char *buf, size_t size)
{
    const struct netdev *d = net_of(k);
    char text[80];
    if (!d)
        return -ENODEV;
    int len = format(text, sizeof text, "../../devices/virtual/net/%s", d->name);
    memcpy(buf, text, MIN((size_t)len, size));
    return (int)MIN((size_t)len, size);
}

static const struct proc_entry net_statistics_rows[] = {
    FILE_ROW("rx_bytes", make_net_rx_bytes), FILE_ROW("rx_dropped", make_net_rx_dropped),
    FILE_ROW("rx_packets", make_net_rx_packets),
    FILE_ROW("tx_bytes", make_net_tx_bytes), FILE_ROW("tx_packets", make_net_tx_packets),
};
static const struct proc_dir net_statistics_dir = { .rows = net_statistics_rows,
                                                    .nrows = ARRAY_SIZE(net_statistics_rows) };
static const struct proc_entry net_rows[] = {
    FILE_ROW("addr_len", make_net_addr_len), FILE_ROW("address", make_net_address), FILE_ROW("carrier", make_net_carrier),
    FILE_ROW("flags", make_net_flags), FILE_ROW("ifindex", make_net_ifindex), FILE_ROW("iflink", make_net_ifindex),
    FILE_ROW("mtu", make_net_mtu), FILE_ROW("operstate", make_net_operstate), DIR_ROW("statistics", &net_statistics_dir),
    FILE_ROW("tx_queue_len", make_net_queue), FILE_ROW("type", make_net_type), FILE_ROW("uevent", make_net_uevent),
};
static const struct proc_dir net_one_dir = { .rows = net_rows, .nrows = ARRAY_SIZE(net_rows) };
static const struct proc_entry net_entry = DIR_ROW("net", &net_one_dir), net_link = LINK_ROW("net", net_readlink);
static const struct proc_dir net_dir = { .member = &net_entry, .member_id = SYS_NET, .next = net_next,
                                         .names = &net_names };
static const struct proc_dir net_class = { .member = &net_link, .member_id = SYS_NET, .next = net_next,
                                           .names = &net_names };

/* --- the kernel --- */

static int make_byteorder(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "little\n");
    return 0;
}
static int make_address_bits(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "%u\n", (unsigned)sizeof(void *) * 8);
    return 0;
}
static int make_huge_pages(struct proc_text *t, const struct proc_key *k)
{
    proc_printf(t, "always madvise [never]\n");
    return 0;
}

/* --- the tables --- */

#define DIR_OF(n) { .rows = n, .nrows = ARRAY_SIZE(n) }

static const struct proc_entry virtual_rows[] = {
    DIR_ROW("graphics", &graphics_dir), DIR_ROW("mem", &mem_dir), DIR_ROW("misc", &misc_dir),
    DIR_ROW("net", &net_dir), DIR_ROW("tty", &tty_dir),
};
static const struct proc_dir virtual_dir = DIR_OF(virtual_rows);
static const struct proc_entry system_rows[] = { DIR_ROW("cpu", &sys_cpu_dir) };
static const struct proc_dir system_dir = DIR_OF(system_rows);
static const struct proc_entry devices_rows[] = { DIR_ROW("system", &system_dir), DIR_ROW("virtual", &virtual_dir) };
static const struct proc_dir devices_dir = DIR_OF(devices_rows);
static const struct proc_entry class_rows[] = {
    DIR_ROW("block", &empty_dir), DIR_ROW("graphics", &graphics_class), DIR_ROW("mem", &mem_class),
    DIR_ROW("misc", &misc_class),
    DIR_ROW("net", &net_class), DIR_ROW("tty", &tty_class),
};
static const struct proc_dir class_dir = DIR_OF(class_rows);
static const struct proc_dir char_dir = { .member = &device_link, .member_id = SYS_DEVICE, .next = any_next,
                                          .names = &number_names };
static const struct proc_entry dev_rows[] = { DIR_ROW("block", &empty_dir), DIR_ROW("char", &char_dir) };
static const struct proc_dir dev_dir = DIR_OF(dev_rows);
static const struct proc_entry huge_rows[] = { FILE_ROW("enabled", make_huge_pages) };
static const struct proc_dir huge_dir = DIR_OF(huge_rows);
static const struct proc_entry mm_rows[] = { DIR_ROW("transparent_hugepage", &huge_dir) };
static const struct proc_dir mm_dir = DIR_OF(mm_rows);
static const struct proc_entry kernel_rows[] = {
    FILE_ROW("address_bits", make_address_bits), FILE_ROW("cpu_byteorder", make_byteorder), DIR_ROW("mm", &mm_dir),
};
static const struct proc_dir kernel_dir = DIR_OF(kernel_rows);
static const struct proc_entry root_rows[] = {
    DIR_ROW("block", &empty_dir), DIR_ROW("bus", &empty_dir), DIR_ROW("class", &class_dir), DIR_ROW("dev", &dev_dir),
    DIR_ROW("devices", &devices_dir),
    DIR_ROW("firmware", &empty_dir), DIR_ROW("fs", &empty_dir), DIR_ROW("kernel", &kernel_dir), DIR_ROW("module", &empty_dir),
};
const struct proc_dir sys_root_dir = DIR_OF(root_rows);
