/* read and write between a file and memory that is not all there: pages never touched, shared after fork, without
 * rights, of the file itself; what a call that stops half-way leaves behind; and several threads at one file. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define PAGE 4096l
#define BIG (75 * PAGE)

static int new_file(void)
{
    int fd = memfd_create("copy", 0);
    CHECK(fd >= 0);
    return fd;
}

static long size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (long)st.st_size : -1;
}

static long blocks_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (long)st.st_blocks / 8 : -1;
}

static char *memory(long n)
{
    char *p = mmap(NULL, (size_t)n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static char pattern(long i) { return (char)(i * 7 + (i >> 12) * 3 + 1); }

static bool is_pattern(const char *p, long n, long from)
{
    for (long i = 0; i < n; i++)
        if (p[i] != pattern(from + i))
            return false;
    return true;
}

static bool is_all(const char *p, long n, char byte)
{
    for (long i = 0; i < n; i++)
        if (p[i] != byte)
            return false;
    return true;
}

static char *patterned(long n)
{
    char *p = memory(n);
    for (long i = 0; i < n; i++)
        p[i] = pattern(i);
    return p;
}

/* --- memory that nobody touched yet ----------------------------------------------------------------- */

static void untouched(void)
{
    int fd = new_file();
    char *data = patterned(BIG), *fresh = memory(BIG), *zeroes = memory(BIG);
    CHECK(write(fd, data, BIG) == BIG && size_of(fd) == BIG && blocks_of(fd) == 75);
    fresh[5 * PAGE] = fresh[40 * PAGE] = 1;
    CHECK(pread(fd, fresh, BIG, 0) == BIG && is_pattern(fresh, BIG, 0));
    char *other = memory(BIG);
    CHECK(pread(fd, other + 3, BIG - 1000, 997) == BIG - 1000 && is_pattern(other + 3, BIG - 1000, 997));
    CHECK(is_all(other, 3, 0) && is_all(other + BIG - 997, 997, 0));
    CHECK(pwrite(fd, zeroes + 1, 3 * PAGE, 2 * PAGE + 17) == 3 * PAGE && pread(fd, fresh, BIG, 0) == BIG);
    CHECK(is_pattern(fresh, 2 * PAGE + 17, 0) && is_all(fresh + 2 * PAGE + 17, 3 * PAGE, 0));
    CHECK(is_pattern(fresh + 5 * PAGE + 17, BIG - 5 * PAGE - 17, 5 * PAGE + 17));
    munmap(data, BIG), munmap(fresh, BIG), munmap(zeroes, BIG), munmap(other, BIG);
    close(fd);
}

static void bytes_one_by_one(void)
{
    enum { N = 9000 };
    char back[N], *again = memory(N);
    int fd = new_file(), bad = 0;
    for (long i = 0; i < N; i++) {
        char c = pattern(i);
        bad += write(fd, &c, 1) != 1;
    }
    CHECK(bad == 0 && size_of(fd) == N && pread(fd, back, N, 0) == N && is_pattern(back, N, 0));
    lseek(fd, 0, SEEK_SET);
    for (long i = 0; i < N; i++)
        bad += read(fd, again + i, 1) != 1;
    CHECK(bad == 0 && is_pattern(again, N, 0) && read(fd, back, 1) == 0);
    munmap(again, N);
    close(fd);
}

/* Behind the end, over holes, up to the middle of a page. */
static void holes(void)
{
    int fd = new_file();
    char *data = patterned(4 * PAGE), *back = memory(16 * PAGE);
    CHECK(pwrite(fd, data, 100, 5 * PAGE + 50) == 100 && size_of(fd) == 5 * PAGE + 150 && blocks_of(fd) == 1);
    CHECK(pread(fd, back, 16 * PAGE, 0) == 5 * PAGE + 150 && is_all(back, 5 * PAGE + 50, 0) && is_pattern(back + 5 * PAGE + 50, 100, 0));
    CHECK(pwrite(fd, data, PAGE + 10, 2 * PAGE - 5) == PAGE + 10 && blocks_of(fd) == 4 && size_of(fd) == 5 * PAGE + 150);
    CHECK(pwrite(fd, data, 4 * PAGE, 5 * PAGE + 150) == 4 * PAGE && size_of(fd) == 9 * PAGE + 150);
    CHECK(ftruncate(fd, 5 * PAGE + 60) == 0 && ftruncate(fd, 5 * PAGE + 200) == 0);
    CHECK(pread(fd, back, 16 * PAGE, 0) == 5 * PAGE + 200 && is_pattern(back + 5 * PAGE + 50, 10, 0));
    CHECK(is_all(back + 5 * PAGE + 60, 140, 0));
    munmap(data, 4 * PAGE), munmap(back, 16 * PAGE);
    close(fd);
}

/* --- memory without rights ------------------------------------------------------------------------------- */

static void half_way(void)
{
    int fd = new_file();
    char *p = patterned(3 * PAGE), *back = memory(4 * PAGE);
    CHECK(mprotect(p + PAGE, PAGE, PROT_NONE) == 0);
    SHOW(write(fd, p + PAGE, 10));
    SHOW(pwrite(fd, p + PAGE, 10, 10000));
    SHOW(pwrite(fd, p + PAGE, 2 * PAGE, 0));
    CHECK(ftruncate(fd, 0) == 0 && blocks_of(fd) == 0); /* kernels differ in what is left */
    SHOW(write(fd, p, 2 * PAGE));
    SHOW(size_of(fd));
    SHOW(write(fd, p + PAGE - 1, 2));
    SHOW(size_of(fd));
    SHOW(pwrite(fd, p, 3 * PAGE, 2 * PAGE));
    SHOW(size_of(fd));
    CHECK(pread(fd, back, 4 * PAGE, 0) == 3 * PAGE && is_pattern(back, PAGE, 0) && back[PAGE] == pattern(PAGE - 1));
    CHECK(is_all(back + PAGE + 1, PAGE - 1, 0) && is_pattern(back + 2 * PAGE, PAGE, 0));
    SHOW(pread(fd, p + PAGE, 10, 0));
    SHOW(pread(fd, p, 3 * PAGE, 0));
    CHECK(mprotect(p + PAGE, PAGE, PROT_READ) == 0 && is_pattern(p + PAGE, 2 * PAGE, PAGE));
    SHOW(pread(fd, p + PAGE, 1, 0));
    CHECK(munmap(p + PAGE, PAGE) == 0);
    struct iovec v[3] = { { p, 10 }, { p + PAGE, 10 }, { p + 2 * PAGE, 10 } };
    SHOW(pwritev(fd, v, 3, 3 * PAGE));
    SHOW(size_of(fd));
    SHOW(preadv(fd, v, 3, 0));
    munmap(p, PAGE), munmap(p + 2 * PAGE, PAGE), munmap(back, 4 * PAGE);
    close(fd);
}

/* --- memory that others have, too -------------------------------------------------------------------------- */

static char *shared_data;
static int shared_fd;

static void child_reads(void)
{
    if (pread(shared_fd, shared_data + 10, 5 * PAGE, 0) != 5 * PAGE || !is_all(shared_data + 10, 5 * PAGE, 0))
        _exit(1);
    _exit(!is_pattern(shared_data, 10, 0) || !is_pattern(shared_data + 5 * PAGE + 10, 3 * PAGE - 10, 5 * PAGE + 10));
}

static void after_fork(void)
{
    shared_fd = new_file();
    shared_data = patterned(8 * PAGE);
    CHECK(ftruncate(shared_fd, 8 * PAGE) == 0 && status_of(child_reads) == 0 && is_pattern(shared_data, 8 * PAGE, 0));
    munmap(shared_data, 8 * PAGE);
    close(shared_fd);
}

static void own_mapping(void)
{
    int fd = new_file();
    char *data = patterned(4 * PAGE);
    CHECK(pwrite(fd, data, 4 * PAGE, 0) == 4 * PAGE && ftruncate(fd, 12 * PAGE) == 0);
    char *map = mmap(NULL, 12 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, 12 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED && private != MAP_FAILED);
    private[PAGE] = 99;
    CHECK(pwrite(fd, map + PAGE, 2 * PAGE, 8 * PAGE) == 2 * PAGE && is_pattern(map + 8 * PAGE, 2 * PAGE, PAGE));
    CHECK(pread(fd, map + 5 * PAGE + 1, PAGE, 0) == PAGE && is_pattern(map + 5 * PAGE + 1, PAGE, 0));
    CHECK(pwrite(fd, map + 11 * PAGE, 10, 11 * PAGE) == 10 && map[11 * PAGE] == 0);
    CHECK(pwrite(fd, private, 2 * PAGE, 10 * PAGE) == 2 * PAGE && map[11 * PAGE] == 99);
    CHECK(pwrite(fd, data + PAGE, PAGE, 0) == PAGE && is_pattern(map, PAGE, PAGE) && private[PAGE] == 99);
    CHECK(is_pattern(private + PAGE + 1, PAGE - 1, PAGE + 1));
    munmap(map, 12 * PAGE), munmap(private, 12 * PAGE), munmap(data, 4 * PAGE);
    close(fd);
}

/* --- from file to file ------------------------------------------------------------------------------------- */

static bool file_is(int fd, long at, const char *want, long n)
{
    static char buf[BIG];
    return pread(fd, buf, (size_t)n, at) == n && memcmp(buf, want, (size_t)n) == 0;
}

static void between(void)
{
    int in = new_file(), out = new_file();
    char *data = patterned(BIG), *zeroes = memory(BIG);
    CHECK(pwrite(in, data, BIG, 0) == BIG);
    off_t from = 777, to = 0;
    CHECK(sendfile(out, in, &from, 50 * PAGE + 5) == 50 * PAGE + 5 && from == 777 + 50 * PAGE + 5);
    CHECK(size_of(out) == 50 * PAGE + 5 && file_is(out, 0, data + 777, 50 * PAGE + 5));
    SHOW(lseek(out, 0, SEEK_CUR));
    SHOW(sendfile(out, in, NULL, 10 * BIG));
    CHECK(size_of(out) == 50 * PAGE + 5 + BIG && file_is(out, 50 * PAGE + 5, data, BIG));
    SHOW(sendfile(out, in, NULL, 1));
    from = 100, to = 3 * PAGE + 1;
    CHECK(copy_file_range(in, &from, out, &to, 2 * PAGE, 0) == 2 * PAGE && file_is(out, 3 * PAGE + 1, data + 100, 2 * PAGE));
    CHECK(file_is(out, 0, data + 777, 3 * PAGE + 1) && file_is(out, 5 * PAGE + 1, data + 777 + 5 * PAGE + 1, 40 * PAGE));
    CHECK(ftruncate(out, 0) == 0 && lseek(out, 5 * PAGE + 9, SEEK_SET) > 0 && lseek(in, BIG - 20, SEEK_SET) > 0);
    SHOW(sendfile(out, in, NULL, 100));
    CHECK(size_of(out) == 5 * PAGE + 29 && file_is(out, 0, zeroes, 5 * PAGE + 9) && file_is(out, 5 * PAGE + 9, data + BIG - 20, 20));
    CHECK(ftruncate(in, 2 * PAGE) == 0 && ftruncate(in, 40 * PAGE) == 0 && ftruncate(out, 0) == 0);
    from = to = 0;
    CHECK(copy_file_range(in, &from, out, &to, 40 * PAGE, 0) == 40 * PAGE && file_is(out, 0, data, 2 * PAGE));
    CHECK(file_is(out, 2 * PAGE, zeroes, 38 * PAGE));
    from = PAGE + 3, to = 20 * PAGE;
    CHECK(copy_file_range(out, &from, out, &to, 3000, 0) == 3000 && file_is(out, 20 * PAGE, data + PAGE + 3, 3000));
    munmap(data, BIG), munmap(zeroes, BIG);
    close(in), close(out);
}

/* --- several threads ----------------------------------------------------------------------------------------- */

enum { ROUNDS = 300, PIECE = 3000 };
static int racing_fd;
static long wrong;

static void *appender(void *which)
{
    char piece[PIECE];
    memset(piece, *(char *)which, PIECE);
    for (int i = 0; i < ROUNDS; i++)
        if (write(racing_fd, piece, PIECE) != PIECE)
            __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void *truncater(void *unused)
{
    for (int i = 0; i < ROUNDS; i++)
        if (ftruncate(racing_fd, i % 3 * PAGE + i) != 0)
            __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
    return unused;
}

static void *reader(void *unused)
{
    char *to = mmap(NULL, 20 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; to != MAP_FAILED && i < ROUNDS; i++) {
        long n = pread(racing_fd, to, 20 * PAGE, i % 5000);
        for (long at = 0; at < n; at++)
            if (to[at] != 0 && to[at] != 'a' && to[at] != 'b') {
                __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
                break;
            }
        if (i % 10 == 0)
            madvise(to, 20 * PAGE, MADV_DONTNEED);
    }
    munmap(to, 20 * PAGE);
    return unused;
}

static void racers(bool with_truncater)
{
    pthread_t t[4];
    racing_fd = new_file();
    CHECK(fcntl(racing_fd, F_SETFL, O_APPEND) == 0);
    CHECK(pthread_create(&t[0], NULL, appender, "a") == 0 && pthread_create(&t[1], NULL, appender, "b") == 0);
    CHECK(pthread_create(&t[2], NULL, reader, NULL) == 0);
    CHECK(!with_truncater || pthread_create(&t[3], NULL, truncater, NULL) == 0);
    for (int i = 0; i < (with_truncater ? 4 : 3); i++)
        pthread_join(t[i], NULL);
    CHECK(wrong == 0);
}

static void appends(void)
{
    char piece[PIECE];
    racers(false);
    long n[2] = { 0, 0 };
    CHECK(size_of(racing_fd) == 2l * ROUNDS * PIECE);
    for (long at = 0; pread(racing_fd, piece, PIECE, at) == PIECE; at += PIECE)
        n[piece[0] == 'b'] += is_all(piece, PIECE, piece[0]);
    CHECK(n[0] == ROUNDS && n[1] == ROUNDS);
    close(racing_fd);
    racers(true);
    close(racing_fd);
}

int main(void)
{
    untouched();
    bytes_one_by_one();
    holes();
    half_way();
    after_fork();
    own_mapping();
    between();
    appends();
    return check_result();
}
