/* Sparse files: holes and data, fallocate, punching, through read and through mappings; odd arguments. */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KIB 1024l

static long blocks(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (long)st.st_blocks / 8 : -1;
}

static bool is_all(int fd, long from, long n, char byte)
{
    static char buf[1 << 16];
    if (pread(fd, buf, (size_t)n, from) != n)
        return false;
    for (long i = 0; i < n; i++)
        if (buf[i] != byte)
            return false;
    return true;
}

static void check_seek(int fd)
{
    static char ones[8192];
    memset(ones, 1, sizeof ones);
    CHECK(ftruncate(fd, 1024 * KIB) == 0 && blocks(fd) == 0);
    SHOW(lseek(fd, 0, SEEK_DATA));
    SHOW(lseek(fd, 5, SEEK_HOLE));
    CHECK(pwrite(fd, ones, 8192, 64 * KIB) == 8192 && pwrite(fd, ones, 1, 512 * KIB) == 1 && blocks(fd) == 3);
    SHOW(lseek(fd, 0, SEEK_DATA));
    SHOW(lseek(fd, 64 * KIB + 5, SEEK_DATA));
    SHOW(lseek(fd, 64 * KIB + 5, SEEK_HOLE));
    SHOW(lseek(fd, 72 * KIB, SEEK_HOLE));
    SHOW(lseek(fd, 72 * KIB, SEEK_DATA));
    SHOW(lseek(fd, 516 * KIB, SEEK_DATA));
    SHOW(lseek(fd, 516 * KIB, SEEK_HOLE));
    SHOW(lseek(fd, 1024 * KIB, SEEK_HOLE));
    SHOW(lseek(fd, 2048 * KIB, SEEK_DATA));
    SHOW(lseek(fd, -1, SEEK_DATA));
    SHOW(lseek(fd, 0, 5));
    CHECK(is_all(fd, 0, 64 * KIB, 0) && is_all(fd, 64 * KIB, 8192, 1) && is_all(fd, 72 * KIB, 4096, 0));
}

static void check_fallocate(int fd)
{
    struct stat st;
    CHECK(ftruncate(fd, 0) == 0);
    SHOW(fallocate(fd, 0, 10, 100 * KIB));
    CHECK(fstat(fd, &st) == 0 && st.st_size == 100 * KIB + 10 && blocks(fd) >= 25 && is_all(fd, 0, 50000, 0));
    SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 200 * KIB));
    CHECK(fstat(fd, &st) == 0 && st.st_size == 100 * KIB + 10);
    char *p = malloc(64 * KIB);
    memset(p, 7, 64 * KIB);
    CHECK(pwrite(fd, p, 64 * KIB, 0) == 64 * KIB);
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5000, 20000));
    CHECK(is_all(fd, 0, 5000, 7) && is_all(fd, 5000, 20000, 0) && is_all(fd, 25000, 30000, 7));
    SHOW(lseek(fd, 0, SEEK_HOLE));
    SHOW(lseek(fd, 9000, SEEK_DATA));
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 90 * KIB, 1 << 30));
    CHECK(fstat(fd, &st) == 0 && st.st_size == 100 * KIB + 10);
    char *m = mmap(NULL, 64 * KIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(m[0] == 7 && m[40000] == 7 && m[8192] == 0);
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 64 * KIB));
    CHECK(m[0] == 0 && m[40000] == 0);
    m[40000] = 3;
    CHECK(is_all(fd, 40000, 1, 3) && is_all(fd, 40001, 100, 0));
    munmap(m, 64 * KIB);
    char *priv = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    priv[0] = 9;
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
    CHECK(priv[0] == 9);
    munmap(priv, 4096);
    free(p);
}

/* A page that was a hole and is written as a whole, from memory that ends in the middle, is not there, or is the hole itself. */
static void check_whole_pages(int fd)
{
    CHECK(ftruncate(fd, 0) == 0 && ftruncate(fd, 64 * KIB) == 0);
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 5, 4096);
    CHECK(mprotect(p + 4096, 4096, PROT_NONE) == 0);
    SHOW(pwrite(fd, p + 4096 - 100, 4096, 8192));
    CHECK(is_all(fd, 8192, 100, 5) && is_all(fd, 8292, 4096, 0));
    SHOW(pwrite(fd, p + 4096, 4096, 16384));
    CHECK(is_all(fd, 16384, 4096, 0));
    SHOW(pwrite(fd, p, 8192, 64 * KIB - 4096));
    CHECK(is_all(fd, 64 * KIB - 4096, 4096, 5) && lseek(fd, 0, SEEK_END) == 64 * KIB);
    char *m = mmap(NULL, 64 * KIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    SHOW(pwrite(fd, m + 32 * KIB, 4096, 32 * KIB));
    m[32 * KIB] = 6;
    CHECK(is_all(fd, 32 * KIB, 1, 6) && is_all(fd, 32 * KIB + 1, 4095, 0));
    munmap(m, 64 * KIB), munmap(p, 8192);
}

enum { RACED_BYTES = 64 * 1024, RACED_ROUNDS = 300 };

static void look_and_exit(const volatile char *m)
{
    bool odd = false;
    for (long i = 0; i < RACED_ROUNDS * 4; i++)
        for (long at = i * 37 % 4096; at < RACED_BYTES; at += 4096) {
            char c = m[at];
            odd |= c != 0 && c != 'w';
        }
    _exit(odd);
}

static void take_and_exit(int fd)
{
    for (long i = 0; i < RACED_ROUNDS; i++)
        (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, i * 4096 % RACED_BYTES, RACED_BYTES / 2);
    _exit(0);
}

/* Whole pages are written while one process touches them through a mapping and another takes them away: who looks
 * sees what was written or zeroes, and nothing that somebody else had in that memory. */
static void check_whole_pages_raced(void)
{
    static char all[RACED_BYTES];
    int fd = memfd_create("raced", 0), status = -1;
    bool whole = true;
    memset(all, 'w', sizeof all);
    CHECK(fd >= 0 && ftruncate(fd, RACED_BYTES) == 0);
    void *m = mmap(NULL, RACED_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    pid_t looker = fork();
    if (looker == 0)
        look_and_exit(m);
    pid_t taker = fork();
    if (taker == 0)
        take_and_exit(fd);
    for (long i = 0; i < RACED_ROUNDS; i++)
        whole &= pwrite(fd, all, RACED_BYTES, 0) == RACED_BYTES;
    CHECK(whole);
    CHECK(waitpid(taker, &status, 0) == taker && status == 0);
    CHECK(waitpid(looker, &status, 0) == looker && status == 0);
    CHECK(pwrite(fd, all, RACED_BYTES, 0) == RACED_BYTES && is_all(fd, 0, RACED_BYTES, 'w'));
    munmap(m, RACED_BYTES), close(fd);
}

static void check_arguments(int fd)
{
    int rd = open("f", O_RDONLY), fds[2];
    CHECK(pipe(fds) == 0);
    SHOW(fallocate(fd, 0, 0, 0));
    SHOW(fallocate(fd, 0, -1, 1));
    SHOW(fallocate(fd, 0, 0, -1));
    SHOW(fallocate(fd, 0, 0x7ffffffffffffff0, 0x100));
    SHOW(fallocate(rd, 0, 0, 1));
    SHOW(fallocate(-1, 0, 0, 1));
    SHOW(fallocate(fds[1], 0, 0, 1));
    SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1));
    SHOW(fallocate(fd, 0x1000, 0, 1));
    close(rd), close(fds[0]), close(fds[1]);
}

int main(void)
{
    char dir[64];
    snprintf(dir, sizeof dir, "/tmp/vfs_sparse.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    check_seek(fd);
    check_fallocate(fd);
    check_whole_pages(fd);
    check_whole_pages_raced();
    check_arguments(fd);
    close(fd), unlink("f");
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
