/* /proc/PID/mem, smaps, smaps_rollup and io: another process's memory as a file, and what of it is whose. */
#include "check.h"
#include "text.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* --- mem ------------------------------------------------------------------------------------------- */

static char word[8] = "before";
static const char fixed[8] = "as made";

static long at(const volatile void *p) { return (long)(unsigned long)p; }

static void own_memory(void)
{
    char got[16] = "";
    int fd = open("/proc/self/mem", O_RDWR);
    CHECK(fd >= 0);
    CHECK(pread(fd, got, 8, at(word)) == 8 && strcmp(got, "before") == 0);
    CHECK(pwrite(fd, "after!", 7, at(word)) == 7 && strcmp(word, "after!") == 0);
    CHECK(pwrite(fd, "changed", 8, at(fixed)) == 8); /* though it is read-only */
    CHECK(pread(fd, got, 8, at(fixed)) == 8 && strcmp(got, "changed") == 0);
    SHOW(pread(fd, got, 4, 16));
    SHOW(pwrite(fd, got, 4, 16));
    SHOW(pread(fd, (void *)8, 4, at(word)));
    SHOW(pwrite(fd, (void *)8, 4, at(word)));
    SHOW(pread(fd, got, 0, 16));
    CHECK(lseek(fd, at(word), SEEK_SET) == at(word) && read(fd, got, 3) == 3 && lseek(fd, 0, SEEK_CUR) == at(word) + 3);
    close(fd);
}

/* What cannot be read ends a transfer, and nothing is behind the last page. */
static void edges(void)
{
    char *p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), got[16384];
    int fd = open("/proc/self/mem", O_RDWR);
    memset(p, 'x', 3 * 4096);
    munmap(p + 8192, 4096);
    SHOW(pread(fd, got, sizeof got, at(p)));
    SHOW(pread(fd, got, 100, at(p) + 8192 - 10));
    SHOW(pwrite(fd, got, 100, at(p) + 8192 - 10));
    mprotect(p, 4096, PROT_NONE);
    SHOW(pread(fd, got, 10, at(p)));
    CHECK(got[0] == 'x');
    close(fd);
    munmap(p, 8192);
}

static void others_memory(void)
{
    char path[64], got[8] = "";
    int down[2], up[2];
    volatile char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(pipe(down) == 0 && pipe(up) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        strcpy(word, "child");
        if (write(up[1], "r", 1) != 1 || read(down[0], got, 1) != 1)
            _exit(1);
        strcpy((char *)shared, word);
        if (write(up[1], "r", 1) != 1 || read(down[0], got, 1) != 1)
            _exit(2);
        execl("/proc/self/exe", "abi_procmem", "wait", (char *)NULL);
        _exit(3);
    }
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int fd = open(path, O_RDWR), raw;
    CHECK(read(up[0], got, 1) == 1 && pread(fd, got, 6, at(word)) == 6 && strcmp(got, "child") == 0);
    CHECK(pwrite(fd, "parent", 7, at(word)) == 7 && write(down[1], "g", 1) == 1 && read(up[0], got, 1) == 1);
    CHECK(strcmp((const char *)shared, "parent") == 0 && strcmp(word, "parent") != 0);
    dup2(down[0], 40), dup2(up[1], 41);
    CHECK(write(down[1], "g", 1) == 1);
    SHOW(waitpid(pid, &raw, 0) == pid ? raw : -1);
    SHOW(pread(fd, got, 6, at(word))); /* it is no more */
    SHOW(pwrite(fd, got, 6, at(word)));
    close(fd), close(down[0]), close(down[1]), close(up[0]), close(up[1]), close(40), close(41);
}

/* As a user one may look into one's own processes, but not into the superuser's. */
static void as_somebody(void)
{
    SHOW(setgid(1234) || setuid(1234));
    SHOW(open("/proc/1/mem", O_RDONLY));
    SHOW(open("/proc/1/smaps", O_RDONLY) == -1 ? -1 : (int)read(open("/proc/1/smaps", O_RDONLY), text, 10));
}

/* --- smaps ----------------------------------------------------------------------------------------- */

/* In KiB, of the mapping that begins at p (NULL: of the rollup, or another file). */
static long field(const char *path, const void *p, const char *name)
{
    char begin[32] = "";
    const char *from = text_of(path);
    if (p)
        snprintf(begin, sizeof begin, "%lx-", (unsigned long)p);
    from = strstr(from, begin);
    from = from ? strstr(from, name) : NULL;
    return from ? strtol(from + strlen(name), NULL, 10) : -1;
}
#define OF(p, name) field("/proc/self/smaps", p, name)

/* Between pages that nobody may touch, so that no neighbour becomes one with it. */
static char *alone(size_t size, int flags)
{
    char *p = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mmap(p + 4096, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* From the last page to the first: a kernel may fill pages ahead of who writes upwards. */
static void touch(volatile char *p, int n, char value)
{
    while (n-- > 0)
        p[n * 4096] = value;
}

static void private_pages(void)
{
    char *p = alone(64 << 10, MAP_PRIVATE);
    SHOW(OF(p, "\nSize:")), SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nKernelPageSize:"));
    touch(p, 3, 1);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nPrivate_Dirty:"));
    SHOW(OF(p, "\nAnonymous:")), SHOW(OF(p, "\nShared_Dirty:")), SHOW(OF(p, "\nShared_Clean:"));
    SHOW(OF(p, "\nPrivate_Clean:")), SHOW(OF(p, "\nSwap:")), SHOW(OF(p, "\nLocked:"));
    CHECK(mlock(p, 64 << 10) == 0);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nLocked:"));
    munlock(p, 64 << 10);
    munmap(p, 64 << 10);
}

/* After fork each page is half of each, until one writes. */
static void halves(void)
{
    char *p = alone(64 << 10, MAP_PRIVATE), byte;
    int down[2];
    memset(p, 1, 64 << 10);
    CHECK(pipe(down) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(read(down[0], &byte, 1) == 1 ? 0 : 1);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nShared_Dirty:")), SHOW(OF(p, "\nPrivate_Dirty:"));
    touch(p, 4, 2);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nShared_Dirty:")), SHOW(OF(p, "\nPrivate_Dirty:"));
    CHECK(write(down[1], "g", 1) == 1 && waitpid(pid, NULL, 0) == pid);
    SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nPrivate_Dirty:"));
    close(down[0]), close(down[1]);
    munmap(p, 64 << 10);
}

static void shared_pages(void)
{
    char *p = alone(32 << 10, MAP_SHARED), byte;
    int down[2], up[2];
    memset(p, 1, 16 << 10);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nPrivate_Dirty:")), SHOW(OF(p, "\nAnonymous:"));
    CHECK(pipe(down) == 0 && pipe(up) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        volatile char sum = p[0] + p[4096] + p[8192] + p[12288];
        (void)sum;
        _exit(write(up[1], "r", 1) == 1 && read(down[0], &byte, 1) == 1 ? 0 : 1);
    }
    CHECK(read(up[0], &byte, 1) == 1);
    SHOW(OF(p, "\nRss:")), SHOW(OF(p, "\nPss:")), SHOW(OF(p, "\nShared_Dirty:")), SHOW(OF(p, "\nPrivate_Dirty:"));
    CHECK(write(down[1], "g", 1) == 1 && waitpid(pid, NULL, 0) == pid);
    close(down[0]), close(down[1]), close(up[0]), close(up[1]);
    munmap(p, 32 << 10);
}

static void flags_are_named(void)
{
    char *p = alone(8192, MAP_PRIVATE), *end;
    const char *line = strstr(text_of("/proc/self/smaps"), "VmFlags:");
    CHECK(line != NULL);
    char begin[32];
    snprintf(begin, sizeof begin, "%lx-", (unsigned long)p);
    line = strstr(text, begin);
    line = line ? strstr(line, "VmFlags:") : NULL;
    CHECK(line && (end = strchr(line, '\n')) && end - line < 100 && strstr(line, " rd wr mr mw me ") != NULL);
    munmap(p, 8192);
}

static void the_sum(void)
{
    long rss = field("/proc/self/smaps_rollup", NULL, "\nRss:"), pss = field("/proc/self/smaps_rollup", NULL, "\nPss:");
    long sum = 0;
    CHECK(strstr(text_of("/proc/self/smaps_rollup"), "[rollup]\n") != NULL);
    for (const char *line = text_of("/proc/self/smaps"); (line = strstr(line, "\nRss:")); line++)
        sum += strtol(line + 5, NULL, 10);
    CHECK(rss > 0 && pss > 0 && pss <= rss && labs(sum - rss) <= 64);
}

/* --- advice ---------------------------------------------------------------------------------------- */

static long advise(int fd, void *vec, unsigned long n, int advice, unsigned flags)
{
    return syscall(440, fd, vec, n, advice, flags);
}

enum { WILLNEED = 3, DONTFORK = 10, COLD = 20, PAGEOUT = 21 };

/* A container may forbid the call; what it answers is then taken as right. */
static void advised(void)
{
    char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec whole = { p, 8 * 4096 }, two[2] = { { p, 4096 }, { p + 4 * 4096, 4096 } }, odd = { p + 1, 4096 };
    struct iovec partly[2] = { { p, 4096 }, { p + 2 * 4096, 4096 } }, kernel = { (void *)-4096l, 4096 };
    int up[2];
    char byte;
    CHECK(pipe(up) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        munmap(p + 2 * 4096, 4096);
        for (ssize_t told = write(up[1], "r", 1); told == 1;)
            pause();
    }
    int fd = (int)syscall(434, pid, 0), other = open("/", O_RDONLY);
    bool forbidden = advise(fd, two, 0, WILLNEED, 0) != 0;
    CHECK(read(up[0], &byte, 1) == 1);
#define MAY(condition) CHECK(forbidden || (condition))
    MAY(advise(fd, &two, 2, WILLNEED, 0) == 8192);
    MAY(advise(fd, &two, 2, COLD, 0) == 8192);
    MAY(advise(fd, &two, 2, DONTFORK, 0) == -1 && errno == EINVAL);
    MAY(advise(fd, &two, 2, 999, 0) == -1 && errno == EINVAL);
    MAY(advise(fd, &two, 2, WILLNEED, 1) == -1 && errno == EINVAL);
    MAY(advise(fd, &odd, 1, WILLNEED, 0) == -1 && errno == EINVAL);
    MAY(advise(fd, &kernel, 1, WILLNEED, 0) == -1 && errno == EFAULT);
    MAY(advise(fd, (void *)8, 1, WILLNEED, 0) == -1 && errno == EFAULT);
    MAY(advise(fd, &two, 2000, WILLNEED, 0) == -1 && errno == EINVAL);
    MAY(advise(999, &two, 2, WILLNEED, 0) == -1 && errno == EBADF);
    MAY(advise(other, &two, 2, WILLNEED, 0) == -1 && errno == EBADF);
    MAY(advise(fd, &whole, 1, COLD, 0) == -1 && errno == ENOMEM); /* with a hole */
    MAY(advise(fd, &partly, 2, COLD, 0) == 4096);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, NULL, 0) == pid);
    MAY(advise(fd, &two, 2, WILLNEED, 0) == -1 && errno == ESRCH);
    close(fd), close(other), close(up[0]), close(up[1]);
    munmap(p, 8 * 4096);
}

/* --- io -------------------------------------------------------------------------------------------- */

static long io(const char *name) { return field("/proc/self/io", NULL, name); }

static void counted(void)
{
    char buf[1000] = "";
    int fds[2];
    CHECK(pipe(fds) == 0);
    long written = io("wchar: "), calls = io("syscw: ");
    CHECK(write(fds[1], buf, 1000) == 1000);
    SHOW(io("wchar: ") - written), SHOW(io("syscw: ") - calls);
    long length = (long)strlen(text_of("/proc/self/io"));
    CHECK(length > 60);
    long before = io("rchar: "), reads = io("syscr: ");
    CHECK(read(fds[0], buf, sizeof buf) == 1000);
    long after = io("rchar: "), reads_after = io("syscr: ");
    CHECK(after - before >= 1000 + length && after - before < 1000 + 4 * length);
    SHOW(reads_after - reads); /* the pipe, and /proc/self/io until its end, twice */
    CHECK(io("read_bytes: ") >= 0 && io("write_bytes: ") >= 0 && io("cancelled_write_bytes: ") >= 0);
    close(fds[0]), close(fds[1]);
}

int main(int argc, char **argv)
{
    if (argc > 1) /* the new program of others_memory's child */
        return argv[1][0] == 'w' ? 0 : 1;
    own_memory();
    edges();
    others_memory();
    private_pages();
    halves();
    shared_pages();
    flags_are_named();
    the_sum();
    advised();
    counted();
    if (getuid() == 0)
        SHOW(status_of(as_somebody));
    return check_result();
}
