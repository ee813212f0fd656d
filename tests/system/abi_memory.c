/* Memory: every answer of mmap, munmap, mprotect, mremap, madvise, msync and brk, and that files
 * read, written and mapped show one truth. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { PAGE = 4096 };
static sigjmp_buf back;
static volatile int fault_code;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)context;
    fault_code = signo * 100 + info->si_code;
    siglongjmp(back, 1);
}

/* 0, or signal * 100 + si_code of touching the byte. */
static int read_at(volatile const char *p)
{
    fault_code = 0;
    if (sigsetjmp(back, 1) == 0)
        (void)*p;
    return fault_code;
}

static int write_at(volatile char *p)
{
    fault_code = 0;
    if (sigsetjmp(back, 1) == 0)
        *p = 'w';
    return fault_code;
}

static void *map(size_t pages, int prot)
{
    return mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

#define MAPS(call) SHOW((call) == MAP_FAILED ? -1 : 0)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void check_map_errors(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY);
    MAPS(mmap(NULL, 0, RW, ANON, -1, 0));
    MAPS(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
    MAPS(mmap(NULL, PAGE, RW, ANON, -1, 1));
    MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
    MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 0));
    MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0));
    MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0));
    MAPS(mmap(NULL, SIZE_MAX, RW, ANON, -1, 0));
    MAPS(mmap(NULL, 1UL << 47, RW, ANON, -1, 0));
    MAPS(mmap((void *)1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    MAPS(mmap((void *)0xffffffff80000000UL, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    MAPS(mmap((void *)0x7ffffffff000UL, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    MAPS(mmap((void *)0x800000000000UL, PAGE, RW, ANON, -1, 0)); /* only a hint */
    char *p = map(4, RW);
    MAPS(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK(mmap(p + PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) == p + PAGE);
    SHOW(write_at(p + PAGE));
    SHOW(write_at(p));
    SHOW(munmap(p + 1, PAGE));
    SHOW(munmap(p, 0));
    SHOW(munmap((void *)0xffffffff80000000UL, PAGE));
    SHOW(munmap(p, SIZE_MAX));
    SHOW(munmap(p + PAGE, 1));
    SHOW(read_at(p + PAGE));
    SHOW(munmap(p, 4 * PAGE)); /* holes are fine */
    SHOW(munmap(p, 4 * PAGE));
    close(fd), close(ro), close(wo);
    unlink("f");
}

static void check_protect(void)
{
    char *p = map(4, RW);
    p[0] = p[3 * PAGE] = 1;
    SHOW(mprotect(p + PAGE, PAGE, PROT_READ));
    SHOW(write_at(p + PAGE));
    SHOW(read_at(p + PAGE));
    SHOW(mprotect(p, PAGE, PROT_NONE));
    SHOW(read_at(p));
    SHOW(mprotect(p, 4 * PAGE, RW));
    SHOW(p[0] + p[3 * PAGE]);
    SHOW(munmap(p + 2 * PAGE, PAGE));
    SHOW(mprotect(p, 4 * PAGE, PROT_READ)); /* a hole; whether what lies before it changed is not said */
    SHOW(write_at(p + 3 * PAGE));
    SHOW(mprotect(p + 1, PAGE, PROT_READ));
    SHOW(mprotect(p, 0, PROT_READ));
    SHOW(mprotect(p, PAGE, 0x40));
    SHOW(mprotect((void *)0xffffffff80000000UL, PAGE, PROT_READ));
    SHOW(munmap(p, 4 * PAGE));
    unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov eax, 42; ret */
    p = map(1, RW);
    memcpy(p, code, sizeof code);
    SHOW(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
    SHOW(((int (*)(void))(void *)p)());
    SHOW(write_at(p));
    SHOW(munmap(p, PAGE));
}

static void check_remap(void)
{
    char *p = map(4, RW), *q;
    for (int i = 0; i < 4; i++)
        p[i * PAGE] = (char)('a' + i);
    CHECK(mremap(p, 4 * PAGE, 2 * PAGE, 0) == p);
    SHOW(read_at(p + 2 * PAGE));
    q = mremap(p, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q[0] == 'a' && q[PAGE] == 'b' && q[99 * PAGE] == 0);
    char *fixed = map(10, RW);
    CHECK(mremap(q, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, fixed) == fixed && fixed[PAGE] == 'b');
    SHOW(read_at(q));
    SHOW(read_at(q + 2 * PAGE));
    SHOW(read_at(fixed + 4 * PAGE));
    MAPS(mremap(fixed, PAGE, 2 * PAGE, 0)); /* in the way */
    MAPS(mremap(fixed + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    MAPS(mremap(fixed, PAGE, 0, MREMAP_MAYMOVE));
    MAPS(mremap(fixed, PAGE, PAGE, 99));
    MAPS(mremap((void *)16, PAGE, PAGE, 0));
    MAPS(mremap((void *)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    MAPS(mremap(fixed, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, fixed));
    MAPS(mremap(fixed, PAGE, SIZE_MAX - PAGE, MREMAP_MAYMOVE));
    SHOW(munmap(fixed, 10 * PAGE));
    SHOW(munmap(q, 100 * PAGE));
}

static void check_advice(void)
{
    unsigned char present[4];
    char *p = map(4, RW);
    memset(p, 'x', 4 * PAGE);
    SHOW(madvise(p + PAGE, PAGE, MADV_DONTNEED));
    SHOW(p[PAGE] + p[0]);
    SHOW(madvise(p + 1, PAGE, MADV_DONTNEED));
    SHOW(madvise(p, PAGE, 9999));
    SHOW(madvise(p, 0, MADV_DONTNEED));
    SHOW(munmap(p + 2 * PAGE, PAGE));
    SHOW(madvise(p, 4 * PAGE, MADV_DONTNEED));
    SHOW(p[0] + p[3 * PAGE]);
    SHOW(msync(p, PAGE, MS_SYNC));
    SHOW(msync(p, 4 * PAGE, MS_SYNC));
    SHOW(msync(p, PAGE, MS_SYNC | MS_ASYNC));
    SHOW(msync(p + 1, PAGE, MS_SYNC));
    SHOW(mlock(p, PAGE));
    SHOW(munlock(p, PAGE));
    SHOW(syscall(SYS_mincore, p, PAGE, present) == 0 || errno == ENOSYS);
    SHOW(munmap(p, 4 * PAGE));
}

static void check_brk(void)
{
    char *start = sbrk(0);
    CHECK(sbrk(0) == start);
    char *end = (char *)syscall(SYS_brk, start + 10 * PAGE);
    CHECK(end == start + 10 * PAGE);
    memset(start, 'h', 10 * PAGE);
    CHECK((char *)syscall(SYS_brk, start + PAGE) == start + PAGE);
    CHECK((char *)syscall(SYS_brk, start + 3 * PAGE) == start + 3 * PAGE);
    SHOW(start[2 * PAGE]);
    CHECK((char *)syscall(SYS_brk, 16) == start + 3 * PAGE);
    CHECK((char *)syscall(SYS_brk, -1L) == start + 3 * PAGE);
    CHECK((char *)syscall(SYS_brk, start) == start);
    SHOW(read_at((char *)(((uintptr_t)start + PAGE - 1) & ~(uintptr_t)(PAGE - 1)) + PAGE));
}

static void check_file_truth(void)
{
    char text[8] = { 0 };
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    SHOW(ftruncate(fd, 2 * PAGE + 100));
    char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    char *other = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    CHECK(shared != MAP_FAILED && other != MAP_FAILED && private != MAP_FAILED);
    SHOW(pwrite(fd, "write", 5, 10));
    CHECK(memcmp(shared + 10, "write", 5) == 0 && memcmp(other + 10, "write", 5) == 0 && memcmp(private + 10, "write", 5) == 0);
    memcpy(shared + PAGE - 2, "cross", 5);
    SHOW(pread(fd, text, 5, PAGE - 2));
    CHECK(memcmp(text, "cross", 5) == 0 && memcmp(other + PAGE - 2, "cross", 5) == 0);
    private[10] = 'P';
    CHECK(shared[10] == 'w' && pread(fd, text, 1, 10) == 1 && text[0] == 'w');
    pwrite(fd, "W", 1, 10);
    CHECK(private[10] == 'P' && shared[10] == 'W');
    SHOW(shared[2 * PAGE + 200]);           /* behind the end, in the last page */
    SHOW(read_at(shared + 3 * PAGE));       /* behind the last page */
    SHOW(write_at(private + 3 * PAGE));
    SHOW(ftruncate(fd, 3 * PAGE + 1));
    SHOW(write_at(shared + 3 * PAGE));
    SHOW(pread(fd, text, 1, 3 * PAGE));
    SHOW(text[0]);
    SHOW(ftruncate(fd, 100));
    SHOW(read_at(shared + PAGE));
    SHOW(read_at(private + PAGE));
    SHOW(ftruncate(fd, 2 * PAGE));
    SHOW(shared[PAGE - 2] + shared[PAGE] + shared[200]); /* came back as zeroes */
    pid_t pid = fork();
    if (pid == 0) {
        shared[5] = 'S', private[5] = 'Q';
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CHECK(shared[5] == 'S' && private[5] != 'Q');
    SHOW(read(fd, shared + 300, 20)); /* a file read into its own mapping */
    SHOW(write(fd, shared + PAGE, 50));
    close(fd);
    shared[0] = 'k'; /* the mapping outlives the descriptor, and the name */
    SHOW(unlink("f"));
    CHECK(other[0] == 'k');
    SHOW(munmap(shared, 4 * PAGE));
    SHOW(munmap(other, 4 * PAGE));
    SHOW(munmap(private, 4 * PAGE));
}

static void check_offset_maps(void)
{
    int fd = open("g", O_RDWR | O_CREAT, 0644);
    char byte;
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < PAGE; j += 512)
            pwrite(fd, &"01234567"[i], 1, i * PAGE + j);
    ftruncate(fd, 8 * PAGE);
    char *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE);
    CHECK(p[0] == '3' && p[PAGE] == '4');
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100));
    MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, -PAGE));
    SHOW(mprotect(p, PAGE, RW));
    SHOW(write_at(p));
    SHOW(pread(fd, &byte, 1, 3 * PAGE));
    SHOW(byte);
    SHOW(p[PAGE]);
    SHOW(munmap(p, 2 * PAGE));
    close(fd);
    SHOW(unlink("g"));
}

/* depth frames of a page each, written from the top down. */
static int use_stack(long depth)
{
    volatile char frame[PAGE];
    frame[0] = (char)depth;
    return depth > 1 ? use_stack(depth - 1) + frame[0] : frame[0];
}

static void grow_stack(void)
{
    use_stack(1000);
}

static void overflow_stack(void)
{
    use_stack(1000000);
}

static void check_stack(void)
{
    SHOW(status_of(grow_stack));
    SHOW(status_of(overflow_stack) & 0x7f);
}

/* Many small mappings, every other one gone, then all: the space is one again. */
static void check_many(void)
{
    enum { N = 2000 };
    char *base = mmap(NULL, 2 * N * PAGE, PROT_NONE, ANON, -1, 0);
    int bad = 0;
    for (int i = 0; i < N; i++)
        bad += mprotect(base + 2 * i * PAGE, PAGE, i % 2 ? RW : PROT_READ) != 0;
    for (int i = 1; i < N; i += 2)
        bad += write_at(base + 2 * i * PAGE) != 0;
    for (int i = 0; i < N; i++)
        bad += munmap(base + (2 * i + 1) * PAGE, PAGE) != 0;
    SHOW(bad);
    SHOW(munmap(base, 2 * N * PAGE));
    CHECK(mmap(base, 2 * N * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == base);
    SHOW(munmap(base, 2 * N * PAGE));
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    work_in_tmp("memory");
    check_stack();
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    check_map_errors();
    check_protect();
    check_remap();
    check_advice();
    check_brk();
    check_file_truth();
    check_offset_maps();
    check_many();
    return check_result();
}
