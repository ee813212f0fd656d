/* Orphans: whatever signal their end was to send, process 1 buries them. And futex arguments. */
#include "check.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* linux/futex.h, which musl does not bring */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4

static bool gone(pid_t pid)
{
    for (int i = 0; i < 300; i++) {
        if (kill(pid, 0) == -1 && errno == ESRCH)
            return true;
        usleep(10000);
    }
    return false;
}

/* A child whose end is silent, made by a process that ends after `parent_us`. */
static pid_t orphan(unsigned parent_us, unsigned child_us)
{
    int ends[2];
    pid_t pid = -1;
    if (pipe(ends))
        return -1;
    fflush(stdout);
    pid_t parent = fork();
    if (parent == 0) {
        pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
        if (pid == 0) {
            usleep(child_us);
            _exit(0);
        }
        (void)!write(ends[1], &pid, sizeof pid);
        usleep(parent_us);
        _exit(0);
    }
    (void)!read(ends[0], &pid, sizeof pid);
    close(ends[0]);
    close(ends[1]);
    return waitpid(parent, NULL, 0) == parent ? pid : -1;
}

static long futex(void *addr, int op, unsigned val, long val2, void *addr2, unsigned val3)
{
    return syscall(SYS_futex, addr, op, val, val2, addr2, val3);
}

static void futex_arguments(void)
{
    static uint32_t word, other;
    CHECK(futex(&word, FUTEX_REQUEUE, -1u, 1, &other, 0) == -1 && errno == EINVAL);
    CHECK(futex(&word, FUTEX_REQUEUE, 1, -1, &other, 0) == -1 && errno == EINVAL);
    CHECK(futex(&word, FUTEX_REQUEUE, 1, INT_MAX, &other, 0) == 0);
    CHECK(futex(&word, FUTEX_REQUEUE, 1, 1, (char *)&other + 1, 0) == -1 && errno == EINVAL);
    CHECK(futex(&word, FUTEX_REQUEUE, 1, 1, (void *)0xffffffff80000000UL, 0) == -1 && errno == EFAULT);
    CHECK(futex(&word, FUTEX_CMP_REQUEUE, 1, 1, &other, 7) == -1 && errno == EAGAIN);
    CHECK(futex((char *)&word + 2, FUTEX_WAKE, 1, 0, NULL, 0) == -1 && errno == EINVAL);
    CHECK(futex(&word, FUTEX_WAIT, 1, 0, NULL, 0) == -1 && errno == EAGAIN);
    struct timespec t = { .tv_nsec = 1000000 };
    CHECK(futex(&word, FUTEX_WAIT, 0, (long)&t, NULL, 0) == -1 && errno == ETIMEDOUT);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Stopped and continued, poll still ends when it was to end. */
static void poll_keeps_its_deadline(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        double start = now();
        int r = poll(NULL, 0, 300);
        double took = now() - start;
        _exit(r == 0 && took > 0.29 && took < 0.55 ? 42 : 1);
    }
    for (int i = 0; i < 2; i++) {
        usleep(100000);
        kill(pid, SIGSTOP);
        usleep(20000);
        kill(pid, SIGCONT);
    }
    int raw = 0;
    CHECK(waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) && WEXITSTATUS(raw) == 42);
}

static int told;

static void tell_and_leave(int signo)
{
    (void)!write(told, &signo, sizeof signo);
    _exit(0);
}

/* The end of a session's leader leaves a stopped job that nobody can continue: it gets SIGHUP and
 * goes on (POSIX.1-2017, _Exit). */
static void stopped_orphan(void)
{
    int ends[2], signo = 0;
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t leader = fork();
    if (leader == 0) {
        setsid();
        pid_t job = fork();
        if (job == 0) {
            told = ends[1];
            signal(SIGHUP, tell_and_leave);
            setpgid(0, 0);
            raise(SIGSTOP);
            pause();
            _exit(1);
        }
        waitpid(job, NULL, WUNTRACED);
        _exit(0);
    }
    close(ends[1]);
    CHECK(waitpid(leader, NULL, 0) == leader);
    struct pollfd p = { .fd = ends[0], .events = POLLIN };
    CHECK(poll(&p, 1, 3000) == 1 && read(ends[0], &signo, sizeof signo) == sizeof signo && signo == SIGHUP);
    close(ends[0]);
}

int main(void)
{
    pid_t pid = orphan(0, 50000);
    CHECK(pid > 0 && gone(pid));
    pid = orphan(50000, 0);
    CHECK(pid > 0 && gone(pid));
    stopped_orphan();
    futex_arguments();
    poll_keeps_its_deadline();
    return check_result();
}
