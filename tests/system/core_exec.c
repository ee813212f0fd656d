/* execve in company: threads that must go, a shared descriptor table that must stay. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

static int wait_code(pid_t pid)
{
    int raw = 0;
    if (waitpid(pid, &raw, 0) != pid)
        return -1;
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : 1000 + WTERMSIG(raw);
}

/* What the program does after its execve: `expect` is the pid it must have kept. */
static int after_exec(const char *expect)
{
    if (getpid() != atoi(expect))
        return 1;
    if (syscall(SYS_gettid) != getpid())
        return 2;
    struct timespec again = { .tv_nsec = 1 };
    return nanosleep(&again, NULL) == 0 ? 42 : 3;
}

static void exec_self(void)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    execl(SELF, "core_exec", "after", pid, (char *)NULL);
    _exit(99);
}

static void *spin(void *arg)
{
    for (volatile unsigned n = 0;; n++)
        ;
    return arg;
}

static void *sleep_long(void *arg)
{
    sleep(1000);
    return arg;
}

static void *read_for_ever(void *arg)
{
    char c;
    (void)!read(*(int *)arg, &c, 1);
    return arg;
}

static void *exec_now(void *arg)
{
    exec_self();
    return arg;
}

static void start_company(void)
{
    static int ends[2];
    pthread_t t;
    (void)!pipe(ends);
    pthread_create(&t, NULL, spin, NULL);
    pthread_create(&t, NULL, sleep_long, NULL);
    pthread_create(&t, NULL, read_for_ever, &ends[0]);
    usleep(20000);
}

static int exec_by_main_thread(void)
{
    start_company();
    exec_self();
    return 0;
}

static int exec_by_other_thread(void)
{
    pthread_t t;
    start_company();
    pthread_create(&t, NULL, exec_now, NULL);
    pause();
    return 98;
}

static int exec_by_two_threads(void)
{
    pthread_t t;
    pthread_create(&t, NULL, exec_now, NULL);
    pthread_create(&t, NULL, exec_now, NULL);
    exec_self();
    return 98;
}

static volatile int turns;

static void *count(void *arg)
{
    for (;;) {
        turns++;
        usleep(1000);
    }
    return arg;
}

/* A call that fails for its arguments costs no thread. */
static int failed_exec(void)
{
    pthread_t t;
    pthread_create(&t, NULL, count, NULL);
    if (execl("/no/such/file", "x", (char *)NULL) != -1 || errno != ENOENT)
        return 1;
    if (execl("/", "x", (char *)NULL) != -1 || errno != EACCES)
        return 2;
    int before = turns;
    usleep(50000);
    return turns > before ? 42 : 3;
}

static int in_child(int (*fn)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        _exit(fn());
    }
    return wait_code(pid);
}

static char child_stack[65536] __attribute__((aligned(16)));

static int exec_again(void *arg)
{
    (void)arg;
    exec_self();
    return 97;
}

/* The child's execve closes what is marked in a table of its own. */
static void shared_descriptors(void)
{
    int fd = open("/", O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    pid_t pid = clone(exec_again, child_stack + sizeof child_stack, CLONE_FILES | SIGCHLD, NULL);
    CHECK(pid > 0);
    CHECK(wait_code(pid) == 42);
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    close(fd);
}

/* A sleep that a signal cut short leaves no deadline behind for the next program. */
static void on_alarm(int signo) { (void)signo; }

static int exec_after_sleep(void)
{
    struct sigaction act = { .sa_handler = on_alarm };
    sigaction(SIGALRM, &act, NULL);
    ualarm(10000, 0);
    sleep(100);
    exec_self();
    return 0;
}

static void vfork_and_exec(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execl(SELF, "core_exec", "exit", "7", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_code(pid) == 7);
}

/* The file of a running program cannot be written to, and a file being written cannot be run. */
static void busy_text(void)
{
    static const char copy[] = "/tmp/core_exec_copy";
    char buf[4096];
    ssize_t n;
    int from = open(SELF, O_RDONLY), to = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0755);
    while ((n = read(from, buf, sizeof buf)) > 0)
        if (write(to, buf, (size_t)n) != n)
            break;
    close(from);
    CHECK(open(SELF, O_RDWR) == -1 && errno == ETXTBSY);
    CHECK(open(SELF, O_RDONLY | O_TRUNC) == -1 && errno == ETXTBSY);
    CHECK(truncate(SELF, 0) == -1 && errno == ETXTBSY);
    CHECK(execl(copy, "x", "exit", "7", (char *)NULL) == -1 && errno == ETXTBSY);
    close(to);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl(copy, "x", "exit", "7", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_code(pid) == 7);
    to = open(copy, O_RDWR);
    CHECK(to >= 0);
    close(to);
    CHECK(unlink(copy) == 0);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return strcmp(argv[1], "exit") == 0 ? atoi(argv[2]) : after_exec(argv[2]);
    CHECK(in_child(exec_by_main_thread) == 42);
    CHECK(in_child(exec_by_other_thread) == 42);
    for (int i = 0; i < 20; i++)
        if (in_child(exec_by_two_threads) != 42)
            CHECK(!"two threads at once");
    CHECK(in_child(failed_exec) == 42);
    CHECK(in_child(exec_after_sleep) == 42);
    shared_descriptors();
    vfork_and_exec();
    busy_text();
    return check_result();
}
