/* futex_waitv: waiting for any of many words; and whose robust list can be asked for. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define F32 2u
#define PRIVATE 128u

struct waitv { uint64_t value, addr; uint32_t flags, reserved; };
static uint32_t words[130];
static struct waitv all[130];
static atomic_int waiting;

static void fill(uint32_t flags)
{
    for (int i = 0; i < 130; i++) {
        words[i] = 0;
        all[i] = (struct waitv){ 0, (uintptr_t)&words[i], F32 | flags, 0 };
    }
}

static long waitv(void *v, unsigned n, unsigned flags, const struct timespec *t, int clock)
{
    return syscall(SYS_futex_waitv, v, n, flags, t, clock);
}

static void arguments(void)
{
    struct timespec past = { 0, 1 }, bad = { 0, 1000000000 };
    fill(PRIVATE);
    SHOW(waitv(all, 2, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv(all, 128, 0, &past, CLOCK_REALTIME));
    SHOW(waitv(all, 0, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv(all, 129, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv(NULL, 1, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv((void *)8, 1, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv(all, 1, 1, &past, CLOCK_MONOTONIC));
    SHOW(waitv(all, 1, 0, &past, CLOCK_BOOTTIME));
    SHOW(waitv(all, 1, 0, &bad, CLOCK_MONOTONIC));
    words[1] = 5;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
    SHOW(waitv(all, 2, 0, &past, CLOCK_MONOTONIC));
    all[0].flags = PRIVATE;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
    all[0].flags = F32 | 0x1000;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
    all[0].flags = F32;
    all[0].reserved = 1;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
    fill(0);
    all[0].addr++;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
    all[0].addr = 8;
    SHOW(waitv(all, 1, 0, &past, CLOCK_MONOTONIC));
}

static unsigned count;
static void *wait_for_one(void *result)
{
    waiting++;
    *(long *)result = waitv(all, count, 0, NULL, 0);
    return NULL;
}

static void woken(unsigned n, unsigned which, uint32_t flags)
{
    pthread_t t;
    long result = -2;
    fill(flags);
    count = n;
    waiting = 0;
    pthread_create(&t, NULL, wait_for_one, &result);
    while (!waiting)
        sched_yield();
    sleep_ms(20);
    printf("wake %u of %u: %ld\n", which, n, syscall(SYS_futex, &words[which], 1 | flags, 1, NULL, NULL, 0));
    pthread_join(t, NULL);
    printf("result %ld, others: %ld\n", result, syscall(SYS_futex, &words[0], 1 | flags, 9, NULL, NULL, 0));
}

static void on_signal(int signo) { (void)signo; }

static void interrupted(int flags)
{
    struct sigaction act = { .sa_handler = on_signal, .sa_flags = flags };
    sigaction(SIGUSR1, &act, NULL);
    fflush(stdout);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        sleep_ms(50);
        kill(parent, SIGUSR1);
        sleep_ms(50);
        kill(parent, SIGUSR2);
        _exit(0);
    }
    fill(PRIVATE);
    SHOW(waitv(all, 3, 0, NULL, 0));
    waitpid(pid, NULL, 0);
}

/* --- robust lists ------------------------------------------------------------------------------- */

static long list_of(pid_t pid, void **head, size_t *len) { return syscall(SYS_get_robust_list, pid, head, len); }

static void *thread_with_list(void *arg)
{
    static char list[24];
    syscall(SYS_set_robust_list, list, 24);
    *(volatile pid_t *)arg = (pid_t)syscall(SYS_gettid);
    while (*(volatile pid_t *)arg)
        sleep_ms(1);
    return list;
}

static void robust_lists(void)
{
    pthread_t t;
    volatile pid_t tid = 0;
    void *head = NULL, *mine;
    size_t len = 0;
    pthread_create(&t, NULL, thread_with_list, (void *)&tid);
    while (!tid)
        sleep_ms(1);
    SHOW(list_of(tid, &head, &len));
    SHOW(len);
    SHOW(list_of(0x3fffff0, &mine, &len));
    SHOW(list_of(tid, (void **)8, &len));
    tid = 0;
    pthread_join(t, &mine);
    CHECK(mine == head);
    SHOW(syscall(SYS_set_robust_list, NULL, 23));
    fflush(stdout);
    pid_t pid = fork(), parent = getppid();
    if (pid == 0)
        _exit(setgid(54321) || setuid(54321) || list_of(parent, &head, &len) != -1 || errno != EPERM);
    int raw = -1;
    waitpid(pid, &raw, 0);
    SHOW(raw);
}

int main(void)
{
    alarm(30);
    struct sigaction act = { .sa_handler = on_signal };
    sigaction(SIGUSR2, &act, NULL);
    arguments();
    woken(1, 0, PRIVATE);
    woken(3, 1, 0);
    woken(128, 127, PRIVATE);
    interrupted(0);
    interrupted(SA_RESTART);
    robust_lists();
    return check_result();
}
