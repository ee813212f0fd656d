/* Limits that hold: the size of files, CPU time, the number of a user's threads; and limits of others. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static volatile int signals, last_code;
static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    signals++;
    last_code = info->si_code;
}

static void handle(int signo)
{
    struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    sigaction(signo, &act, NULL);
    signals = 0;
}

static void limit(int which, rlim_t cur, rlim_t max)
{
    if (setrlimit(which, &(struct rlimit){ cur, max }) != 0)
        printf("FAIL setrlimit %d: %s\n", which, strerror(errno)), failures++;
}

static long size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (long)st.st_size : -1;
}

/* --- RLIMIT_FSIZE ------------------------------------------------------------------------------- */

static void writes(int fd)
{
    static char bytes[300];
    struct iovec two[2] = { { bytes, 100 }, { bytes, 100 } };
    SHOW(write(fd, bytes, 60));
    SHOW(write(fd, bytes, 60));
    SHOW(write(fd, bytes, 60));
    SHOW(size_of(fd));
    SHOW(signals);
    SHOW(write(fd, bytes, 0));
    SHOW(signals);
    SHOW(pwrite(fd, bytes, 10, 100));
    SHOW(pwrite(fd, bytes, 10, 99));
    SHOW(pwrite(fd, bytes, 10, 50));
    SHOW(lseek(fd, 10, SEEK_SET));
    SHOW(writev(fd, two, 2));
    SHOW(writev(fd, two, 2));
    SHOW(signals);
    SHOW(ftruncate(fd, 101));
    SHOW(ftruncate(fd, 50));
    SHOW(ftruncate(fd, 100));
    SHOW(signals);
    SHOW(last_code);
}

static void larger_than_the_limit(int fd)
{
    limit(RLIMIT_FSIZE, 20, RLIM_INFINITY);
    SHOW(pwrite(fd, "x", 1, 19));
    SHOW(pwrite(fd, "x", 1, 20));
    SHOW(ftruncate(fd, 60));
    SHOW(ftruncate(fd, 70));
    SHOW(ftruncate(fd, 10));
    SHOW(signals);
}

static void check_file_size(void)
{
    int ends[2];
    char bytes[200] = "";
    handle(SIGXFSZ);
    int fd = open("file", O_RDWR | O_CREAT, 0600), append = open("file", O_WRONLY | O_APPEND), mem = (int)syscall(SYS_memfd_create, "m", 0);
    limit(RLIMIT_FSIZE, 100, RLIM_INFINITY);
    writes(fd);
    SHOW(write(append, bytes, 10));
    SHOW(truncate("file", 101));
    SHOW(ftruncate(fd, 95));
    SHOW(write(append, bytes, 10));
    SHOW(size_of(fd));
    writes(mem);
    CHECK(pipe(ends) == 0);
    SHOW(write(ends[1], bytes, 200)); /* no file */
    int null = open("/dev/null", O_WRONLY), zero = open("big", O_RDWR | O_CREAT, 0600);
    SHOW(write(null, bytes, 200));
    limit(RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY);
    CHECK(write(zero, bytes, 200) == 200 && lseek(zero, 0, SEEK_SET) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    limit(RLIMIT_FSIZE, 100, RLIM_INFINITY);
    signals = 0;
    SHOW(sendfile(fd, zero, NULL, 200));
    SHOW(size_of(fd));
    SHOW(signals);
    larger_than_the_limit(fd);
    close(fd), close(append), close(mem), close(ends[0]), close(ends[1]), close(null), close(zero);
    limit(RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY);
    CHECK(unlink("file") == 0 && unlink("big") == 0);
}

static void write_too_much(void)
{
    signal(SIGXFSZ, SIG_DFL);
    limit(RLIMIT_FSIZE, 0, 0);
    int fd = (int)syscall(SYS_memfd_create, "m", 0);
    _exit(write(fd, "x", 1) == -1 ? 1 : 2);
}

/* --- RLIMIT_CPU --------------------------------------------------------------------------------- */

static void burn(void)
{
    for (volatile unsigned long n = 0;; n++)
        ;
}

static void burn_without_handler(void) { limit(RLIMIT_CPU, 1, 3); burn(); }

static void burn_on(void)
{
    handle(SIGXCPU);
    limit(RLIMIT_CPU, 1, 3);
    while (signals < 2)
        ;
    struct rlimit now;
    getrlimit(RLIMIT_CPU, &now);
    printf("after two signals, code %d: %ld %ld\n", last_code, (long)now.rlim_cur, (long)now.rlim_max);
    fflush(stdout);
    burn();
}

/* A child's clock begins at 0, and its limit is that of its parent. */
static void burn_in_child(void)
{
    limit(RLIMIT_CPU, 1, 1);
    int raw = 0;
    pid_t pid = fork();
    if (pid == 0)
        burn();
    waitpid(pid, &raw, 0);
    _exit(WIFSIGNALED(raw) ? WTERMSIG(raw) : 100);
}

static void check_cpu(void)
{
    SHOW(status_of(burn_without_handler) & 0x7f);
    SHOW(status_of(burn_on) & 0x7f);
    SHOW(status_of(burn_in_child));
}

/* --- RLIMIT_NPROC ------------------------------------------------------------------------------- */

static void fork_as_nobody(void)
{
    pid_t children[4];
    int made = 0;
    limit(RLIMIT_NPROC, 3, 3);
    if (setuid(54321) != 0)
        _exit(99);
    while (made < 4 && (children[made] = fork()) > 0)
        made++;
    if (made < 4 && children[made] == 0)
        for (;;)
            pause();
    int e = errno;
    for (int i = 0; i < made; i++)
        kill(children[i], SIGKILL), waitpid(children[i], NULL, 0);
    _exit(made == 2 && e == EAGAIN ? 0 : made);
}

/* --- others' limits ----------------------------------------------------------------------------- */

static int prlimit_of(pid_t pid, int which, const struct rlimit *new, struct rlimit *old)
{
    return (int)syscall(SYS_prlimit64, pid, which, new, old);
}

static void as_other_user(void)
{
    struct rlimit was;
    if (setgid(54321) || setuid(54321))
        _exit(99);
    _exit(prlimit_of(getppid(), RLIMIT_NOFILE, NULL, &was) == -1 && errno == EPERM ? 0 : 1);
}

static void check_others(void)
{
    struct rlimit new = { 20, 30 }, was, bad = { 31, 30 };
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit mine = { 0, 0 };
        while (getrlimit(RLIMIT_NOFILE, &mine) == 0 && mine.rlim_cur != 20)
            sleep_ms(1);
        _exit(dup2(1, 25) == -1 && errno == EBADF && dup2(1, 19) == 19 ? 0 : 1);
    }
    SHOW(prlimit_of(pid, RLIMIT_NOFILE, &bad, NULL));
    SHOW(prlimit_of(pid, RLIMIT_NOFILE, &new, &was));
    CHECK(was.rlim_max > 30);
    int raw = -1;
    CHECK(waitpid(pid, &raw, 0) == pid);
    SHOW(raw);
    SHOW(prlimit_of(pid, RLIMIT_NOFILE, NULL, &was));
    SHOW(prlimit_of(0, 16, NULL, &was));
    SHOW(prlimit_of(0, RLIMIT_CORE, NULL, (void *)8));
    SHOW(prlimit_of(0, RLIMIT_CORE, (void *)8, NULL));
    SHOW(status_of(as_other_user));
}

/* --- RLIMIT_NOFILE ------------------------------------------------------------------------------- */

static void in_a_child(void) { _exit(fcntl(4000, F_GETFD) == 0 && fcntl(4001, F_GETFD) == -1 ? 7 : 8); }

static void many_descriptors(void)
{
    struct rlimit was;
    fd_set *bits = calloc(1, 4096 / 8);
    CHECK(getrlimit(RLIMIT_NOFILE, &was) == 0 && was.rlim_max >= 4096);
    limit(RLIMIT_NOFILE, 4096, 4096);
    SHOW(fcntl(1, F_DUPFD, 4000));
    SHOW(fcntl(1, F_DUPFD, 4095));
    SHOW(fcntl(1, F_DUPFD, 4095));
    SHOW(fcntl(1, F_DUPFD, 4096));
    SHOW(dup2(1, 4096));
    SHOW(status_of(in_a_child) >> 8);
    ((unsigned long *)bits)[4000 / 64] = 1ul << (4000 % 64);
    SHOW(select(4001, NULL, bits, NULL, &(struct timeval){ 0, 0 }));
    free(bits);
    SHOW(close(4095));
    SHOW(close(4000));
    SHOW(close(4000));
}

/* The superuser may lock what there is; others 8 MiB, unless somebody has allowed them more. */
static void check_memlock(void)
{
    struct rlimit was;
    CHECK(getrlimit(RLIMIT_MEMLOCK, &was) == 0 && was.rlim_cur >= 8 << 20 && was.rlim_cur <= was.rlim_max);
}

int main(void)
{
    work_in_tmp("limits");
    check_file_size();
    SHOW(status_of(write_too_much) & 0x7f);
    check_cpu();
    SHOW(status_of(fork_as_nobody));
    check_others();
    many_descriptors();
    check_memlock();
    return check_result();
}
