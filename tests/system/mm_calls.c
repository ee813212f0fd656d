/* Memory calls one by one: flags, errors, signals and their addresses. */
#include "check.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static char *map(size_t pages, int prot, int flags) { return mmap(NULL, pages * PAGE, prot, flags, -1, 0); }

/* --- faults: which signal, which code, which address --- */

static sigjmp_buf jump;
static volatile int seen_signal, seen_code;
static void *volatile seen_address;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)context;
    seen_signal = signo;
    seen_code = info->si_code;
    seen_address = info->si_addr;
    siglongjmp(jump, 1);
}

static void catch_faults(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* What touching the address does: SIGNAL * 100 + code, or 0. */
static int touch(char *p, bool write)
{
    seen_signal = seen_code = 0;
    seen_address = NULL;
    if (sigsetjmp(jump, 1) == 0) {
        if (write)
            *(volatile char *)p = 1;
        else
            (void)*(volatile char *)p;
        return 0;
    }
    return seen_address == p ? seen_signal * 100 + seen_code : -1;
}

#define MAPERR (SIGSEGV * 100 + 1)
#define ACCERR (SIGSEGV * 100 + 2)
#define BUS_ADRERR_ (SIGBUS * 100 + 2)

static void check_signals(int fd)
{
    char *p = map(4, RW, ANON);
    CHECK(touch(p + 100, true) == 0);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    CHECK(touch(p + PAGE + 5, false) == MAPERR && touch(p + PAGE + 7, true) == MAPERR);
    CHECK(mprotect(p, PAGE, PROT_READ) == 0 && touch(p + 3, true) == ACCERR && touch(p + 3, false) == 0);
    CHECK(mprotect(p, PAGE, PROT_NONE) == 0 && touch(p + 4000, false) == ACCERR);
    CHECK(mprotect(p, PAGE, RW) == 0 && p[100] == 1);
    CHECK(ftruncate(fd, 2 * PAGE) == 0);
    char *f = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), *g = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    CHECK(touch(f + PAGE, true) == 0 && touch(g + PAGE, true) == 0);
    CHECK(touch(f + 2 * PAGE + 9, false) == BUS_ADRERR_ && touch(g + 3 * PAGE, true) == BUS_ADRERR_);
    CHECK(ftruncate(fd, 100) == 0);
    CHECK(touch(f + PAGE, false) == BUS_ADRERR_ && touch(g + PAGE, false) == BUS_ADRERR_ && touch(f + 4095, true) == 0);
    CHECK(ftruncate(fd, 2 * PAGE) == 0 && f[PAGE] == 0 && g[PAGE] == 0 && f[4095] == 0);
    munmap(f, 4 * PAGE);
    munmap(g, 4 * PAGE);
    munmap(p, 4 * PAGE);
}

/* --- mmap --- */

static void check_map(int fd)
{
    char *p = map(8, RW, ANON | MAP_NORESERVE | MAP_STACK | MAP_POPULATE), byte;
    CHECK(p != MAP_FAILED && p[0] == 0);
    CHECK(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
    CHECK(munmap(p + PAGE, PAGE) == 0 && mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + PAGE);
    CHECK(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, 0, RW, ANON, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, 1ul << 47, RW, ANON, -1, 0) == MAP_FAILED && errno == ENOMEM);
    CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, 999, 0) == MAP_FAILED && errno == EBADF);
    int ro = open("/proc/self/exe", O_RDONLY);
    CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0) == MAP_FAILED && errno == EACCES);
    char *text = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
    CHECK(text != MAP_FAILED && memcmp(text, "\177ELF", 4) == 0);
    CHECK(mprotect(text, PAGE, RW) == -1 && errno == EACCES);
    close(ro);
    CHECK(ftruncate(fd, PAGE) == 0 && pwrite(fd, "before", 6, 0) == 6);
    char *s = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), *v = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
    CHECK(memcmp(s, "before", 6) == 0 && memcmp(v, "before", 6) == 0);
    CHECK(pwrite(fd, "after ", 6, 0) == 6 && memcmp(s, "after ", 6) == 0 && memcmp(v, "after ", 6) == 0);
    s[0] = 'A';
    CHECK(v[0] == 'A' && pread(fd, &byte, 1, 0) == 1 && byte == 'A');
    v[0] = 'V';
    CHECK(s[0] == 'A' && pread(fd, &byte, 1, 0) == 1 && byte == 'A');
    CHECK(msync(s, PAGE, MS_SYNC) == 0 && msync(s, PAGE, MS_SYNC | MS_ASYNC) == -1 && errno == EINVAL);
    munmap(s, PAGE);
    CHECK(msync(s, PAGE, MS_SYNC) == -1 && errno == ENOMEM);
    munmap(v, PAGE);
    munmap(p, 8 * PAGE);
}

static void check_stack(void)
{
    char *top = mmap(NULL, 64 * PAGE, PROT_NONE, ANON, -1, 0);
    munmap(top, 64 * PAGE);
    char *p = mmap(top + 63 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    CHECK(p == top + 63 * PAGE && touch(p - 100, true) == 0 && touch(p - 20 * PAGE, true) == 0);
    /* What moved away keeps its pages when the stack grows into its old place. */
    char *away = mremap(p - 20 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, top);
    *away = 42;
    CHECK(away == top && (touch(p - 20 * PAGE, true) == 0 || seen_signal == SIGSEGV) && *away == 42);
    munmap(top, 64 * PAGE);
}

/* --- mremap --- */

static void check_remap(void)
{
    char *p = map(4, RW, ANON);
    for (int i = 0; i < 4; i++)
        p[(size_t)i * PAGE] = (char)(i + 1);
    char *q = mremap(p, 4 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q[0] == 1 && q[3 * PAGE] == 4 && q[4 * PAGE] == 0 && q[599 * PAGE] == 0);
    q[599 * PAGE] = 9;
    CHECK(mremap(q, 600 * PAGE, 2 * PAGE, 0) == q && q[PAGE] == 2 && touch(q + 2 * PAGE, false) == MAPERR);
    char *to = map(8, RW, ANON);
    to[0] = 77;
    CHECK(mremap(q, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE) == to + PAGE);
    CHECK(to[0] == 77 && to[PAGE] == 1 && to[2 * PAGE] == 2 && to[3 * PAGE] == 0 && touch(q, false) == MAPERR);
    CHECK(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
    CHECK(mremap(to, PAGE, PAGE, MREMAP_FIXED, to) == MAP_FAILED && errno == EINVAL);
    char *s = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *t = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE);
    s[PAGE] = 5;
    CHECK(t != MAP_FAILED && t != s && t[PAGE] == 5);
    munmap(to, 8 * PAGE);
}

/* --- madvise, mincore, mlock --- */

/* What the child sees of a byte after fork: its value, or 1000 for a signal. */
static int child_sees(char *p)
{
    int raw;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(*(volatile char *)p);
    }
    return waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) ? WEXITSTATUS(raw) : 1000;
}

static void check_advice(void)
{
    char *p = map(8, RW, ANON);
    unsigned char vec[8] = { 0 };
    p[0] = 1, p[PAGE] = 2, p[2 * PAGE] = 3;
    CHECK(madvise(p + PAGE, PAGE, MADV_DONTFORK) == 0 && madvise(p + 2 * PAGE, PAGE, MADV_WIPEONFORK) == 0);
    CHECK(child_sees(p) == 1 && child_sees(p + PAGE) == 1000 && child_sees(p + 2 * PAGE) == 0);
    CHECK(p[PAGE] == 2 && p[2 * PAGE] == 3 && madvise(p + PAGE, PAGE, MADV_DOFORK) == 0 && child_sees(p + PAGE) == 2);
    CHECK(madvise(p, 3 * PAGE, MADV_DONTNEED) == 0 && p[0] == 0 && p[2 * PAGE] == 0);
    CHECK(madvise(p, PAGE, MADV_WILLNEED) == 0 && madvise(p, PAGE, 9999) == -1 && errno == EINVAL);
    CHECK(madvise(p + 1, PAGE, MADV_DONTNEED) == -1 && errno == EINVAL);
    munmap(p + 4 * PAGE, PAGE);
    CHECK(madvise(p, 8 * PAGE, MADV_DONTNEED) == -1 && errno == ENOMEM);
    CHECK(mincore(p, 8 * PAGE, vec) == -1 && errno == ENOMEM);
    p[5 * PAGE] = 1;
    CHECK(mincore(p + 5 * PAGE, 2 * PAGE, vec) == 0 && (vec[0] & 1) && mincore(p + 1, PAGE, vec) == -1 && errno == EINVAL);
    CHECK(mlock(p, 2 * PAGE) == 0 && mincore(p, 2 * PAGE, vec) == 0 && (vec[0] & 1) && (vec[1] & 1) && munlock(p, 2 * PAGE) == 0);
    CHECK(mlock(p, 8 * PAGE) == -1 && errno == ENOMEM);
    munmap(p, 8 * PAGE);
}

/* --- limits --- */

static bool limited(int which, rlim_t soft, bool (*fails)(void))
{
    int raw;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = { soft, soft };
        _exit(setrlimit(which, &limit) == 0 && fails() ? 0 : 1);
    }
    return waitpid(pid, &raw, 0) == pid && raw == 0;
}

static bool maps_fail(void) { return map(16384, RW, ANON) == MAP_FAILED && errno == ENOMEM && map(1, RW, ANON) != MAP_FAILED; }
static bool data_fails(void)
{
    char *end = sbrk(0);
    return map(16384, RW, ANON) == MAP_FAILED && errno == ENOMEM && map(16384, PROT_READ, ANON) != MAP_FAILED &&
           syscall(SYS_brk, end + (64 << 20)) != (long)(intptr_t)(end + (64 << 20));
}

static void check_limits(void)
{
    CHECK(limited(RLIMIT_AS, 32 << 20, maps_fail));
    CHECK(limited(RLIMIT_DATA, 16 << 20, data_fails));
}

/* --- another process's memory --- */

static void check_process_vm(void)
{
    int ends[2], back[2], raw;
    char *p = map(3, RW, ANON), buffer[64] = { 0 }, word[8] = { 0 }, byte = 0;
    strcpy(p + PAGE - 3, "across a border");
    CHECK(pipe(ends) == 0 && pipe(back) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        strcpy(p + 2 * PAGE, "child");
        if (write(back[1], "r", 1) != 1 || read(ends[0], &byte, 1) != 1)
            _exit(9);
        _exit(strcmp(p, "from outside") ? 1 : 0);
    }
    CHECK(read(back[0], &byte, 1) == 1);
    struct iovec local[2] = { { buffer, 20 }, { word, 8 } }, remote[2] = { { p + PAGE - 3, 16 }, { p + 2 * PAGE, 12 } };
    CHECK(process_vm_readv(pid, local, 2, remote, 2, 0) == 28);
    CHECK(strcmp(buffer, "across a border") == 0 && memcmp(buffer + 16, "chil", 4) == 0 && word[0] == 'd');
    struct iovec out = { "from outside", 13 }, in = { p, 13 }, bad = { p + 3 * PAGE - 4, 8 };
    CHECK(process_vm_writev(pid, &out, 1, &in, 1, 0) == 13 && p[0] == 0);
    munmap(p, PAGE);
    CHECK(process_vm_readv(pid, &(struct iovec){ buffer, 8 }, 1, &(struct iovec){ (void *)16, 8 }, 1, 0) == -1 && errno == EFAULT);
    CHECK(process_vm_readv(pid, local, 1, &bad, 1, 1) == -1 && errno == EINVAL);
    CHECK(write(ends[1], "g", 1) == 1 && waitpid(pid, &raw, 0) == pid && raw == 0);
    CHECK(process_vm_readv(pid, local, 1, remote, 1, 0) == -1 && errno == ESRCH);
}

/* --- memfd --- */

static void check_memfd(void)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING), plain = memfd_create("plain", 0);
    CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(plain, F_GETFD) == 0);
    CHECK(fcntl(fd, F_GET_SEALS) == 0 && fcntl(plain, F_GET_SEALS) == F_SEAL_SEAL);
    CHECK(fcntl(plain, F_ADD_SEALS, F_SEAL_SHRINK) == -1 && errno == EPERM);
    CHECK(memfd_create("x", 0x4000) == -1 && errno == EINVAL && memfd_create((char *)1, 0) == -1 && errno == EFAULT);
    CHECK(write(fd, "hello", 5) == 5 && ftruncate(fd, 2 * PAGE) == 0);
    char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    CHECK(memcmp(p, "hello", 6) == 0);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == -1 && errno == EBUSY);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
    CHECK(ftruncate(fd, PAGE) == -1 && errno == EPERM && ftruncate(fd, 3 * PAGE) == -1 && errno == EPERM);
    CHECK(pwrite(fd, "x", 1, 2 * PAGE) == -1 && errno == EPERM && pwrite(fd, "J", 1, 0) == 1 && p[0] == 'J');
    munmap(p, 2 * PAGE);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 && pwrite(fd, "x", 1, 0) == -1 && errno == EPERM);
    CHECK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
    p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED && p[0] == 'J' && mprotect(p, PAGE, RW) == -1 && errno == EACCES);
    munmap(p, PAGE);
    p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED && touch(p, true) == 0);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == -1 && errno == EPERM);
    CHECK(fcntl(fd, F_GET_SEALS) == (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
    close(fd);
    CHECK(p[1] == 'e');
    close(plain);
}

int main(void)
{
    int fd = open("/tmp/mm_calls.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && unlink("/tmp/mm_calls.data") == 0);
    catch_faults();
    check_signals(fd);
    check_map(fd);
    check_stack();
    check_remap();
    check_advice();
    check_limits();
    check_process_vm();
    check_memfd();
    return check_result();
}
