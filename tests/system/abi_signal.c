/* Handlers: what they are told, what they may interrupt, which signal waits and which comes first. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile sig_atomic_t count, last, depth, deepest, budget;
static siginfo_t seen;
static volatile int order[16], ordered;
static void *seen_stack;

static void on_count(int signo)
{
    count++;
    last = signo;
}

static void on_info(int signo, siginfo_t *info, void *context)
{
    (void)context;
    seen = *info;
    count++;
    last = signo;
}

static void on_order(int signo)
{
    if (ordered < 16)
        order[ordered++] = signo;
}

static void on_nested(int signo)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (budget-- > 0)
        raise(signo == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    depth--;
}

static void on_stack(int signo)
{
    int here;
    stack_t now;
    seen_stack = &here;
    last = sigaltstack(NULL, &now) == 0 ? now.ss_flags : -1;
    count = signo;
}

static void set_handler(int signo, void (*handler)(int), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
    sigemptyset(&action.sa_mask);
    if (sigaction(signo, &action, NULL) != 0)
        printf("FAIL sigaction %d\n", signo), failures++;
}

static void set_info(int signo, int flags)
{
    struct sigaction action = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO | flags };
    sigemptyset(&action.sa_mask);
    sigaction(signo, &action, NULL);
}

static void arm_ms(long ms)
{
    struct itimerval timer = { .it_value = { ms / 1000, ms % 1000 * 1000 } };
    setitimer(ITIMER_REAL, &timer, NULL);
}

static pid_t write_later(int fd, long ms)
{
    pid_t pid = fork();
    if (pid == 0) {
        sleep_ms(ms);
        _exit(write(fd, "x", 1) != 1);
    }
    return pid;
}

static void check_restart(void)
{
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    set_handler(SIGALRM, on_count, SA_RESTART);
    count = 0;
    arm_ms(30);
    pid_t pid = write_later(ends[1], 120);
    SHOW(read(ends[0], &byte, 1));
    SHOW(count);
    CHECK(waitpid(pid, NULL, 0) == pid);
    set_handler(SIGALRM, on_count, 0);
    arm_ms(30);
    SHOW(read(ends[0], &byte, 1));
    arm_ms(30);
    struct timespec ask = { 5, 0 }, left = { 0, 0 };
    SHOW(nanosleep(&ask, &left));
    CHECK(left.tv_sec == 4 && left.tv_nsec > 0);
    set_handler(SIGALRM, on_count, SA_RESTART);
    arm_ms(30);
    SHOW(nanosleep(&ask, &left)); /* never restarted behind a handler */
    arm_ms(30);
    SHOW(pause());
    arm_ms(30);
    pid = write_later(ends[1], 120);
    SHOW(wait(NULL) == pid);
    close(ends[0]);
    close(ends[1]);
}

static void check_info(void)
{
    union sigval value = { .sival_int = 77 };
    int raw;
    set_info(SIGUSR1, 0);
    set_info(SIGCHLD, 0);
    CHECK(kill(getpid(), SIGUSR1) == 0 && seen.si_code == SI_USER && seen.si_pid == getpid() && seen.si_uid == getuid());
    CHECK(raise(SIGUSR1) == 0 && seen.si_code == SI_TKILL && seen.si_pid == getpid());
    CHECK(sigqueue(getpid(), SIGUSR1, value) == 0 && seen.si_code == SI_QUEUE && seen.si_value.sival_int == 77);
    for (int how = 0; how < 3; how++) {
        count = 0; /* before the child can end */
        pid_t pid = fork();
        if (pid == 0) {
            if (how == 0)
                _exit(9);
            raise(how == 1 ? SIGTERM : SIGSTOP);
            _exit(3);
        }
        while (count == 0)
            sleep_ms(5);
        CHECK(last == SIGCHLD && seen.si_pid == pid && seen.si_uid == getuid());
        SHOW(seen.si_code);
        SHOW(seen.si_status);
        if (how == 2) {
            count = 0;
            kill(pid, SIGCONT);
            while (waitpid(pid, &raw, 0) != pid)
                ;
            SHOW(raw);
        } else {
            CHECK(waitpid(pid, &raw, 0) == pid);
            SHOW(raw);
        }
    }
    signal(SIGCHLD, SIG_DFL);
}

static void check_order(void)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    struct sigaction action = { .sa_handler = on_order };
    sigfillset(&action.sa_mask);
    int numbers[] = { SIGRTMIN + 3, SIGUSR2, SIGRTMIN + 1, SIGTERM, SIGUSR1, SIGRTMIN + 1, SIGUSR1, SIGHUP };
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int i = 0; i < 8; i++) {
        sigaction(numbers[i], &action, NULL);
        raise(numbers[i]);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < ordered; i++)
        printf("order %d: %d\n", i, order[i]);
}

static void check_flags(void)
{
    struct sigaction now;
    budget = 4;
    set_handler(SIGUSR1, on_nested, SA_NODEFER);
    set_handler(SIGUSR2, on_nested, SA_NODEFER);
    raise(SIGUSR1);
    SHOW(deepest);
    deepest = 0;
    budget = 4;
    set_handler(SIGUSR1, on_nested, 0);
    set_handler(SIGUSR2, on_nested, 0);
    raise(SIGUSR1);
    SHOW(deepest);
    count = 0;
    set_handler(SIGUSR1, on_count, SA_RESETHAND);
    raise(SIGUSR1);
    CHECK(count == 1 && sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
    SHOW(now.sa_flags & (int)SA_RESETHAND);
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
    SHOW(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGSTOP, &now, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, 99, &now, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, 99, NULL, NULL, 8));
    SHOW(kill(getpid(), 65));
    SHOW(kill(getpid(), -1));
    SHOW(kill(getpid(), 0));
    SHOW(kill(0x3ffffff, 0));
    SHOW(syscall(SYS_tgkill, getpid(), getpid(), 0));
    SHOW(syscall(SYS_tgkill, -1, getpid(), 0));
    SHOW(syscall(SYS_tgkill, getpid(), 0, 0));
    SHOW(syscall(SYS_tgkill, 1, getpid(), 0));
    SHOW(syscall(SYS_tkill, 0, 0));
}

static void check_altstack(void)
{
    stack_t stack = { .ss_sp = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 65536 };
    stack_t now;
    SHOW(sigaltstack(&stack, NULL));
    set_handler(SIGUSR1, on_stack, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK((char *)seen_stack > (char *)stack.ss_sp && (char *)seen_stack < (char *)stack.ss_sp + 65536);
    SHOW(last);
    set_handler(SIGUSR1, on_stack, 0);
    raise(SIGUSR1);
    CHECK((char *)seen_stack < (char *)stack.ss_sp || (char *)seen_stack >= (char *)stack.ss_sp + 65536);
    SHOW(last);
    CHECK(sigaltstack(NULL, &now) == 0 && now.ss_sp == stack.ss_sp && now.ss_size == 65536 && now.ss_flags == 0);
    stack.ss_size = 100;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_flags = 12345;
    stack.ss_size = 65536;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_flags = SS_DISABLE;
    SHOW(sigaltstack(&stack, &now));
    SHOW(sigaltstack(NULL, &now));
    SHOW(now.ss_flags);
}

static void check_waiting(void)
{
    sigset_t set, empty, before, after;
    siginfo_t info;
    struct timespec brief = { 0, 20000000 }, zero = { 0, 0 }, bad = { 0, 2000000000 };
    union sigval value = { .sival_int = 5 };
    sigemptyset(&empty);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    set_handler(SIGUSR1, on_count, 0);
    set_handler(SIGRTMIN, on_count, 0);
    count = 0;
    sigprocmask(SIG_BLOCK, &set, &before);
    SHOW(sigtimedwait(&set, &info, &zero));
    SHOW(sigtimedwait(&set, &info, &brief));
    SHOW(sigtimedwait(&set, &info, &bad));
    raise(SIGUSR1);
    SHOW(sigtimedwait(&set, &info, &zero));
    sigqueue(getpid(), SIGRTMIN, value);
    value.sival_int = 6;
    sigqueue(getpid(), SIGRTMIN, value);
    SHOW(sigwaitinfo(&set, &info) == SIGRTMIN);
    SHOW(info.si_value.sival_int);
    SHOW(sigwaitinfo(&set, &info) == SIGRTMIN);
    SHOW(info.si_value.sival_int);
    SHOW(count);
    raise(SIGUSR1);
    SHOW(sigsuspend(&empty));
    SHOW(count);
    sigprocmask(SIG_SETMASK, NULL, &after);
    CHECK(sigismember(&after, SIGUSR1) == 1 && sigismember(&after, SIGRTMIN) == 1);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void stop_self(void)
{
    raise(SIGSTOP);
    sleep_ms(500); /* the parent sees it continue before it sees it end */
    _exit(7);
}

static void check_stop(void)
{
    int raw = 0;
    pid_t pid = fork();
    if (pid == 0)
        stop_self();
    CHECK(waitpid(pid, &raw, WUNTRACED) == pid);
    SHOW(raw);
    SHOW(waitpid(pid, &raw, WNOHANG | WUNTRACED));
    kill(pid, SIGCONT);
    CHECK(waitpid(pid, &raw, WCONTINUED) == pid);
    SHOW(raw);
    CHECK(waitpid(pid, &raw, 0) == pid);
    SHOW(raw);
    pid = fork();
    if (pid == 0)
        stop_self();
    CHECK(waitpid(pid, &raw, WUNTRACED) == pid);
    kill(pid, SIGTERM); /* waits for the continue; SIGKILL does not */
    SHOW(waitpid(pid, &raw, WNOHANG));
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &raw, 0) == pid);
    SHOW(raw);
}

int main(void)
{
    check_restart();
    check_info();
    check_order();
    check_flags();
    check_altstack();
    check_waiting();
    check_stop();
    return check_result();
}
