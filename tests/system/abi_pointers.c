/* Bad pointers and descriptors in every call that takes them: the answer is EFAULT or EBADF (what
 * Linux answers is compared), and nothing else happens. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

static long bad_pointers[] = {
    8, 0x1000, (long)0xffffffff80000000UL, (long)0xffff800000000000UL, (long)0x8000000000000000UL,
    0x7fffffffffffL, 0x7ffffffff000L, 0x800000000000L, -1, -4096, -8,
};
enum { BAD = sizeof bad_pointers / sizeof *bad_pointers };

static void name_result(const char *name, const char *what, long result, int error)
{
    if (result < 0)
        printf("%s(%s): %s\n", name, what, strerror(error));
    else
        printf("%s(%s): ok\n", name, what);
    fflush(stdout);
}

/* One line if all bad pointers get the same answer, one each otherwise. */
static void try_pointers(const char *name, long number, int position, const long *usual)
{
    int first = 0;
    bool equal = true;
    long results[BAD];
    int errors[BAD];
    for (int i = 0; i < BAD; i++) {
        long a[6];
        memcpy(a, usual, sizeof a);
        a[position] = bad_pointers[i];
        errno = 0;
        results[i] = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        errors[i] = errno;
        equal = equal && (results[i] < 0) == (results[first] < 0) && errors[i] == errors[first];
    }
    for (int i = 0; i < (equal ? 1 : BAD); i++) {
        char what[64];
        snprintf(what, sizeof what, "argument %d %s %lx", position, equal ? "any" : "=", (unsigned long)bad_pointers[i]);
        name_result(name, what, results[i], errors[i]);
    }
}

static char room[8192];
#define POINTER(call, position, ...) try_pointers(#call, SYS_##call, position, (long[6]){ __VA_ARGS__ })
#define P(x) ((long)(x))

static void check_paths(void)
{
    POINTER(open, 0, 0, O_RDONLY);
    POINTER(openat, 1, AT_FDCWD, 0, O_RDONLY);
    POINTER(stat, 0, 0, P(room));
    POINTER(stat, 1, P("/"), 0);
    POINTER(lstat, 1, P("/"), 0);
    POINTER(fstat, 1, 0, 0);
    POINTER(newfstatat, 2, AT_FDCWD, P("/"), 0, 0);
    POINTER(statx, 4, AT_FDCWD, P("/"), 0, 0x7ff, 0);
    POINTER(access, 0, 0, 0);
    POINTER(rename, 0, 0, P("x"));
    POINTER(rename, 1, P("x"), 0);
    POINTER(mkdir, 0, 0, 0);
    POINTER(rmdir, 0, 0);
    POINTER(link, 0, 0, P("x"));
    POINTER(unlink, 0, 0);
    POINTER(symlink, 0, 0, P("x"));
    POINTER(readlink, 0, 0, P(room), 10);
    POINTER(readlink, 1, P("link"), 0, 10);
    POINTER(chmod, 0, 0, 0);
    POINTER(chown, 0, 0, 0, 0);
    POINTER(chdir, 0, 0);
    POINTER(truncate, 0, 0, 0);
    POINTER(getcwd, 0, 0, 100);
    POINTER(statfs, 0, 0, P(room));
    POINTER(statfs, 1, P("/"), 0);
    POINTER(utimensat, 1, AT_FDCWD, 0, 0, 0);
    POINTER(utimensat, 2, AT_FDCWD, P("."), 0, 0);
    POINTER(execve, 0, 0, 0, 0);
    POINTER(execve, 1, P("/proc/self/exe"), 0, 0);
    POINTER(execve, 2, P("/proc/self/exe"), 0, 0);
}

static void check_buffers(int fd, int pipe_read, int pipe_write)
{
    struct iovec iov[1] = { { room, 10 } };
    POINTER(read, 1, fd, 0, 10);
    POINTER(write, 1, fd, 0, 10);
    POINTER(pread64, 1, fd, 0, 10, 0);
    POINTER(pwrite64, 1, fd, 0, 10, 0);
    POINTER(readv, 1, fd, 0, 1);
    POINTER(writev, 1, fd, 0, 1);
    for (int i = 0; i < BAD; i++) {
        iov[0].iov_base = (void *)bad_pointers[i];
        SHOW(readv(fd, iov, 1));
        SHOW(writev(fd, iov, 1));
    }
    POINTER(read, 1, pipe_read, 0, 10); /* what could not be stored stays in the pipe */
    SHOW(read(pipe_read, room, 100));
    POINTER(write, 1, pipe_write, 0, 10);
    POINTER(getdents64, 1, fd, 0, 100);
    POINTER(pipe, 0, 0);
    POINTER(pipe2, 0, 0, 0);
    POINTER(poll, 0, 0, 1, 0);
    POINTER(select, 1, 5, 0, 0, 0, 0);
    POINTER(select, 4, 0, 0, 0, 0, 0);
    POINTER(pselect6, 5, 0, 0, 0, 0, 0, 0);
    POINTER(ppoll, 2, 0, 0, 0, 0, 8);
    POINTER(sendfile, 2, fd, fd, 0, 10);
    POINTER(getrandom, 0, 0, 10, 0);
    int open_now = dup(0);
    SHOW(open_now); /* failed pipe() calls must have left no descriptors */
    close(open_now);
}

static void check_others(void)
{
    POINTER(rt_sigaction, 1, SIGUSR2, 0, 0, 8);
    POINTER(rt_sigaction, 2, SIGUSR2, 0, 0, 8);
    POINTER(rt_sigprocmask, 1, SIG_BLOCK, 0, 0, 8);
    POINTER(rt_sigprocmask, 2, SIG_BLOCK, 0, 0, 8);
    POINTER(rt_sigpending, 0, 0, 8);
    POINTER(rt_sigtimedwait, 0, 0, 0, P(room), 8);
    POINTER(rt_sigtimedwait, 2, P(room + 4096), 0, 0, 8);
    POINTER(rt_sigsuspend, 0, 0, 8);
    POINTER(rt_sigqueueinfo, 2, getpid(), SIGUSR2, 0);
    POINTER(sigaltstack, 0, 0, 0);
    POINTER(sigaltstack, 1, 0, 0);
    POINTER(nanosleep, 0, 0, 0);
    POINTER(clock_nanosleep, 2, CLOCK_MONOTONIC, 0, 0, 0);
    POINTER(clock_gettime, 1, CLOCK_MONOTONIC, 0);
    POINTER(clock_gettime, 1, CLOCK_REALTIME, 0);
    POINTER(clock_getres, 1, CLOCK_MONOTONIC, 0);
    POINTER(gettimeofday, 0, 0, 0);
    POINTER(gettimeofday, 1, 0, 0);
    POINTER(time, 0, 0);
    POINTER(getitimer, 1, ITIMER_REAL, 0);
    POINTER(setitimer, 1, ITIMER_REAL, 0, 0);
    POINTER(uname, 0, 0);
    POINTER(sysinfo, 0, 0);
    POINTER(times, 0, 0);
    POINTER(getrusage, 1, 0, 0);
    POINTER(getrlimit, 1, RLIMIT_NOFILE, 0);
    POINTER(setrlimit, 1, RLIMIT_NOFILE, 0);
    POINTER(prlimit64, 2, 0, RLIMIT_NOFILE, 0, 0);
    POINTER(prlimit64, 3, 0, RLIMIT_NOFILE, 0, 0);
    POINTER(getgroups, 1, 32, 0);
    POINTER(getresuid, 0, 0, P(room), P(room));
    POINTER(getresgid, 2, P(room), P(room), 0);
    POINTER(wait4, 1, -1, 0, 0, 0);
    POINTER(waitid, 2, 0, 0, 0, 4, 0);
    POINTER(sched_getaffinity, 2, 0, 128, 0);
    POINTER(sched_setaffinity, 2, 0, 128, 0);
    POINTER(arch_prctl, 1, 0x1003, 0);
    POINTER(prctl, 1, 16, 0);
    POINTER(prctl, 1, 15, 0);
    POINTER(getcpu, 0, 0, 0, 0);
    POINTER(get_robust_list, 1, 0, 0, P(room));
    POINTER(futex, 0, 0, 1, 1, 0);
    POINTER(ioctl, 2, 99, 0x5401, 0);
    POINTER(capget, 0, 0, P(room));
}

#define DESCRIPTOR(call, ...)                                                                        \
    do {                                                                                             \
        static const long fds[] = { -1, 99, 5000, 0x7fffffff, (long)0x7fffffff80000000UL, -100 };    \
        for (int i = 0; i < 6; i++) {                                                                \
            errno = 0;                                                                               \
            long result = syscall(SYS_##call, fds[i], __VA_ARGS__);                                  \
            char what[32];                                                                           \
            snprintf(what, sizeof what, "fd %ld", fds[i]);                                           \
            name_result(#call, what, result, errno);                                                 \
        }                                                                                            \
    } while (0)

static void check_descriptors(void)
{
    DESCRIPTOR(read, room, 1L);
    DESCRIPTOR(write, room, 1L);
    DESCRIPTOR(close, 0L);
    DESCRIPTOR(fstat, room);
    DESCRIPTOR(lseek, 0L, 0L);
    DESCRIPTOR(dup, 0L);
    DESCRIPTOR(fcntl, (long)F_GETFL, 0L);
    DESCRIPTOR(ioctl, 0x5401L, room);
    DESCRIPTOR(fsync, 0L);
    DESCRIPTOR(ftruncate, 0L);
    DESCRIPTOR(getdents64, room, 100L);
    DESCRIPTOR(fchdir, 0L);
    DESCRIPTOR(fchmod, 0L);
    DESCRIPTOR(pread64, room, 1L, 0L);
    DESCRIPTOR(readv, room, 0L);
    DESCRIPTOR(fstatfs, room);
}

/* A buffer whose second page is missing: the first part is done and counted. */
static void check_straddling(int fd, int pipe_read, int pipe_write)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    memset(page, 'z', 4096);
    char *edge = page + 4096 - 10;
    SHOW(pwrite(fd, edge, 100, 0));
    SHOW(pwrite(fd, page, 4096, 0));
    SHOW(pread(fd, edge, 100, 0));
    SHOW(syscall(SYS_stat, "/", edge));
    SHOW(syscall(SYS_uname, edge));
    SHOW(syscall(SYS_getcwd, edge, 4096));
    SHOW(syscall(SYS_open, edge, O_RDONLY));
    memcpy(edge + 5, ".\0xxx", 5);
    SHOW(syscall(SYS_access, edge + 5, 0)); /* ends just before the hole */
    SHOW(write(pipe_write, edge, 100) == 10 || errno == EFAULT);
    while (read(pipe_read, room, sizeof room) > 0)
        ;
    SHOW(write(fd, room, SIZE_MAX));
    SHOW(write(fd, room, SIZE_MAX / 2) > 0);
    SHOW(read(fd, room, SIZE_MAX));
    SHOW(write(fd, (void *)0x7ffffffff000UL, 4096));
    munmap(page, 4096);
}

/* Strings of every length at every alignment, the last byte just before a hole: what arrives is what a
 * link's text is then; without a last byte nothing does. */
static void check_string_ends(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    for (int length = 1; length <= 40; length++)
        for (int behind = 0; behind <= 17; behind++) {
            memset(page, 0, 4096);
            char *s = page + 4096 - behind - 1 - length, got[64] = "";
            for (int i = 0; i < length; i++)
                s[i] = (char)(i % 3 ? 0x80 + i : 'a' + i % 26); /* bytes above 127, too */
            memset(s + length + 1, 'x', (size_t)behind);
            CHECK(symlink(s, "ends") == 0);
            CHECK(readlink("ends", got, sizeof got) == length && memcmp(got, s, (size_t)length) == 0);
            unlink("ends");
            memset(s + length, 'x', (size_t)behind + 1);
            CHECK(symlink(s, "ends") < 0 && errno == EFAULT);
        }
    munmap(page, 4096);
}

int main(void)
{
    int ends[2];
    for (int fd = 3; fd < 10; fd++)
        close(fd);
    work_in_tmp("pointers");
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGUSR2, &ignore, NULL);
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    CHECK(pipe2(ends, O_NONBLOCK) == 0 && write(ends[1], "0123456789", 10) == 10 && symlink("f", "link") == 0);
    for (int i = 0; i < 10; i++)
        (void)!write(fd, room, 1000);
    lseek(fd, 0, SEEK_SET);
    check_paths();
    check_buffers(fd, ends[0], ends[1]);
    check_straddling(fd, ends[0], ends[1]);
    check_others();
    check_descriptors();
    check_string_ends();
    unlink("f");
    unlink("link");
    return check_result();
}
