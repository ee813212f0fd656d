/* Locks on files: ranges of processes, of open files, flock; waiting, deadlock, signals, the end of owners. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

static int lock(int fd, int cmd, int type, long start, long len)
{
    struct flock fl = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
    return fcntl(fd, cmd, &fl);
}

/* What another process sees in [start, start + len). */
static void seen(int fd, long start, long len)
{
    fflush(stdout);
    if (fork() == 0) {
        struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
        int r = fcntl(fd, F_GETLK, &fl);
        printf("  %ld+%ld: %d type %d start %ld len %ld %s\n", start, len, r, fl.l_type, (long)fl.l_start, (long)fl.l_len,
               fl.l_type == F_UNLCK ? "" : fl.l_pid == getppid() ? "parent" : fl.l_pid == -1 ? "file" : "?");
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

static void check_ranges(int fd)
{
    SHOW(lock(fd, F_SETLK, F_WRLCK, 10, 10));
    SHOW(lock(fd, F_SETLK, F_RDLCK, 14, 2));
    seen(fd, 0, 100);
    seen(fd, 14, 1);
    seen(fd, 16, 100);
    seen(fd, 20, 0);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 14, 2));
    seen(fd, 0, 0);
    SHOW(lock(fd, F_SETLK, F_UNLCK, 12, 2));
    seen(fd, 0, 0);
    seen(fd, 12, 0);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 100, 0));
    seen(fd, 1l << 40, 1);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 30, -5));
    seen(fd, 25, 5);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 3, -5));
    SHOW(lock(fd, F_SETLK, F_WRLCK, -1, 5));
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0x7ffffffffffffff0, 100));
    SHOW(lock(fd, F_SETLK, 7, 0, 1));
    struct flock end = { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -2, .l_len = 2 };
    CHECK(ftruncate(fd, 60) == 0);
    SHOW(fcntl(fd, F_SETLK, &end));
    seen(fd, 50, 10);
    int other = dup(fd);
    close(other);
    seen(fd, 0, 0);
    int rd = open("f", O_RDONLY);
    SHOW(lock(rd, F_SETLK, F_WRLCK, 0, 1));
    SHOW(lock(rd, F_SETLK, F_RDLCK, 0, 1));
    close(rd);
}

static volatile int *shared;
static void on_alarm(int sig) { (void)sig; }

static void until(int value) { while (*shared < value) sleep_ms(1); }

static void check_waiting(int fd)
{
    *shared = 0;
    lock(fd, F_SETLK, F_WRLCK, 0, 10);
    fflush(stdout);
    if (fork() == 0) {
        printf("child: %d %s\n", lock(fd, F_SETLK, F_RDLCK, 5, 1), strerror(errno));
        fflush(stdout);
        *shared = 1;
        int r = lock(fd, F_SETLKW, F_WRLCK, 5, 1);
        printf("child got it: %d, after %d\n", r, *shared);
        fflush(stdout);
        _exit(0);
    }
    until(1);
    sleep_ms(50);
    *shared = 2;
    lock(fd, F_SETLK, F_UNLCK, 0, 10);
    wait(NULL);
    /* a circle */
    lock(fd, F_SETLK, F_WRLCK, 0, 1);
    *shared = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        lock(fd, F_SETLK, F_WRLCK, 1, 1);
        *shared = 1;
        int r = lock(fd, F_SETLKW, F_WRLCK, 0, 1);
        _exit(r);
    }
    until(1);
    sleep_ms(100);
    SHOW(lock(fd, F_SETLKW, F_WRLCK, 1, 1));
    lock(fd, F_SETLK, F_UNLCK, 0, 0);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    /* a signal; an owner that dies */
    *shared = 0;
    child = fork();
    if (child == 0) {
        lock(fd, F_SETLK, F_WRLCK, 0, 0);
        *shared = 1;
        for (;;)
            pause();
    }
    until(1);
    struct sigaction act = { .sa_handler = on_alarm };
    sigaction(SIGALRM, &act, NULL);
    ualarm(20000, 0);
    SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 1));
    kill(child, SIGKILL);
    SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 1));
    wait(NULL);
    lock(fd, F_SETLK, F_UNLCK, 0, 0);
}

static void check_open_files(int fd)
{
    int two = open("f", O_RDWR);
    SHOW(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 5));
    SHOW(lock(two, F_OFD_SETLK, F_RDLCK, 4, 1));
    SHOW(lock(fd, F_SETLK, F_WRLCK, 4, 1));
    SHOW(lock(two, F_OFD_SETLK, F_RDLCK, 5, 1));
    seen(fd, 0, 1);
    struct flock fl = { .l_type = F_WRLCK, .l_pid = 1 };
    SHOW(fcntl(fd, F_OFD_SETLK, &fl));
    int copy = dup(fd);
    close(copy);
    SHOW(lock(two, F_OFD_SETLK, F_RDLCK, 4, 1));
    SHOW(lock(fd, F_OFD_SETLK, F_UNLCK, 0, 0));
    SHOW(lock(two, F_OFD_SETLK, F_RDLCK, 4, 1));
    close(two);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 4, 1));
    lock(fd, F_SETLK, F_UNLCK, 0, 0);
}

static void check_flock(int fd)
{
    int two = open("f", O_RDONLY), path = open("f", O_PATH);
    SHOW(flock(fd, LOCK_SH));
    SHOW(flock(two, LOCK_SH | LOCK_NB));
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_UN));
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    SHOW(flock(two, LOCK_SH | LOCK_NB));
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    *shared = 0;
    fflush(stdout);
    if (fork() == 0) {
        *shared = 1;
        _exit(flock(two, LOCK_EX) || *shared != 2);
    }
    until(1);
    sleep_ms(30);
    *shared = 2;
    SHOW(flock(fd, LOCK_UN));
    int status = -1;
    wait(&status);
    SHOW(status);
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    close(two);
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    SHOW(flock(fd, 16));
    SHOW(flock(path, LOCK_SH));
    SHOW(flock(-1, LOCK_SH));
    close(path);
}

/* A pipe can be locked, too (make -O does): by either end, and by names that lead to it. */
static void check_pipe(void)
{
    int p[2], status = -1;
    char name[64];
    CHECK(pipe(p) == 0);
    SHOW(lock(p[1], F_SETLK, F_UNLCK, 0, 0));
    SHOW(lock(p[1], F_SETLK, F_RDLCK, 0, 0));
    SHOW(lock(p[1], F_SETLK, F_WRLCK, 0, 1));
    snprintf(name, sizeof name, "/proc/self/fd/%d", p[1]);
    fflush(stdout);
    if (fork() == 0) {
        int other = open(name, O_WRONLY);
        SHOW(lock(p[1], F_SETLK, F_WRLCK, 0, 0));
        SHOW(lock(other, F_SETLK, F_WRLCK, 0, 1));
        SHOW(lock(other, F_SETLK, F_WRLCK, 1, 1));
        SHOW(flock(p[0], LOCK_EX | LOCK_NB));
        fflush(stdout);
        *shared = 5;
        _exit(lock(p[1], F_SETLKW, F_WRLCK, 0, 1) || *shared != 6);
    }
    until(5);
    SHOW(lock(p[1], F_SETLK, F_WRLCK, 0, 1));
    *shared = 6;
    close(p[0]); /* and with it all locks */
    wait(&status);
    SHOW(status);
    SHOW(flock(p[1], LOCK_SH));
    close(p[1]);
}

/* Files of no file system have locks all the same: sshd's socket is many a program's standard output. */
static void check_nameless(const char *what, int fd)
{
    int status = -1;
    printf("--- %s\n", what);
    SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 0));
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    SHOW(lock(fd, F_SETLK, F_WRLCK, 10, 5));
    SHOW(lock(fd, F_SETLK, F_RDLCK, 0, 12));
    fflush(stdout);
    if (fork() == 0) {
        SHOW(lock(fd, F_SETLK, F_WRLCK, 12, 1));
        SHOW(lock(fd, F_SETLK, F_RDLCK, 0, 12));
        SHOW(lock(fd, F_SETLK, F_WRLCK, 20, 0));
        SHOW(flock(fd, LOCK_EX | LOCK_NB)); /* the same open file */
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    SHOW(status);
    SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    close(dup(fd));
    if (fork() == 0)
        _exit(lock(fd, F_SETLK, F_WRLCK, 0, 0) ? errno : 0);
    wait(&status);
    SHOW(status);
    close(fd);
}

/* Executes itself n times; then says so and waits to be killed. */
static void execs(int done_fd, int n)
{
    char fd_text[16], left[16];
    snprintf(fd_text, sizeof fd_text, "%d", done_fd);
    snprintf(left, sizeof left, "%d", n - 1);
    if (n > 0)
        execl("/proc/self/exe", "execs", fd_text, left, (char *)NULL);
    if (n > 0 || write(done_fd, "d", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void list_descriptors(pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/fd", (int)pid);
    DIR *d = opendir(name);
    while (d && readdir(d))
        ;
    if (d)
        closedir(d);
}

/* A process's locks stay its own through execve, also while somebody looks at its descriptors. */
static void check_execs(int fd)
{
    int done[2];
    CHECK(pipe(done) == 0 && fcntl(done[0], F_SETFL, O_NONBLOCK) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        lock(fd, F_SETLK, F_WRLCK, 300, 1);
        execs(done[1], 200);
    }
    char c;
    close(done[1]);
    while (read(done[0], &c, 1) < 0)
        list_descriptors(pid);
    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 300, .l_len = 1 };
    CHECK(fcntl(fd, F_GETLK, &fl) == 0 && fl.l_type == F_WRLCK && fl.l_pid == pid);
    kill(pid, SIGKILL);
    wait(NULL);
    close(done[0]);
}

int main(int argc, char **argv)
{
    char dir[64];
    if (argc == 3)
        execs(atoi(argv[1]), atoi(argv[2]));
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    snprintf(dir, sizeof dir, "/tmp/vfs_locks.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    check_ranges(fd);
    check_waiting(fd);
    check_open_files(fd);
    check_flock(fd);
    check_pipe();
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    check_nameless("socket", pair[0]);
    check_nameless("its peer", pair[1]);
    check_nameless("memory", memfd_create("locked", 0));
    check_execs(fd);
    close(fd), unlink("f");
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
