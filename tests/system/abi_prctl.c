/* prctl, orphans, credentials and usage: what a process says of itself, and what its parent hears. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void switches(void)
{
    int value = -1;
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(prctl(PR_SET_DUMPABLE, 2));
    SHOW(prctl(PR_SET_DUMPABLE, 0));
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(prctl(PR_SET_DUMPABLE, 1));
    SHOW(prctl(PR_SET_KEEPCAPS, 2));
    SHOW(prctl(PR_SET_KEEPCAPS, 1));
    SHOW(prctl(PR_GET_KEEPCAPS));
    SHOW(prctl(PR_SET_KEEPCAPS, 0));
    SHOW(prctl(PR_GET_SECUREBITS));
    SHOW(prctl(PR_CAPBSET_READ, 0));
    SHOW(prctl(PR_CAPBSET_READ, 999));
    SHOW(prctl(PR_GET_TIMERSLACK));
    SHOW(prctl(PR_SET_TIMERSLACK, 1234));
    SHOW(prctl(PR_GET_TIMERSLACK));
    SHOW(prctl(PR_SET_TIMERSLACK, 0));
    SHOW(prctl(PR_GET_TIMERSLACK));
    SHOW(prctl(PR_SET_PDEATHSIG, 65));
    SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1));
    CHECK(prctl(PR_GET_PDEATHSIG, &value) == 0 && value == SIGUSR1);
    SHOW(prctl(PR_SET_PDEATHSIG, 0));
    SHOW(prctl(PR_GET_SECCOMP));
    SHOW(prctl(PR_GET_TIMING));
    SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    SHOW(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK(prctl(PR_GET_TSC, &value) == 0 && value == PR_TSC_ENABLE);
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0);
    SHOW(prctl(12345, 0, 0, 0, 0));
    SHOW(prctl(PR_GET_PDEATHSIG, (void *)8));
}

static void no_new_privs_stays(void)
{
    fflush(stdout);
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
            _exit(1);
        pid = fork();
        if (pid == 0)
            _exit(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2);
        waitpid(pid, &status, 0);
        _exit(status ? 3 : prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 7 : 4);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
}

/* A grandchild whose parent ends comes to us; with its parent's death signal before. */
static void subreaper(void)
{
    int status, ends[2];
    pid_t grandchild = 0;
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pid_t self = getpid();
        pid_t pid = fork();
        if (pid == 0) {
            sigset_t set;
            siginfo_t info;
            sigemptyset(&set);
            sigaddset(&set, SIGUSR2);
            sigprocmask(SIG_BLOCK, &set, NULL);
            prctl(PR_SET_PDEATHSIG, SIGUSR2);
            pid = getpid();
            (void)!write(ends[1], &pid, sizeof pid);
            _exit(sigwaitinfo(&set, &info) == SIGUSR2 && info.si_pid == self ? 21 : 22);
        }
        while (read(ends[0], &grandchild, sizeof grandchild) < 0)
            ;
        (void)!write(ends[1], &grandchild, sizeof grandchild);
        _exit(20);
    }
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 20);
    CHECK(read(ends[0], &grandchild, sizeof grandchild) == sizeof grandchild);
    CHECK(waitpid(grandchild, &status, 0) == grandchild && WEXITSTATUS(status) == 21);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 0) == 0);
    close(ends[0]), close(ends[1]);
}

static void credentials(void)
{
    uid_t r, e, s;
    CHECK(setresgid(10, 20, 30) == 0 && setregid(-1, 10) == 0);
    CHECK(getresgid(&r, &e, &s) == 0);
    printf("gids %u %u %u\n", r, e, s);
    SHOW(setregid(40, -1));
    CHECK(getresgid(&r, &e, &s) == 0);
    printf("gids %u %u %u\n", r, e, s);
    CHECK(setresuid(1000, 1001, 1002) == 0);
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(setuid(1003));
    SHOW(setuid(1002));
    CHECK(getresuid(&r, &e, &s) == 0);
    printf("uids %u %u %u\n", r, e, s);
    SHOW(setreuid(1001, -1));
    SHOW(setreuid(1002, 1000));
    CHECK(getresuid(&r, &e, &s) == 0);
    printf("uids %u %u %u\n", r, e, s);
    SHOW(setresuid(-1, -1, 1));
    SHOW(setuid(-1));
    SHOW(setfsuid(1234));
    SHOW(setfsuid(1002));
    SHOW(setfsuid(-1));
    SHOW(setgid(77));
    SHOW(setgroups(0, NULL));
    SHOW(prctl(PR_SET_SECUREBITS, 0));
    exit(check_result());
}

static volatile sig_atomic_t heard;
static siginfo_t told;
static void on_child(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    told = *info;
    heard++;
}

static void what_a_parent_hears(void)
{
    struct sigaction a = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO };
    struct rusage u;
    int status;
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    sigaction(SIGCHLD, &a, NULL);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        for (volatile char *p = malloc(1 << 20), *end = p + (1 << 20); p < end; p += 4096)
            *p = 1;
        while (clock() < CLOCKS_PER_SEC / 8)
            ;
        sleep_ms(30);
        _exit(9);
    }
    sigset_t none;
    sigemptyset(&none);
    while (!heard)
        sigsuspend(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    CHECK(told.si_pid == pid && told.si_code == CLD_EXITED && told.si_status == 9 && told.si_uid == getuid());
    CHECK(told.si_utime >= 0 && told.si_stime >= 0 && told.si_utime + told.si_stime < 1000);
    CHECK(wait4(pid, &status, 0, &u) == pid && WEXITSTATUS(status) == 9);
    CHECK(u.ru_utime.tv_usec + u.ru_stime.tv_usec >= 50000);
    CHECK(u.ru_maxrss >= 1024);
    CHECK(u.ru_minflt >= 1);
    CHECK(u.ru_nvcsw >= 1);
    struct rusage all;
    CHECK(getrusage(RUSAGE_CHILDREN, &all) == 0 && all.ru_minflt >= u.ru_minflt && all.ru_maxrss >= u.ru_maxrss);
    CHECK(getrusage(RUSAGE_SELF, &all) == 0 && all.ru_maxrss > 0 && all.ru_minflt > 0);
    CHECK(getrusage(RUSAGE_THREAD, &all) == 0);
    signal(SIGCHLD, SIG_DFL);
}

static void queued_for_a_thread(void)
{
    siginfo_t info = { .si_signo = SIGRTMIN + 3, .si_code = SI_QUEUE, .si_value.sival_int = 42 }, got;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGRTMIN + 3, &info) == 0);
    CHECK(sigwaitinfo(&set, &got) == SIGRTMIN + 3 && got.si_value.sival_int == 42 && got.si_code == SI_QUEUE);
    SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), 65, &info));
    SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), 1, SIGTERM, &info));
    SHOW(syscall(SYS_rt_tgsigqueueinfo, 0, 1, SIGTERM, &info));
    info.si_code = SI_USER;
    SHOW(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &info));
}

int main(void)
{
    switches();
    no_new_privs_stays();
    subreaper();
    what_a_parent_hears();
    queued_for_a_thread();
    int status = status_of(credentials);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return check_result();
}
