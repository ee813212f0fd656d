/* Clocks and timers: never backwards, never too early, and not late by more than a busy machine is. */
#include "check.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>

static volatile int rings;
static void on_alarm(int signo)
{
    rings += signo == SIGALRM;
}

static unsigned long clock_us(clockid_t id)
{
    struct timespec t;
    return clock_gettime(id, &t) == 0 ? (unsigned long)t.tv_sec * 1000000 + (unsigned long)t.tv_nsec / 1000 : 0;
}

static void check_monotonic(int n)
{
    struct timespec last = { 0, 0 }, now;
    int backwards = 0, invalid = 0;
    for (int i = 0; i < n; i++) {
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
        backwards += now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec);
        invalid += now.tv_nsec < 0 || now.tv_nsec > 999999999;
        last = now;
    }
    SHOW(backwards);
    SHOW(invalid);
}

static void check_sleep(void)
{
    static const long lengths_us[] = { 0, 1, 100, 1000, 10000, 50000, 200000 };
    for (int i = 0; i < 7; i++) {
        struct timespec ask = { 0, lengths_us[i] * 1000 };
        unsigned long began = now_us();
        nanosleep(&ask, NULL);
        unsigned long took = now_us() - began + 1;
        CHECK(took >= (unsigned long)lengths_us[i] && took < (unsigned long)lengths_us[i] + 500000);
    }
    struct timespec bad = { 0, -1 }, worse = { -1, 0 }, worst = { 0, 1000000000 }, past = { 0, 1 };
    SHOW(nanosleep(&bad, NULL));
    SHOW(nanosleep(&worse, NULL));
    SHOW(nanosleep(&worst, NULL));
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL));
    SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL));
    SHOW(clock_nanosleep(999, 0, &past, NULL));
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += 30000000;
    if (end.tv_nsec > 999999999)
        end.tv_nsec -= 1000000000, end.tv_sec++;
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    CHECK(now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec));
}

static void check_clocks(void)
{
    struct timeval day;
    struct timespec step;
    unsigned long real = clock_us(CLOCK_REALTIME);
    CHECK(real > 1577836800000000UL && gettimeofday(&day, NULL) == 0); /* after 2020 */
    CHECK((unsigned long)day.tv_sec - real / 1000000 <= 1 && (unsigned long)time(NULL) - real / 1000000 <= 1);
    unsigned long boot = clock_us(CLOCK_BOOTTIME), mono = clock_us(CLOCK_MONOTONIC), raw = clock_us(CLOCK_MONOTONIC_RAW);
    CHECK(boot > 0 && mono > 0 && raw > 0 && clock_us(CLOCK_MONOTONIC_COARSE) > 0 && clock_us(CLOCK_REALTIME_COARSE) > 0);
    SHOW(clock_getres(CLOCK_MONOTONIC, &step));
    CHECK(step.tv_sec == 0 && step.tv_nsec > 0);
    SHOW(clock_gettime(12345, &step));
    SHOW(clock_settime(CLOCK_MONOTONIC, &step));
    unsigned long cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID), began = now_us();
    while (now_us() - began < 60000)
        ;
    unsigned long used = clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    CHECK(used > 2000 && used < 200000);
    cpu = clock_us(CLOCK_THREAD_CPUTIME_ID);
    sleep_ms(60);
    CHECK(clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu < 40000);
}

static void check_timers(void)
{
    struct itimerval timer = { { 0, 20000 }, { 0, 20000 } }, left;
    signal(SIGALRM, on_alarm);
    unsigned long began = now_us();
    SHOW(setitimer(ITIMER_REAL, &timer, NULL));
    while (rings < 5)
        pause();
    CHECK(now_us() - began >= 99000 && now_us() - began < 1000000);
    SHOW(getitimer(ITIMER_REAL, &left));
    SHOW(left.it_interval.tv_usec);
    CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_usec <= 20000);
    timer = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    SHOW(setitimer(ITIMER_REAL, &timer, &left));
    SHOW(alarm(10));
    SHOW(alarm(0));
    timer.it_value.tv_usec = 1000000;
    SHOW(setitimer(ITIMER_REAL, &timer, NULL));
    SHOW(setitimer(99, &timer, NULL));
}

int main(int argc, char **argv)
{
    check_monotonic(argc > 1 ? atoi(argv[1]) : 1000000);
    check_sleep();
    check_clocks();
    check_timers();
    return check_result();
}
