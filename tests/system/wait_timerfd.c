/* timerfd: creation, sizes, single and periodic expiration, absolute times, what was set before, poll and
 * epoll. How late a timer fires is the host's affair too, so what must come is waited for. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static uint64_t count;

static int set(int fd, int flags, long value_ms, long interval_ms)
{
    struct itimerspec new = { { interval_ms / 1000, interval_ms % 1000 * 1000000 }, { value_ms / 1000, value_ms % 1000 * 1000000 } };
    return timerfd_settime(fd, flags, &new, NULL);
}

static long get_count(int fd)
{
    return read(fd, &count, 8) == 8 ? (long)count : -1;
}

static int ready(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDNORM, 0 };
    return poll(&p, 1, 0) * 1000 + p.revents;
}

/* Whatever comes within a minute comes. */
static int wait_ready(int fd)
{
    struct pollfd p = { fd, POLLIN, 0 };
    return poll(&p, 1, 60000) == 1 && p.revents == POLLIN;
}

static void check_errors(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), p[2];
    struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } }, worse = { { -1, 0 }, { 1, 0 } }, good = { { 0, 0 }, { 1, 0 } };
    char buf[16];
    CHECK(fd >= 0 && pipe(p) == 0);
    SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    SHOW(timerfd_create(99, 0));
    SHOW(timerfd_create(-1, 0));
    SHOW(timerfd_create(CLOCK_REALTIME, 1));
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
    SHOW(timerfd_settime(fd, 0, &bad, NULL));
    SHOW(timerfd_settime(fd, 0, &worse, NULL));
    SHOW(timerfd_settime(fd, 8, &good, NULL));
    SHOW(timerfd_settime(p[0], 0, &good, NULL));
    SHOW(timerfd_settime(99, 0, &good, NULL));
    SHOW(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL));
    SHOW(timerfd_settime(fd, 0, &good, (void *)1));
    SHOW(timerfd_gettime(p[0], &good));
    SHOW(syscall(SYS_timerfd_gettime, fd, NULL));
    SHOW(read(fd, buf, 7));
    SHOW(read(fd, buf, 8));
    SHOW(read(fd, buf, 16));
    SHOW(write(fd, buf, 8));
    SHOW(ready(fd));
    close(fd), close(p[0]), close(p[1]);
}

static void check_once(int clock)
{
    int fd = timerfd_create(clock, TFD_NONBLOCK);
    struct itimerspec now;
    CHECK(timerfd_gettime(fd, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
    CHECK(set(fd, 0, 100000, 0) == 0);
    CHECK(timerfd_gettime(fd, &now) == 0 && now.it_value.tv_sec >= 1 && now.it_value.tv_sec <= 100 && now.it_interval.tv_nsec == 0);
    SHOW(get_count(fd));
    CHECK(set(fd, 0, 30, 0) == 0);
    CHECK(timerfd_gettime(fd, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_nsec <= 30000000);
    CHECK(wait_ready(fd));
    SHOW(ready(fd));
    CHECK(timerfd_gettime(fd, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);
    SHOW(ready(fd));
    SHOW(get_count(fd));
    SHOW(ready(fd));
    SHOW(get_count(fd));
    fcntl(fd, F_SETFL, 0);
    unsigned long before = now_us();
    CHECK(set(fd, 0, 20, 0) == 0);
    SHOW(get_count(fd));
    CHECK(now_us() - before >= 20000);
    CHECK(set(fd, 0, 10, 0) == 0);
    CHECK(wait_ready(fd));
    CHECK(set(fd, 0, 0, 0) == 0); /* disarmed: what expired is forgotten */
    SHOW(ready(fd));
    close(fd);
}

static void check_periodic(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec now, off = { { 0, 0 }, { 0, 0 } };
    CHECK(set(fd, 0, 10, 20) == 0);
    CHECK(wait_ready(fd));
    sleep_ms(80);
    SHOW(ready(fd));
    CHECK(timerfd_gettime(fd, &now) == 0 && now.it_interval.tv_nsec == 20000000 && now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 20000000);
    long n = get_count(fd);
    CHECK(n >= 4);
    SHOW(ready(fd) == 0 || get_count(fd) >= 1);
    fcntl(fd, F_SETFL, 0);
    CHECK(get_count(fd) >= 1 && get_count(fd) >= 1);
    CHECK(timerfd_settime(fd, 0, &off, &now) == 0 && now.it_interval.tv_nsec == 20000000 && now.it_value.tv_nsec > 0);
    SHOW(ready(fd));
    CHECK(set(fd, 0, 1, 0) == 0);
    struct itimerspec tiny = { { 0, 1 }, { 0, 1 } };
    CHECK(timerfd_settime(fd, 0, &tiny, NULL) == 0);
    sleep_ms(20);
    CHECK(get_count(fd) > 1000000);
    CHECK(get_count(fd) > 0);
    close(fd);
}

static void check_absolute(int clock)
{
    int fd = timerfd_create(clock, 0);
    struct timespec now;
    unsigned long before = now_us();
    clock_gettime(clock, &now);
    struct itimerspec at = { { 0, 0 }, { now.tv_sec, now.tv_nsec + 30000000 } }, left;
    if (at.it_value.tv_nsec >= 1000000000)
        at.it_value.tv_sec++, at.it_value.tv_nsec -= 1000000000;
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
    CHECK(timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec <= 30000000);
    SHOW(get_count(fd));
    CHECK(now_us() - before >= 25000);
    at.it_value.tv_sec = 1, at.it_value.tv_nsec = 0; /* long past */
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME | (clock == CLOCK_REALTIME ? TFD_TIMER_CANCEL_ON_SET : 0), &at, NULL) == 0);
    SHOW(get_count(fd));
    at.it_interval.tv_sec = 1;
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
    CHECK(get_count(fd) >= 1);
    at.it_value.tv_sec = 1l << 40, at.it_interval.tv_sec = 1l << 40;
    CHECK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
    SHOW(ready(fd));
    close(fd);
}

/* Expirations that nobody reads are one edge. */
static void check_epoll(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), port = epoll_create1(0);
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET }, got;
    CHECK(epoll_ctl(port, EPOLL_CTL_ADD, fd, &ev) == 0);
    CHECK(set(fd, 0, 10, 10) == 0);
    SHOW(epoll_wait(port, &got, 1, 60000));
    SHOW(epoll_wait(port, &got, 1, 50));
    CHECK(get_count(fd) >= 1);
    SHOW(epoll_wait(port, &got, 1, 60000));
    close(fd);
    SHOW(epoll_wait(port, &got, 1, 30));
    close(port);
}

int main(void)
{
    check_errors();
    check_once(CLOCK_MONOTONIC);
    check_once(CLOCK_REALTIME);
    check_once(CLOCK_BOOTTIME);
    check_periodic();
    check_absolute(CLOCK_MONOTONIC);
    check_absolute(CLOCK_REALTIME);
    check_epoll();
    return check_result();
}
