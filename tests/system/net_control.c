/* What travels beside datagrams over IP: where they were sent to, hop counts, types of service; the options that ask
 * for it, told as they were set; and what is no control message of that socket. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

union address { struct sockaddr sa; struct sockaddr_in v4; struct sockaddr_in6 v6; };

static socklen_t at(union address *a, int family, int port)
{
    memset(a, 0, sizeof *a);
    if (family == AF_INET) {
        a->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        return sizeof a->v4;
    }
    a->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    return sizeof a->v6;
}

static int port_of(int s)
{
    union address a;
    socklen_t n = sizeof a;
    return getsockname(s, &a.sa, &n) ? -1 : ntohs(a.sa.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
}

static int set(int s, int level, int name, int v) { return setsockopt(s, level, name, &v, sizeof v); }

static int word(int s, int level, int name)
{
    int v = -99;
    socklen_t n = sizeof v;
    return getsockopt(s, level, name, &v, &n) ? -1 : v;
}

static int bound(int family, const char *to)
{
    union address a;
    int s = socket(family, SOCK_DGRAM, 0);
    socklen_t n = at(&a, family, 0);
    if (family == AF_INET)
        a.v4.sin_addr.s_addr = inet_addr(to);
    else
        inet_pton(AF_INET6, to, &a.v6.sin6_addr);
    CHECK(bind(s, &a.sa, n) == 0);
    return s;
}

/* --- options --- */

static void words_of(int s, int level, const char *what, const int *names, int count)
{
    static const int values[] = { 1, 0, 5, 255, 256, -1, -2, 1 };
    for (int i = 0; i < count; i++) {
        printf("%s %d: %d", what, names[i], word(s, level, names[i]));
        for (unsigned k = 0; k < sizeof values / sizeof *values; k++) {
            int r = set(s, level, names[i], values[k]);
            printf(", %d: %s %d", values[k], r ? strerror(errno) : "ok", word(s, level, names[i]));
        }
        set(s, level, names[i], 0);
        printf("\n");
    }
}

static void options(void)
{
    static const int v4[] = { IP_TOS, IP_TTL, IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVOPTS, IP_RETOPTS, IP_MTU_DISCOVER, IP_FREEBIND,
                              IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_MINTTL, IP_BIND_ADDRESS_NO_PORT, 60 };
    static const int v6[] = { IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_MTU_DISCOVER, IPV6_RECVPKTINFO,
                              IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_TCLASS, IPV6_V6ONLY, IPV6_DONTFRAG, IPV6_AUTOFLOWLABEL, 78 /* IPV6_FREEBIND */, 199 };
    int u = socket(AF_INET, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), u6 = socket(AF_INET6, SOCK_DGRAM, 0), t6 = socket(AF_INET6, SOCK_STREAM, 0);
    words_of(u, IPPROTO_IP, "udp", v4, sizeof v4 / sizeof *v4);
    words_of(t, IPPROTO_IP, "tcp", v4, sizeof v4 / sizeof *v4);
    words_of(u6, IPPROTO_IPV6, "udp6", v6, sizeof v6 / sizeof *v6);
    words_of(t6, IPPROTO_IPV6, "tcp6", v6, sizeof v6 / sizeof *v6);
    words_of(u6, IPPROTO_IP, "udp6 as 4", v4, 5);
    unsigned char byte = 7, small[4] = { 0xaa, 0xaa, 0xaa, 0xaa };
    socklen_t n = 1;
    CHECK(setsockopt(u, IPPROTO_IP, IP_TTL, &byte, 1) == 0 && word(u, IPPROTO_IP, IP_TTL) == 7);
    CHECK(getsockopt(u, IPPROTO_IP, IP_TTL, small, &n) == 0 && n == 1 && small[0] == 7 && small[1] == 0xaa);
    n = 3;
    CHECK(getsockopt(u, IPPROTO_IP, IP_TTL, small, &n) == 0 && n == 1);
    n = 0;
    SHOW(getsockopt(u, IPPROTO_IP, IP_TTL, small, &n));
    SHOW(setsockopt(u, IPPROTO_IP, IP_TTL, &byte, 0));
    SHOW(setsockopt(u6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &byte, 1));
    SHOW(setsockopt(u6, IPPROTO_IPV6, IPV6_RECVPKTINFO, &byte, 3));
    close(u), close(t), close(u6), close(t6);
}

/* Options with another shape: a name, a number that the system rounds, nothing at all. */
static void odd_options(void)
{
    int u = socket(AF_INET, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), x = socket(AF_UNIX, SOCK_STREAM, 0);
    int u6 = socket(AF_INET6, SOCK_DGRAM, 0);
    char text[64] = "";
    socklen_t n = sizeof text;
    SHOW(setsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, "nosuch", 7));
    SHOW(setsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
    SHOW(word(u, SOL_SOCKET, 62 /* SO_BINDTOIFINDEX */));
    CHECK(getsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, text, &n) == 0 && n == 3 && strcmp(text, "lo") == 0);
    n = 15;
    SHOW(getsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, text, &n));
    union address a;
    int deaf = bound(AF_INET, "127.0.0.1");
    at(&a, AF_INET, port_of(deaf));
    CHECK(sendto(u, "x", 1, 0, &a.sa, sizeof a.v4) == 1 && recv(deaf, text, 1, 0) == 1); /* it is the right one */
    int may = setsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, "", 0); /* a container may forbid it */
    n = sizeof text;
    CHECK(may ? errno == EPERM : getsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, text, &n) == 0 && n == 0);
    SHOW(set(t, SOL_SOCKET, 62, -1));
    SHOW(setsockopt(x, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    CHECK(set(u, SOL_SOCKET, SO_MARK, 77) == 0 ? word(u, SOL_SOCKET, SO_MARK) == 77 : errno == EPERM);
    SHOW(setsockopt(u, IPPROTO_IP, IP_OPTIONS, text, 0));
    n = sizeof text;
    CHECK(getsockopt(u, IPPROTO_IP, IP_OPTIONS, text, &n) == 0 && n == 0);
    SHOW(word(u, IPPROTO_IP, IP_MTU));
    CHECK(connect(u, &a.sa, sizeof a.v4) == 0);
    SHOW(word(u, IPPROTO_IP, IP_MTU));
    SHOW(word(u6, IPPROTO_IPV6, IPV6_MTU));
    SHOW(word(u, IPPROTO_IPV6, IPV6_MTU));
    static const int tcp[] = { TCP_SYNCNT, TCP_FASTOPEN, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP };
    static const int values[] = { 1, 0, 3, 4, 100, 1000, 99999, -1 };
    for (unsigned i = 0; i < sizeof tcp / sizeof *tcp; i++) {
        printf("tcp %d:", tcp[i]);
        for (unsigned k = 0; k < sizeof values / sizeof *values; k++) {
            int r = set(t, IPPROTO_TCP, tcp[i], values[k]);
            printf(" %d %s %d", values[k], r ? strerror(errno) : "ok", word(t, IPPROTO_TCP, tcp[i]));
        }
        printf("\n");
    }
    close(u), close(t), close(x), close(u6), close(deaf);
}

/* --- received --- */

static void show_control(struct msghdr *m)
{
    char text[64];
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        printf("  level %d type %d length %d", c->cmsg_level, c->cmsg_type, (int)(c->cmsg_len - CMSG_LEN(0)));
        if (c->cmsg_len < CMSG_LEN(c->cmsg_type == IP_TOS ? 1 : 4) || (c->cmsg_type == IP_PKTINFO && c->cmsg_len < CMSG_LEN(12))) {
            printf(" cut\n");
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo *p = (void *)CMSG_DATA(c);
            printf(" if %d at %s", p->ipi_ifindex, inet_ntoa(p->ipi_spec_dst));
            printf(" to %s\n", inet_ntoa(p->ipi_addr));
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo *p = (void *)CMSG_DATA(c);
            printf(" if %d to %s\n", p->ipi6_ifindex, inet_ntop(AF_INET6, &p->ipi6_addr, text, sizeof text));
        } else {
            printf(" value %d\n", c->cmsg_len == CMSG_LEN(1) ? *CMSG_DATA(c) : *(int *)(void *)CMSG_DATA(c));
        }
    }
}

static void show_received(int s, size_t room)
{
    char byte[8], text[64];
    union { struct cmsghdr align; char bytes[512]; } control;
    union address from;
    struct iovec v = { byte, sizeof byte };
    struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = (unsigned)room };
    struct pollfd p = { s, POLLIN, 0 };
    ssize_t n = poll(&p, 1, 10000) == 1 ? recvmsg(s, &m, MSG_DONTWAIT) : -1;
    const char *who = from.sa.sa_family == AF_INET ? inet_ntop(AF_INET, &from.v4.sin_addr, text, sizeof text) : inet_ntop(AF_INET6, &from.v6.sin6_addr, text, sizeof text);
    printf("received %zd from %s, flags %x, control %d\n", n, who, m.msg_flags, (int)m.msg_controllen);
    show_control(&m);
}

static int send_to(int s, int family, const char *where, int port)
{
    union address a;
    socklen_t n = at(&a, family, port);
    if (family == AF_INET)
        a.v4.sin_addr.s_addr = inet_addr(where);
    else
        inet_pton(AF_INET6, where, &a.v6.sin6_addr);
    return (int)sendto(s, "x", 1, 0, &a.sa, n);
}

static void received(void)
{
    int u = bound(AF_INET, "0.0.0.0"), from = bound(AF_INET, "127.0.0.1");
    CHECK(set(u, IPPROTO_IP, IP_PKTINFO, 1) == 0);
    CHECK(send_to(from, AF_INET, "127.0.0.1", port_of(u)) == 1);
    show_received(u, 512);
    CHECK(set(u, IPPROTO_IP, IP_RECVTTL, 1) == 0 && set(u, IPPROTO_IP, IP_RECVTOS, 1) == 0);
    CHECK(set(from, IPPROTO_IP, IP_TTL, 33) == 0 && set(from, IPPROTO_IP, IP_TOS, 0x10) == 0);
    CHECK(send_to(from, AF_INET, "127.0.0.1", port_of(u)) == 1);
    show_received(u, 512);
    for (size_t room = 0; room <= 72; room += 12) {
        CHECK(send_to(from, AF_INET, "127.0.0.1", port_of(u)) == 1);
        show_received(u, room);
    }
    close(u), close(from);

    u = bound(AF_INET6, "::"), from = bound(AF_INET6, "::1");
    int four = bound(AF_INET, "127.0.0.1");
    CHECK(set(u, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0);
    CHECK(send_to(from, AF_INET6, "::1", port_of(u)) == 1);
    show_received(u, 512);
    CHECK(set(u, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0 && set(u, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) == 0);
    CHECK(set(from, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44) == 0 && set(from, IPPROTO_IPV6, IPV6_TCLASS, 0x20) == 0);
    CHECK(send_to(from, AF_INET6, "::1", port_of(u)) == 1);
    show_received(u, 512);
    CHECK(send_to(four, AF_INET, "127.0.0.1", port_of(u)) == 1);
    show_received(u, 512);
    CHECK(set(u, IPPROTO_IP, IP_RECVTTL, 1) == 0 && set(u, IPPROTO_IP, IP_PKTINFO, 1) == 0);
    CHECK(send_to(four, AF_INET, "127.0.0.1", port_of(u)) == 1);
    show_received(u, 512);
    close(u), close(from), close(four);
}

/* --- sent --- */

static int send_control(int s, const union address *to, socklen_t len, int level, int type, const void *value, size_t n)
{
    union { struct cmsghdr align; char bytes[256]; } control = { .bytes = { 0 } };
    struct iovec v = { (char *)"yz", 2 };
    struct msghdr m = { .msg_name = (void *)(to ? &to->sa : NULL), .msg_namelen = to ? len : 0, .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(n) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(n);
    memcpy(CMSG_DATA(c), value, n);
    return (int)sendmsg(s, &m, 0);
}

static void sent_v4(void)
{
    union address to;
    int u = bound(AF_INET, "127.0.0.1"), from = socket(AF_INET, SOCK_DGRAM, 0), v;
    unsigned char byte = 0x28;
    socklen_t n = at(&to, AF_INET, port_of(u));
    struct in_pktinfo info = { .ipi_spec_dst.s_addr = inet_addr("127.0.0.9") };
    set(u, IPPROTO_IP, IP_PKTINFO, 1), set(u, IPPROTO_IP, IP_RECVTTL, 1), set(u, IPPROTO_IP, IP_RECVTOS, 1);
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
    show_received(u, 512);
    info.ipi_ifindex = 1;
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
    show_received(u, 512);
    info.ipi_ifindex = 4000;
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
    info = (struct in_pktinfo){ .ipi_spec_dst.s_addr = inet_addr("198.51.100.7") }; /* the error depends on the host's routes */
    CHECK(send_control(from, &to, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info) == -1);
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_PKTINFO, &info, sizeof info - 1));
    for (v = -1; v <= 257; v += v == 1 ? 254 : 1)
        printf("ttl %d: %d\n", v, send_control(from, &to, n, IPPROTO_IP, IP_TTL, &v, sizeof v));
    show_received(u, 512);
    show_received(u, 512);
    v = 0x10;
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_TOS, &v, sizeof v));
    show_received(u, 512);
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_TOS, &byte, sizeof byte));
    show_received(u, 512);
    SHOW(send_control(from, &to, n, IPPROTO_IP, IP_TTL, &byte, sizeof byte));
    SHOW(send_control(from, &to, n, IPPROTO_IP, 99, &v, sizeof v));
    SHOW(send_control(from, &to, n, SOL_SOCKET, 99, &v, sizeof v));
    SHOW(send_control(from, &to, n, SOL_SOCKET, SCM_RIGHTS, &v, sizeof v));
    show_received(u, 512);
    SHOW(send_control(from, &to, n, 77, 99, &v, sizeof v));
    show_received(u, 512);
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_HOPLIMIT, &v, sizeof v));
    show_received(u, 512);
    close(u), close(from);
}

static void sent_v6(void)
{
    union address to, four;
    int u = bound(AF_INET6, "::1"), from = socket(AF_INET6, SOCK_DGRAM, 0), u4 = bound(AF_INET, "127.0.0.1"), v = 9;
    socklen_t n = at(&to, AF_INET6, port_of(u));
    struct in6_pktinfo info = { .ipi6_addr = IN6ADDR_LOOPBACK_INIT, .ipi6_ifindex = 1 };
    set(u, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1), set(u, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1), set(u, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
    show_received(u, 512);
    info.ipi6_ifindex = 4000;
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
    info.ipi6_ifindex = 0;
    inet_pton(AF_INET6, "2001:db8::1", &info.ipi6_addr);
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_PKTINFO, &info, 4));
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_HOPLIMIT, &v, sizeof v));
    show_received(u, 512);
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof v));
    show_received(u, 512);
    for (v = -2; v <= 256; v += v == 0 ? 255 : 1) {
        printf("hops %d: %d\n", v, send_control(from, &to, n, IPPROTO_IPV6, IPV6_HOPLIMIT, &v, sizeof v));
        if (v != -1) /* 255 in some versions, the socket's in others */
            printf("class %d: %d\n", v, send_control(from, &to, n, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof v));
    }
    for (int i = 0; i < 5; i++)
        show_received(u, 512);
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, IPV6_HOPLIMIT, &v, 1));
    SHOW(send_control(from, &to, n, IPPROTO_IPV6, 199, &v, sizeof v));
    SHOW(send_control(from, &to, n, SOL_SOCKET, 99, &v, sizeof v));
    set(u4, IPPROTO_IP, IP_PKTINFO, 1);
    n = at(&four, AF_INET, port_of(u4));
    inet_pton(AF_INET6, "::ffff:127.0.0.8", &info.ipi6_addr);
    SHOW(send_control(from, &four, n, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
    show_received(u4, 512);
    close(u), close(from), close(u4);
}

/* Streams look at SOL_SOCKET alone. */
static void sent_tcp(void)
{
    union address to;
    int l = socket(AF_INET, SOCK_STREAM, 0), v = 1;
    socklen_t n = at(&to, AF_INET, 0);
    CHECK(bind(l, &to.sa, n) == 0 && listen(l, 5) == 0);
    n = at(&to, AF_INET, port_of(l));
    int a = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(a, &to.sa, n) == 0);
    SHOW(send_control(a, NULL, 0, IPPROTO_IP, 99, &v, sizeof v));
    SHOW(send_control(a, NULL, 0, SOL_SOCKET, 99, &v, sizeof v));
    SHOW(send_control(a, NULL, 0, SOL_SOCKET, SCM_RIGHTS, &v, sizeof v));
    close(a), close(l);
}

/* MSG_FASTOPEN: connect and send in one; here nobody has a cookie of the other, so nothing goes with the SYN. */
static void fast_open(void)
{
    union address to;
    char got[8] = "";
    int l = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t n = at(&to, AF_INET, 0);
    CHECK(bind(l, &to.sa, n) == 0 && listen(l, 5) == 0);
    n = at(&to, AF_INET, port_of(l));
    int a = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(sendto(a, "fast", 4, MSG_FASTOPEN, &to.sa, n));
    int b = accept(l, NULL, NULL);
    CHECK(recv(b, got, 4, MSG_WAITALL) == 4 && memcmp(got, "fast", 4) == 0);
    SHOW(sendto(a, "more", 4, MSG_FASTOPEN, &to.sa, n));
    SHOW(sendto(a, "more", 4, 0, &to.sa, n));
    CHECK(recv(b, got, 4, MSG_WAITALL) == 4 && memcmp(got, "more", 4) == 0);
    close(a), close(b);
    a = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SHOW(sendto(a, "fast", 4, MSG_FASTOPEN, &to.sa, n));
    struct pollfd p = { a, POLLOUT, 0 };
    CHECK(poll(&p, 1, 10000) == 1 && p.revents == POLLOUT);
    b = accept(l, NULL, NULL);
    CHECK(write(a, "slow", 4) == 4);
    CHECK(recv(b, got, 4, MSG_WAITALL) == 4 && memcmp(got, "slow", 4) == 0);
    close(a), close(b), close(l);
    a = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(sendto(a, "none", 4, MSG_FASTOPEN, &to.sa, n)); /* nobody listens */
    to.sa.sa_family = AF_UNSPEC;
    SHOW(sendto(a, "none", 4, MSG_FASTOPEN, &to.sa, n));
    close(a);
}

/* A stream that runs into a page that is not there has taken nothing. */
static void bad_page(void)
{
    int pair[2];
    char got[16];
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
    memset(page, 'p', 4096);
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        CHECK(socketpair(AF_UNIX, type, 0, pair) == 0);
        SHOW(write(pair[0], page + 4090, 20));
        SHOW(write(pair[0], page, 8000));
        struct iovec v[2] = { { (char *)"good", 4 }, { page + 4096, 5 } };
        struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
        SHOW(sendmsg(pair[0], &m, 0));
        SHOW(recv(pair[1], got, sizeof got, MSG_DONTWAIT));
        CHECK(write(pair[0], "after", 5) == 5 && read(pair[1], got, sizeof got) == 5 && memcmp(got, "after", 5) == 0);
        close(pair[0]), close(pair[1]);
    }
    munmap(page, 4096);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    options();
    odd_options();
    received();
    sent_v4();
    sent_v6();
    sent_tcp();
    fast_open();
    bad_page();
    return check_result();
}
