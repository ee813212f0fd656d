/* epoll: what may be added, level and edge, one-shot, exclusive, copies of descriptors, nesting, time-outs,
 * signals. */
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int port;
static char big[70000];

static int ctl(int op, int fd, unsigned events, unsigned long data)
{
    struct epoll_event ev = { .events = events, .data.u64 = data };
    return epoll_ctl(port, op, fd, &ev);
}
static int add(int fd, unsigned events) { return ctl(EPOLL_CTL_ADD, fd, events, (unsigned)fd); }

/* What is ready now: the sum of the data and the bits of all reports; -1000 * how many. */
static void ready(const char *what)
{
    struct epoll_event got[16];
    int n = epoll_wait(port, got, 16, 0);
    printf("%s: %d", what, n);
    for (int i = 0; i < n; i++)
        printf(" [%lu %x]", (unsigned long)got[i].data.u64, got[i].events);
    printf("\n");
    fflush(stdout);
}

static void fresh(void)
{
    if (port > 0)
        close(port);
    port = epoll_create1(EPOLL_CLOEXEC);
}

static void check_errors(void)
{
    int p[2], file = open("f", O_RDWR | O_CREAT, 0600), null = open("/dev/null", O_RDWR);
    struct epoll_event ev = { .events = EPOLLIN }, got[2];
    SHOW(epoll_create(0));
    SHOW(epoll_create(-1));
    SHOW(epoll_create1(12345));
    CHECK(pipe(p) == 0);
    fresh();
    CHECK(fcntl(port, F_GETFD) == FD_CLOEXEC);
    SHOW(fcntl(port, F_GETFL) & O_ACCMODE);
    SHOW(add(file, EPOLLIN));
    SHOW(add(null, EPOLLIN));
    SHOW(add(port, EPOLLIN));
    SHOW(add(99, EPOLLIN));
    SHOW(epoll_ctl(99, EPOLL_CTL_ADD, p[0], &ev));
    SHOW(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &ev));
    SHOW(epoll_ctl(port, EPOLL_CTL_ADD, p[0], NULL));
    SHOW(epoll_ctl(port, EPOLL_CTL_ADD, p[0], (void *)1));
    SHOW(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 0));
    SHOW(ctl(EPOLL_CTL_DEL, p[0], EPOLLIN, 0));
    SHOW(ctl(77, p[0], EPOLLIN, 0));
    SHOW(add(p[0], EPOLLIN | EPOLLWAKEUP));
    SHOW(add(p[0], EPOLLIN));
    SHOW(epoll_ctl(port, EPOLL_CTL_DEL, p[0], NULL));
    SHOW(epoll_wait(port, got, 0, 0));
    SHOW(epoll_wait(port, got, -1, 0));
    SHOW(epoll_wait(port, got, INT_MAX, 0));
    SHOW(epoll_wait(p[0], got, 1, 0));
    SHOW(epoll_wait(99, got, 1, 0));
    SHOW(epoll_pwait(port, got, 1, 0, NULL));
    SHOW(syscall(SYS_epoll_pwait, port, got, 1, 0, got, 7));
    SHOW(read(port, big, 1));
    SHOW(write(port, big, 1));
    SHOW(add(p[0], EPOLLIN | EPOLLEXCLUSIVE));
    SHOW(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 0));
    SHOW(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 0));
    SHOW(add(p[1], EPOLLOUT | EPOLLONESHOT | EPOLLEXCLUSIVE));
    int path = open(".", O_PATH);
    SHOW(add(path, EPOLLIN));
    close(path), close(p[0]), close(p[1]), close(file), close(null);
    unlink("f");
}

static void check_bad_memory(void)
{
    int e = eventfd(3, 0);
    fresh();
    add(e, EPOLLIN | EPOLLET);
    char *shut = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(epoll_wait(port, (void *)shut, 4, 0));
    ready("the edge is still there");
    SHOW(epoll_wait(port, (void *)(~0ul << 47), 4, 0));
    munmap(shut, 4096);
    close(e);
}

static void check_level_and_edge(void)
{
    int p[2];
    CHECK(pipe2(p, O_NONBLOCK) == 0);
    fresh();
    add(p[0], EPOLLIN);
    ready("level: empty");
    SHOW(write(p[1], "ab", 2));
    ready("level: full"), ready("level: still");
    SHOW(read(p[0], big, 1));
    ready("level: one left");
    SHOW(read(p[0], big, 1));
    ready("level: empty again");
    ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 5);
    ready("edge: empty");
    SHOW(write(p[1], "a", 1));
    ready("edge: news"), ready("edge: no news");
    SHOW(write(p[1], "b", 1));
    ready("edge: more"), ready("edge: no more");
    ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 6);
    ready("edge: modified");
    SHOW(read(p[0], big, 10));
    SHOW(write(p[1], "c", 1));
    SHOW(read(p[0], big, 10));
    ready("edge: came and went");
    ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 7);
    SHOW(write(p[1], "d", 1));
    ready("one-shot"), ready("one-shot: spent");
    SHOW(write(p[1], "e", 1));
    ready("one-shot: spent still");
    ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 8);
    ready("one-shot: again");
    ctl(EPOLL_CTL_MOD, p[0], 0, 9);
    ready("nothing wanted");
    close(p[1]);
    ready("nothing wanted, hung up");
    SHOW(ctl(EPOLL_CTL_DEL, p[0], 0, 0));
    ready("deleted");
    close(p[0]);
}

static void check_writing(void)
{
    int p[2];
    CHECK(pipe2(p, O_NONBLOCK) == 0);
    fresh();
    add(p[1], EPOLLOUT | EPOLLET);
    ready("writable"), ready("writable, told");
    CHECK(write(p[1], big, 65536) == 65536);
    ready("full");
    SHOW(write(p[1], big, 1));
    CHECK(read(p[0], big, 65536) == 65536);
    ready("room again"), ready("room, told");
    CHECK(write(p[1], big, 100) == 100 && read(p[0], big, 100) == 100);
    ready("never full: no news");
    ctl(EPOLL_CTL_MOD, p[1], EPOLLOUT, 1);
    ready("level");
    close(p[0]);
    ready("no reader");
    close(p[1]);
    ready("closed");
}

/* Registered is the open file under a number, not the number. */
static void check_copies(void)
{
    int p[2];
    CHECK(pipe(p) == 0);
    fresh();
    int copy = dup(p[0]);
    add(p[0], EPOLLIN);
    SHOW(ctl(EPOLL_CTL_ADD, copy, EPOLLIN, 1000));
    SHOW(write(p[1], "x", 1));
    close(copy);
    struct epoll_event got[4];
    CHECK(epoll_wait(port, got, 4, 0) == 2);
    CHECK(dup2(p[0], copy) == copy);
    SHOW(ctl(EPOLL_CTL_MOD, copy, EPOLLIN, 1001));
    CHECK(epoll_wait(port, got, 4, 0) == 2);
    close(p[0]);
    CHECK(epoll_wait(port, got, 4, 0) == 2); /* the copy keeps the file */
    SHOW(ctl(EPOLL_CTL_DEL, p[0], 0, 0));
    close(copy);
    ready("all copies closed");
    SHOW(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT, 4));
    int child = fork();
    if (child == 0) {
        close(p[1]);
        _exit(0);
    }
    CHECK(waitpid(child, NULL, 0) == child);
    ready("a child closed its copy");
    close(p[1]);
    ready("and we ours");
}

static void check_many(void)
{
    int e[40];
    struct epoll_event got[64];
    unsigned long seen = 0;
    fresh();
    for (int i = 0; i < 40; i++) {
        e[i] = eventfd(1, 0);
        ctl(EPOLL_CTL_ADD, e[i], EPOLLIN, (unsigned)i);
    }
    for (int round = 0; round < 4; round++) { /* a few at a time: everyone gets a turn */
        CHECK(epoll_wait(port, got, 10, 0) == 10);
        for (int i = 0; i < 10; i++)
            seen |= 1ul << got[i].data.u64;
    }
    CHECK(seen == (1ul << 40) - 1);
    for (int i = 0; i < 40; i += 2)
        close(e[i]);
    CHECK(epoll_wait(port, got, 64, 0) == 20);
    fresh();
    for (int i = 1; i < 40; i += 2)
        close(e[i]);
}

static int nested_in(int outer, int inner, unsigned events)
{
    struct epoll_event ev = { .events = events, .data.u64 = 7 };
    return epoll_ctl(outer, EPOLL_CTL_ADD, inner, &ev);
}

static void check_nesting(void)
{
    int chain[8], p[2];
    CHECK(pipe(p) == 0);
    for (int i = 0; i < 8; i++)
        chain[i] = epoll_create1(0);
    SHOW(nested_in(chain[0], chain[1], EPOLLIN));
    SHOW(nested_in(chain[1], chain[0], EPOLLIN));
    SHOW(nested_in(chain[1], chain[2], EPOLLIN));
    SHOW(nested_in(chain[2], chain[0], EPOLLIN));
    SHOW(nested_in(chain[2], chain[3], EPOLLIN));
    SHOW(nested_in(chain[3], chain[4], EPOLLIN));
    SHOW(nested_in(chain[4], chain[5], EPOLLIN));
    SHOW(nested_in(chain[6], chain[0], EPOLLIN));
    SHOW(nested_in(chain[5], chain[6], EPOLLIN));
    SHOW(nested_in(chain[7], chain[6], EPOLLIN | EPOLLEXCLUSIVE));
    port = chain[4];
    add(p[0], EPOLLIN);
    port = chain[0];
    ready("nothing below");
    struct pollfd top = { chain[0], POLLIN, 0 };
    SHOW(poll(&top, 1, 0));
    SHOW(write(p[1], "x", 1));
    SHOW(poll(&top, 1, 0) * 1000 + top.revents);
    ready("five levels up");
    SHOW(read(p[0], big, 1));
    ready("gone");
    SHOW(poll(&top, 1, 0));
    close(chain[2]);
    SHOW(write(p[1], "x", 1));
    ready("the chain is cut");
    SHOW(nested_in(chain[1], chain[3], EPOLLIN | EPOLLET));
    ready("and mended");
    for (int i = 0; i < 8; i++)
        if (i != 2)
            close(chain[i]);
    close(p[0]), close(p[1]);
    port = -1;
}

static void nothing(int signo) { (void)signo; }

static void *write_later(void *fd)
{
    sleep_ms(30);
    return (void *)write(*(int *)fd, "x", 1);
}

static void check_waiting(void)
{
    int p[2];
    struct epoll_event got[4];
    pthread_t thread;
    CHECK(pipe(p) == 0);
    fresh();
    unsigned long before = now_us();
    SHOW(epoll_wait(port, got, 4, 30));
    CHECK(now_us() - before >= 30000);
    CHECK(pthread_create(&thread, NULL, write_later, &p[1]) == 0);
    add(p[0], EPOLLIN);
    SHOW(epoll_wait(port, got, 4, -1));
    pthread_join(thread, NULL);
    CHECK(read(p[0], big, 1) == 1);
    struct sigaction act = { .sa_handler = nothing, .sa_flags = SA_RESTART };
    struct itimerval soon = { .it_value.tv_usec = 20000 };
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    SHOW(epoll_wait(port, got, 4, 5000));
    sigset_t set, none, now;
    sigemptyset(&none), sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    SHOW(epoll_pwait(port, got, 4, 60, NULL));
    SHOW(epoll_pwait(port, got, 4, 5000, &none));
    sigprocmask(SIG_BLOCK, NULL, &now);
    CHECK(sigismember(&now, SIGALRM) == 1);
    struct timespec brief = { 0, 20000000 }, wrong = { 0, 1000000000 };
    before = now_us();
    SHOW(syscall(SYS_epoll_pwait2, port, got, 4, &brief, NULL, 8));
    CHECK(now_us() - before >= 20000);
    SHOW(syscall(SYS_epoll_pwait2, port, got, 4, &wrong, NULL, 8));
    CHECK(write(p[1], "x", 1) == 1);
    SHOW(syscall(SYS_epoll_pwait2, port, got, 4, NULL, NULL, 8));
    close(p[0]), close(p[1]);
}

static int woken;
static void *wait_once(void *fd)
{
    struct epoll_event got;
    if (epoll_wait(*(int *)fd, &got, 1, 300) == 1)
        __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* Edge: one of the threads at a port. Exclusive: one of the ports. */
static int wake_of(int nports, unsigned events)
{
    int ports[4], e = eventfd(0, 0);
    pthread_t threads[4];
    struct epoll_event ev = { .events = events };
    woken = 0;
    for (int i = 0; i < nports; i++) {
        ports[i] = epoll_create1(0);
        epoll_ctl(ports[i], EPOLL_CTL_ADD, e, &ev);
    }
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, wait_once, &ports[i % nports]);
    sleep_ms(60);
    if (write(e, (long[]){ 1 }, 8) != 8)
        return -1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < nports; i++)
        close(ports[i]);
    close(e);
    return woken;
}

int main(void)
{
    work_in_tmp("epoll");
    check_errors();
    check_bad_memory();
    check_level_and_edge();
    check_writing();
    check_copies();
    check_many();
    check_nesting();
    check_waiting();
    SHOW(wake_of(1, EPOLLIN | EPOLLET));
    SHOW(wake_of(1, EPOLLIN | EPOLLONESHOT));
    SHOW(wake_of(4, EPOLLIN | EPOLLET));
    SHOW(wake_of(1, EPOLLIN));
    CHECK(wake_of(4, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE) >= 1);
    return check_result();
}
