/* Sleeps of microseconds take microseconds; what is interrupted tells how much was left; a sleep to
 * a real time follows the clock when it is set. */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static long long ns_now(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static struct timespec spec(long long ns)
{
    return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static bool too_early;

/* The least of many: a busy host makes any one of them long. */
static long long least_us(void (*wait)(long us), long us)
{
    long long best = 1ll << 60;
    for (int i = 0; i < 50; i++) {
        long long began = ns_now(CLOCK_MONOTONIC);
        wait(us);
        long long took = ns_now(CLOCK_MONOTONIC) - began;
        too_early |= took < us * 1000ll;
        best = took < best ? took : best;
    }
    return best / 1000;
}

static void by_nanosleep(long us)
{
    struct timespec t = spec(us * 1000ll);
    nanosleep(&t, NULL);
}

static void by_deadline(long us)
{
    struct timespec t = spec(ns_now(CLOCK_MONOTONIC) + us * 1000ll);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void by_real_deadline(long us)
{
    struct timespec t = spec(ns_now(CLOCK_REALTIME) + us * 1000ll);
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
}

static void by_ppoll(long us)
{
    struct timespec t = spec(us * 1000ll);
    ppoll(NULL, 0, &t, NULL);
}

static void by_select(long us)
{
    struct timeval t = { 0, us };
    select(0, NULL, NULL, NULL, &t);
}

static void by_condition(long us)
{
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t c = PTHREAD_COND_INITIALIZER;
    struct timespec t = spec(ns_now(CLOCK_REALTIME) + us * 1000ll);
    pthread_mutex_lock(&m);
    while (pthread_cond_timedwait(&c, &m, &t) == 0)
        ;
    pthread_mutex_unlock(&m);
}

static void short_ones(void)
{
    static const struct { const char *name; void (*wait)(long); } kinds[] = {
        { "nanosleep", by_nanosleep }, { "to a deadline", by_deadline }, { "to a real time", by_real_deadline },
        { "ppoll", by_ppoll }, { "select", by_select }, { "condition", by_condition },
    };
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        long long took = least_us(kinds[i].wait, 100);
        bool fine = took < 1000;
        printf("%s: 100 us %s\n", kinds[i].name, fine ? "are about that" : "take far longer");
        if (!fine)
            printf("(%lld)\n", took);
    }
    CHECK(!too_early);
}

static volatile sig_atomic_t rings;
static void on_alarm(int sig) { rings += sig == SIGALRM; }

static void interrupted(void)
{
    struct sigaction act = { .sa_handler = on_alarm };
    sigaction(SIGALRM, &act, NULL);
    struct itimerval soon = { .it_value = { 0, 20000 } };
    struct timespec ask = { 5, 0 }, left = { 0, 0 };
    setitimer(ITIMER_REAL, &soon, NULL);
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &ask, &left));
    CHECK(left.tv_sec == 4 && left.tv_nsec > 500000000);
    setitimer(ITIMER_REAL, &soon, NULL);
    struct timespec at = spec(ns_now(CLOCK_REALTIME) + 5000000000ll);
    SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL));
    CHECK(rings == 2);
}

static void *burn(void *arg)
{
    while (!*(volatile int *)arg)
        ;
    return NULL;
}

/* By CPU time: another thread uses it while this one sleeps. */
static void by_cpu_time(void)
{
    volatile int stop = 0;
    pthread_t t;
    pthread_create(&t, NULL, burn, (void *)&stop);
    struct timespec ask = spec(50000000);
    long long before = ns_now(CLOCK_PROCESS_CPUTIME_ID);
    SHOW(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &ask, NULL));
    CHECK(ns_now(CLOCK_PROCESS_CPUTIME_ID) - before >= 50000000);
    stop = 1;
    pthread_join(t, NULL);
    struct timespec past = { 0, 1 };
    SHOW(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &past, NULL));
}

/* Setting the clock forward ends a sleep to a real time at once, and not one that is relative. Only
 * where the machine is ours: not on the Linux that this is compared with. */
static void *set_forward(void *arg)
{
    struct timespec t;
    by_nanosleep(50000);
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += 100;
    CHECK(clock_settime(CLOCK_REALTIME, &t) == 0);
    return arg;
}

static void set_meanwhile(void)
{
    pthread_t t;
    struct timespec at = spec(ns_now(CLOCK_REALTIME) + 60000000000ll), back;
    long long began = ns_now(CLOCK_MONOTONIC);
    pthread_create(&t, NULL, set_forward, NULL);
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL);
    CHECK(ns_now(CLOCK_MONOTONIC) - began < 20000000000ll);
    pthread_join(t, NULL);
    back = spec(ns_now(CLOCK_REALTIME) - 100000000000ll);
    CHECK(clock_settime(CLOCK_REALTIME, &back) == 0);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    short_ones();
    interrupted();
    by_cpu_time();
    if (argc > 1 && strcmp(argv[1], "set") == 0)
        set_meanwhile();
    return check_result();
}
