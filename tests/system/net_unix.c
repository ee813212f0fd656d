/* AF_UNIX: streams, datagrams, seqpackets; names; what travels beside the bytes. unix(7). */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

/* musl copies control data and refuses much of it: the kernel is to be asked. */
static ssize_t raw_sendmsg(int fd, const struct msghdr *m, int flags) { return syscall(SYS_sendmsg, fd, m, flags); }

static int bits(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 };
    return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static socklen_t name_of(struct sockaddr_un *a, const char *text)
{
    *a = (struct sockaddr_un){ .sun_family = AF_UNIX };
    size_t n = strlen(text);
    memcpy(a->sun_path, text, n);
    if (text[0] == '@')
        a->sun_path[0] = 0;
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (text[0] != '@'));
}

static void pairs(int type)
{
    int s[2], v;
    socklen_t len = sizeof v;
    char buf[64];
    CHECK(socketpair(AF_UNIX, type, 0, s) == 0);
    CHECK(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len) == 0 && v == type && len == 4);
    CHECK(getsockopt(s[0], SOL_SOCKET, SO_DOMAIN, &v, &len) == 0 && v == AF_UNIX);
    CHECK(getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &v, &len) == 0 && v == 0);
    CHECK(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, &len) == 0 && v == 212992);
    CHECK(bits(s[0]) == POLLOUT);
    CHECK(write(s[0], "hello", 5) == 5);
    CHECK(bits(s[1]) == (POLLIN | POLLOUT));
    CHECK(ioctl(s[1], FIONREAD, &v) == 0 && v == 5);
    CHECK(recv(s[1], buf, 3, MSG_PEEK) == 3 && memcmp(buf, "hel", 3) == 0);
    CHECK(recv(s[1], buf, sizeof buf, 0) == 5 && memcmp(buf, "hello", 5) == 0);
    CHECK(recv(s[1], buf, sizeof buf, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    if (type != SOCK_STREAM)
        CHECK(send(s[0], "x", 1, MSG_OOB) == -1 && errno == EOPNOTSUPP);
    struct stat st;
    CHECK(fstat(s[0], &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0777);
    CHECK(lseek(s[0], 0, SEEK_SET) == -1 && errno == ESPIPE);
    CHECK(shutdown(s[0], SHUT_WR) == 0);
    if (type != SOCK_DGRAM) {
        CHECK(read(s[1], buf, sizeof buf) == 0);
        CHECK(bits(s[1]) == (POLLIN | POLLOUT | POLLRDHUP));
    }
    CHECK(send(s[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    CHECK(send(s[1], "back", 4, 0) == 4 && read(s[0], buf, 10) == 4);
    CHECK(close(s[1]) == 0);
    if (type != SOCK_DGRAM) {
        CHECK((bits(s[0]) & (POLLIN | POLLHUP | POLLRDHUP)) == (POLLIN | POLLHUP | POLLRDHUP));
        CHECK(read(s[0], buf, 10) == 0);
    }
    CHECK(close(s[0]) == 0);
}

static void boundaries(int type)
{
    int s[2];
    char buf[16];
    CHECK(socketpair(AF_UNIX, type, 0, s) == 0);
    CHECK(send(s[0], "one", 3, 0) == 3 && send(s[0], "two2", 4, 0) == 4 && send(s[0], "", 0, 0) == 0);
    CHECK(send(s[0], "after", 5, 0) == 5);
    CHECK(recv(s[1], buf, 2, MSG_TRUNC) == 3);
    CHECK(recv(s[1], buf, sizeof buf, 0) == 4);
    CHECK(recv(s[1], buf, sizeof buf, 0) == 0);
    struct iovec v = { buf, 3 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
    CHECK(recvmsg(s[1], &m, 0) == 3 && (m.msg_flags & MSG_TRUNC));
    static char big[300000];
    CHECK(send(s[0], big, sizeof big, 0) == -1 && errno == EMSGSIZE);
    close(s[0]);
    close(s[1]);
}

static long fill(int fd, size_t piece)
{
    static char data[65536];
    long n = 0, r;
    while ((r = send(fd, data, piece, MSG_DONTWAIT)) > 0)
        n += r;
    return errno == EAGAIN ? n : -1;
}

static void full(int type)
{
    int s[2];
    static char data[65536];
    CHECK(socketpair(AF_UNIX, type, 0, s) == 0);
    CHECK(fill(s[0], 4096) > 65536);
    CHECK(!(bits(s[0]) & POLLOUT));
    struct timeval tv = { 0, 20000 };
    CHECK(setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv) == 0);
    CHECK(write(s[0], data, 4096) == -1 && errno == EAGAIN);
    while (recv(s[1], data, sizeof data, MSG_DONTWAIT) > 0)
        ;
    CHECK(bits(s[0]) & POLLOUT);
    CHECK(write(s[0], data, 4096) == 4096);
    tv = (struct timeval){ 0, 10000 };
    CHECK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0);
    CHECK(read(s[0], data, 1) == -1 && errno == EAGAIN);
    close(s[0]);
    close(s[1]);
}

static void stream_names(void)
{
    struct sockaddr_un a, b;
    socklen_t len = name_of(&a, "sock"), n;
    int l = socket(AF_UNIX, SOCK_STREAM, 0), c, d;
    char buf[32];
    CHECK(bits(l) == (POLLOUT | POLLHUP));
    CHECK(listen(l, 5) == -1 && errno == EINVAL);
    CHECK(accept(l, 0, 0) == -1 && errno == EINVAL);
    CHECK(bind(l, (void *)&a, len) == 0);
    CHECK(bind(l, (void *)&b, name_of(&b, "other")) == -1 && errno == EINVAL);
    struct stat st;
    CHECK(stat("sock", &st) == 0 && S_ISSOCK(st.st_mode));
    CHECK(open("sock", O_RDWR) == -1 && errno == ENXIO);
    c = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fcntl(c, F_GETFD) == FD_CLOEXEC);
    CHECK(connect(c, (void *)&a, len) == -1 && errno == ECONNREFUSED);
    CHECK(listen(l, 1) == 0);
    CHECK(bits(l) == 0);
    CHECK(fcntl(l, F_SETFL, O_NONBLOCK) == 0 && accept(l, 0, 0) == -1 && errno == EAGAIN);
    CHECK(write(c, "x", 1) == -1 && errno == ENOTCONN);
    CHECK(read(c, buf, 1) == -1 && errno == EINVAL);
    CHECK(getpeername(c, (void *)&b, &(socklen_t){ sizeof b }) == -1 && errno == ENOTCONN);
    CHECK(connect(c, (void *)&a, len) == 0);
    CHECK(connect(c, (void *)&a, len) == -1 && errno == EISCONN);
    CHECK(write(c, "early", 5) == 5);
    CHECK(bits(l) == POLLIN);
    n = sizeof b;
    CHECK((d = accept4(l, (void *)&b, &n, SOCK_NONBLOCK)) >= 0 && n == 2 && b.sun_family == AF_UNIX);
    CHECK(read(d, buf, sizeof buf) == 5 && memcmp(buf, "early", 5) == 0);
    CHECK(read(d, buf, sizeof buf) == -1 && errno == EAGAIN);
    n = sizeof b;
    CHECK(getsockname(d, (void *)&b, &n) == 0 && n == len && strcmp(b.sun_path, "sock") == 0);
    n = sizeof b;
    CHECK(getpeername(c, (void *)&b, &n) == 0 && n == len && strcmp(b.sun_path, "sock") == 0);
    n = 4;
    CHECK(getpeername(c, (void *)&b, &n) == 0 && n == len);
    struct ucred u;
    n = sizeof u;
    CHECK(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &u, &n) == 0 && u.pid == getpid() && u.uid == getuid());
    close(d);
    CHECK(read(c, buf, 1) == 0);
    signal(SIGPIPE, SIG_IGN);
    CHECK(write(c, "x", 1) == -1 && errno == EPIPE);
    close(c);
    c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    d = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int e = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK(connect(c, (void *)&a, len) == 0 && connect(d, (void *)&a, len) == 0);
    CHECK(connect(e, (void *)&a, len) == -1 && errno == EAGAIN);
    close(l);
    CHECK(read(c, buf, 1) == -1 && errno == ECONNRESET);
    CHECK(connect(e, (void *)&a, len) == -1 && errno == ECONNREFUSED);
    close(c), close(d), close(e);
    c = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK(bind(c, (void *)&a, len) == -1 && errno == EADDRINUSE);
    CHECK(unlink("sock") == 0);
    CHECK(connect(c, (void *)&a, len) == -1 && errno == ENOENT);
    CHECK(bind(c, (void *)&a, 2) == 0);
    n = sizeof b;
    CHECK(getsockname(c, (void *)&b, &n) == 0 && n == 2 + 6 && b.sun_path[0] == 0);
    CHECK(bind(c, (void *)&a, 1) == -1 && errno == EINVAL);
    CHECK(bind(c, (void *)&a, 200) == -1 && errno == EINVAL);
    CHECK(listen(c, 1) == -1 && errno == EOPNOTSUPP);
    close(c);
}

static void reset_when_unread(void)
{
    int s[2];
    char c;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(write(s[0], "lost", 4) == 4);
    close(s[1]);
    CHECK(read(s[0], &c, 1) == -1 && errno == ECONNRESET);
    CHECK(read(s[0], &c, 1) == 0);
    close(s[0]);
}

static void abstract(void)
{
    struct sockaddr_un a, b;
    socklen_t len = name_of(&a, "@rustica-test"), n;
    int x = socket(AF_UNIX, SOCK_DGRAM, 0), y = socket(AF_UNIX, SOCK_DGRAM, 0);
    char buf[32];
    CHECK(bind(x, (void *)&a, len) == 0);
    CHECK(bind(y, (void *)&a, len) == -1 && errno == EADDRINUSE);
    CHECK(send(y, "x", 1, 0) == -1 && errno == ENOTCONN);
    CHECK(sendto(y, "anon", 4, 0, (void *)&a, len) == 4);
    n = sizeof b;
    CHECK(recvfrom(x, buf, sizeof buf, 0, (void *)&b, &n) == 4 && n == 0);
    CHECK(connect(y, (void *)&a, len) == 0 && bind(y, (void *)&a, 2) == 0);
    CHECK(send(y, "named", 5, 0) == 5);
    n = sizeof b;
    CHECK(recvfrom(x, buf, sizeof buf, 0, (void *)&b, &n) == 5 && n == 8);
    CHECK(sendto(x, "answer", 6, 0, (void *)&b, n) == 6 && read(y, buf, sizeof buf) == 6);
    int i = 0;
    while (send(y, "m", 1, MSG_DONTWAIT) == 1)
        i++;
    CHECK(errno == EAGAIN && i == 11);
    CHECK(!(bits(y) & POLLOUT));
    CHECK(read(x, buf, 1) == 1 && read(x, buf, 1) == 1);
    CHECK(bits(y) & POLLOUT);
    close(x);
    CHECK(send(y, "m", 1, 0) == -1 && errno == ECONNREFUSED);
    CHECK(send(y, "m", 1, 0) == -1 && errno == ENOTCONN);
    close(y);
}

static ssize_t send_fds(int s, const char *text, const int *fds, int n)
{
    union { char b[CMSG_SPACE(sizeof(int) * 300)]; struct cmsghdr h; } u;
    struct iovec v = { (void *)text, strlen(text) };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.b, .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n) };
    memset(&u, 0, sizeof u);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
    memcpy(CMSG_DATA(h), fds, sizeof(int) * (size_t)n);
    return raw_sendmsg(s, &m, 0);
}

static ssize_t recv_fds(int s, char *buf, size_t size, int *fds, int *n, int flags, int *out)
{
    union { char b[CMSG_SPACE(sizeof(int) * 8)]; struct cmsghdr h; } u;
    struct iovec v = { buf, size };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.b, .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)*n) };
    ssize_t r = recvmsg(s, &m, flags);
    *n = 0;
    *out = m.msg_flags;
    struct cmsghdr *h = r >= 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (h && h->cmsg_type == SCM_RIGHTS) {
        *n = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(h), (size_t)*n * sizeof(int));
    }
    return r;
}

static void rights(int type)
{
    int s[2], p[2], got[8], n = 2, flags;
    char buf[32];
    CHECK(socketpair(AF_UNIX, type, 0, s) == 0 && pipe(p) == 0);
    CHECK(send_fds(s[0], "fd", &p[1], 1) == 2);
    CHECK(close(p[1]) == 0);
    CHECK(recv_fds(s[1], buf, sizeof buf, got, &n, MSG_CMSG_CLOEXEC, &flags) == 2 && n == 1);
    CHECK(fcntl(got[0], F_GETFD) == FD_CLOEXEC && (flags & MSG_CMSG_CLOEXEC));
    CHECK(write(got[0], "through", 7) == 7 && read(p[0], buf, sizeof buf) == 7);
    CHECK(close(got[0]) == 0 && read(p[0], buf, 1) == 0);
    int both[2] = { p[0], s[0] };
    CHECK(send_fds(s[0], "ab", both, 2) == 2);
    CHECK(read(s[1], buf, sizeof buf) == 2); /* the handles are dropped */
    n = 1;
    CHECK(send_fds(s[0], "ab", both, 2) == 2);
    CHECK(recv_fds(s[1], buf, sizeof buf, got, &n, 0, &flags) == 2);
    CHECK((flags & MSG_CTRUNC) != 0 || n == 2);
    for (int i = 0; i < n; i++)
        close(got[i]);
    if (type == SOCK_STREAM) { /* what could not be written is still there, with what came with it */
        CHECK(send_fds(s[0], "ab", both, 1) == 2);
        CHECK(recv_fds(s[1], (char *)8, 2, got, &n, 0, &flags) == -1 && errno == EFAULT);
        n = 1;
        CHECK(recv_fds(s[1], buf, sizeof buf, got, &n, 0, &flags) == 2 && n == 1);
        close(got[0]);
    }
    n = 2;
    CHECK(send_fds(s[0], "ab", both, 1) == 2);
    CHECK(recv_fds(s[1], buf, sizeof buf, got, &n, MSG_PEEK, &flags) == 2 && n == 1);
    close(got[0]);
    n = 2;
    CHECK(recv_fds(s[1], buf, 1, got, &n, 0, &flags) == 1 && n == 1);
    close(got[0]);
    if (type == SOCK_STREAM) {
        CHECK(read(s[1], buf, 10) == 1);
        n = 2;
        CHECK(write(s[0], "plain", 5) == 5 && send_fds(s[0], "with", both, 1) == 4 && write(s[0], "more", 4) == 4);
        CHECK(recv_fds(s[1], buf, sizeof buf, got, &n, 0, &flags) == 9 && n == 1);
        close(got[0]);
        CHECK(read(s[1], buf, sizeof buf) == 4);
    }
    int bad[2] = { p[0], 999 };
    CHECK(send_fds(s[0], "x", bad, 2) == -1 && errno == EBADF);
    int many[254];
    for (int i = 0; i < 254; i++)
        many[i] = p[0];
    CHECK(send_fds(s[0], "x", many, 254) == -1 && errno == EINVAL);
    CHECK(send_fds(s[0], "x", many, 253) == 1);
    close(s[0]), close(s[1]), close(p[0]);
}

static void credentials(void)
{
    int s[2], on = 1;
    char buf[16];
    union { char b[64]; struct cmsghdr h; } u;
    struct iovec v = { buf, sizeof buf };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.b, .msg_controllen = sizeof u.b };
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(write(s[0], "child", 5) != 5);
    waitpid(pid, NULL, 0);
    CHECK(write(s[0], "parent", 6) == 6);
    CHECK(recvmsg(s[1], &m, 0) == 5);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    CHECK(h && h->cmsg_type == SCM_CREDENTIALS && ((struct ucred *)CMSG_DATA(h))->pid == pid);
    m.msg_controllen = sizeof u.b;
    CHECK(recvmsg(s[1], &m, 0) == 6);
    h = CMSG_FIRSTHDR(&m);
    CHECK(h && ((struct ucred *)CMSG_DATA(h))->pid == getpid());
    close(s[0]), close(s[1]);
}

static void hostile(void)
{
    int s[2];
    char byte = 'x', control[64];
    struct iovec v = { &byte, 1 };
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 16 };
    struct cmsghdr *h = (void *)control;
    *h = (struct cmsghdr){ .cmsg_len = 15, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EINVAL);
    *(uint64_t *)h = 1ul << 40;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EINVAL);
    *(uint64_t *)h = -1ul;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EINVAL);
    *(uint64_t *)h = 16;
    h->cmsg_type = 77;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EINVAL);
    m.msg_controllen = 1ul << 30;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == ENOBUFS);
    m.msg_control = NULL, m.msg_controllen = 0;
    m.msg_iovlen = 1025;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EMSGSIZE);
    m.msg_iovlen = 1;
    v.iov_len = (size_t)-1;
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EINVAL);
    v = (struct iovec){ (void *)8, 100 };
    CHECK(raw_sendmsg(s[0], &m, 0) == -1 && errno == EFAULT);
    CHECK(send(s[0], (void *)8, 10, 0) == -1 && errno == EFAULT);
    CHECK(write(s[0], "abc", 3) == 3 && recv(s[1], (void *)8, 10, 0) == -1 && errno == EFAULT);
    CHECK(recv(s[1], control, 10, 0) == 3);
    CHECK(socket(AF_UNIX, 99, 0) == -1 && errno == EINVAL);
    CHECK(socket(AF_UNIX, SOCK_STREAM | 0x10000000, 0) == -1 && errno == EINVAL);
    CHECK(socket(99, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
    CHECK(socket(AF_UNIX, SOCK_STREAM, 77) == -1 && errno == EPROTONOSUPPORT);
    CHECK(send(0, "x", 1, 0) == -1 && errno == ENOTSOCK);
    CHECK(send(999, "x", 1, 0) == -1 && errno == EBADF);
    CHECK(shutdown(s[0], 3) == -1 && errno == EINVAL);
    int v4;
    socklen_t n = 4;
    CHECK(getsockopt(s[0], SOL_SOCKET, 9999, &v4, &n) == -1 && errno == ENOPROTOOPT);
    CHECK(setsockopt(s[0], SOL_SOCKET, SO_KEEPALIVE, &v4, 2) == -1 && errno == EINVAL);
    close(s[0]), close(s[1]);
}

/* A socket whose queue holds a socket whose queue ...: closing the first must not use up a stack. */
static void chain(void)
{
    int s[2], first[2], t[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, first) == 0);
    s[0] = first[0], s[1] = first[1];
    int r = 0;
    for (int i = 0; i < 500; i++) {
        r |= socketpair(AF_UNIX, SOCK_STREAM, 0, t) != 0;
        r |= send_fds(t[0], "x", s, 2) != 1;
        close(s[0]), close(s[1]);
        s[0] = t[0], s[1] = t[1];
    }
    CHECK(r == 0);
    CHECK(close(s[0]) == 0 && close(s[1]) == 0);
}

static void sleepers(void)
{
    int s[2];
    static char data[1 << 20];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(s[1]);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (char)(i * 7 >> 3);
        _exit(write(s[0], data, sizeof data) != sizeof data);
    }
    close(s[0]);
    bool ok = true;
    size_t at = 0;
    for (ssize_t n; (n = read(s[1], data, 7777)) > 0; at += (size_t)n)
        for (ssize_t i = 0; i < n; i++)
            ok &= data[i] == (char)((at + (size_t)i) * 7 >> 3);
    CHECK(ok && at == sizeof data);
    int raw;
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    close(s[1]);
}

/* What a message or a piece of a stream cannot be read from to its end is not sent at all. */
static void bad_pages(int type)
{
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), buf[128];
    int s[2];
    CHECK(p != MAP_FAILED && mprotect(p + 4096, 4096, PROT_NONE) == 0 && socketpair(AF_UNIX, type, 0, s) == 0);
    struct iovec v[] = { { p, 100 }, { p + 4096, 10 } };
    CHECK(write(s[0], p, 8192) == -1 && errno == EFAULT && write(s[0], p + 4090, 100) == -1 && errno == EFAULT);
    CHECK(write(s[0], p + 4096, 1) == -1 && errno == EFAULT && writev(s[0], v, 2) == -1 && errno == EFAULT);
    CHECK(recv(s[1], buf, sizeof buf, MSG_DONTWAIT) == -1 && errno == EAGAIN && write(s[0], p + 4090, 6) == 6 && recv(s[1], buf, sizeof buf, 0) == 6);
    CHECK(munmap(p, 8192) == 0 && close(s[0]) == 0 && close(s[1]) == 0);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    work_in_tmp("unix");
    pairs(SOCK_STREAM);
    pairs(SOCK_DGRAM);
    pairs(SOCK_SEQPACKET);
    boundaries(SOCK_DGRAM);
    boundaries(SOCK_SEQPACKET);
    full(SOCK_STREAM);
    full(SOCK_DGRAM);
    full(SOCK_SEQPACKET);
    stream_names();
    reset_when_unread();
    abstract();
    rights(SOCK_STREAM);
    rights(SOCK_DGRAM);
    rights(SOCK_SEQPACKET);
    credentials();
    hostile();
    bad_pages(SOCK_STREAM);
    bad_pages(SOCK_SEQPACKET);
    chain();
    sleepers();
    return check_result();
}
