/* Timers that send signals: setitimer's three, alarm, and timer_create's on every clock. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static long call(long nr, long a, long b, long c, long d)
{
    long r = syscall(nr, a, b, c, d);
    return r < 0 ? -errno : r;
}

static volatile sig_atomic_t count[65];
static siginfo_t last;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    count[sig] += context != NULL;
    last = *info;
}

static void catch(int sig)
{
    struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
    sigaction(sig, &act, NULL);
    count[sig] = 0;
}

static long long ns_of(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Burns CPU time until the signal came so often, for at most ten seconds. */
static void burn_until(int sig, int times)
{
    long long end = ns_of(CLOCK_MONOTONIC) + 10000000000ll;
    while (count[sig] < times && ns_of(CLOCK_MONOTONIC) < end)
        for (volatile int i = 0; i < 10000; i++)
            ;
}

static void wait_until(int sig, int times)
{
    for (int i = 0; i < 10000 && count[sig] < times; i++)
        usleep(1000);
}

static void interval_timers(void)
{
    struct itimerval every = { { 0, 5000 }, { 0, 5000 } }, off = { { 0, 0 }, { 0, 0 } }, was;
    static const struct { int which, sig; } kinds[] = {
        { ITIMER_REAL, SIGALRM }, { ITIMER_VIRTUAL, SIGVTALRM }, { ITIMER_PROF, SIGPROF }
    };
    for (int i = 0; i < 3; i++) {
        catch(kinds[i].sig);
        long long began = ns_of(CLOCK_MONOTONIC);
        CHECK(setitimer(kinds[i].which, &every, NULL) == 0);
        burn_until(kinds[i].sig, 5);
        CHECK(count[kinds[i].sig] >= 5 && ns_of(CLOCK_MONOTONIC) - began >= 25000000);
        CHECK(getitimer(kinds[i].which, &was) == 0 && was.it_interval.tv_usec == 5000 && was.it_value.tv_usec <= 9000);
        CHECK(setitimer(kinds[i].which, &off, &was) == 0 && was.it_interval.tv_usec == 5000);
        int before = count[kinds[i].sig];
        usleep(30000);
        CHECK(count[kinds[i].sig] <= before + 1);
        CHECK(getitimer(kinds[i].which, &was) == 0 && was.it_value.tv_sec == 0 && was.it_value.tv_usec == 0);
    }
    SHOW(call(SYS_setitimer, 3, 0, 0, 0));
    SHOW(call(SYS_getitimer, -1, (long)&was, 0, 0));
    SHOW(call(SYS_getitimer, 0, 8, 0, 0));
    every.it_value.tv_usec = 1000000;
    SHOW(call(SYS_setitimer, ITIMER_REAL, (long)&every, 0, 0));
    CHECK(alarm(10) == 0);
    SHOW(alarm(0));
    SHOW(alarm(0));
}

/* Far more expiries than anybody could take: the process lives, and one signal waits. */
static void very_short_interval(void)
{
    struct itimerval every = { { 0, 1 }, { 0, 1 } }, off = { { 0, 0 }, { 0, 0 } };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    catch(SIGALRM);
    setitimer(ITIMER_REAL, &every, NULL);
    usleep(50000);
    setitimer(ITIMER_REAL, &off, NULL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    CHECK(count[SIGALRM] == 1);
}

static void on_each_clock(void)
{
    static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI,
                                        CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
    for (int i = 0; i < 6; i++) {
        struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 42 + i };
        struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } }, was;
        timer_t t;
        catch(SIGRTMIN + 1);
        CHECK(timer_create(clocks[i], &ev, &t) == 0);
        CHECK(timer_gettime(t, &was) == 0 && was.it_value.tv_nsec == 0);
        CHECK(timer_settime(t, 0, &every, NULL) == 0);
        burn_until(SIGRTMIN + 1, 4);
        CHECK(count[SIGRTMIN + 1] >= 4);
        CHECK(last.si_code == SI_TIMER && last.si_value.sival_int == 42 + i && last.si_signo == SIGRTMIN + 1);
        CHECK(timer_gettime(t, &was) == 0 && was.it_interval.tv_nsec == 5000000 && was.it_value.tv_nsec <= 9000000);
        CHECK(timer_delete(t) == 0);
        int before = count[SIGRTMIN + 1];
        usleep(20000);
        CHECK(count[SIGRTMIN + 1] <= before + 1);
    }
}

static void deadline_in_real_time(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    struct itimerspec at = { { 0, 0 }, { 0, 0 } }, was;
    timer_t t;
    catch(SIGUSR1);
    CHECK(timer_create(CLOCK_REALTIME, &ev, &t) == 0);
    clock_gettime(CLOCK_REALTIME, &at.it_value);
    at.it_value.tv_nsec += 20000000;
    if (at.it_value.tv_nsec >= 1000000000)
        at.it_value.tv_sec++, at.it_value.tv_nsec -= 1000000000;
    CHECK(timer_settime(t, TIMER_ABSTIME, &at, NULL) == 0);
    wait_until(SIGUSR1, 1);
    CHECK(count[SIGUSR1] == 1 && last.si_overrun == 0);
    at.it_value = (struct timespec){ 1, 0 }; /* long ago */
    CHECK(timer_settime(t, TIMER_ABSTIME, &at, NULL) == 0);
    wait_until(SIGUSR1, 2);
    CHECK(count[SIGUSR1] == 2);
    CHECK(timer_gettime(t, &was) == 0 && was.it_value.tv_sec == 0 && was.it_value.tv_nsec == 0);
    timer_delete(t);
}

/* What expires while the signal waits is counted. */
static void overruns(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
    struct itimerspec every = { { 0, 1000000 }, { 0, 1000000 } }, off = { { 0, 0 }, { 0, 0 } };
    sigset_t set;
    siginfo_t info;
    timer_t t;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
    CHECK(timer_settime(t, 0, &every, NULL) == 0);
    usleep(50000);
    CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 2);
    CHECK(info.si_overrun >= 40 && info.si_overrun < 5000);
    CHECK(timer_getoverrun(t) == info.si_overrun);
    usleep(20000);
    CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 2 && info.si_overrun >= 10);
    CHECK(timer_settime(t, 0, &off, NULL) == 0);
    usleep(5000);
    struct timespec none = { 0, 0 };
    while (sigtimedwait(&set, &info, &none) > 0)
        ;
    CHECK(timer_settime(t, 0, &every, NULL) == 0);
    usleep(10000);
    CHECK(timer_delete(t) == 0); /* with its signal on the way */
    (void)sigtimedwait(&set, &info, &none);
    CHECK(sigtimedwait(&set, &info, &none) == -1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static pid_t gettid_here(void) { return (pid_t)syscall(SYS_gettid); }
static volatile pid_t receiver_tid, took_it;

static void on_thread_signal(int sig) { took_it = sig ? gettid_here() : 0; }

static void *receiver(void *arg)
{
    receiver_tid = gettid_here();
    for (int i = 0; i < 5000 && !took_it; i++)
        usleep(1000);
    return arg;
}

static void to_one_thread(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
    struct itimerspec soon = { { 0, 0 }, { 0, 5000000 } };
    pthread_t t;
    timer_t timer;
    signal(SIGUSR2, on_thread_signal);
    pthread_create(&t, NULL, receiver, NULL);
    while (!receiver_tid)
        usleep(100);
    ev.sigev_notify_thread_id = receiver_tid;
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &timer) == 0);
    CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
    pthread_join(t, NULL);
    CHECK(took_it == receiver_tid && took_it != gettid_here());
    ev.sigev_notify_thread_id = 1;
    SHOW(timer_create(CLOCK_MONOTONIC, &ev, &timer));
}

static void without_signal(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_NONE };
    struct itimerspec once = { { 0, 0 }, { 0, 20000000 } }, was;
    timer_t t;
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
    CHECK(timer_settime(t, 0, &once, NULL) == 0);
    CHECK(timer_gettime(t, &was) == 0 && was.it_value.tv_nsec > 0);
    usleep(30000);
    CHECK(timer_gettime(t, &was) == 0 && was.it_value.tv_nsec == 0);
    once.it_interval.tv_nsec = 20000000;
    CHECK(timer_settime(t, 0, &once, &was) == 0);
    usleep(50000);
    CHECK(timer_gettime(t, &was) == 0 && was.it_value.tv_nsec > 0 && was.it_value.tv_nsec <= 20000000);
    SHOW(timer_getoverrun(t));
    timer_delete(t);
}

static void wrong(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 0 };
    struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } };
    int id = -1, second = -1;
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, 0, (long)&id, 0));
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, 0, (long)&second, 0));
    CHECK(id != second && id >= 0);
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, (long)&ev, (long)&second, 0));
    ev.sigev_signo = 65;
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, (long)&ev, (long)&second, 0));
    ev.sigev_signo = SIGUSR1, ev.sigev_notify = 3;
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, (long)&ev, (long)&second, 0));
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, 8, (long)&second, 0));
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC, 0, 8, 0));
    SHOW(call(SYS_timer_create, CLOCK_MONOTONIC_RAW, 0, (long)&second, 0));
    SHOW(call(SYS_timer_create, CLOCK_REALTIME_COARSE, 0, (long)&second, 0));
    SHOW(call(SYS_timer_create, 77, 0, (long)&second, 0));
    SHOW(call(SYS_timer_settime, id, 0, 0, 0));
    SHOW(call(SYS_timer_settime, id, 0, 8, 0));
    SHOW(call(SYS_timer_settime, id, 0, (long)&bad, 0));
    SHOW(call(SYS_timer_gettime, 12345, (long)&bad, 0, 0));
    SHOW(call(SYS_timer_gettime, id, 8, 0, 0));
    SHOW(call(SYS_timer_getoverrun, 12345, 0, 0, 0));
    SHOW(call(SYS_timer_delete, 12345, 0, 0, 0));
    SHOW(call(SYS_timer_delete, id, 0, 0, 0));
    SHOW(call(SYS_timer_delete, id, 0, 0, 0));
}

/* A child has none of its parent's timers. */
static void after_fork(void)
{
    struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
    struct itimerspec soon2 = { { 0, 0 }, { 0, 20000000 } };
    int id, status;
    syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id);
    syscall(SYS_timer_settime, id, 0, &soon2, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    catch(SIGALRM);
    pid_t pid = fork();
    if (pid == 0) {
        count[SIGALRM] = 0;
        usleep(60000);
        _exit(count[SIGALRM] + (call(SYS_timer_delete, id, 0, 0, 0) == -EINVAL ? 0 : 100));
    }
    waitpid(pid, &status, 0);
    SHOW(WEXITSTATUS(status));
    CHECK(count[SIGALRM] >= 1);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    interval_timers();
    very_short_interval();
    on_each_clock();
    deadline_in_real_time();
    overruns();
    to_one_thread();
    without_signal();
    wrong();
    after_fork();
    return check_result();
}
