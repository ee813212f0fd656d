/* The calls about scheduling: what they take, refuse and answer. Run as root. */
#include "check.h"

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>

struct attr { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t times[3]; uint32_t util[2]; };
enum { RESET = 0x40000000, NOBODY = 9999999 };
enum { RT = 1 << 13, BE = 2 << 13, IDLE = 3 << 13 };

static long set_scheduler(int policy, int priority)
{
    return syscall(SYS_sched_setscheduler, 0, policy, &priority);
}
static long get_scheduler(pid_t pid) { return syscall(SYS_sched_getscheduler, pid); }
static long set_param(int priority) { return syscall(SYS_sched_setparam, 0, &priority); }
static long get_param(void)
{
    int priority = -1;
    long r = syscall(SYS_sched_getparam, 0, &priority);
    return r ? r : priority;
}
static long set_attr(struct attr a) { return syscall(SYS_sched_setattr, 0, &a, 0); }
static long io_set(int which, int who, int value) { return syscall(SYS_ioprio_set, which, who, value); }
static long io_get(int which, int who) { return syscall(SYS_ioprio_get, which, who); }

static void limits_of_priorities(void)
{
    for (int policy = -1; policy < 7; policy++) {
        SHOW(syscall(SYS_sched_get_priority_min, policy));
        SHOW(syscall(SYS_sched_get_priority_max, policy));
    }
}

static void policies(void)
{
    SHOW(get_scheduler(0));
    SHOW(get_param());
    SHOW(set_scheduler(SCHED_FIFO, 0));
    SHOW(set_scheduler(SCHED_FIFO, 100));
    SHOW(set_scheduler(SCHED_FIFO, -1));
    SHOW(set_scheduler(SCHED_OTHER, 1));
    SHOW(set_scheduler(4, 0));
    SHOW(set_scheduler(-1, 0));
    SHOW(set_scheduler(SCHED_FIFO, 99));
    SHOW(get_scheduler(0));
    SHOW(get_param());
    SHOW(set_param(5));
    SHOW(get_param());
    SHOW(set_param(0));
    SHOW(set_scheduler(SCHED_RR | RESET, 7));
    SHOW(get_scheduler(0));
    SHOW(set_scheduler(SCHED_BATCH, 0));
    SHOW(get_scheduler(0));
    SHOW(set_param(1));
    SHOW(set_scheduler(SCHED_IDLE, 0));
    SHOW(get_scheduler(0));
    SHOW(set_scheduler(SCHED_OTHER, 0));
    SHOW(syscall(SYS_sched_setscheduler, 0, 0, NULL));
    SHOW(syscall(SYS_sched_setscheduler, 0, 0, 8));
    SHOW(syscall(SYS_sched_setscheduler, -1, 0, 8));
    SHOW(syscall(SYS_sched_getparam, 0, NULL));
    SHOW(syscall(SYS_sched_getparam, -1, 8));
    SHOW(get_scheduler(-1));
    SHOW(get_scheduler(NOBODY));
}

static void intervals(void)
{
    struct timespec t = { 9, 9 };
    set_scheduler(SCHED_RR, 1);
    SHOW(syscall(SYS_sched_rr_get_interval, 0, &t));
    CHECK(t.tv_sec == 0 && t.tv_nsec > 1000000 && t.tv_nsec <= 100000000);
    set_scheduler(SCHED_FIFO, 1);
    SHOW(syscall(SYS_sched_rr_get_interval, 0, &t));
    CHECK(t.tv_sec == 0 && t.tv_nsec == 0);
    set_scheduler(SCHED_OTHER, 0);
    SHOW(syscall(SYS_sched_rr_get_interval, -1, &t));
    SHOW(syscall(SYS_sched_rr_get_interval, NOBODY, &t));
    SHOW(syscall(SYS_sched_rr_get_interval, 0, 8));
}

static void attributes(void)
{
    struct attr a;
    memset(&a, 0xee, sizeof a);
    SHOW(syscall(SYS_sched_getattr, 0, &a, 47, 0));
    SHOW(syscall(SYS_sched_getattr, 0, &a, 4097, 0));
    SHOW(syscall(SYS_sched_getattr, 0, &a, 48, 1));
    SHOW(syscall(SYS_sched_getattr, 0, NULL, 48, 0));
    SHOW(syscall(SYS_sched_getattr, -1, &a, 48, 0));
    SHOW(syscall(SYS_sched_getattr, NOBODY, &a, 48, 0));
    SHOW(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    CHECK(a.size == 48 && a.policy == 0 && a.flags == 0 && a.nice == 0 && a.priority == 0);
    SHOW(syscall(SYS_sched_getattr, 0, &a, sizeof a, 0));
    CHECK(a.size >= 48 && a.size <= 64);

    SHOW(set_attr((struct attr){ .size = 48, .nice = 9 }));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(set_attr((struct attr){ .size = 0, .nice = 100 }));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(set_attr((struct attr){ .size = 48, .policy = SCHED_RR, .priority = 3, .flags = 1 }));
    SHOW(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    CHECK(a.policy == SCHED_RR && a.priority == 3 && a.flags == 1);
    SHOW(set_attr((struct attr){ .size = 48, .policy = 77, .priority = 4, .flags = 8 })); /* keep policy */
    SHOW(get_param());
    SHOW(set_attr((struct attr){ .size = 48, .policy = SCHED_FIFO, .flags = 16 })); /* keep parameters */
    SHOW(get_param());
    SHOW(set_attr((struct attr){ .size = 48, .policy = -1 }));
    SHOW(set_attr((struct attr){ .size = 48, .flags = 0x80 }));
    SHOW(set_attr((struct attr){ .size = 40 }));
    SHOW(syscall(SYS_sched_setattr, 0, &(struct attr){ .size = 48 }, 1));
    SHOW(syscall(SYS_sched_setattr, 0, NULL, 0));
    SHOW(syscall(SYS_sched_setattr, 0, 8, 0));
    SHOW(set_attr((struct attr){ .size = 48, .nice = 0 }));
    SHOW(getpriority(PRIO_PROCESS, 0));
}

static void nice_values(void)
{
    SHOW(setpriority(PRIO_PROCESS, 0, 5));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(setpriority(PRIO_PROCESS, 0, -100));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(setpriority(PRIO_PROCESS, 0, 0));
    SHOW(setpriority(7, 0, 0));
    SHOW(setpriority(PRIO_PROCESS, NOBODY, 0));
}

static void io_priorities(void)
{
    SHOW(io_get(1, 0));
    SHOW(io_set(1, 0, BE | 3));
    SHOW(io_get(1, 0));
    SHOW(io_set(1, 0, IDLE | 7));
    SHOW(io_get(1, 0));
    SHOW(io_set(1, 0, RT));
    SHOW(io_set(1, 0, 1));
    SHOW(io_set(1, 0, 4 << 13));
    SHOW(io_set(0, 0, 0));
    SHOW(io_set(4, 0, 0));
    SHOW(io_set(1, NOBODY, 0));
    SHOW(io_get(1, -3));
    SHOW(io_set(1, 0, 0));
}

static void masks(void)
{
    unsigned long mask[64] = { 0 };
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) >= 8);
    CHECK(mask[0] & 1);
    SHOW(syscall(SYS_sched_getaffinity, 0, 4, mask));
    SHOW(syscall(SYS_sched_getaffinity, 0, 500, mask) > 0);
    SHOW(syscall(SYS_sched_getaffinity, 0, 501, mask));
    SHOW(syscall(SYS_sched_getaffinity, -1, sizeof mask, mask));
    SHOW(syscall(SYS_sched_getaffinity, NOBODY, sizeof mask, mask));
    SHOW(syscall(SYS_sched_getaffinity, 0, sizeof mask, 8));
    SHOW(syscall(SYS_sched_setaffinity, 0, 0, mask));
    SHOW(syscall(SYS_sched_setaffinity, 0, 8, 8));
    SHOW(syscall(SYS_sched_setaffinity, -1, 8, mask));
    SHOW(syscall(SYS_sched_setaffinity, NOBODY, 8, mask));
    SHOW(syscall(SYS_sched_setaffinity, 0, 1, (char *)"\1"));
    memset(mask, 0, sizeof mask);
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) >= 8 && mask[0] == 1);
    mask[0] = 0;
    SHOW(syscall(SYS_sched_setaffinity, 0, 8, mask));
    mask[60] = 1;
    SHOW(syscall(SYS_sched_setaffinity, 0, sizeof mask, mask));
    memset(mask, 0xff, sizeof mask);
    SHOW(syscall(SYS_sched_setaffinity, 0, sizeof mask, mask));
}

static void inherits(void)
{
    int raw;
    set_scheduler(SCHED_BATCH, 0);
    setpriority(PRIO_PROCESS, 0, 3);
    if (fork() == 0)
        _exit(get_scheduler(0) == SCHED_BATCH && getpriority(PRIO_PROCESS, 0) == 3 ? 0 : 1);
    CHECK(wait(&raw) > 0 && raw == 0);
    setpriority(PRIO_PROCESS, 0, -3);
    set_scheduler(SCHED_RR | RESET, 9);
    if (fork() == 0)
        _exit(get_scheduler(0) == SCHED_OTHER && getpriority(PRIO_PROCESS, 0) == 0 ? 0 : 1);
    CHECK(wait(&raw) > 0 && raw == 0);
    set_scheduler(SCHED_OTHER | RESET, 0);
    if (fork() == 0)
        _exit(get_scheduler(0) == SCHED_OTHER && getpriority(PRIO_PROCESS, 0) == 0 ? 0 : 1);
    CHECK(wait(&raw) > 0 && raw == 0);
    set_scheduler(SCHED_OTHER, 0);
    setpriority(PRIO_PROCESS, 0, 0);
}

/* Without the superuser's rights. */
static void rights(void)
{
    struct rlimit none = { 0, 0 };
    pid_t parent = getppid();
    setpriority(PRIO_PROCESS, 0, 5);
    setrlimit(RLIMIT_RTPRIO, &none);
    setrlimit(RLIMIT_NICE, &none);
    if (setuid(1000))
        _exit(9);
    SHOW(set_scheduler(SCHED_FIFO, 3));
    SHOW(set_scheduler(SCHED_FIFO, 2));
    SHOW(set_scheduler(SCHED_OTHER, 0));
    SHOW(setpriority(PRIO_PROCESS, 0, -3));
    SHOW(setpriority(PRIO_PROCESS, 0, -2));
    SHOW(setpriority(PRIO_PROCESS, 0, 10));
    SHOW(setpriority(PRIO_PROCESS, parent, 19));
    SHOW(set_scheduler(SCHED_IDLE, 0));
    SHOW(set_scheduler(SCHED_OTHER, 0));
    SHOW(set_scheduler(SCHED_OTHER | RESET, 0));
    SHOW(set_scheduler(SCHED_OTHER, 0));
    SHOW(io_set(1, 0, RT));
    SHOW(io_set(1, parent, BE));
    SHOW(syscall(SYS_sched_setscheduler, parent, SCHED_OTHER, &(int){ 0 }));
    SHOW(syscall(SYS_sched_setaffinity, parent, 8, &(long){ 1 }));
    SHOW(syscall(SYS_sched_getscheduler, parent));
}

int main(void)
{
    limits_of_priorities();
    policies();
    intervals();
    attributes();
    nice_values();
    io_priorities();
    masks();
    inherits();
    SHOW(status_of(rights));
    return failures != 0;
}
