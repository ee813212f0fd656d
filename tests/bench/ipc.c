/* Pipes, socket pairs and waiting for many descriptors. */
#include "bench.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { TRIPS = 2000, BULK_KIB = 8192, CHUNK = 65536, SELF_ROUNDS = 5000, POLLS = 1000, POLLED = 64 };

static void make_pipes(int there[2], int back[2])
{
    CHECK(pipe(there) == 0);
    CHECK(pipe(back) == 0);
}

/* One byte there and back; the echo adds one. */
static void echo(int in, int out)
{
    unsigned char byte;
    while (sys3(SYS_read, in, (long)&byte, 1) == 1) {
        byte++;
        if (sys3(SYS_write, out, (long)&byte, 1) != 1)
            _exit(EXIT_FAIL);
    }
    _exit(0);
}

static void round_trips(int out, int in)
{
    unsigned char byte = 1;
    long bad = 0;
    for (long i = -1; i < TRIPS; i++) {
        if (i == 0)
            measure_begin(); /* the first trip woke and warmed the other side */
        bad |= sys3(SYS_write, out, (long)&byte, 1) ^ 1;
        bad |= sys3(SYS_read, in, (long)&byte, 1) ^ 1;
    }
    measure_end(TRIPS, TRIPS);
    CHECK(bad == 0);
    CHECK(byte == (unsigned char)(1 + TRIPS + 1));
}

static void pipe_lat(void)
{
    int there[2], back[2];
    make_pipes(there, back);
    pid_t pid = fork_checked();
    if (pid == 0) {
        close(there[1]);
        echo(there[0], back[1]);
    }
    round_trips(there[1], back[0]);
    close(there[1]);
    wait_checked(pid, 0);
}

static void unix_lat(void)
{
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    pid_t pid = fork_checked();
    if (pid == 0) {
        close(ends[0]);
        echo(ends[1], ends[1]);
    }
    close(ends[1]);
    round_trips(ends[0], ends[0]);
    close(ends[0]);
    wait_checked(pid, 0);
}

static void send_bulk(int out)
{
    static char data[CHUNK];
    for (long i = 0; i < CHUNK; i++)
        data[i] = (char)(i >> 8);
    for (long left = BULK_KIB * 1024l; left > 0;) {
        long n = sys3(SYS_write, out, (long)data, CHUNK);
        if (n != CHUNK)
            _exit(EXIT_FAIL);
        left -= n;
    }
    _exit(0);
}

static void receive_bulk(int in)
{
    static char data[CHUNK];
    long total = 0, bad = 0;
    measure_begin();
    for (;;) {
        long n = sys3(SYS_read, in, (long)data, CHUNK);
        if (n <= 0)
            break;
        bad |= data[0] != (char)(total % CHUNK >> 8) || data[n - 1] != (char)((total + n - 1) % CHUNK >> 8);
        total += n;
    }
    measure_end(0, BULK_KIB);
    CHECK(total == BULK_KIB * 1024l);
    CHECK(bad == 0);
}

static void bulk(int in, int out)
{
    pid_t pid = fork_checked();
    if (pid == 0) {
        close(in);
        send_bulk(out);
    }
    close(out);
    receive_bulk(in);
    wait_checked(pid, 0);
}

static void pipe_bw(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    bulk(ends[0], ends[1]);
}

static void unix_bw(void)
{
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    bulk(ends[0], ends[1]);
}

static void pipe_self_512b(void)
{
    int ends[2];
    char out[512], in[512];
    long bad = 0;
    for (int i = 0; i < 512; i++)
        out[i] = (char)i;
    CHECK(pipe(ends) == 0);
    measure_begin();
    ROUNDS(i, SELF_ROUNDS) {
        bad |= sys3(SYS_write, ends[1], (long)out, 512) ^ 512;
        bad |= sys3(SYS_read, ends[0], (long)in, 512) ^ 512;
    }
    measure_end(SELF_ROUNDS, SELF_ROUNDS);
    CHECK(bad == 0);
    CHECK(memcmp(in, out, 512) == 0);
}

static int epoll_on(int fd)
{
    struct epoll_event want = { .events = EPOLLIN, .data.fd = fd };
    int port = epoll_create1(0);
    CHECK(port >= 0);
    CHECK(epoll_ctl(port, EPOLL_CTL_ADD, fd, &want) == 0);
    return port;
}

static long epoll_read(int port, int fd, unsigned char *byte)
{
    struct epoll_event got;
    if (sys6(SYS_epoll_pwait, port, (long)&got, 1, -1, 0, 8) != 1 || got.data.fd != fd)
        return -1;
    return sys3(SYS_read, fd, (long)byte, 1);
}

static void epoll_lat(void)
{
    int there[2], back[2];
    unsigned char byte = 1;
    long bad = 0;
    make_pipes(there, back);
    pid_t pid = fork_checked();
    if (pid == 0) {
        close(there[1]);
        int port = epoll_on(there[0]);
        while (epoll_read(port, there[0], &byte) == 1)
            sys3(SYS_write, back[1], (long)&byte, 1);
        _exit(0);
    }
    int port = epoll_on(back[0]);
    measure_begin();
    ROUNDS(i, TRIPS) {
        bad |= sys3(SYS_write, there[1], (long)&byte, 1) ^ 1;
        bad |= epoll_read(port, back[0], &byte) ^ 1;
    }
    measure_end(TRIPS, TRIPS);
    CHECK(bad == 0 && byte == 1);
    close(there[1]);
    wait_checked(pid, 0);
}

static void poll_64(void)
{
    struct pollfd fds[POLLED];
    int ends[2];
    long bad = 0;
    for (int i = 0; i < POLLED; i++) {
        CHECK(pipe(ends) == 0);
        fds[i] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
    }
    measure_begin();
    ROUNDS(i, POLLS)
        bad |= sys3(SYS_poll, (long)fds, POLLED, 0);
    measure_end(POLLS, POLLS);
    CHECK(bad == 0);
    CHECK(write(ends[1], "x", 1) == 1 && poll(fds, POLLED, 0) == 1 && fds[POLLED - 1].revents == POLLIN);
}

const struct test ipc_tests[] = {
    { "pipe_lat", pipe_lat }, { "pipe_bw", pipe_bw }, { "pipe_self_512b", pipe_self_512b }, { "unix_lat", unix_lat },
    { "unix_bw", unix_bw }, { "epoll_lat", epoll_lat }, { "poll_64", poll_64 }, { NULL, NULL },
};
