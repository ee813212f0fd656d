/* The rest of the memory calls: locking and its limit, MAP_32BIT, MREMAP_DONTUNMAP, mprotect up to an
 * obstacle, PROT_GROWSDOWN, limits on a growing stack, advice. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

static char *map(size_t pages, int prot, int flags) { return mmap(NULL, pages * PAGE, prot, flags, -1, 0); }

/* A line of /proc/self/status, read without mapping anything. */
static long status_kib(const char *name)
{
    static char text[4096];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    char *at = strstr(text, name);
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static long locked_kib(void) { return status_kib("VmLck:"); }

static int resident(char *p, size_t pages)
{
    unsigned char vec[64];
    int n = 0;
    if (mincore(p, pages * PAGE, vec))
        return -1;
    for (size_t i = 0; i < pages; i++)
        n += vec[i] & 1;
    return n;
}

/* --- locking --- */

static void locking(void)
{
    char *p = map(16, RW, ANON);
    CHECK(locked_kib() == 0);
    CHECK(mlock(p + PAGE, 2 * PAGE) == 0 && locked_kib() == 8 && resident(p + PAGE, 2) == 2);
    CHECK(mlock(p + PAGE + 5, 3 * PAGE) == 0 && locked_kib() == 16);
    CHECK(syscall(SYS_mlock2, p + 8 * PAGE, 4 * PAGE, MLOCK_ONFAULT) == 0 && locked_kib() == 32 && resident(p + 8 * PAGE, 4) == 0);
    CHECK(syscall(SYS_mlock2, p, PAGE, 2) == -1 && errno == EINVAL);
    CHECK(madvise(p, 16 * PAGE, MADV_DONTNEED) == -1 && errno == EINVAL);
    CHECK(madvise(p + PAGE, PAGE, MADV_FREE) == -1 && errno == EINVAL);
    CHECK(madvise(p + 5 * PAGE, PAGE, MADV_DONTNEED) == 0);
    CHECK(msync(p + PAGE, PAGE, MS_SYNC | MS_INVALIDATE) == -1 && errno == EBUSY);
    int raw = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(locked_kib() == 0 ? 0 : 1);
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    CHECK(munlock(p + PAGE, PAGE) == 0 && locked_kib() == 28);
    CHECK(munmap(p + 8 * PAGE, 8 * PAGE) == 0 && locked_kib() == 12);
    munmap(p + 6 * PAGE, PAGE);
    CHECK(mlock(p + 5 * PAGE, 3 * PAGE) == -1 && errno == ENOMEM && locked_kib() == 16);
    CHECK(munlock(p, 5 * PAGE) == 0 && munlock(p + 5 * PAGE, PAGE) == 0 && locked_kib() == 0);
    char *q = map(4, RW, ANON | MAP_LOCKED);
    CHECK(resident(q, 4) == 4 && locked_kib() == 16);
    q = mremap(q, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && locked_kib() == 24 && resident(q, 6) == 6);
    munmap(q, 6 * PAGE);
    munmap(p, 8 * PAGE);
    CHECK(locked_kib() == 0);
}

static void locking_all(void)
{
    char *p = map(4, RW, ANON);
    CHECK(mlockall(MCL_CURRENT) == 0 && locked_kib() > 100 && resident(p, 4) == 4);
    char *q = map(4, RW, ANON);
    CHECK(resident(q, 4) == 0);
    CHECK(munlockall() == 0 && locked_kib() == 0);
    CHECK(mlockall(MCL_FUTURE) == 0 && locked_kib() == 0);
    char *r = map(4, RW, ANON);
    CHECK(resident(r, 4) == 4 && locked_kib() == 16);
    CHECK(munlockall() == 0 && locked_kib() == 0);
    char *s = map(4, RW, ANON);
    CHECK(resident(s, 4) == 0);
    CHECK(mlockall(0) == -1 && errno == EINVAL && mlockall(4) == -1 && errno == EINVAL && mlockall(8) == -1 && errno == EINVAL);
    munmap(p, 4 * PAGE), munmap(q, 4 * PAGE), munmap(r, 4 * PAGE), munmap(s, 4 * PAGE);
}

static void lock_limit(void)
{
    struct rlimit few = { 64 << 10, 64 << 10 }, none = { 0, 0 };
    char *p = map(40, RW, ANON);
    setrlimit(RLIMIT_MEMLOCK, &few);
    if (setuid(1000))
        exit(2);
    CHECK(mlock(p, 16 * PAGE) == 0 && locked_kib() == 64);
    CHECK(mlock(p, 16 * PAGE) == 0);
    CHECK(mlock(p + 16 * PAGE, PAGE) == -1 && errno == ENOMEM);
    CHECK(map(1, RW, ANON | MAP_LOCKED) == MAP_FAILED && errno == EAGAIN);
    CHECK(munlock(p, 8 * PAGE) == 0 && mlock(p + 16 * PAGE, 8 * PAGE) == 0);
    CHECK(mremap(p + 16 * PAGE, 8 * PAGE, 12 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EAGAIN);
    CHECK(mlockall(MCL_CURRENT) == -1 && errno == ENOMEM);
    munlock(p, 40 * PAGE);
    CHECK(mlockall(MCL_FUTURE) == 0 && map(17, RW, ANON) == MAP_FAILED && errno == EAGAIN);
    CHECK(map(1, RW, ANON) != MAP_FAILED && munlockall() == 0);
    setrlimit(RLIMIT_MEMLOCK, &none);
    CHECK(mlock(p, PAGE) == -1 && errno == EPERM);
    CHECK(mlockall(MCL_CURRENT) == -1 && errno == EPERM);
    CHECK(syscall(SYS_mmap, 0, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == -1 && errno == EPERM);
    CHECK(munlock(p, PAGE) == 0 && munlockall() == 0);
    exit(failures != 0);
}

/* --- places --- */

static bool is_low(char *p, size_t pages) { return (uintptr_t)p >= 1ul << 30 && (uintptr_t)p + pages * PAGE <= 1ul << 31; }

static void low_places(void)
{
    char *p = map(4, RW, ANON | MAP_32BIT), *q = map(4, RW, ANON | MAP_32BIT);
    CHECK(is_low(p, 4) && is_low(q, 4) && p != q);
    p[0] = q[0] = 1;
    CHECK(mmap((void *)(3ul << 30), PAGE, RW, ANON | MAP_32BIT, -1, 0) != MAP_FAILED);
    CHECK(is_low(mmap((void *)(1ul << 40), PAGE, RW, ANON | MAP_32BIT, -1, 0), 1));
    CHECK(mmap(NULL, 1ul << 31, PROT_NONE, ANON | MAP_32BIT | MAP_NORESERVE, -1, 0) == MAP_FAILED && errno == ENOMEM);
    char *fixed = (char *)(1ul << 33);
    CHECK(mmap(fixed, PAGE, RW, ANON | MAP_32BIT | MAP_FIXED, -1, 0) == fixed);
}

/* --- mremap that leaves --- */

static void remap_leaving(void)
{
    char *p = map(8, RW, ANON);
    memset(p, 7, 8 * PAGE);
    char *q = mremap(p + 2 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    CHECK(q != MAP_FAILED && q[0] == 7 && q[3 * PAGE] == 7);
    CHECK(p[PAGE] == 7 && p[2 * PAGE] == 0 && p[5 * PAGE] == 0 && p[6 * PAGE] == 7);
    p[3 * PAGE] = 9;
    CHECK(q[PAGE] == 7 && p[3 * PAGE] == 9);
    char *room = map(4, PROT_NONE, ANON);
    CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, room) == room);
    CHECK(room[0] == 7 && p[0] == 0 && p[PAGE] == 0);
    CHECK(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP) == MAP_FAILED && errno == EINVAL);
    CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_DONTUNMAP) == MAP_FAILED && errno == EINVAL);
    int raw = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(q[0] == 7 && p[3 * PAGE] == 9 && p[4 * PAGE] == 0 ? 0 : 1);
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    munmap(p, 8 * PAGE), munmap(q, 4 * PAGE), munmap(room, 4 * PAGE);
}

/* --- mprotect --- */

static void can_write(char *p, bool expected)
{
    int fd[2], raw = -1;
    CHECK(pipe(fd) == 0 && write(fd[1], "x", 1) == 1);
    raw = (int)read(fd[0], p, 1); /* EFAULT instead of a signal */
    CHECK((raw == 1) == expected);
    close(fd[0]), close(fd[1]);
}

static void protect_to_obstacle(void)
{
    char *p = map(6, RW, ANON);
    munmap(p + 3 * PAGE, PAGE);
    CHECK(mprotect(p + PAGE, 4 * PAGE, PROT_READ) == -1 && errno == ENOMEM);
    can_write(p, true);
    can_write(p + PAGE, false);
    can_write(p + 2 * PAGE, false);
    can_write(p + 4 * PAGE, true);
    int fd = open("/proc/self/exe", O_RDONLY);
    CHECK(mmap(p + 3 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == p + 3 * PAGE);
    CHECK(mprotect(p + PAGE, 4 * PAGE, RW) == -1 && errno == EACCES);
    can_write(p + PAGE, true);
    can_write(p + 2 * PAGE, true);
    CHECK(mprotect(p + 3 * PAGE, PAGE, RW) == -1 && errno == EACCES);
    close(fd);
    munmap(p, 6 * PAGE);
}

static void protect_stack(void)
{
    char *p = map(8, RW, ANON | MAP_GROWSDOWN);
    CHECK(mprotect(p + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN) == 0);
    can_write(p, false);
    can_write(p + 4 * PAGE, false);
    can_write(p + 5 * PAGE, true);
    char *q = map(2, RW, ANON);
    CHECK(mprotect(q, PAGE, PROT_READ | PROT_GROWSDOWN) == -1 && errno == EINVAL);
    CHECK(mprotect(q, PAGE, PROT_READ | PROT_GROWSUP) == -1 && errno == EINVAL);
    munmap(p, 8 * PAGE), munmap(q, 2 * PAGE);
}

/* --- a stack and RLIMIT_AS --- */

static char __attribute__((noinline)) deep(int levels)
{
    volatile char page[PAGE];
    page[0] = (char)levels;
    return (char)(levels ? deep(levels - 1) + page[0] : page[0]);
}

static void grow_stack(void)
{
    struct rlimit all = { 0, 0 };
    all.rlim_cur = all.rlim_max = ((rlim_t)status_kib("VmSize:") << 10) + (512 << 10);
    if (setrlimit(RLIMIT_AS, &all))
        _exit(1);
    (void)deep(1500);
}

static void grow_a_little(void)
{
    (void)deep(60);
}

static void stack_limit(void)
{
    signal(SIGSEGV, SIG_DFL);
    CHECK(status_of(grow_stack) == SIGSEGV);
    CHECK(status_of(grow_a_little) == 0);
}

/* --- advice --- */

static void advice(void)
{
    static const int harmless[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_NOHUGEPAGE,
                                    MADV_DONTDUMP, MADV_DODUMP, 20 /* COLD */, 21 /* PAGEOUT */ };
    char *p = map(4, RW, ANON);
    memset(p, 5, 4 * PAGE);
    for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
        CHECK(madvise(p, 4 * PAGE, harmless[i]) == 0 && p[0] == 5 && p[3 * PAGE] == 5);
    CHECK(mlock(p, PAGE) == 0 && madvise(p, PAGE, 20) == -1 && errno == EINVAL && madvise(p, PAGE, 21) == -1 && errno == EINVAL);
    CHECK(madvise(p, 2 * PAGE, 24 /* DONTNEED_LOCKED */) == 0 && p[0] == 0 && p[2 * PAGE] == 5);
    CHECK(munlock(p, PAGE) == 0);
    char *s = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(madvise(s, PAGE, MADV_FREE) == -1 && errno == EINVAL);
    CHECK(madvise(p, 4 * PAGE, MADV_FREE) == 0);
    munmap(p + PAGE, PAGE);
    CHECK(madvise(p, 4 * PAGE, MADV_WILLNEED) == -1 && errno == ENOMEM);
    CHECK(madvise(p + PAGE, PAGE, MADV_DONTFORK) == -1 && errno == ENOMEM);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    munmap(p, 4 * PAGE), munmap(s, 2 * PAGE);
}

int main(void)
{
    int raw = -1;
    struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
    setrlimit(RLIMIT_MEMLOCK, &any);
    locking();
    locking_all();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        lock_limit();
    CHECK(waitpid(pid, &raw, 0) == pid && raw == 0);
    low_places();
    remap_leaving();
    protect_to_obstacle();
    protect_stack();
    stack_limit();
    advice();
    return check_result();
}
