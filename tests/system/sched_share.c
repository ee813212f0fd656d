/* Who gets the CPU: equal shares for equals, more for less nice, all for real time, and only the
 * allowed CPUs. Run as root.
 *
 * What is measured is CPU time. But a virtual CPU that the host takes away for a moment seems to run on:
 * that time is charged to whoever ran, and no scheduler can tell. The hogs can, for each of their steps
 * is short. What must hold on an undisturbed machine is held against a disturbed one more loosely, and
 * what a single pause can spoil is tried again. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { MAX = 16 };

static struct shared { volatile int ready, go, stop; volatile long count[MAX]; double cpu[MAX], stolen[MAX]; volatile int where_wrong; } *shared;

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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
    while (!shared->stop) {
        for (volatile int k = 0; k < 2000; k++)
            ;
        double now = cpu_seconds();
        if (now - last > 0.001)
            shared->stolen[i] += now - last;
        last = now;
    }
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

static double sum_of(const double *of, int n)
{
    double sum = 0;
    for (int k = 0; k < n; k++)
        sum += of[k];
    return sum;
}

static double share(int i, int n) { return shared->cpu[i] / sum_of(shared->cpu, n); }

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
    return share(0, 2) > 0.45 && share(0, 2) < 0.55;
}

static int nice_shares(void)
{
    compete(2, nicer_by_five, 2000);
    return share(0, 2) > 0.70 && share(0, 2) < 0.80; /* 3.05 to 1 */
}

static int idle_shares(void)
{
    compete(2, first_is_idle_class, 1000);
    return share(0, 2) < 0.05;
}

static void shares(void)
{
    CHECK(in_tries(equals_share));
    CHECK(in_tries(nice_shares));
    CHECK(in_tries(idle_shares));
}

/* Did the n hogs have the CPUs for themselves, and the CPUs the host? */
static int undisturbed(int n, double seconds)
{
    double used = sum_of(shared->cpu, n);
    return used > 0.95 * seconds * ncpus() && sum_of(shared->stolen, n) < 0.05 * used;
}

/* One more hog than CPUs: each is to get its part of all of them. */
static int all_share_all_cpus(void)
{
    int n = ncpus() < MAX ? ncpus() + 1 : MAX;
    compete(n, anywhere, 3000);
    double tolerance = undisturbed(n, 3) ? 0.1 : 0.25;
    for (int i = 0; i < n; i++)
        if (share(i, n) * n < 1 - tolerance || share(i, n) * n > 1 + tolerance)
            return 0;
    return 1;
}

/* A real-time thread runs as soon as it wakes, and nobody else until it sleeps. */
static void *count_up(void *slot)
{
    while (!shared->stop)
        ++*(volatile long *)slot;
    return NULL;
}

static int real_time_goes_first(void)
{
    pid_t pid;
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    if ((pid = fork()) == 0) {
        pthread_t other;
        bind_to(first_cpu());
        pthread_create(&other, NULL, count_up, (void *)&shared->count[0]);
        sleep_ms(20);
        set_policy(SCHED_FIFO, 10);
        for (int i = 0; i < 20; i++) {
            unsigned long before = now_us();
            sleep_ms(2);
            shared->count[1] += now_us() - before > 20000;
        }
        long before = shared->count[0];
        for (unsigned long end = now_us() + 100000; now_us() < end;)
            ;
        shared->count[2] = shared->count[0] - before;
        set_policy(SCHED_OTHER, 0);
        shared->stop = 1;
        pthread_join(other, NULL);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return shared->count[0] > 0 && shared->count[1] <= 3 && shared->count[2] == 0;
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
            for (unsigned long end = now_us() + 300000; now_us() < end;)
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
    unsigned long slow = 0;
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    for (int i = 0; i < HOGS; i++)
        if ((pid[i] = fork()) == 0)
            for (;;)
                ;
    for (int i = 0; i < NAPS; i++) {
        unsigned long before = now_us();
        sleep_ms(10);
        slow += now_us() - before > 50000;
    }
    for (int i = 0; i < HOGS; i++)
        kill(pid[i], SIGKILL);
    for (int i = 0; i < HOGS; i++)
        waitpid(pid[i], NULL, 0);
    return slow <= NAPS / 20;
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
