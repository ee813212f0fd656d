/* Every clock there is, which of them can be set, slept by and asked how fine it is; and that a
 * thread's, a process's and another process's CPU time are told apart. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

#define CPU_CLOCK(id, thread, part) ((clockid_t)(~(unsigned)(id) << 3 | (thread) << 2 | (part)))

static long call(long nr, long a, long b, long c, long d)
{
    long r = syscall(nr, a, b, c, d);
    return r < 0 ? -errno : r;
}

static long get(clockid_t id)
{
    struct timespec t;
    return call(SYS_clock_gettime, id, (long)&t, 0, 0);
}

static long long ns_of(clockid_t id)
{
    struct timespec t = { 0, 0 };
    syscall(SYS_clock_gettime, id, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void burn_ms(clockid_t id, int ms)
{
    long long end = ns_of(id) + ms * 1000000ll;
    while (ns_of(id) < end)
        for (volatile int i = 0; i < 1000; i++)
            ;
}

static void which_there_are(void)
{
    struct timespec t = { 0, 0 };
    for (int id = -1; id <= 13; id++) {
        long r = get(id), none = call(SYS_clock_getres, id, 0, 0, 0);
        bool alarm = id == 8 || id == 9; /* depends on the machine's battery clock */
        printf("clock %d:", id);
        if (!alarm)
            printf(" get %ld res %ld nanosleep %ld", r, none, call(SYS_clock_nanosleep, id, 1, (long)&t, 0));
        if (id != 0)
            printf(" set %ld", call(SYS_clock_settime, id, (long)&t, 0, 0));
        printf("\n");
    }
    SHOW(get(99));
    SHOW(get(CPU_CLOCK(0, 0, 2)));
    SHOW(get(CPU_CLOCK(0, 1, 2)));
    SHOW(get(CPU_CLOCK(0, 0, 0)));
    SHOW(get(CPU_CLOCK(0, 0, 1)));
    SHOW(get(CPU_CLOCK(0, 0, 3)));
    SHOW(get(CPU_CLOCK(getpid(), 0, 2)));
    SHOW(get(CPU_CLOCK(getpid(), 1, 2)));
    SHOW(get(CPU_CLOCK(1, 1, 2)));       /* another process's thread */
    SHOW(get(CPU_CLOCK(0x0ffffff, 0, 2))); /* nobody */
    SHOW(call(SYS_clock_settime, CPU_CLOCK(0, 0, 2), (long)&t, 0, 0));
    SHOW(call(SYS_clock_gettime, CLOCK_MONOTONIC, 8, 0, 0));
    SHOW(call(SYS_clock_getres, CLOCK_MONOTONIC, 8, 0, 0));
}

static void setting(void)
{
    struct timespec bad = { 5, -1 }, far = { 0x7fffffffffffffff, 0 }, before_boot = { 0, 0 };
    struct timeval bad_tv = { 5, 1000000 };
    SHOW(call(SYS_clock_settime, CLOCK_REALTIME, (long)&bad, 0, 0));
    SHOW(call(SYS_clock_settime, CLOCK_REALTIME, (long)&far, 0, 0));
    SHOW(call(SYS_clock_settime, CLOCK_REALTIME, 8, 0, 0));
    SHOW(call(SYS_settimeofday, (long)&bad_tv, 0, 0, 0));
    if (geteuid() == 0) /* Linux refuses both alike, and which error it is depends on who asks */
        CHECK(call(SYS_clock_settime, CLOCK_REALTIME, (long)&before_boot, 0, 0) < 0);
}

static void asking_ntp(void)
{
    struct timex t = { .modes = 0 };
    long r = call(SYS_adjtimex, (long)&t, 0, 0, 0);
    CHECK(r >= 0 && r <= 5);
    CHECK(t.tick >= 9000 && t.tick <= 11000 && t.precision >= 1 && t.time.tv_sec >= time(NULL) - 5);
    t.modes = 0;
    CHECK(call(SYS_clock_adjtime, CLOCK_REALTIME, (long)&t, 0, 0) == r);
    SHOW(call(SYS_adjtimex, 8, 0, 0, 0));
    SHOW(call(SYS_clock_adjtime, CLOCK_MONOTONIC, (long)&t, 0, 0));
    SHOW(call(SYS_clock_adjtime, 77, (long)&t, 0, 0));
}

static void *burner(void *arg)
{
    burn_ms(CLOCK_THREAD_CPUTIME_ID, 60);
    return arg;
}

static long long used_us(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000ll + u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

static void cpu_times(void)
{
    pthread_t t;
    clockid_t its;
    long long all = ns_of(CLOCK_PROCESS_CPUTIME_ID), mine = ns_of(CLOCK_THREAD_CPUTIME_ID);
    pthread_create(&t, NULL, burner, NULL);
    CHECK(pthread_getcpuclockid(t, &its) == 0 && get(its) == 0);
    pthread_join(t, NULL);
    mine = ns_of(CLOCK_THREAD_CPUTIME_ID) - mine;
    all = ns_of(CLOCK_PROCESS_CPUTIME_ID) - all;
    CHECK(all >= 60000000);
    CHECK(all - mine >= 60000000); /* the burner's; a host that pauses may add to either */

    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    CHECK(used_us(&u) >= 60000);
    getrusage(RUSAGE_THREAD, &u);
    CHECK(used_us(&u) <= ns_of(CLOCK_THREAD_CPUTIME_ID) / 1000);
}

static void of_a_child(void)
{
    int up[2];
    char byte;
    CHECK(pipe(up) == 0);
    long long start = ns_of(CLOCK_MONOTONIC);
    pid_t pid = fork();
    if (pid == 0) {
        burn_ms(CLOCK_PROCESS_CPUTIME_ID, 50);
        if (write(up[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    CHECK(read(up[0], &byte, 1) == 1);
    clockid_t its;
    CHECK(clock_getcpuclockid(pid, &its) == 0);
    long long first = ns_of(its);
    CHECK(first >= 50000000 && first <= ns_of(CLOCK_MONOTONIC) - start + 10000000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    SHOW(get(its));
}

/* User and system time are told apart, and neither ever goes back. */
static void split(void)
{
    struct rusage a, b;
    bool backwards = false;
    getrusage(RUSAGE_SELF, &a);
    long long now, start = ns_of(CLOCK_MONOTONIC);
    do {
        for (volatile int i = 0; i < 20000; i++)
            ;
        getrusage(RUSAGE_SELF, &b);
        backwards |= timercmp(&b.ru_utime, &a.ru_utime, <) || timercmp(&b.ru_stime, &a.ru_stime, <);
        a = b;
        now = ns_of(CLOCK_MONOTONIC) - start;
    } while (now < 400000000 || (a.ru_utime.tv_sec == 0 && a.ru_utime.tv_usec <= 50000 && now < 30000000000ll));
    CHECK(!backwards);
    CHECK(a.ru_utime.tv_sec > 0 || a.ru_utime.tv_usec > 50000);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    which_there_are();
    setting();
    asking_ntp();
    cpu_times();
    of_a_child();
    split();
    return check_result();
}
