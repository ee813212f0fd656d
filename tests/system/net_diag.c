/* NETLINK_SOCK_DIAG: sockets as ss asks for them. A Linux without its modules (tcp_diag, udp_diag, unix_diag) answers
 * ENOENT, which is let pass; nothing is printed that would tell. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h, linux/unix_diag.h: musl has no such headers */
enum { NETLINK_SOCK_DIAG = 4, SOCK_DIAG_BY_FAMILY = 20, MESSAGE_ERROR = 2, MESSAGE_DONE = 3, FLAGS_DUMP = 0x301 };
enum { LISTENS = 10, CLOSED = 7, ESTABLISHED = 1 };
struct header { unsigned len; unsigned short type, flags; unsigned seq, port; };
struct attr { unsigned short len, type; };
struct id { unsigned short sport, dport; unsigned src[4], dst[4], interface, cookie[2]; };
struct inet_request { struct header h; unsigned char family, protocol, ext, pad; unsigned states; struct id id; };
struct inet_message { unsigned char family, state, timer, retrans; struct id id; unsigned expires, rqueue, wqueue, uid, inode; };
struct unix_request { struct header h; unsigned char family, protocol; unsigned short pad; unsigned states, ino, show, cookie[2]; };
struct unix_message { unsigned char family, type, state, pad; unsigned ino, cookie[2]; };

static int diag;
static char found[1024]; /* the message that was looked for, with its attributes */
static unsigned found_len;

static unsigned long ino_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) ? 0 : (unsigned long)st.st_ino;
}

/* 1: the socket `ino` was in the dump (`at`: where the number is in a message); 0: it was not; -errno. */
static int look_for(struct header *q, unsigned long ino, size_t at)
{
    static char answer[32768];
    int seen = 0;
    q->type = SOCK_DIAG_BY_FAMILY;
    q->flags = FLAGS_DUMP;
    if (send(diag, q, q->len, 0) != (ssize_t)q->len)
        return -errno;
    for (;;) {
        ssize_t n = recv(diag, answer, sizeof answer, 0);
        if (n <= 0)
            return -errno;
        for (char *p = answer; p < answer + n; p += (((struct header *)(void *)p)->len + 3) & ~3u) {
            struct header *h = (void *)p;
            if (h->type == MESSAGE_DONE)
                return seen;
            if (h->type == MESSAGE_ERROR)
                return *(int *)(void *)(p + sizeof *h);
            if (*(unsigned *)(void *)(p + sizeof *h + at) != ino)
                continue;
            seen++;
            found_len = h->len - sizeof *h;
            memcpy(found, p + sizeof *h, found_len);
        }
    }
}

static const void *attr(size_t body, int type, size_t *n)
{
    for (size_t at = (body + 3) & ~(size_t)3; at + sizeof(struct attr) <= found_len;) {
        struct attr *a = (void *)(found + at);
        *n = a->len - sizeof *a;
        if (a->type == type)
            return a + 1;
        at += (a->len + 3u) & ~3u;
    }
    return NULL;
}

static int inet(int family, int protocol, unsigned states, int fd)
{
    struct inet_request q = { .h.len = sizeof q, .family = (unsigned char)family, .protocol = (unsigned char)protocol, .states = states };
    return look_for(&q.h, ino_of(fd), offsetof(struct inet_message, inode));
}

static int bound(int family, int type)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(family, type, 0);
    CHECK((family == AF_INET ? bind(s, (void *)&four, sizeof four) : bind(s, (void *)&six, sizeof six)) == 0);
    return s;
}

static void check_inet(void)
{
    const struct inet_message *m = (void *)found;
    int l = bound(AF_INET, SOCK_STREAM), l6 = bound(AF_INET6, SOCK_STREAM), u = bound(AF_INET, SOCK_DGRAM), r;
    struct sockaddr_in at;
    size_t len;
    socklen_t n = sizeof at;
    CHECK(listen(l, 7) == 0 && listen(l6, 9) == 0 && getsockname(l, (void *)&at, &n) == 0);
    r = inet(AF_INET, IPPROTO_TCP, 1u << LISTENS, l);
    CHECK(r == -ENOENT || (r == 1 && m->family == AF_INET && m->state == LISTENS && m->rqueue == 0 && m->wqueue == 7));
    CHECK(r == -ENOENT || (m->id.sport == at.sin_port && m->id.src[0] == htonl(INADDR_LOOPBACK) && m->id.dport == 0 && m->uid == geteuid()));
    r = inet(AF_INET6, IPPROTO_TCP, 1u << LISTENS, l6);
    CHECK(r == -ENOENT || (r == 1 && m->wqueue == 9 && attr(sizeof *m, 11, &len) && len == 1)); /* INET_DIAG_SKV6ONLY */
    int a = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(a, (void *)&at, n) == 0 && write(a, "abc", 3) == 3);
    int b = accept(l, NULL, NULL);
    char byte;
    CHECK(recv(b, &byte, 1, MSG_PEEK) == 1);
    r = inet(AF_INET, IPPROTO_TCP, ~0u, b);
    CHECK(r == -ENOENT || (r == 1 && m->state == ESTABLISHED && m->rqueue == 3 && m->id.dport != 0));
    r = inet(AF_INET, IPPROTO_TCP, 1u << LISTENS, b);
    CHECK(r == -ENOENT || r == 0);
    r = inet(AF_INET, IPPROTO_UDP, 1u << CLOSED, u);
    CHECK(r == -ENOENT || (r == 1 && m->state == CLOSED));
    r = inet(AF_INET, IPPROTO_TCP, ~0u, u);
    CHECK(r == -ENOENT || r == 0);
    close(l), close(l6), close(u), close(a), close(b);
}

static void check_unix(void)
{
    const struct unix_message *m = (void *)found;
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0net_diag here" };
    struct unix_request q = { .h.len = sizeof q, .family = AF_UNIX, .states = ~0u, .show = 1 | 4 | 16 };
    int l = socket(AF_UNIX, SOCK_STREAM, 0), pair[2], r;
    size_t n = 0;
    const void *p;
    CHECK(bind(l, (void *)&name, offsetof(struct sockaddr_un, sun_path) + 14) == 0 && listen(l, 3) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    r = look_for(&q.h, ino_of(l), offsetof(struct unix_message, ino));
    CHECK(r == -ENOENT || (r == 1 && m->type == SOCK_STREAM && m->state == LISTENS));
    CHECK(r == -ENOENT || ((p = attr(sizeof *m, 0, &n)) && n == 14 && memcmp(p, name.sun_path, 14) == 0));
    CHECK(r == -ENOENT || ((p = attr(sizeof *m, 4, &n)) && n == 8 && ((const unsigned *)p)[0] == 0 && ((const unsigned *)p)[1] == 3));
    r = look_for(&q.h, ino_of(pair[0]), offsetof(struct unix_message, ino));
    CHECK(r == -ENOENT || (r == 1 && m->state == ESTABLISHED && (p = attr(sizeof *m, 2, &n)) && *(const unsigned *)p == ino_of(pair[1])));
    q.states = 1u << CLOSED;
    r = look_for(&q.h, ino_of(pair[0]), offsetof(struct unix_message, ino));
    CHECK(r == -ENOENT || r == 0);
    close(l), close(pair[0]), close(pair[1]);
}

int main(void)
{
    diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    CHECK(diag >= 0);
    check_inet();
    check_unix();
    struct unix_request q = { .h.len = sizeof q, .family = 200 };
    CHECK(look_for(&q.h, 0, 0) == -ENOENT || look_for(&q.h, 0, 0) == -EINVAL);
    q.h.len = sizeof q.h;
    CHECK(look_for(&q.h, 0, 0) == -EINVAL);
    return check_result();
}
