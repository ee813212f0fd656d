/* The clock of the page that the kernel maps (vDSO, what the C library uses) and the clock of the
 * system call are one clock; nobody may write the page. */
#include "check.h"
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long in_ns(const struct timespec *t)
{
    return t->tv_sec * 1000000000ll + t->tv_nsec;
}

static long long by_library(int id)
{
    struct timespec t = { -1, -1 };
    return clock_gettime(id, &t) == 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000 ? in_ns(&t) : -1;
}

static long long by_call(int id)
{
    struct timespec t = { -1, -1 };
    return syscall(SYS_clock_gettime, id, &t) == 0 ? in_ns(&t) : -1;
}

/* Taken in turns they never go back. */
static bool one_clock(int id)
{
    long long last = by_call(id);
    for (int i = 0; i < 1000; i++) {
        long long a = by_library(id), b = by_call(id);
        if (a < last || b < a || b - last > 5000000000ll)
            return false;
        last = b;
    }
    return true;
}

static int status_of_writer(volatile char *page)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        *page = 0;
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(void)
{
    const char *page = (const char *)getauxval(AT_SYSINFO_EHDR);
    struct timeval tv;
    CHECK(page && page[0] == 0x7f && page[1] == 'E');
    CHECK(one_clock(CLOCK_MONOTONIC));
    CHECK(one_clock(CLOCK_REALTIME));
    CHECK(one_clock(CLOCK_BOOTTIME));
    CHECK(by_library(CLOCK_PROCESS_CPUTIME_ID) > 0);
    errno = 0;
    CHECK(by_library(12345) == -1 && errno == EINVAL);
    long long before = by_call(CLOCK_REALTIME) / 1000;
    CHECK(gettimeofday(&tv, NULL) == 0);
    CHECK(tv.tv_sec * 1000000ll + tv.tv_usec >= before && tv.tv_sec - time(NULL) >= -5);
    cpu_set_t one;
    unsigned cpu = 99, node = 99;
    CHECK(sched_getcpu() >= 0 && sched_getcpu() < 1024);
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0 && sched_getcpu() == 0);
    CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && cpu == 0 && node < 64);
    int status = status_of_writer((volatile char *)page);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return check_result();
}
