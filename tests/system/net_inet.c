/* TCP, UDP and ICMP over the loopback interface, both versions of IP. */
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
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

static int bits(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 };
    return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static int wait_bits(int fd, int want)
{
    struct pollfd p = { fd, (short)want, 0 };
    return poll(&p, 1, 3000) < 0 ? -1 : p.revents;
}

static int word(int s, int level, int name)
{
    int v = -1;
    socklen_t n = sizeof v;
    return getsockopt(s, level, name, &v, &n) ? -1 : v;
}

static void connected(int family, int *a, int *b)
{
    union address to;
    int l = socket(family, SOCK_STREAM, 0);
    socklen_t n = at(&to, family, 0);
    CHECK(l >= 0 && bind(l, &to.sa, n) == 0 && listen(l, 5) == 0);
    n = at(&to, family, port_of(l));
    *a = socket(family, SOCK_STREAM, 0);
    CHECK(connect(*a, &to.sa, n) == 0);
    *b = accept(l, NULL, NULL);
    CHECK(*b >= 0);
    close(l);
}

static void tcp_basics(int family)
{
    union address to, got;
    int l = socket(family, SOCK_STREAM, 0), c, d;
    char buf[64];
    socklen_t n = at(&to, family, 0), len = sizeof got;
    CHECK(bits(l) == (POLLOUT | POLLHUP));
    CHECK(bind(l, &to.sa, n) == 0);
    CHECK(bind(l, &to.sa, n) == -1 && errno == EINVAL);
    CHECK(listen(l, 3) == 0 && word(l, SOL_SOCKET, SO_ACCEPTCONN) == 1);
    int port = port_of(l);
    CHECK(port >= 1024);
    n = at(&to, family, port);
    CHECK(fcntl(l, F_SETFL, O_NONBLOCK) == 0 && accept(l, NULL, NULL) == -1 && errno == EAGAIN);
    c = socket(family, SOCK_STREAM, IPPROTO_TCP);
    CHECK(word(c, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP && word(c, SOL_SOCKET, SO_TYPE) == SOCK_STREAM);
    CHECK(send(c, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    CHECK(recv(c, buf, 1, 0) == -1 && errno == ENOTCONN);
    CHECK(getpeername(c, &got.sa, &len) == -1 && errno == ENOTCONN);
    CHECK(connect(c, &to.sa, n) == 0);
    CHECK(connect(c, &to.sa, n) == -1 && errno == EISCONN);
    CHECK(bits(c) == POLLOUT);
    CHECK(wait_bits(l, POLLIN) == POLLIN);
    CHECK(send(c, "hello", 5, 0) == 5);
    len = sizeof got;
    CHECK((d = accept(l, &got.sa, &len)) >= 0 && len == n && got.sa.sa_family == family);
    CHECK(port_of(c) == ntohs(got.v4.sin_port));
    len = sizeof got;
    CHECK(getpeername(c, &got.sa, &len) == 0 && len == n && memcmp(&got, &to, n) == 0);
    CHECK(recv(d, buf, 3, MSG_PEEK) == 3 && recv(d, buf, sizeof buf, 0) == 5 && memcmp(buf, "hello", 5) == 0);
    CHECK(recv(d, buf, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    CHECK(send(d, "abc", 3, 0) == 3 && send(d, "def", 3, 0) == 3);
    CHECK(recv(c, buf, 6, MSG_WAITALL) == 6 && memcmp(buf, "abcdef", 6) == 0);
    int v;
    CHECK(send(d, "1234567", 7, 0) == 7 && wait_bits(c, POLLIN) == POLLIN && ioctl(c, FIONREAD, &v) == 0 && v == 7);
    CHECK(recv(c, buf, 64, 0) == 7);
    CHECK(shutdown(c, SHUT_WR) == 0);
    CHECK(recv(d, buf, 1, 0) == 0);
    CHECK(bits(d) == (POLLIN | POLLOUT | POLLRDHUP));
    CHECK(send(d, "late", 4, 0) == 4 && recv(c, buf, 64, 0) == 4);
    CHECK(send(c, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    close(d);
    CHECK(recv(c, buf, 1, 0) == 0);
    CHECK((bits(c) & (POLLIN | POLLHUP | POLLRDHUP)) == (POLLIN | POLLHUP | POLLRDHUP));
    close(c);
    close(l);
    c = socket(family, SOCK_STREAM, 0);
    CHECK(connect(c, &to.sa, n) == -1 && errno == ECONNREFUSED);
    close(c);
}

static void tcp_nonblocking(int family)
{
    union address to;
    int l = socket(family, SOCK_STREAM, 0), c = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t n = at(&to, family, 0);
    CHECK(bind(l, &to.sa, n) == 0 && listen(l, 1) == 0);
    n = at(&to, family, port_of(l));
    CHECK(connect(c, &to.sa, n) == -1 && errno == EINPROGRESS);
    CHECK(wait_bits(c, POLLOUT) == POLLOUT && word(c, SOL_SOCKET, SO_ERROR) == 0);
    CHECK(connect(c, &to.sa, n) == 0);
    CHECK(connect(c, &to.sa, n) == -1 && errno == EISCONN);
    close(c);
    close(l);
    c = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK(connect(c, &to.sa, n) == -1 && errno == EINPROGRESS);
    CHECK(wait_bits(c, POLLOUT) & POLLERR);
    CHECK(word(c, SOL_SOCKET, SO_ERROR) == ECONNREFUSED && word(c, SOL_SOCKET, SO_ERROR) == 0);
    close(c);
}

static void tcp_reset(int family)
{
    int a, b;
    char c;
    connected(family, &a, &b);
    CHECK(send(a, "lost", 4, 0) == 4 && wait_bits(b, POLLIN) == POLLIN);
    close(b);
    CHECK(wait_bits(a, POLLIN) & POLLERR);
    CHECK(recv(a, &c, 1, 0) == -1 && errno == ECONNRESET);
    CHECK(recv(a, &c, 1, 0) == 0);
    close(a);
    connected(family, &a, &b);
    struct linger now = { 1, 0 };
    CHECK(setsockopt(a, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
    close(a);
    CHECK(recv(b, &c, 1, 0) == -1 && errno == ECONNRESET);
    close(b);
    connected(family, &a, &b);
    close(b);
    CHECK(wait_bits(a, POLLRDHUP) & POLLRDHUP);
    CHECK(send(a, "x", 1, MSG_NOSIGNAL) == 1);
    CHECK(wait_bits(a, POLLHUP) & POLLHUP);
    CHECK(send(a, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    close(a);
}

static void tcp_bulk(int family)
{
    int a, b;
    static char data[1 << 20];
    connected(family, &a, &b);
    pid_t pid = fork();
    if (pid == 0) {
        close(b);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (char)(i * 5 >> 2);
        bool ok = true;
        for (int i = 0; i < 4; i++)
            ok &= send(a, data, sizeof data, 0) == sizeof data;
        _exit(!ok);
    }
    close(a);
    size_t total = 0;
    bool ok = true;
    for (ssize_t n; (n = recv(b, data, 12345, 0)) > 0; total += (size_t)n)
        for (ssize_t i = 0; i < n; i++)
            ok &= data[i] == (char)(((total + (size_t)i) % sizeof data) * 5 >> 2);
    CHECK(ok && total == 4 * sizeof data);
    int raw;
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    close(b);
}

static void tcp_full(int family)
{
    int a, b;
    static char data[65536];
    connected(family, &a, &b);
    long sent = 0, got = 0;
    fcntl(a, F_SETFL, O_NONBLOCK);
    fcntl(b, F_SETFL, O_NONBLOCK);
    for (int pause = 0; pause < 3; pause++) {
        for (ssize_t n; (n = send(a, data, sizeof data, 0)) > 0;)
            sent += n;
        sleep_ms(20);
    }
    CHECK(sent > 100000 && !(bits(a) & POLLOUT));
    for (int pause = 0; pause < 100 && got < sent; pause++) {
        for (ssize_t n; (n = recv(b, data, sizeof data, 0)) > 0;)
            got += n;
        if (got < sent)
            sleep_ms(20);
    }
    CHECK(got == sent && (wait_bits(a, POLLOUT) & POLLOUT));
    close(a);
    close(b);
}

static void udp(int family)
{
    union address to, from;
    int a = socket(family, SOCK_DGRAM, 0), b = socket(family, SOCK_DGRAM, 0);
    socklen_t n = at(&to, family, 0), len;
    char buf[64];
    static char big[65536];
    CHECK(bits(a) == POLLOUT);
    CHECK(bind(b, &to.sa, n) == 0);
    n = at(&to, family, port_of(b));
    CHECK(send(a, "x", 1, 0) == -1 && errno == EDESTADDRREQ);
    CHECK(sendto(a, "first", 5, 0, &to.sa, n) == 5);
    len = sizeof from;
    CHECK(recvfrom(b, buf, sizeof buf, 0, &from.sa, &len) == 5 && len == n && ntohs(from.v4.sin_port) == port_of(a));
    CHECK(sendto(b, "answer", 6, 0, &from.sa, len) == 6 && recv(a, buf, 3, MSG_TRUNC) == 6);
    CHECK(sendto(a, "", 0, 0, &to.sa, n) == 0 && recv(b, buf, 1, 0) == 0);
    CHECK(connect(a, &to.sa, n) == 0 && send(a, "two", 3, 0) == 3 && recv(b, buf, 64, 0) == 3);
    CHECK(send(a, big, 65536, 0) == -1 && errno == EMSGSIZE);
    CHECK(send(a, big, 60000, 0) == 60000 && recv(b, big, sizeof big, 0) == 60000);
    CHECK(recv(b, buf, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    CHECK(bind(a, &to.sa, n) == -1 && errno == EINVAL);
    int c = socket(family, SOCK_DGRAM, 0);
    CHECK(bind(c, &to.sa, n) == -1 && errno == EADDRINUSE);
    close(b);
    CHECK(send(a, "gone", 4, 0) == 4);
    CHECK(recv(a, buf, 1, 0) == -1 && errno == ECONNREFUSED);
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    CHECK(connect(a, &none, sizeof none) == 0 && getpeername(a, &from.sa, &(socklen_t){ sizeof from }) == -1 && errno == ENOTCONN);
    close(a), close(c);
}

static void names(void)
{
    union address a;
    int on = 1, s = socket(AF_INET, SOCK_STREAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET6, SOCK_STREAM, 0);
    socklen_t n = at(&a, AF_INET, 0);
    a.v4.sin_addr.s_addr = htonl(0x08080808);
    CHECK(bind(s, &a.sa, n) == -1 && errno == EADDRNOTAVAIL);
    a.v4.sin_addr.s_addr = htonl(INADDR_ANY);
    CHECK(bind(s, &a.sa, n) == 0 && listen(s, 1) == 0);
    int port = port_of(s);
    n = at(&a, AF_INET, port);
    CHECK(bind(t, &a.sa, n) == -1 && errno == EADDRINUSE);
    CHECK(setsockopt(t, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    CHECK(bind(t, &a.sa, n) == -1 && errno == EADDRINUSE);
    n = at(&a, AF_INET6, port);
    a.v6.sin6_addr = in6addr_any;
    CHECK(bind(u, &a.sa, n) == -1 && errno == EADDRINUSE);
    CHECK(setsockopt(u, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0 && bind(u, &a.sa, n) == 0);
    close(t);
    t = socket(AF_INET, SOCK_STREAM, 0);
    n = at(&a, AF_INET, port);
    a.v4.sin_addr.s_addr = htonl(0x7f000005);
    CHECK(connect(t, &a.sa, n) == 0);
    close(s), close(t), close(u);
    u = socket(AF_INET6, SOCK_STREAM, 0);
    n = at(&a, AF_INET6, 0);
    a.v6.sin6_addr = in6addr_any;
    CHECK(bind(u, &a.sa, n) == 0 && listen(u, 1) == 0);
    t = socket(AF_INET, SOCK_STREAM, 0);
    n = at(&a, AF_INET, port_of(u));
    CHECK(connect(t, &a.sa, n) == 0);
    n = sizeof a;
    s = accept(u, &a.sa, &n);
    CHECK(s >= 0 && n == sizeof a.v6 && IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr));
    CHECK(write(t, "mapped", 6) == 6 && read(s, &a, 6) == 6);
    close(s), close(t), close(u);
    s = socket(AF_INET, SOCK_STREAM, 0);
    n = at(&a, AF_INET, 9);
    CHECK(bind(s, &a.sa, 4) == -1 && errno == EINVAL);
    a.sa.sa_family = AF_INET6;
    CHECK(connect(s, &a.sa, n) == -1 && errno == EAFNOSUPPORT);
    CHECK(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 && word(s, IPPROTO_TCP, TCP_NODELAY) == 1);
    CHECK(word(s, SOL_SOCKET, SO_KEEPALIVE) == 0 && word(s, IPPROTO_TCP, TCP_KEEPIDLE) == 7200);
    CHECK(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) == -1 && errno == EPROTONOSUPPORT);
    CHECK(socket(AF_INET, SOCK_SEQPACKET, 0) == -1 && errno == ESOCKTNOSUPPORT);
    close(s);
}

/* Many short connections to one port: nothing runs out. */
static void many(void)
{
    union address to;
    int l = socket(AF_INET, SOCK_STREAM, 0), bad = 0;
    socklen_t n = at(&to, AF_INET, 0);
    char buf[8];
    CHECK(bind(l, &to.sa, n) == 0 && listen(l, 128) == 0);
    n = at(&to, AF_INET, port_of(l));
    for (int i = 0; i < 3000; i++) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        bad += connect(c, &to.sa, n) != 0;
        int d = accept(l, NULL, NULL);
        bad += write(c, "ping", 4) != 4 || read(d, buf, 4) != 4 || write(d, "pong", 4) != 4;
        close(d);
        bad += read(c, buf, 8) != 4 || read(c, buf, 8) != 0;
        close(c);
    }
    CHECK(bad == 0);
    close(l);
}

/* Who accepts at the moment the connection comes about sees it whole. */
static void accept_at_once(void)
{
    union address to, from;
    int l = socket(AF_INET, SOCK_STREAM, 0), bad = 0;
    socklen_t n = at(&to, AF_INET, 0), len;
    CHECK(bind(l, &to.sa, n) == 0 && listen(l, 5) == 0);
    n = at(&to, AF_INET, port_of(l));
    pid_t child = fork();
    for (int i = 0; i < 100 && child == 0; i++) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        char byte;
        if (connect(c, &to.sa, n) || read(c, &byte, 1) != 0)
            _exit(1);
        close(c);
    }
    if (child == 0)
        _exit(0);
    for (int i = 0; i < 100; i++) {
        int s = accept(l, &from.sa, (len = sizeof from, &len));
        bad += s < 0 || len != sizeof from.v4 || from.v4.sin_addr.s_addr != htonl(INADDR_LOOPBACK) || !from.v4.sin_port;
        close(s);
    }
    int raw;
    CHECK(bad == 0);
    CHECK(waitpid(child, &raw, 0) == child && raw == 0);
    close(l);
}

/* Options that are told the way they were set; the rest of struct tcp_info is nobody's business. */
static void tcp_words(void)
{
    int a, b, v;
    unsigned char info[104];
    socklen_t n = sizeof info;
    connected(AF_INET, &a, &b);
    CHECK(getsockopt(a, IPPROTO_TCP, TCP_INFO, info, &n) == 0 && n == sizeof info && info[0] == 1);
    CHECK(memcmp(info + 100, "\0\0\0\0", 4) == 0); /* tcpi_total_retrans */
    n = 1;
    CHECK(getsockopt(a, IPPROTO_TCP, TCP_INFO, info, &n) == 0 && n == 1 && info[0] == 1);
    v = 12345;
    CHECK(setsockopt(a, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof v) == 0 && word(a, IPPROTO_TCP, TCP_USER_TIMEOUT) == 12345);
    v = -1;
    SHOW(setsockopt(a, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, sizeof v));
    SHOW(word(b, IPPROTO_TCP, TCP_LINGER2));
    v = 5;
    CHECK(setsockopt(b, IPPROTO_TCP, TCP_LINGER2, &v, sizeof v) == 0 && word(b, IPPROTO_TCP, TCP_LINGER2) == 5);
    v = -5;
    CHECK(setsockopt(b, IPPROTO_TCP, TCP_LINGER2, &v, sizeof v) == 0 && word(b, IPPROTO_TCP, TCP_LINGER2) == -1);
    v = 1;
    SHOW(setsockopt(a, IPPROTO_IPV6, 26, &v, sizeof v)); /* IPV6_V6ONLY, of a socket of IPv4 */
    close(a);
    close(b);
}

/* The one control message of what is received, or -1: its type. */
static int control_of(int s, void *value, int size)
{
    char byte[8], control[CMSG_SPACE(64)];
    struct iovec v = { byte, sizeof byte };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    if (recvmsg(s, &m, 0) < 0)
        return -errno;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_len != CMSG_LEN((size_t)size))
        return -1;
    memcpy(value, CMSG_DATA(c), (size_t)size);
    return c->cmsg_type;
}

/* When a datagram came: between when it was sent and now, though it was read later. */
static void stamps(int from, int to)
{
    struct timespec began, ended;
    struct timeval tv;
    int on = 1;
    CHECK(setsockopt(to, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0 && word(to, SOL_SOCKET, SO_TIMESTAMPNS) == 1 && word(to, SOL_SOCKET, SO_TIMESTAMP) == 0);
    clock_gettime(CLOCK_REALTIME, &began);
    CHECK(send(from, "x", 1, 0) == 1);
    clock_gettime(CLOCK_REALTIME, &ended);
    struct timespec at = { 0 };
    SHOW(control_of(to, &at, sizeof at));
    CHECK(at.tv_sec >= began.tv_sec && at.tv_sec <= ended.tv_sec && at.tv_nsec >= 0 && at.tv_nsec < 1000000000);
    CHECK(setsockopt(to, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on) == 0 && word(to, SOL_SOCKET, SO_TIMESTAMPNS) == 0 && word(to, SOL_SOCKET, SO_TIMESTAMP) == 1);
    CHECK(send(from, "x", 1, 0) == 1);
    SHOW(control_of(to, &tv, sizeof tv));
    CHECK(tv.tv_sec >= began.tv_sec && tv.tv_usec >= 0 && tv.tv_usec < 1000000);
    on = 0;
    CHECK(setsockopt(to, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on) == 0);
    CHECK(send(from, "x", 1, 0) == 1);
    SHOW(control_of(to, &tv, sizeof tv));
    close(from);
    close(to);
}

static void all_stamps(void)
{
    union address to;
    int pair[2], u = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t n = at(&to, AF_INET, 0);
    CHECK(bind(u, &to.sa, n) == 0);
    n = at(&to, AF_INET, port_of(u));
    CHECK(connect(c, &to.sa, n) == 0);
    stamps(c, u);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    stamps(pair[0], pair[1]);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    for (int v6 = 0; v6 < 2; v6++) {
        int family = v6 ? AF_INET6 : AF_INET;
        tcp_basics(family);
        tcp_nonblocking(family);
        tcp_reset(family);
        tcp_bulk(family);
        tcp_full(family);
        udp(family);
    }
    names();
    many();
    accept_at_once();
    tcp_words();
    all_stamps();
    return check_result();
}
