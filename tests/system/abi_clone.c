/* clone, clone3 and pidfd: what they refuse, what the child gets, and who may wait for it how. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ull
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#define NR_pidfd_send_signal 424
#define NR_pidfd_open 434
#define NR_clone3 435
#define NR_pidfd_getfd 438

struct args { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };

static long clone3(const struct args *a, size_t size) { return syscall(NR_clone3, a, size); }
static int pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(NR_pidfd_open, pid, flags); }
static int pidfd_signal(int fd, int sig, siginfo_t *info, unsigned flags)
{
    return (int)syscall(NR_pidfd_send_signal, fd, sig, info, flags);
}

static void what_clone3_refuses(void)
{
    static struct { struct args a; uint64_t more; } big = { .a.exit_signal = SIGCHLD, .more = 1 };
    static char stack[4096];
    pid_t numbers[2] = { 1, 0 };
    SHOW(clone3(&big.a, 0));
    SHOW(clone3(&big.a, 63));
    SHOW(clone3(&big.a, 5000));
    SHOW(clone3(&big.a, sizeof big));
    SHOW(clone3((void *)8, 64));
#define REFUSED(...) SHOW(clone3(&(struct args){ __VA_ARGS__ }, sizeof(struct args)))
    REFUSED(.flags = SIGCHLD);
    REFUSED(.flags = 0x400000 /* CLONE_DETACHED */, .exit_signal = SIGCHLD);
    REFUSED(.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD);
    REFUSED(.flags = CLONE_THREAD);
    REFUSED(.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS | CLONE_FILES, .exit_signal = SIGCHLD);
    REFUSED(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND);
    REFUSED(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
    REFUSED(.flags = 1ull << 62);
    REFUSED(.exit_signal = 65);
    REFUSED(.exit_signal = SIGCHLD, .stack = (uintptr_t)stack);
    REFUSED(.exit_signal = SIGCHLD, .stack_size = 4096);
    REFUSED(.exit_signal = SIGCHLD, .set_tid = (uintptr_t)numbers);
    REFUSED(.exit_signal = SIGCHLD, .set_tid_size = 1);
    REFUSED(.exit_signal = SIGCHLD, .set_tid = (uintptr_t)numbers, .set_tid_size = 33);
    SHOW(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &numbers[1], 0, 0));
    SHOW(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
}

static volatile sig_atomic_t handled;
static void on_signal(int sig) { handled = sig; }

static void a_plain_child(void)
{
    static volatile int shared_tid;
    int fd = -1, status = 0;
    pid_t parent_tid = 0;
    struct args a = { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .pidfd = (uintptr_t)&fd,
                      .parent_tid = (uintptr_t)&parent_tid, .child_tid = (uintptr_t)&shared_tid, .exit_signal = SIGCHLD };
    long pid = clone3(&a, 64);
    if (pid == 0)
        _exit(shared_tid == getpid() ? 5 : 6);
    CHECK(pid > 0 && parent_tid == pid && shared_tid == 0);
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    struct pollfd p = { fd, POLLIN, 0 };
    CHECK(poll(&p, 1, 5000) == 1 && p.revents == POLLIN);
    siginfo_t info = { 0 };
    CHECK(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == pid && info.si_status == 5);
    CHECK(pidfd_signal(fd, 0, NULL, 0) == 0); /* a zombie is still there */
    CHECK(waitpid((pid_t)pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
    CHECK(pidfd_signal(fd, 0, NULL, 0) == -1 && errno == ESRCH);
    CHECK(waitid(P_PIDFD, (id_t)fd, &info, WEXITED) == -1 && errno == ECHILD);
    CHECK(pidfd_open((pid_t)pid, 0) == -1 && errno == ESRCH);
    CHECK(poll(&p, 1, 0) == 1 && (p.revents & POLLIN));
    close(fd);
}

static void handlers_cleared(void)
{
    int status;
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    struct args a = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
    long pid = clone3(&a, sizeof a);
    if (pid == 0)
        _exit((signal(SIGUSR1, SIG_DFL) == SIG_DFL) + 2 * (signal(SIGUSR2, SIG_DFL) == SIG_IGN));
    CHECK(waitpid((pid_t)pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
    CHECK(signal(SIGUSR1, SIG_DFL) == on_signal);
}

/* A child of our own parent: not ours to wait for. */
static void a_sibling(void)
{
    int status = 0;
    fflush(stdout);
    pid_t parent = getpid(), middle = fork();
    if (middle == 0) {
        struct args a = { .flags = CLONE_PARENT };
        long pid = clone3(&a, sizeof a);
        if (pid == 0)
            _exit(getppid() == parent ? 7 : 8);
        _exit(waitpid((pid_t)pid, NULL, __WALL) == -1 && errno == ECHILD ? 0 : 1);
    }
    CHECK(waitpid(middle, &status, 0) == middle && status == 0);
    CHECK(waitpid(-1, &status, __WALL) > 0 && WEXITSTATUS(status) == 7);
    CHECK(waitpid(-1, &status, __WALL) == -1 && errno == ECHILD);
}

static pid_t sleeping_child(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

/* A directory /proc/PID stands for the process, that of a thread or a file in it does not. */
static void directories_as_pidfds(void)
{
    char path[64];
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    int dir = open(path, O_RDONLY | O_DIRECTORY), place = open(path, O_PATH), root = open("/proc", O_RDONLY);
    int thread = open("/proc/thread-self", O_RDONLY | O_DIRECTORY), file = open("/proc/self/stat", O_RDONLY), status;
    SHOW(pidfd_signal(dir, 0, NULL, 0));
    SHOW(pidfd_signal(thread, 0, NULL, 0));
    SHOW(pidfd_signal(file, 0, NULL, 0));
    SHOW(pidfd_signal(root, 0, NULL, 0));
    SHOW(pidfd_signal(place, 0, NULL, 0));
    SHOW(pidfd_signal(dir, SIGKILL, NULL, 0));
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    SHOW(pidfd_signal(dir, 0, NULL, 0));
    close(dir), close(place), close(root), close(thread), close(file);
}

static void pidfd_calls(void)
{
    pid_t pid = sleeping_child();
    siginfo_t info = { 0 };
    int fd = pidfd_open(pid, O_NONBLOCK), other = open("/", O_RDONLY), status;
    CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_NONBLOCK));
    SHOW(pidfd_open(0, 0));
    SHOW(pidfd_open(-1, 0));
    SHOW(pidfd_open(pid, 1));
    SHOW(pidfd_signal(other, SIGTERM, NULL, 0));
    SHOW(pidfd_signal(999, SIGTERM, NULL, 0));
    SHOW(pidfd_signal(fd, 65, NULL, 0));
    SHOW(pidfd_signal(fd, SIGTERM, NULL, 1u << 20));
    info.si_signo = SIGINT;
    SHOW(pidfd_signal(fd, SIGTERM, &info, 0)); /* another number */
    info.si_signo = SIGTERM;
    SHOW(pidfd_signal(fd, SIGTERM, &info, 0)); /* pretends to be kill */
    CHECK(read(fd, &status, 1) == -1 && errno == EINVAL);
    struct pollfd p = { fd, POLLIN, 0 };
    CHECK(poll(&p, 1, 0) == 0);
    CHECK(waitid(P_PIDFD, (id_t)fd, &info, WEXITED) == -1 && errno == EAGAIN);
    SHOW(waitid(P_PIDFD, (id_t)other, &info, WEXITED));
    SHOW(waitid(P_PIDFD, (id_t)-1, &info, WEXITED));
    CHECK(pidfd_signal(fd, SIGKILL, NULL, 0) == 0);
    CHECK(poll(&p, 1, 5000) == 1 && waitid(P_PIDFD, (id_t)fd, &info, WEXITED) == 0);
    CHECK(info.si_pid == pid && info.si_code == CLD_KILLED && info.si_status == SIGKILL);
    close(fd);
    close(other);
}

/* A descriptor fetched from a child shares its file. */
static void descriptors_fetched(void)
{
    int ends[2];
    char c = 0;
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 77);
        close(ends[0]);
        kill(getpid(), SIGSTOP);
        _exit(0);
    }
    int status, fd = pidfd_open(pid, 0), got;
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    got = (int)syscall(NR_pidfd_getfd, fd, 77, 0);
    CHECK(got >= 0 && fcntl(got, F_GETFD) == FD_CLOEXEC && write(got, "x", 1) == 1 && read(ends[0], &c, 1) == 1 && c == 'x');
    SHOW(syscall(NR_pidfd_getfd, fd, 78, 0));
    SHOW(syscall(NR_pidfd_getfd, fd, 77, 1));
    SHOW(syscall(NR_pidfd_getfd, 0, 77, 0));
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    SHOW(syscall(NR_pidfd_getfd, fd, 77, 0));
    close(fd), close(got), close(ends[0]), close(ends[1]);
}

/* A number stays taken while a group or a session has it for its name. */
static void group_outlives_leader(void)
{
    int status;
    fflush(stdout);
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        pid_t member = fork();
        if (member == 0)
            for (;;)
                pause();
        _exit(0);
    }
    CHECK(waitpid(leader, &status, 0) == leader && status == 0);
    CHECK(kill(leader, 0) == -1 && errno == ESRCH);
    CHECK(kill(-leader, 0) == 0);
    CHECK(getpgid(leader) == -1 && errno == ESRCH);
    CHECK(kill(-leader, SIGKILL) == 0);
}

int main(void)
{
    what_clone3_refuses();
    a_plain_child();
    handlers_cleared();
    a_sibling();
    pidfd_calls();
    directories_as_pidfds();
    descriptors_fetched();
    group_outlives_leader();
    return check_result();
}
