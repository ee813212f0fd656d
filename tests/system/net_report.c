/* Datagrams that do not arrive: errors in a queue for who asked for them (IP_RECVERR, IPV6_RECVERR). */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

/* linux/errqueue.h */
struct sock_extended_err { unsigned ee_errno; unsigned char ee_origin, ee_type, ee_code, ee_pad; unsigned ee_info, ee_data; };

union any { struct sockaddr sa; struct sockaddr_in v4; struct sockaddr_in6 v6; };

static int set(int s, int level, int name, int value) { return setsockopt(s, level, name, &value, sizeof value); }

static int word(int s, int level, int name)
{
    int v = -1;
    socklen_t n = sizeof v;
    return getsockopt(s, level, name, &v, &n) ? -1 : v;
}

/* Bound, and connected to somebody else: nobody gets what we send there. */
static int deaf(const char *address, union any *at)
{
    union any other = { .v4 = { .sin_family = AF_INET, .sin_port = htons(9) } };
    socklen_t n = sizeof *at;
    memset(at, 0, sizeof *at);
    bool v4 = strchr(address, '.');
    at->sa.sa_family = v4 ? AF_INET : AF_INET6;
    inet_pton(at->sa.sa_family, address, v4 ? (void *)&at->v4.sin_addr : (void *)&at->v6.sin6_addr);
    if (v4)
        other.v4.sin_addr = at->v4.sin_addr;
    else
        other.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = at->v6.sin6_addr };
    int s = socket(at->sa.sa_family, SOCK_DGRAM, 0);
    CHECK(bind(s, &at->sa, n) == 0 && connect(s, &other.sa, n) == 0 && getsockname(s, &at->sa, &n) == 0);
    return s;
}

static void show_address(const char *what, const union any *a)
{
    char text[64] = "?";
    if (a->sa.sa_family == AF_INET)
        inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof text);
    else if (a->sa.sa_family == AF_INET6)
        inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof text);
    printf(" %s %d %s", what, a->sa.sa_family, text);
}

static void show_poll(int s)
{
    struct pollfd p = { s, POLLIN | POLLPRI, 0 };
    printf("poll %d", poll(&p, 1, 0));
    printf(" %x\n", p.revents);
}

static void show_report(int s, size_t room, const union any *sent_to)
{
    char data[64] = { 0 }, control[256];
    union any from;
    struct iovec v = { data, room };
    struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    memset(&from, 0, sizeof from);
    ssize_t n = recvmsg(s, &m, MSG_ERRQUEUE);
    printf("report %zd %s '%s' flags %x control %zu", n, n < 0 ? strerror(errno) : "", data, n < 0 ? 0 : (unsigned)m.msg_flags, n < 0 ? 0 : (size_t)m.msg_controllen);
    struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
    if (c) {
        struct sock_extended_err e;
        union any by;
        memcpy(&e, CMSG_DATA(c), sizeof e);
        memset(&by, 0, sizeof by);
        memcpy(&by, CMSG_DATA(c) + sizeof e, c->cmsg_len - CMSG_LEN(sizeof e));
        printf("\n  level %d type %d length %zu: errno %u origin %u type %u code %u info %u data %u", c->cmsg_level, c->cmsg_type,
               (size_t)c->cmsg_len, e.ee_errno, e.ee_origin, e.ee_type, e.ee_code, e.ee_info, e.ee_data);
        show_address("by", &by);
        show_address("to", &from);
        printf(" port %s", from.v4.sin_port == sent_to->v4.sin_port ? "right" : "wrong");
    }
    printf("\n");
}

static void one(const char *address, int family)
{
    union any to;
    char byte;
    int hole = deaf(address, &to), s = socket(family, SOCK_DGRAM, 0);
    bool v4 = to.sa.sa_family == AF_INET;
    int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, name = v4 ? IP_RECVERR : IPV6_RECVERR;
    union any at = to;
    if (v4 && family == AF_INET6) { /* the same in the other form */
        at.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = to.v4.sin_port };
        memset(at.v6.sin6_addr.s6_addr + 10, 0xff, 2);
        memcpy(at.v6.sin6_addr.s6_addr + 12, &to.v4.sin_addr, 4);
        SHOW(set(s, IPPROTO_IPV6, IPV6_RECVERR, 1));
    }
    printf("--- %s by %d\n", address, family);
    SHOW(sendto(s, "unheard", 7, 0, &at.sa, sizeof at.v6));
    show_poll(s);
    SHOW(recv(s, &byte, 1, MSG_DONTWAIT));
    show_report(s, 64, &at);
    SHOW(set(s, level, name, 1));
    SHOW(word(s, level, name));
    SHOW(sendto(s, "first one", 9, 0, &at.sa, sizeof at.v6));
    show_poll(s);
    SHOW(recv(s, &byte, 1, MSG_DONTWAIT));
    show_poll(s);
    show_report(s, 64, &at);
    show_poll(s);
    show_report(s, 64, &at);
    SHOW(sendto(s, "second", 6, 0, &at.sa, sizeof at.v6));
    SHOW(sendto(s, "refused", 7, 0, &at.sa, sizeof at.v6));
    SHOW(sendto(s, "third", 5, 0, &at.sa, sizeof at.v6));
    show_report(s, 3, &at);
    SHOW(word(s, SOL_SOCKET, SO_ERROR));
    show_report(s, 0, &at);
    show_poll(s);
    SHOW(sendto(s, "dropped", 7, 0, &at.sa, sizeof at.v6));
    SHOW(set(s, level, name, 0));
    show_report(s, 64, &at);
    SHOW(word(s, SOL_SOCKET, SO_ERROR));
    show_poll(s);
    SHOW(set(s, level, name, 1));
    SHOW(connect(s, &at.sa, sizeof at.v6));
    SHOW(send(s, "", 0, 0));
    SHOW(word(s, SOL_SOCKET, SO_ERROR));
    show_report(s, 64, &at);
    show_poll(s);
    SHOW(send(s, "unread", 6, 0));
    close(s), close(hole);
}

/* More than the socket has room for: some are lost, all the others are told, and the end is an end. */
static void many(void)
{
    union any to;
    int hole = deaf("127.0.0.1", &to), s = socket(AF_INET, SOCK_DGRAM, 0), reports = 0;
    char data[512];
    memset(data, 'x', sizeof data);
    CHECK(set(s, IPPROTO_IP, IP_RECVERR, 1) == 0 && set(s, SOL_SOCKET, SO_RCVBUF, 8192) == 0);
    for (int i = 0; i < 500; i++)
        sendto(s, data, sizeof data, 0, &to.sa, sizeof to.v4);
    while (recv(s, data, sizeof data, MSG_ERRQUEUE) == 512)
        reports++;
    CHECK(reports > 3 && reports < 100);
    show_poll(s);
    CHECK(sendto(s, "x", 1, 0, &to.sa, sizeof to.v4) == 1 && recv(s, data, sizeof data, MSG_ERRQUEUE) == 1);
    close(s), close(hole);
}

int main(void)
{
    one("127.0.0.1", AF_INET);
    one("::1", AF_INET6);
    one("127.0.0.1", AF_INET6);
    many();
    int t = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(set(t, IPPROTO_IP, IP_RECVERR, 1));
    SHOW(word(t, IPPROTO_IP, IP_RECVERR));
    show_report(t, 9, &(union any){ .v4 = { .sin_port = 0 } });
    return check_result();
}
