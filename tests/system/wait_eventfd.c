/* eventfd: counting, semaphores, sizes, the largest count, blocking, poll, epoll's edges, many threads. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

static uint64_t value;

static int ready(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM, 0 };
    return poll(&p, 1, 0) * 1000 + p.revents;
}
static int add(int fd, uint64_t n) { return (int)write(fd, &n, 8); }
static long take(int fd) { return read(fd, &value, 8) == 8 ? (long)value : -1; }

static void check_counting(void)
{
    char buf[16] = { 0 }, name[64] = { 0 }, path[32];
    int fd = eventfd(7, EFD_NONBLOCK | EFD_CLOEXEC);
    SHOW(eventfd(0, 2));
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK(readlink(path, name, sizeof name - 1) > 0);
    printf("%s\n", name);
    SHOW(ready(fd));
    SHOW(take(fd));
    SHOW(ready(fd));
    SHOW(take(fd));
    SHOW(add(fd, 0));
    SHOW(ready(fd));
    SHOW(add(fd, 3)), SHOW(add(fd, 4));
    SHOW(read(fd, buf, 7));
    SHOW(read(fd, (void *)1, 8));
    SHOW(add(fd, 5));
    SHOW(read(fd, buf, 16));
    printf("%d\n", buf[0]);
    SHOW(write(fd, buf, 7));
    SHOW(write(fd, (void *)1, 8));
    SHOW(add(fd, UINT64_MAX));
    SHOW(add(fd, UINT64_MAX - 1));
    SHOW(ready(fd));
    SHOW(add(fd, 1));
    SHOW(add(fd, 0));
    CHECK(take(fd) == (long)(UINT64_MAX - 1));
    SHOW(add(fd, UINT64_MAX - 2));
    SHOW(ready(fd));
    SHOW(add(fd, 2));
    SHOW(add(fd, 1));
    SHOW(ready(fd));
    close(fd);
    fd = (int)syscall(SYS_eventfd, 2);
    SHOW(fcntl(fd, F_GETFL) & O_NONBLOCK);
    SHOW(take(fd));
    close(fd);
}

static void check_semaphore(void)
{
    int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    SHOW(take(fd)), SHOW(take(fd)), SHOW(take(fd));
    SHOW(add(fd, 1000));
    SHOW(take(fd));
    SHOW(ready(fd));
    close(fd);
}

static void *add_later(void *fd)
{
    sleep_ms(30);
    return (void *)(long)add(*(int *)fd, 9);
}
static void *take_later(void *fd)
{
    sleep_ms(30);
    return (void *)take(*(int *)fd);
}

static void nothing(int signo) { (void)signo; }

static void check_blocking(void)
{
    int fd = eventfd(0, 0);
    pthread_t t;
    pthread_create(&t, NULL, add_later, &fd);
    SHOW(take(fd));
    pthread_join(t, NULL);
    SHOW(add(fd, UINT64_MAX - 1));
    pthread_create(&t, NULL, take_later, &fd);
    SHOW(add(fd, 5)); /* waits until there is room */
    pthread_join(t, NULL);
    SHOW(take(fd));
    struct sigaction act = { .sa_handler = nothing };
    struct itimerval soon = { .it_value.tv_usec = 20000 };
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    SHOW(take(fd));
    pthread_create(&t, NULL, add_later, &fd);
    struct pollfd p = { fd, POLLIN, 0 };
    SHOW(poll(&p, 1, -1));
    pthread_join(t, NULL);
    close(fd);
}

static void check_edges(void)
{
    int fd = eventfd(0, EFD_NONBLOCK), port = epoll_create1(0);
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET }, got = { 0 };
    CHECK(epoll_ctl(port, EPOLL_CTL_ADD, fd, &ev) == 0);
    SHOW(epoll_wait(port, &got, 1, 0) * 1000 + (int)got.events);
    SHOW(epoll_wait(port, &got, 1, 0));
    for (int i = 0; i < 3; i++) {
        add(fd, 1);
        SHOW(epoll_wait(port, &got, 1, 0) * 1000 + (int)got.events);
    }
    SHOW(take(fd));
    SHOW(epoll_wait(port, &got, 1, 0) * 1000 + (int)got.events);
    SHOW(take(fd));
    SHOW(epoll_wait(port, &got, 1, 0));
    close(fd), close(port);
}

enum { THREADS = 4, ROUNDS = 2000 };
static int shared_fd;
static uint64_t sum;

static void *adder(void *unused)
{
    for (int i = 0; i < ROUNDS; i++)
        add(shared_fd, 1);
    return unused;
}
static void *taker(void *unused)
{
    for (uint64_t n; read(shared_fd, &n, 8) == 8 && n < 1000000;)
        __atomic_fetch_add(&sum, n, __ATOMIC_SEQ_CST);
    return unused;
}

static void check_threads(void)
{
    pthread_t adders[THREADS], takers[THREADS];
    shared_fd = eventfd(0, 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&takers[i], NULL, taker, NULL);
        pthread_create(&adders[i], NULL, adder, NULL);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(adders[i], NULL);
    while (__atomic_load_n(&sum, __ATOMIC_SEQ_CST) < THREADS * ROUNDS)
        sleep_ms(1);
    for (int i = 0; i < THREADS; i++) { /* one end for each */
        while (ready(shared_fd) & POLLIN)
            sleep_ms(1);
        add(shared_fd, 1000000);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(takers[i], NULL);
    CHECK(sum == THREADS * ROUNDS);
    close(shared_fd);
}

int main(void)
{
    check_counting();
    check_semaphore();
    check_blocking();
    check_edges();
    check_threads();
    return check_result();
}
