/* Descriptors of sockets on their way through sockets: what nobody can receive any more is freed, what
 * somebody can is not, and who sends too many is told. */
#include "check.h"
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static int send_fd(int s, int fd)
{
    char control[CMSG_SPACE(sizeof fd)] = { 0 }, byte = 'x';
    struct iovec v = { &byte, 1 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(s, &m, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

static int receive_fd(int s, int flags)
{
    char control[CMSG_SPACE(sizeof(int))], byte;
    struct iovec v = { &byte, 1 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    int fd = -1;
    if (recvmsg(s, &m, MSG_DONTWAIT | flags) == 1 && CMSG_FIRSTHDR(&m))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

/* All of AF_UNIX: others on the same Linux count too, so only large differences mean anything. */
static int sockets(void)
{
    FILE *f = fopen("/proc/net/unix", "r");
    int n = 0, c;
    while (f && (c = fgetc(f)) != EOF)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

#define ROUNDS 1500
/* The collector may take its time, and look only when a socket is closed. */
static bool freed(int before)
{
    for (int tries = 0; tries < 200 && sockets() > before + ROUNDS / 4; tries++) {
        close(socket(AF_UNIX, SOCK_STREAM, 0));
        sleep_ms(10);
    }
    return sockets() <= before + ROUNDS / 4;
}

/* Each in the inbox of the other. */
static void pairs(int type)
{
    int before = sockets(), bad = 0, p[2];
    for (int i = 0; i < ROUNDS; i++) {
        bad += socketpair(AF_UNIX, type, 0, p) != 0 || send_fd(p[0], p[0]) != 0 || send_fd(p[1], p[1]) != 0;
        bad += close(p[0]) != 0 || close(p[1]) != 0;
    }
    CHECK(bad == 0);
    CHECK(freed(before));
}

/* In the inbox of a connection that it has not accepted. */
static void listeners(void)
{
    int before = sockets(), bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        socklen_t n = sizeof a;
        int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
        bad += bind(l, (void *)&a, sizeof a.sun_family) || listen(l, 1) || getsockname(l, (void *)&a, &n);
        bad += connect(c, (void *)&a, n) || send_fd(c, l) || close(l) || close(c);
    }
    CHECK(bad == 0);
    CHECK(freed(before));
}

/* Ours holds the first, whose inbox holds the second, and so on; beside them much is collected. */
static void chains(void)
{
    enum { LINKS = 20 };
    int next;
    char text[8] = "";
    int p[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, p) == 0);
    int first = p[0], near = p[1], last = near;
    for (int i = 0; i < LINKS; i++) {
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) || send_fd(last, p[0]))
            CHECK(!"a link");
        close(p[0]);
        if (i)
            close(last);
        last = p[1];
    }
    pairs(SOCK_DGRAM);
    CHECK(send(last, "end", 4, 0) == 4);
    int peeked = receive_fd(first, MSG_PEEK);
    CHECK(peeked >= 0 && close(peeked) == 0);
    next = first;
    for (int i = 0; i < LINKS; i++) {
        int got = receive_fd(next, 0);
        if (got < 0)
            CHECK(!"received");
        close(next);
        next = got;
    }
    CHECK(recv(next, text, sizeof text, MSG_DONTWAIT) == 4 && strcmp(text, "end") == 0);
    close(next);
    close(near);
    close(last);
}

static void limited(void)
{
    struct rlimit r = { 64, 64 };
    int p[2], n = 0, error;
    if (setrlimit(RLIMIT_NOFILE, &r) || setuid(12345))
        _exit(9);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
    while ((error = send_fd(p[0], 1)) == 0 && n < 200)
        n++;
    SHOW(n);
    SHOW(error == -ETOOMANYREFS);
    int fd = receive_fd(p[1], 0);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(send_fd(p[0], 1) == 0 && send_fd(p[0], 1) == -ETOOMANYREFS);
    _exit(failures);
}

int main(void)
{
    pairs(SOCK_STREAM);
    pairs(SOCK_SEQPACKET);
    listeners();
    chains();
    SHOW(status_of(limited));
    return check_result();
}
