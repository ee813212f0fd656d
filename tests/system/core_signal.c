/* Signals to a process whose threads block them, leave, or stop. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int wait_status(pid_t pid)
{
    int raw = -1;
    return waitpid(pid, &raw, 0) == pid ? raw : -1;
}

static int in_child(int (*fn)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        _exit(fn());
    }
    int raw = wait_status(pid);
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : 1000 + WTERMSIG(raw);
}

static volatile sig_atomic_t caught, traps;

static void on_signal(int signo) { caught = signo; }

static void set_mask(int how, int signo)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    pthread_sigmask(how, &set, NULL);
}

static void *sleep_with_signal_open(void *arg)
{
    set_mask(SIG_UNBLOCK, SIGUSR1);
    for (;;)
        pause();
    return arg;
}

static volatile int go;

/* Open to the signal until the very moment it is sent. */
static void *leave_at_the_moment(void *arg)
{
    set_mask(SIG_UNBLOCK, SIGUSR1);
    while (!go)
        ;
    set_mask(SIG_BLOCK, SIGUSR1);
    return arg;
}

/* Whoever was chosen for a signal of the process, and closes itself to it or leaves, hands it to
 * another thread. */
static int signal_outlives_thread(void)
{
    pthread_t sleeper, t;
    struct sigaction act = { .sa_handler = on_signal };
    sigaction(SIGUSR1, &act, NULL);
    set_mask(SIG_BLOCK, SIGUSR1);
    pthread_create(&sleeper, NULL, sleep_with_signal_open, NULL);
    for (int i = 0; i < 200; i++) {
        caught = go = 0;
        pthread_create(&t, NULL, leave_at_the_moment, NULL);
        sched_yield();
        go = 1;
        kill(getpid(), SIGUSR1);
        for (int n = 0; n < 200 && !caught; n++)
            usleep(10000);
        if (!caught)
            return 1;
        pthread_join(t, NULL);
    }
    return 42;
}

/* SIGCONT right behind SIGSTOP always wins. */
static void stop_and_continue(void)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            getppid();
    for (int i = 0; i < 300; i++) {
        kill(pid, i & 1 ? SIGTSTP : SIGSTOP);
        if (i % 3)
            sched_yield();
        kill(pid, SIGCONT);
    }
    usleep(10000);
    int raw;
    while (waitpid(pid, &raw, WUNTRACED | WNOHANG) == pid)
        ;
    kill(pid, SIGTERM);
    for (int n = 0; n < 200 && waitpid(pid, &raw, WNOHANG) == 0; n++)
        usleep(10000);
    CHECK(WIFSIGNALED(raw) && WTERMSIG(raw) == SIGTERM);
}

/* An interval beyond all time does not make the timer fire for ever. */
static int huge_interval(void)
{
    struct sigaction act = { .sa_handler = on_signal };
    struct itimerval it = { .it_value = { .tv_usec = 1000 }, .it_interval = { .tv_sec = 0x7fffffffffffff } };
    sigaction(SIGALRM, &act, NULL);
    if (setitimer(ITIMER_REAL, &it, NULL))
        return 1;
    while (!caught)
        usleep(1000);
    caught = 0;
    usleep(60000);
    return caught ? 2 : 42;
}

static void on_trap(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    if (++traps == 200)
        uc->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
}

/* Single steps through system calls: the trap comes after the call, never inside the kernel. */
static int single_step(void)
{
    struct sigaction act = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
    sigaction(SIGTRAP, &act, NULL);
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" : : : "memory", "cc");
    while (traps < 200)
        syscall(SYS_getppid);
    return 42;
}

static int breakpoint(void)
{
    struct sigaction act = { .sa_handler = on_signal };
    sigaction(SIGTRAP, &act, NULL);
    __asm__ volatile("int3");
    return caught == SIGTRAP ? 42 : 1;
}

static int interrupt_gate(void)
{
    __asm__ volatile("int $0x21");
    return 0;
}

static int overflow_gate(void)
{
    __asm__ volatile("int $4");
    return 0;
}

static int nested_task(void)
{
    __asm__ volatile("pushfq; orq $0x4000, (%%rsp); popfq" : : : "memory", "cc"); /* NT */
    getppid();
    sched_yield();
    usleep(10000);
    return 42;
}

static int alignment_flag(void)
{
    static char bytes[16];
    __asm__ volatile("pushfq; orq $0x40000, (%%rsp); popfq" : : : "memory", "cc"); /* AC */
    char *cold = malloc(1 << 20);
    for (int i = 0; i < 1 << 20; i += 4096)
        cold[i] = 1;
    usleep(5000);
    __asm__ volatile("pushfq; andq $~0x40000, (%%rsp); popfq" : : : "memory", "cc");
    return bytes[0] == 0 ? 42 : 1;
}

int main(void)
{
    CHECK(in_child(signal_outlives_thread) == 42);
    stop_and_continue();
    CHECK(in_child(huge_interval) == 42);
    CHECK(in_child(single_step) == 42);
    CHECK(in_child(breakpoint) == 42);
    CHECK(in_child(interrupt_gate) == 1000 + SIGSEGV);
    CHECK(in_child(overflow_gate) == 1000 + SIGSEGV);
    CHECK(in_child(nested_task) == 42);
    CHECK(in_child(alignment_flag) == 42);
    return check_result();
}
