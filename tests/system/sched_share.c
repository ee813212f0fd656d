/* Who gets the CPU: equal shares for equals, more for less nice, all for real time, and only the
 * allowed CPUs. Run as root.
 *
 * What is measured is CPU time. But a virtual CPU that the host takes away for a moment seems to run on:
 * that time is charged to whoever ran, and no scheduler can tell. The hogs can, for each of their steps
 * is short: a long one was stolen. What was stolen is granted: shares may be wrong by as much, and who was late
 * may have been late by as much. What a single pause can spoil is tried again besides. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { MAX = 50 };

static struct shared {
    volatile int ready, go, stop, where_wrong;
    volatile long count[MAX];
    volatile double cpu[MAX], stolen[MAX];
} *shared;

/* The calling thread's. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int first_cpu(void)
{
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all))
            return i;
    return 0;
}

static int ncpus(void)
{
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    return CPU_COUNT(&all);
}

/* musl's own answers ENOSYS. */
static int set_policy(int policy, int priority) { return (int)syscall(SYS_sched_setscheduler, 0, policy, &priority); }

static int bind_to(int cpu)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof one, &one);
}

/* Computes for some microseconds. What it seemed to take beyond a millisecond was stolen. */
static double step(double last, volatile double *stolen)
{
    for (volatile int k = 0; k < 2000; k++)
        ;
    double now = cpu_seconds();
    if (now - last > 0.001)
        *stolen += now - last;
    return now;
}

static pid_t hog(int i, void (*prepare)(int))
{
    pid_t pid = fork();
    if (pid)
        return pid;
    prepare(i);
    __sync_fetch_and_add(&shared->ready, 1);
    while (!shared->go)
        sched_yield();
    double before = cpu_seconds(), last = before;
    while (!shared->stop)
        last = step(last, &shared->stolen[i]);
    shared->cpu[i] = last - before;
    _exit(0);
}

/* Lets n hogs run for a while; what each got is in shared->cpu. */
static void compete(int n, void (*prepare)(int), long ms)
{
    pid_t pid[MAX];
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    for (int i = 0; i < n; i++)
        pid[i] = hog(i, prepare);
    while (shared->ready < n)
        sched_yield();
    shared->go = 1;
    sleep_ms(ms);
    shared->stop = 1;
    for (int i = 0; i < n; i++)
        waitpid(pid[i], NULL, 0);
}

static double sum_of(const volatile double *of, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += of[k];
    return sum;
}

static double share(int i, int n) { return shared->cpu[i] / sum_of(shared->cpu, n); }

/* The part of the CPU time of n hogs that they did not have. */
static double stolen_share(int n) { return sum_of(shared->stolen, n) / sum_of(shared->cpu, n); }

/* Of n hogs i has the part `want`, give or take. */
static int share_is(int i, int n, double want, double tolerance)
{
    double off = share(i, n) - want;
    return (off < 0 ? -off : off) <= tolerance + stolen_share(n);
}

/* Up to three times; what fails always is no accident. */
static int in_tries(int (*once)(void))
{
    for (int try = 0; try < 3; try++)
        if (once())
            return 1;
    return 0;
}

static void on_one_cpu(int i)
{
    (void)i;
    bind_to(first_cpu());
}

static void nicer_by_five(int i)
{
    on_one_cpu(i);
    setpriority(PRIO_PROCESS, 0, 5 * i);
}

static void first_is_idle_class(int i)
{
    on_one_cpu(i);
    if (i == 0)
        set_policy(SCHED_IDLE, 0);
}

static void anywhere(int i) { (void)i; }

static int equals_share(void)
{
    compete(2, on_one_cpu, 2000); /* what one was ahead at the start counts little */
    return share_is(0, 2, 0.5, 0.05);
}

static int nice_shares(void)
{
    compete(2, nicer_by_five, 2000);
    return share_is(0, 2, 0.75, 0.05); /* 3.05 to 1 */
}

static int idle_shares(void)
{
    compete(2, first_is_idle_class, 1000);
    return share_is(0, 2, 0, 0.05);
}

static void shares(void)
{
    CHECK(in_tries(equals_share));
    CHECK(in_tries(nice_shares));
    CHECK(in_tries(idle_shares));
}

/* One more hog than CPUs: each is to get its part of all of them. */
static int all_share_all_cpus(void)
{
    int n = ncpus() < 16 ? ncpus() + 1 : 16;
    compete(n, anywhere, 3000);
    int alone = sum_of(shared->cpu, n) > 0.95 * 3 * ncpus(); /* nobody else ran, as on a busy Linux */
    for (int i = 0; i < n; i++)
        if (!share_is(i, n, 1.0 / n, (alone ? 0.1 : 0.25) / n))
            return 0;
    return 1;
}

static void *count_up(void *slot)
{
    while (!shared->stop)
        ++*(volatile long *)slot;
    return NULL;
}

static void *count_steps(void *slot)
{
    double last = cpu_seconds();
    while (!shared->stop) {
        last = step(last, &shared->stolen[0]);
        ++*(volatile long *)slot;
    }
    return NULL;
}

/* Naps of ms milliseconds: how many ended more than `late` ms late, and by how many seconds in all. */
static unsigned nap(int n, long ms, long late_ms, double *seconds)
{
    unsigned slow = 0;
    for (int i = 0; i < n; i++) {
        unsigned long before = now_us();
        sleep_ms(ms);
        unsigned long late = now_us() - before - (unsigned long)ms * 1000;
        if (late <= (unsigned long)late_ms * 1000)
            continue;
        slow++;
        *seconds += (double)late / 1e6;
    }
    return slow;
}

/* A real-time thread runs as soon as it wakes, and nobody else until it sleeps: unless it seems to run for so
 * long that the others are given their five percent. */
static void real_time(void)
{
    pthread_t other;
    double late = 0;
    bind_to(first_cpu());
    pthread_create(&other, NULL, count_steps, (void *)&shared->count[0]);
    sleep_ms(20);
    set_policy(SCHED_FIFO, 10);
    unsigned slow = nap(20, 2, 18, &late);
    long before = shared->count[0];
    unsigned long start = now_us();
    while (now_us() < start + 100000)
        ;
    if (now_us() < start + 300000)
        shared->count[2] = shared->count[0] - before;
    set_policy(SCHED_OTHER, 0);
    while (shared->count[0] <= before + 1) /* the step in which it was stopped is seen */
        sched_yield();
    shared->stop = 1;
    pthread_join(other, NULL);
    shared->count[1] = slow > 3 && late > shared->stolen[0];
}

static int real_time_goes_first(void)
{
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        real_time();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return shared->count[0] > 0 && shared->count[1] == 0 && shared->count[2] == 0;
}

/* A turn of SCHED_RR has to end, but a paused host may let it end late. */
static int lets_run_late(int policy, unsigned long start)
{
    return policy == SCHED_RR && shared->count[0] == 0 && now_us() < start + 30000000;
}

/* Of two FIFO threads of one priority the second waits until the first lets it; of RR ones not. */
static void fifo_and_rr(void)
{
    static const int policies[] = { SCHED_FIFO, SCHED_RR };
    for (int p = 0; p < 2; p++) {
        memset(shared, 0, sizeof *shared);
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            bind_to(first_cpu());
            set_policy(policies[p], 5);
            pthread_t other;
            pthread_create(&other, NULL, count_up, (void *)&shared->count[0]);
            for (unsigned long start = now_us(); now_us() < start + 300000 || lets_run_late(policies[p], start);)
                ;
            shared->count[1] = shared->count[0];
            shared->stop = 1;
            pthread_join(other, NULL);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        if (p == 0)
            CHECK(shared->count[1] == 0);
        else
            CHECK(shared->count[1] > 0);
    }
}

static void *wander(void *unused)
{
    (void)unused;
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    for (int round = 0; round < 200; round++)
        for (int cpu = 0; cpu < CPU_SETSIZE && cpu < 64; cpu++) {
            if (!CPU_ISSET(cpu, &all))
                continue;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            if (sched_setaffinity(0, sizeof one, &one) || sched_getcpu() != cpu)
                shared->where_wrong++;
        }
    sched_setaffinity(0, sizeof all, &all);
    return NULL;
}

/* From outside: a thread that computes is sent around. */
static void send_around(void)
{
    int n = 0;
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    pid_t pid = hog(0, anywhere);
    shared->go = 1;
    for (int round = 0; round < 50; round++)
        for (int cpu = 0; cpu < 64; cpu++) {
            if (!CPU_ISSET(cpu, &all))
                continue;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            n += sched_setaffinity(pid, sizeof one, &one) != 0;
        }
    shared->stop = 1;
    waitpid(pid, NULL, 0);
    CHECK(n == 0);
}

static void affinity(void)
{
    pthread_t t[4];
    memset(shared, 0, sizeof *shared);
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, wander, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK(shared->where_wrong == 0);
    memset(shared, 0, sizeof *shared);
    send_around();
    int raw, cpu = first_cpu();
    fflush(stdout);
    if (fork() == 0) {
        bind_to(cpu);
        if (fork() == 0)
            _exit(first_cpu() == cpu && ncpus() == 1 ? 0 : 1); /* inherited */
        wait(&raw);
        _exit(raw != 0);
    }
    CHECK(wait(&raw) > 0 && raw == 0);
}

/* While many compute, who mostly sleeps is not kept waiting, not even if it has just started all of them. */
static int sleepers_are_quick(void)
{
    enum { HOGS = 50, NAPS = 40 };
    pid_t pid[HOGS];
    double late = 0;
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    shared->go = 1;
    for (int i = 0; i < HOGS; i++)
        pid[i] = hog(i, anywhere);
    unsigned slow = nap(NAPS, 10, 40, &late);
    shared->stop = 1;
    for (int i = 0; i < HOGS; i++)
        waitpid(pid[i], NULL, 0);
    return slow <= NAPS / 20 || late <= sum_of(shared->stolen, HOGS);
}

int main(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shares();
    CHECK(in_tries(all_share_all_cpus));
    CHECK(in_tries(real_time_goes_first));
    fifo_and_rr();
    affinity();
    CHECK(in_tries(sleepers_are_quick));
    return failures != 0;
}
