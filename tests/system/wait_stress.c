/* Everybody at once: threads that make and close files, add, modify and remove them, copy descriptors, nest
 * ports, wait, poll, and send, all on the same few descriptors. What they get back hardly matters; that
 * everything goes on and that nothing is left does. Then: of what is sent nothing is lost. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

enum { THREADS = 8, SLOTS = 24, FIRST = 100, BATONS = 16, PASSES = 400 };
static int rounds = 1500;
static unsigned seed;

static unsigned next(unsigned *state)
{
    *state ^= *state << 13, *state ^= *state >> 17, *state ^= *state << 5; /* Marsaglia's xorshift */
    return *state;
}

/* A new file of some kind in the slot; what was there is closed. */
static void put_file(int slot, unsigned kind)
{
    int p[2] = { -1, -1 };
    sigset_t set;
    sigemptyset(&set);
    switch (kind % 6) {
    case 0: p[0] = eventfd(kind & 8 ? 1 : 0, EFD_NONBLOCK); break;
    case 1: p[0] = epoll_create1(0); break;
    case 2: p[0] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); break;
    case 3: p[0] = signalfd(-1, &set, SFD_NONBLOCK); break;
    default:
        if (pipe2(p, O_NONBLOCK) != 0)
            return;
    }
    if (p[0] < 0)
        return;
    dup2(p[0], slot);
    close(p[0]);
    if (p[1] >= 0) {
        dup2(p[1], FIRST + (slot + 1 - FIRST) % SLOTS);
        close(p[1]);
    }
}

static void poll_some(unsigned *state, int fd)
{
    struct pollfd fds[6];
    fd_set in;
    struct timeval brief = { 0, 500 };
    FD_ZERO(&in);
    for (int i = 0; i < 6; i++)
        fds[i] = (struct pollfd){ FIRST + (int)(next(state) % SLOTS), POLLIN | POLLOUT, 0 };
    FD_SET(fd, &in);
    if (next(state) & 1)
        poll(fds, 6, 1);
    else
        select(fd + 1, &in, NULL, NULL, &brief);
}

static void *do_anything(void *number)
{
    unsigned state = seed * 2654435761u + (unsigned)(uintptr_t)number + 1;
    char buf[256] = { 1 };
    for (int i = 0; i < rounds; i++) {
        unsigned r = next(&state);
        int fd = FIRST + (int)(r >> 8) % SLOTS, other = FIRST + (int)(r >> 16) % SLOTS;
        struct epoll_event ev = { .events = EPOLLIN | (r & 0x1000000 ? EPOLLET : 0) | (r & 0x2000000 ? EPOLLOUT : 0) }, got[8];
        struct itimerspec soon = { { 0, 100000 }, { 0, 50000 } };
        if (r & 0x4000000)
            ev.events |= r & 0x8000000 ? EPOLLONESHOT : EPOLLEXCLUSIVE;
        switch (r % 12) {
        case 0: put_file(fd, r >> 4); break;
        case 1: close(fd); break;
        case 2: dup2(fd, other); break;
        case 3: case 4: epoll_ctl(fd, EPOLL_CTL_ADD, other, &ev); break;
        case 5: epoll_ctl(fd, EPOLL_CTL_MOD, other, &ev); break;
        case 6: epoll_ctl(fd, EPOLL_CTL_DEL, other, &ev); break;
        case 7: case 8: epoll_wait(fd, got, 8, (int)(r >> 30)); break;
        case 9: poll_some(&state, fd); break;
        case 10: timerfd_settime(fd, 0, &soon, NULL);
            if (write(fd, buf, 8) < 0)
                break;
            break;
        default:
            if (read(fd, buf, sizeof buf) < 0)
                break;
        }
    }
    return NULL;
}

static void check_anything(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < SLOTS; i++)
        put_file(FIRST + i, (unsigned)i * 7);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, do_anything, (void *)(uintptr_t)i) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SLOTS; i++)
        close(FIRST + i);
}

/* Batons: eventfds in one edge-triggered port that several threads wait at. Whoever gets one passes it on,
 * until all were passed PASSES times: one lost edge and it does not end. */
static int port, batons[BATONS], ends;
static unsigned passed;

static void *runner(void *unused)
{
    for (;;) {
        struct epoll_event got;
        uint64_t n;
        if (epoll_wait(port, &got, 1, -1) != 1)
            continue;
        int fd = got.data.fd;
        if (fd == ends)
            return unused;
        if (read(fd, &n, 8) != 8)
            continue;
        if (__atomic_add_fetch(&passed, (unsigned)n, __ATOMIC_SEQ_CST) < BATONS * PASSES)
            n = write(batons[(fd - batons[0] + 1) % BATONS], &n, 8) == 8;
        else
            write(ends, &n, 8) == 8 ? (void)0 : abort();
    }
}

static void check_batons(void)
{
    pthread_t threads[4];
    uint64_t one = 1;
    port = epoll_create1(0);
    ends = eventfd(0, EFD_NONBLOCK);
    struct epoll_event ev = { .events = EPOLLIN, .data.fd = ends };
    epoll_ctl(port, EPOLL_CTL_ADD, ends, &ev);
    for (int i = 0; i < BATONS; i++) {
        int fd = eventfd(0, EFD_NONBLOCK);
        batons[i] = dup2(fd, FIRST + i);
        close(fd);
        ev = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.fd = batons[i] };
        epoll_ctl(port, EPOLL_CTL_ADD, batons[i], &ev);
    }
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, runner, NULL) == 0);
    for (int i = 0; i < BATONS / 2; i++)
        CHECK(write(batons[i * 2], &one, 8) == 8);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK(passed >= BATONS * PASSES);
    for (int i = 0; i < BATONS; i++)
        close(batons[i]);
    close(ends), close(port);
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
    rounds = argc > 2 ? atoi(argv[2]) : rounds;
    signal(SIGPIPE, SIG_IGN);
    alarm(argc > 2 ? 600 : 100);
    check_anything();
    check_batons();
    CHECK(open("/dev/null", O_RDONLY) == 3);
    return check_result();
}
