/* ptrace: stops, registers, memory, events, signals, ends. Run on Linux first. */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long marker = 0x1234;

static int wait_for(pid_t pid)
{
    int status = 0;
    CHECK(waitpid(pid, &status, __WALL) == pid);
    return status;
}

static int is_stop(int status, int sig, int event)
{
    return WIFSTOPPED(status) && status >> 8 == (sig | event << 8);
}

/* A child that has asked to be traced and stands in the SIGSTOP that it sent itself. */
static pid_t start(void (*body)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        body();
        _exit(0);
    }
    CHECK(is_stop(wait_for(pid), SIGSTOP, 0));
    return pid;
}

static void finish(pid_t pid, int code)
{
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    int status = wait_for(pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

static void body_calls(void)
{
    syscall(SYS_getpid);
    long r = syscall(1000000, 1, 2, 3);
    _exit(r == -1 && errno == ENOSYS && syscall(SYS_getppid) == 4242 ? 7 : 8);
}

static void calls(void)
{
    struct user_regs_struct regs;
    struct __ptrace_syscall_info info;
    pid_t pid = start(body_calls);
    CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD) == 0);
    int entries = 0, exits = 0, last = -1;
    for (;;) {
        CHECK(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
        int status = wait_for(pid);
        if (!WIFSTOPPED(status)) {
            CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
            break;
        }
        CHECK(is_stop(status, SIGTRAP | 0x80, 0));
        CHECK(ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0);
        long n = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
        CHECK(info.arch == 0xc000003e && info.instruction_pointer == regs.rip && info.stack_pointer == regs.rsp);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            CHECK(n == 80 && info.entry.nr == regs.orig_rax && (long)regs.rax == -ENOSYS && info.entry.args[1] == regs.rsi);
            entries++;
            last = (int)regs.orig_rax;
        } else {
            CHECK(n == 33 && info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval == (long)regs.rax);
            exits++;
            if (last == 1000000)
                CHECK((long)regs.rax == -ENOSYS && info.exit.is_error);
            if (last == SYS_getpid)
                CHECK((long)regs.rax == pid && !info.exit.is_error);
            if (last == SYS_getppid) { /* lie */
                regs.rax = 4242;
                CHECK(ptrace(PTRACE_SETREGS, pid, 0, &regs) == 0);
            }
        }
    }
    CHECK(entries == exits + 1 && entries >= 4);
}

static void body_marker(void) { _exit(marker == 99 ? 3 : 4); }

static void memory(void)
{
    pid_t pid = start(body_marker);
    errno = 0;
    CHECK(ptrace(PTRACE_PEEKDATA, pid, (void *)&marker, 0) == 0x1234 && errno == 0);
    CHECK(ptrace(PTRACE_POKEDATA, pid, (void *)&marker, 99) == 0);
    CHECK(ptrace(PTRACE_PEEKDATA, pid, (void *)8, 0) == -1 && errno == EIO);
    CHECK(ptrace(PTRACE_POKEDATA, pid, (void *)8, 0) == -1 && errno == EIO);
    struct user_regs_struct regs;
    CHECK(ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0);
    CHECK((unsigned long)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rsp), 0) == regs.rsp);
    CHECK(ptrace(PTRACE_PEEKUSER, pid, 3, 0) == -1 && errno == EIO);
    CHECK(ptrace(PTRACE_PEEKUSER, pid, 928, 0) == -1 && errno == EIO);
    CHECK(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0) == 0);
    struct user_regs_struct set;
    struct iovec iov = { &set, sizeof set + 100 };
    CHECK(ptrace(PTRACE_GETREGSET, pid, 1, &iov) == -1 && errno == EINVAL);
    iov.iov_len = sizeof set + 40;
    CHECK(ptrace(PTRACE_GETREGSET, pid, 1, &iov) == 0 && iov.iov_len == sizeof set && set.rip == regs.rip);
    struct user_fpregs_struct fp;
    CHECK(ptrace(PTRACE_GETFPREGS, pid, 0, &fp) == 0 && fp.cwd == 0x37f && fp.mxcsr == 0x1f80);
    finish(pid, 3);
}

__attribute__((noinline)) static int target(int x) { __asm__ volatile("" : "+r"(x)); return x + 1; }

static void body_target(void) { _exit(target(41)); }

/* A breakpoint in the text, then single steps out of the function. */
static void breakpoint(void)
{
    struct user_regs_struct regs;
    pid_t pid = start(body_target);
    long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)target, 0);
    CHECK(ptrace(PTRACE_POKETEXT, pid, (void *)target, (word & ~0xffl) | 0xcc) == 0);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGTRAP, 0));
    CHECK(ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0);
    CHECK(regs.rip == (unsigned long)target + 1 && (int)regs.rdi == 41);
    siginfo_t info;
    CHECK(ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0 && info.si_signo == SIGTRAP && info.si_code == SI_KERNEL);
    CHECK(ptrace(PTRACE_POKETEXT, pid, (void *)target, word) == 0);
    regs.rip = (unsigned long)target;
    regs.rdi = 50;
    CHECK(ptrace(PTRACE_SETREGS, pid, 0, &regs) == 0);
    unsigned long sp = regs.rsp;
    int steps = 0;
    do {
        CHECK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == 0);
        CHECK(is_stop(wait_for(pid), SIGTRAP, 0));
        CHECK(ptrace(PTRACE_GETREGS, pid, 0, &regs) == 0);
        CHECK(!(regs.eflags & 0x100));
    } while (regs.rsp <= sp && ++steps < 100);
    CHECK(steps < 100 && (int)regs.rax == 51);
    finish(pid, 51);
    CHECK(target(1) == 2); /* our own text is as it was */
}

static volatile sig_atomic_t got;
static void handler(int sig) { got = sig; }

static void body_signal(void)
{
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    kill(getpid(), SIGUSR1);
    _exit(got == SIGUSR2 ? 5 : got == 0 ? 6 : 9);
}

static void signals(int inject, int code)
{
    siginfo_t info;
    pid_t pid = start(body_signal);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGUSR1, 0));
    CHECK(ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0 && info.si_signo == SIGUSR1 && info.si_pid == pid && info.si_code == SI_USER);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 1000) == -1 && errno == EIO);
    CHECK(ptrace(PTRACE_CONT, pid, 0, inject) == 0);
    int status = wait_for(pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

static void body_ignored(void)
{
    raise(SIGCHLD); /* ignored by default; a tracer sees it all the same */
    _exit(0);
}

static void ignored(void)
{
    pid_t pid = start(body_ignored);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGCHLD, 0));
    finish(pid, 0);
}

static void body_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(11);
    int status;
    waitpid(pid, &status, 0);
    _exit(WEXITSTATUS(status) + 1);
}

static void fork_event(void)
{
    unsigned long child = 0;
    pid_t pid = start(body_fork);
    CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE) == 0);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGTRAP, PTRACE_EVENT_FORK));
    CHECK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0 && child > 0);
    CHECK(is_stop(wait_for((pid_t)child), SIGSTOP, 0));
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(ptrace(PTRACE_CONT, (pid_t)child, 0, 0) == 0);
    CHECK(is_stop(wait_for((pid_t)child), SIGTRAP, PTRACE_EVENT_EXIT));
    unsigned long message;
    CHECK(ptrace(PTRACE_GETEVENTMSG, (pid_t)child, 0, &message) == 0 && message == 11 << 8);
    CHECK(ptrace(PTRACE_CONT, (pid_t)child, 0, 0) == 0);
    int status = wait_for((pid_t)child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 11);
    while (status = wait_for(pid), !is_stop(status, SIGTRAP, PTRACE_EVENT_EXIT)) {
        CHECK(is_stop(status, SIGCHLD, 0));
        CHECK(ptrace(PTRACE_CONT, pid, 0, SIGCHLD) == 0);
    }
    finish(pid, 12);
}

static void body_exec(void)
{
    char *argv[] = { "true", NULL };
    execv("/proc/self/exe", argv);
    _exit(1);
}

static void exec_event(int options)
{
    pid_t pid = start(body_exec);
    CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, options) == 0);
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGTRAP, options ? PTRACE_EVENT_EXEC : 0));
    unsigned long message = 0;
    if (options)
        CHECK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message) == 0 && message == (unsigned long)pid);
    finish(pid, 77);
}

static void body_sleep(void)
{
    for (;;)
        pause();
}

static pid_t sleeper(void)
{
    int ready[2];
    char c;
    CHECK(pipe(ready) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (write(ready[1], "x", 1) == 1) /* says nothing: the order of lines is to be the same */
            body_sleep();
        _exit(1);
    }
    CHECK(read(ready[0], &c, 1) == 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void attach(void)
{
    pid_t pid = sleeper();
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == -1 && errno == ESRCH);
    CHECK(ptrace(PTRACE_ATTACH, pid, 0, 0) == 0);
    CHECK(ptrace(PTRACE_ATTACH, pid, 0, 0) == -1 && errno == EPERM);
    CHECK(is_stop(wait_for(pid), SIGSTOP, 0));
    CHECK(ptrace(PTRACE_DETACH, pid, 0, 0) == 0);
    CHECK(ptrace(PTRACE_DETACH, pid, 0, 0) == -1 && errno == ESRCH);
    CHECK(kill(pid, SIGTERM) == 0);
    int status = wait_for(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK(ptrace(PTRACE_ATTACH, getpid(), 0, 0) == -1 && errno == EPERM);
    CHECK(ptrace(PTRACE_ATTACH, 999999, 0, 0) == -1 && errno == ESRCH);
    CHECK(ptrace(0x7777, 1, 0, 0) == -1 && (errno == ESRCH || errno == EIO || errno == EPERM));
}

static void seize(void)
{
    siginfo_t info;
    pid_t pid = sleeper();
    CHECK(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) == 0);
    int status;
    CHECK(waitpid(pid, &status, WNOHANG | __WALL) == 0);
    CHECK(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGTRAP, PTRACE_EVENT_STOP));
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(kill(pid, SIGSTOP) == 0);
    CHECK(is_stop(wait_for(pid), SIGSTOP, 0));
    CHECK(ptrace(PTRACE_CONT, pid, 0, SIGSTOP) == 0);
    CHECK(is_stop(wait_for(pid), SIGSTOP, PTRACE_EVENT_STOP));
    CHECK(ptrace(PTRACE_LISTEN, pid, 0, 0) == 0);
    CHECK(waitpid(pid, &status, WNOHANG | __WALL) == 0);
    CHECK(kill(pid, SIGCONT) == 0);
    CHECK(is_stop(wait_for(pid), SIGTRAP, PTRACE_EVENT_STOP));
    CHECK(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    CHECK(is_stop(wait_for(pid), SIGCONT, 0));
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | __WALL) == 0);
    CHECK(kill(pid, SIGKILL) == 0);
    status = wait_for(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A stopped tracee that is killed; a tracer that dies with and without PTRACE_O_EXITKILL. */
static void ends(int options)
{
    int pipes[2];
    char c;
    CHECK(pipe(pipes) == 0);
    pid_t tracer = fork();
    if (tracer == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            close(pipes[0]);
            body_sleep();
        }
        CHECK(ptrace(PTRACE_SEIZE, pid, 0, options) == 0);
        CHECK(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0);
        CHECK(is_stop(wait_for(pid), SIGTRAP, PTRACE_EVENT_STOP));
        _exit(write(pipes[1], &pid, sizeof pid) != sizeof pid); /* silently, as above */
    }
    close(pipes[1]);
    pid_t pid;
    CHECK(read(pipes[0], &pid, sizeof pid) == sizeof pid);
    CHECK(wait_for(tracer) == 0);
    if (!options) {
        CHECK(kill(pid, 0) == 0);
        CHECK(kill(pid, SIGKILL) == 0);
    }
    CHECK(read(pipes[0], &c, 1) == 0); /* it is gone */
    close(pipes[0]);
}

/* A tracer that ends while its tracee is stepped: the next step is a SIGTRAP that nobody takes from it. */
static void traced(int sig)
{
    (void)sig;
    _exit(33);
}

static void steps_left(int how, bool handler)
{
    int pipes[2], ready[2], status;
    pid_t pid;
    char c;
    CHECK(pipe(pipes) == 0 && pipe(ready) == 0);
    pid_t tracer = fork();
    if (tracer == 0) {
        pid = fork();
        if (pid == 0) {
            if (handler)
                signal(SIGTRAP, traced);
            alarm(10);
            if (write(ready[1], "r", 1) != 1)
                _exit(1);
            for (;;)
                getppid();
        }
        bool ok = read(ready[0], &c, 1) == 1 && ptrace(PTRACE_ATTACH, pid, 0, 0) == 0 && waitpid(pid, &status, 0) == pid && is_stop(status, SIGSTOP, 0);
        for (int i = 0; i < 5; i++)
            ok = ok && ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == 0 && waitpid(pid, &status, 0) == pid && is_stop(status, SIGTRAP, 0);
        if (how)
            ok = ok && ptrace(how, pid, 0, 0) == 0;
        if (how == PTRACE_CONT || how == PTRACE_DETACH)
            ok = ok && kill(pid, SIGKILL) == 0;
        _exit(!ok || write(pipes[1], &pid, sizeof pid) != sizeof pid);
    }
    CHECK(read(pipes[0], &pid, sizeof pid) == sizeof pid);
    SHOW(wait_for(tracer));
    status = wait_for(pid);
    SHOW(WIFSIGNALED(status) ? WTERMSIG(status) : 1000 + WEXITSTATUS(status));
    close(pipes[0]);
    close(pipes[1]);
    close(ready[0]);
    close(ready[1]);
}

int main(int argc, char **argv)
{
    if (argc > 0 && argv[0][0] == 't')
        return 77;
    calls();
    memory();
    breakpoint();
    signals(SIGUSR2, 5);
    signals(0, 6);
    ignored();
    fork_event();
    exec_event(0);
    exec_event(PTRACE_O_TRACEEXEC);
    attach();
    seize();
    ends(0);
    ends(PTRACE_O_EXITKILL);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    steps_left(0, false);
    steps_left(0, true);
    steps_left(PTRACE_SINGLESTEP, false);
    steps_left(PTRACE_CONT, false);
    steps_left(PTRACE_DETACH, false);
    return check_result();
}
