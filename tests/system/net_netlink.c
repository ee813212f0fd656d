/* NETLINK_ROUTE: the loopback interface as programs ask for it. Other interfaces, which the machine
 * that runs this on Linux may have, are left out. */
#include "check.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* linux/netlink.h, linux/rtnetlink.h: musl has no such headers */
enum { NETLINK_ROUTE = 0, NETLINK_CAP_ACK = 10, NLMSG_NOOP = 1, NLMSG_ERROR, NLMSG_DONE, NLM_F_REQUEST = 1, NLM_F_MULTI = 2, NLM_F_ACK = 4,
       NLM_F_CAPPED = 0x100, NLM_F_DUMP = 0x300 };
enum { RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_DELADDR, RTM_GETADDR, RTM_NEWROUTE = 24, RTM_GETROUTE = 26, RTM_NEWNEIGH = 28,
       RTM_GETNEIGH = 30, RTM_NEWRULE = 32, RTM_GETRULE = 34, RTMGRP_LINK = 1, RTN_LOCAL = 2 };
enum { IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU, IFLA_STATS = 7, IFLA_STATS64 = 23, IFA_ADDRESS = 1, IFA_LABEL = 3, RTA_DST = 1, RTA_OIF = 4,
       RTA_PREFSRC = 7 };
struct sockaddr_nl { unsigned short nl_family, pad; unsigned nl_pid, nl_groups; };
struct nlmsghdr { unsigned nlmsg_len; unsigned short nlmsg_type, nlmsg_flags; unsigned nlmsg_seq, nlmsg_pid; };
struct nlmsgerr { int error; struct nlmsghdr msg; };
struct rtattr { unsigned short rta_len, rta_type; };
struct ifinfomsg { unsigned char ifi_family, pad; unsigned short ifi_type; int ifi_index; unsigned ifi_flags, ifi_change; };
struct ifaddrmsg { unsigned char ifa_family, ifa_prefixlen, ifa_flags, ifa_scope; unsigned ifa_index; };
struct rtmsg { unsigned char rtm_family, rtm_dst_len, rtm_src_len, rtm_tos, rtm_table, rtm_protocol, rtm_scope, rtm_type; unsigned rtm_flags; };
struct ndmsg { unsigned char ndm_family, pad[3]; int ndm_ifindex; unsigned short ndm_state; unsigned char ndm_flags, ndm_type; };
#define NLMSG_ALIGN(n) (((n) + 3u) & ~3u)
#define NLMSG_LENGTH(n) ((unsigned)(n) + (unsigned)sizeof(struct nlmsghdr))
#define NLMSG_DATA(h) ((void *)((char *)(h) + sizeof(struct nlmsghdr)))
#define NLMSG_OK(h, left) ((left) >= 16 && (h)->nlmsg_len >= 16 && (int)(h)->nlmsg_len <= (left))
#define NLMSG_NEXT(h, left) ((left) -= (int)NLMSG_ALIGN((h)->nlmsg_len), (void *)((char *)(h) + NLMSG_ALIGN((h)->nlmsg_len)))
#define RTA_LENGTH(n) ((n) + 4)
#define RTA_DATA(a) ((void *)((char *)(a) + 4))
#define RTA_PAYLOAD(a) ((a)->rta_len - 4)
#define RTA_OK(a, left) ((left) >= 4 && (a)->rta_len >= 4 && (a)->rta_len <= (left))
#define RTA_NEXT(a, left) ((left) -= (int)NLMSG_ALIGN((a)->rta_len), (void *)((char *)(a) + NLMSG_ALIGN((a)->rta_len)))

static int s;
static char answer[16384];

struct request { struct nlmsghdr h; union { struct ifinfomsg link; struct ifaddrmsg addr; struct rtmsg route; struct ndmsg neigh; char bytes[64]; }; };

/* Sends a request with `body` bytes behind its header; the answer's length. */
static int ask(struct request *q, int type, int flags, int body)
{
    q->h = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(body), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = 77 };
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    if (sendto(s, q, q->h.nlmsg_len, 0, (void *)&kernel, sizeof kernel) != (ssize_t)q->h.nlmsg_len)
        return -errno;
    return recv(s, answer, sizeof answer, 0);
}

static int error_of(int n)
{
    struct nlmsghdr *h = (void *)answer;
    if (n < (int)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq != 77)
        return -9999;
    return ((struct nlmsgerr *)NLMSG_DATA(h))->error;
}

static void *attr(struct nlmsghdr *h, int body, int type, int *len)
{
    struct rtattr *a = (void *)((char *)NLMSG_DATA(h) + NLMSG_ALIGN(body));
    int left = h->nlmsg_len - NLMSG_LENGTH(body);
    for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == type) {
            if (len)
                *len = RTA_PAYLOAD(a);
            return RTA_DATA(a);
        }
    return NULL;
}

static void link_show(struct nlmsghdr *h)
{
    struct ifinfomsg *b = NLMSG_DATA(h);
    int n = 0;
    printf("link %d type %d up %d loopback %d running %d\n", b->ifi_index, b->ifi_type, !!(b->ifi_flags & IFF_UP),
           !!(b->ifi_flags & IFF_LOOPBACK), !!(b->ifi_flags & IFF_RUNNING));
    printf("  name %s mtu %u\n", (char *)attr(h, sizeof *b, IFLA_IFNAME, NULL), *(unsigned *)attr(h, sizeof *b, IFLA_MTU, NULL));
    CHECK(attr(h, sizeof *b, IFLA_ADDRESS, &n) && n == 6);
    CHECK(attr(h, sizeof *b, IFLA_STATS64, &n) && n >= 24 * 8 - 8);
    CHECK(attr(h, sizeof *b, IFLA_STATS, &n) && n >= 23 * 4);
}

static void addr_show(struct nlmsghdr *h)
{
    char text[64];
    struct ifaddrmsg *b = NLMSG_DATA(h);
    void *at = attr(h, sizeof *b, IFA_ADDRESS, NULL);
    printf("address %s/%d scope %d label %d\n", inet_ntop(b->ifa_family, at, text, sizeof text), b->ifa_prefixlen, b->ifa_scope,
           attr(h, sizeof *b, IFA_LABEL, NULL) != NULL);
}

/* Reads a dump to its end: the messages about interface 1 are shown; how many there were. */
static int dump(int type, int want, int family, int body, void (*show)(struct nlmsghdr *h))
{
    struct request q = { 0 };
    int count = 0;
    q.bytes[0] = (char)family;
    for (int n = ask(&q, type, NLM_F_DUMP, body);; n = recv(s, answer, sizeof answer, 0)) {
        int left = n;
        for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE)
                return count;
            if (h->nlmsg_type != want || h->nlmsg_seq != 77 || !(h->nlmsg_flags & NLM_F_MULTI))
                return -1;
            int index = ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index;
            if (show && index == 1) {
                show(h);
                count++;
            }
        }
        if (n <= 0 || left)
            return -2;
    }
}

static void links(void)
{
    struct request q = { .link = { .ifi_index = 1 } };
    CHECK(dump(RTM_GETLINK, RTM_NEWLINK, 0, sizeof q.link, link_show) == 1);
    int n = ask(&q, RTM_GETLINK, 0, sizeof q.link);
    CHECK(n > 0 && ((struct nlmsghdr *)answer)->nlmsg_type == RTM_NEWLINK && !(((struct nlmsghdr *)answer)->nlmsg_flags & NLM_F_MULTI));
    link_show((void *)answer);
    q.link = (struct ifinfomsg){ .ifi_index = 4242 };
    SHOW(error_of(ask(&q, RTM_GETLINK, 0, sizeof q.link)));
    q.link = (struct ifinfomsg){ .ifi_index = 1 };
    SHOW(error_of(ask(&q, RTM_NEWLINK, NLM_F_ACK | 0x8000, 3))); /* too short for its body */
}

static void addresses(void)
{
    CHECK(dump(RTM_GETADDR, RTM_NEWADDR, AF_INET, sizeof(struct ifaddrmsg), addr_show) == 1);
    (void)dump(RTM_GETADDR, RTM_NEWADDR, AF_INET6, sizeof(struct ifaddrmsg), NULL);
    CHECK(dump(RTM_GETROUTE, RTM_NEWROUTE, AF_INET, sizeof(struct rtmsg), NULL) == 0);
    CHECK(dump(RTM_GETNEIGH, RTM_NEWNEIGH, AF_INET, sizeof(struct ndmsg), NULL) == 0);
    CHECK(dump(RTM_GETRULE, RTM_NEWRULE, AF_INET, sizeof(struct rtmsg), NULL) == 0);
}

static void route(void)
{
    struct request q = { .route = { .rtm_family = AF_INET, .rtm_dst_len = 32 } };
    char text[64];
    struct rtattr *a = (void *)(q.bytes + sizeof q.route);
    *a = (struct rtattr){ .rta_len = RTA_LENGTH(4), .rta_type = RTA_DST };
    inet_pton(AF_INET, "127.0.0.9", RTA_DATA(a));
    CHECK(ask(&q, RTM_GETROUTE, 0, sizeof q.route + a->rta_len) > 0);
    struct nlmsghdr *h = (void *)answer;
    struct rtmsg *b = NLMSG_DATA(h);
    CHECK(h->nlmsg_type == RTM_NEWROUTE && b->rtm_type == RTN_LOCAL && b->rtm_dst_len == 32);
    printf("route over %d to %s\n", *(int *)attr(h, sizeof *b, RTA_OIF, NULL), inet_ntop(AF_INET, attr(h, sizeof *b, RTA_DST, NULL), text, sizeof text));
    printf("from %s\n", inet_ntop(AF_INET, attr(h, sizeof *b, RTA_PREFSRC, NULL), text, sizeof text));
}

static void errors(void)
{
    struct request q = { 0 };
    SHOW(error_of(ask(&q, 1000, 0, 4)));
    CHECK(((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->msg.nlmsg_type == 1000);
    SHOW(error_of(ask(&q, NLMSG_NOOP, NLM_F_ACK, 0)));
    SHOW(error_of(ask(&q, RTM_GETLINK, NLM_F_ACK, 0)));
    q.h.nlmsg_len = 8;
    SHOW(send(s, &q, 64, 0));
    SHOW(recv(s, answer, sizeof answer, MSG_DONTWAIT));
    SHOW(send(s, &q, 0, 0));
    SHOW(send(s, &q, 64, MSG_OOB));
    int one = 1;
    CHECK(setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one) == 0);
    SHOW(ask(&q, 1000, 0, 24));
    CHECK(((struct nlmsghdr *)answer)->nlmsg_flags & NLM_F_CAPPED);
    SHOW(ask(&q, 1000, 0, 24));
    one = 0;
    CHECK(setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one) == 0);
    SHOW(ask(&q, 1000, 0, 24));
    SHOW(setsockopt(s, SOL_NETLINK, 999, &one, sizeof one));
    SHOW(setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &one, 2));
}

static void unprivileged(void)
{
    struct request q = { .link = { .ifi_index = 1 } };
    if (setuid(1))
        _exit(9);
    s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    CHECK(error_of(ask(&q, RTM_NEWLINK, NLM_F_ACK, sizeof q.link)) == -EPERM);
    SHOW(-error_of(ask(&q, RTM_DELADDR, NLM_F_ACK, sizeof q.addr)));
    CHECK(ask(&q, RTM_GETLINK, 0, sizeof q.link) > 0);
    struct sockaddr_nl other = { .nl_family = AF_NETLINK, .nl_pid = 424242 };
    SHOW(sendto(s, &q, 32, 0, (void *)&other, sizeof other));
    _exit(failures);
}

static void names(void)
{
    struct sockaddr_nl a = { .nl_family = AF_NETLINK };
    socklen_t n = sizeof a;
    int t = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE), u = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    CHECK(getsockname(t, (void *)&a, &n) == 0 && n == sizeof a && a.nl_pid == 0);
    CHECK(bind(t, (void *)&a, sizeof a) == 0);
    CHECK(getsockname(t, (void *)&a, &n) == 0 && a.nl_pid != 0 && a.nl_groups == 0);
    SHOW(bind(u, (void *)&a, sizeof a));
    a.nl_pid++;
    SHOW(bind(t, (void *)&a, sizeof a));
    SHOW(bind(t, (void *)&a, 4));
    CHECK(getpeername(t, (void *)&a, &n) == 0 && a.nl_pid == 0);
    a = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
    CHECK(bind(u, (void *)&a, sizeof a) == 0);
    CHECK(getsockname(u, (void *)&a, &n) == 0 && a.nl_groups == RTMGRP_LINK);
    a = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
    CHECK(connect(u, (void *)&a, sizeof a) == 0);
    SHOW(listen(u, 5));
    SHOW(accept(u, NULL, NULL));
    SHOW(shutdown(u, SHUT_RD));
    struct pollfd p = { u, POLLIN | POLLOUT, 0 };
    SHOW(poll(&p, 1, 0));
    SHOW(p.revents);
    CHECK(close(t) == 0 && close(u) == 0);
    SHOW(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
    SHOW(socket(AF_NETLINK, SOCK_RAW, 77));
}

static void peeking(void)
{
    struct request q = { .link = { .ifi_index = 1 } };
    struct sockaddr_nl from;
    socklen_t n = sizeof from;
    CHECK(ask(&q, 1000, 0, 24) == 60);
    q.h.nlmsg_type = 1000;
    CHECK(send(s, &q, q.h.nlmsg_len, 0) > 0);
    SHOW(recv(s, answer, 4, MSG_PEEK | MSG_TRUNC));
    SHOW(recv(s, answer, 4, MSG_PEEK));
    CHECK(recvfrom(s, answer, sizeof answer, 0, (void *)&from, &n) == 60 && n == sizeof from && from.nl_pid == 0);
    SHOW(recv(s, answer, sizeof answer, MSG_DONTWAIT));
}

static void libc(void)
{
    struct ifaddrs *all, *i;
    bool v4 = false;
    CHECK(getifaddrs(&all) == 0);
    for (i = all; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && strcmp(i->ifa_name, "lo") == 0)
            v4 = ((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
                 ((struct sockaddr_in *)i->ifa_netmask)->sin_addr.s_addr == htonl(0xff000000);
    CHECK(v4);
    freeifaddrs(all);
    char name[IF_NAMESIZE];
    SHOW(if_nametoindex("lo"));
    CHECK(if_indextoname(1, name) && strcmp(name, "lo") == 0);
    CHECK(if_nametoindex("nosuch0") == 0 && errno == ENODEV);
    struct addrinfo *ai, hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
    CHECK(getaddrinfo("127.0.0.1", "80", &hints, &ai) == 0);
    freeaddrinfo(ai);
}

static int in(int t, int request, struct ifreq *q)
{
    memset(&q->ifr_ifru, 0, sizeof q->ifr_ifru);
    strcpy(q->ifr_name, "lo");
    return ioctl(t, request, q);
}

static void requests(int family)
{
    int t = socket(family, SOCK_DGRAM, 0);
    struct ifreq q, all[16];
    struct ifconf c = { .ifc_len = sizeof all, .ifc_req = all };
    unsigned char zero[6] = { 0 };
    bool found = false;
    SHOW(in(t, SIOCGIFFLAGS, &q));
    SHOW(q.ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
    SHOW(in(t, SIOCGIFMTU, &q));
    SHOW(q.ifr_mtu);
    SHOW(in(t, SIOCGIFINDEX, &q));
    SHOW(q.ifr_ifindex);
    SHOW(in(t, SIOCGIFHWADDR, &q));
    SHOW(q.ifr_hwaddr.sa_family);
    CHECK(memcmp(q.ifr_hwaddr.sa_data, zero, 6) == 0);
    SHOW(in(t, SIOCGIFADDR, &q));
    printf("%08x\n", ((struct sockaddr_in *)&q.ifr_addr)->sin_addr.s_addr);
    SHOW(in(t, SIOCGIFNETMASK, &q));
    printf("%08x\n", ((struct sockaddr_in *)&q.ifr_addr)->sin_addr.s_addr);
    SHOW(in(t, SIOCGIFMETRIC, &q));
    SHOW(ioctl(t, SIOCGIFCONF, &c));
    for (int i = 0; i < c.ifc_len / (int)sizeof q; i++)
        found |= strcmp(all[i].ifr_name, "lo") == 0 && ((struct sockaddr_in *)&all[i].ifr_addr)->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    CHECK(found);
    c = (struct ifconf){ .ifc_len = 0 };
    CHECK(ioctl(t, SIOCGIFCONF, &c) == 0 && c.ifc_len >= (int)sizeof q);
    c = (struct ifconf){ .ifc_len = sizeof q - 1, .ifc_req = all };
    CHECK(ioctl(t, SIOCGIFCONF, &c) == 0 && c.ifc_len == 0);
    memset(q.ifr_name, 'x', sizeof q.ifr_name);
    SHOW(ioctl(t, SIOCGIFFLAGS, &q));
    SHOW(ioctl(t, SIOCGIFFLAGS, (void *)8));
    CHECK(close(t) == 0);
}

int main(void)
{
    s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    CHECK(s >= 0);
    links();
    addresses();
    route();
    errors();
    peeking();
    names();
    SHOW(status_of(unprivileged));
    libc();
    requests(AF_INET);
    requests(AF_UNIX);
    return check_result();
}
