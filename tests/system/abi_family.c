/* Which thread a child belongs to, and who may wait for what kind of child. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#define __WALL 0x40000000
#define __WCLONE 0x80000000
#endif

static pid_t child_with_signal(int exit_signal)
{
    fflush(stdout);
    return (pid_t)syscall(SYS_clone, exit_signal, 0, 0, 0, 0);
}

/* What wait4 says of pid: 1, 0 (nothing yet), or the error. */
static int wait_for(pid_t pid, int options)
{
    int raw, r = (int)syscall(SYS_wait4, pid, &raw, options, NULL);
    return r < 0 ? -errno : r > 0;
}

static void kinds(void)
{
    pid_t plain = fork();
    if (plain == 0)
        _exit(1);
    pid_t silent = child_with_signal(0);
    if (silent == 0)
        _exit(2);
    SHOW(wait_for(silent, 0));
    SHOW(wait_for(plain, (int)__WCLONE));
    SHOW(wait_for(silent, (int)__WCLONE));
    SHOW(wait_for(silent, (int)__WCLONE));
    SHOW(wait_for(plain, __WALL));
    SHOW(wait_for(plain, __WALL));
    pid_t other = child_with_signal(SIGWINCH);
    if (other == 0)
        _exit(3);
    SHOW(wait_for(-1, 0));
    SHOW(wait_for(-1, __WALL));
    pid_t runs = child_with_signal(0);
    if (runs == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(4);
    }
    SHOW(syscall(SYS_waitid, P_PID, runs, NULL, WEXITED | __WALL | WNOWAIT, NULL));
    SHOW(wait_for(runs, 0)); /* execve made it an ordinary child */
}

static volatile pid_t made;
static volatile int seen_by_maker;

static pid_t child_that_waits(int ends[2], int death_signal)
{
    char byte;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    signal(SIGUSR1, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, death_signal);
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 5 : 6);
}

static int hold[2], told[2], go[2];
static void *make_and_look(void *arg)
{
    made = child_that_waits(hold, 0);
    seen_by_maker = wait_for(made, __WNOTHREAD | WNOHANG);
    char byte;
    return write(told[1], "x", 1) == 1 && read(go[0], &byte, 1) == 1 ? NULL : arg;
}

/* Only its maker may wait for it with __WNOTHREAD, and after that one's end another thread. */
static void threads_own_children(void)
{
    pthread_t t;
    char byte;
    CHECK(pipe(hold) == 0 && pipe(told) == 0 && pipe(go) == 0);
    pthread_create(&t, NULL, make_and_look, NULL);
    while (read(told[0], &byte, 1) != 1)
        ;
    SHOW(wait_for(made, __WNOTHREAD | WNOHANG));
    SHOW(wait_for(made, WNOHANG));
    SHOW(seen_by_maker);
    CHECK(write(go[1], "y", 1) == 1);
    pthread_join(t, NULL);
    sleep_ms(50); /* joined is not yet ended */
    SHOW(wait_for(made, __WNOTHREAD | WNOHANG));
    close(hold[1]);
    SHOW(wait_for(made, __WNOTHREAD));
    close(hold[0]), close(told[0]), close(told[1]), close(go[0]), close(go[1]);
}

static void *make_and_end(void *arg)
{
    made = child_that_waits(arg, SIGUSR1);
    sleep_ms(100); /* it has said what it wants */
    return NULL;
}

static void thread_ends(void)
{
    pthread_t t;
    int ends[2], raw = 0;
    CHECK(pipe(ends) == 0);
    pthread_create(&t, NULL, make_and_end, ends);
    pthread_join(t, NULL);
    CHECK(waitpid(made, &raw, 0) == made);
    SHOW(raw); /* by the signal: the process did not end, the thread did */
    close(ends[0]), close(ends[1]);
}

static void *exec_away(void *arg)
{
    char *const argv[] = { arg, "after-exec", NULL };
    sleep_ms(30);
    execv(arg, argv);
    _exit(99);
}

/* The thread that calls execve takes the place of the first one, and its children with it. */
static void exec_by_thread(char *self)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t t;
        if (fork() == 0)
            _exit(7);
        pthread_create(&t, NULL, exec_away, self);
        for (;;)
            pause();
    }
    int raw = -1;
    CHECK(waitpid(pid, &raw, 0) == pid);
    SHOW(raw);
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* A child with that very number: 0, or the error. */
static int child_numbered(pid_t number)
{
    struct { unsigned long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size; } args =
        { .exit_signal = SIGCHLD, .set_tid = (unsigned long)&number, .set_tid_size = 1 };
    fflush(stdout);
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : waitpid((pid_t)pid, NULL, 0) == number ? 0 : -1;
}

/* A group outlives its leader, and nobody gets the number before the last member has left. */
static void group_holds_its_number(void)
{
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        if (fork() == 0)
            for (;;)
                pause();
        _exit(write(ends[1], "x", 1) != 1);
    }
    CHECK(read(ends[0], &byte, 1) == 1 && waitpid(leader, NULL, 0) == leader);
    SHOW(kill(leader, 0));
    SHOW(kill(-leader, 0));
    SHOW(child_numbered(leader));
    SHOW(kill(-leader, SIGKILL));
    while (kill(-leader, 0) == 0)
        sleep_ms(5); /* whoever adopted the member reaps it */
    SHOW(child_numbered(leader));
    close(ends[0]), close(ends[1]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return wait_for(-1, __WNOTHREAD) == 1 && wait_for(-1, 0) == -ECHILD ? 0 : 1;
    kinds();
    threads_own_children();
    for (int i = 0; i < 3; i++)
        thread_ends();
    exec_by_thread(argv[0]);
    group_holds_its_number();
    return check_result();
}
