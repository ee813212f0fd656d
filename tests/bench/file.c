/* Files on a tmpfs, and a directory of ten thousand names. */
#include "bench.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { CREATES = 2000, FILE_KIB = 4096, ENTRIES = 10000, LOOKUPS = 5000, MAPPED_PAGES = 1024, SINGLE_BYTES = 8192 };
#define FILE_PATH "/tmp/bench/data"
#define DIR_PATH "/tmp/bench/dir10k"

static char *block(size_t size)
{
    char *p = map_private(size);
    for (size_t i = 0; i < size; i++)
        p[i] = (char)(i * 7 + (i >> 12));
    return p;
}

static void create_unlink(void)
{
    long bad = 0;
    measure_begin();
    ROUNDS(i, CREATES) {
        long fd = sys3(SYS_open, (long)"/tmp/bench/new", O_RDWR | O_CREAT | O_EXCL, 0644);
        bad |= fd < 0;
        bad |= sys3(SYS_close, fd, 0, 0);
        bad |= sys3(SYS_unlink, (long)"/tmp/bench/new", 0, 0);
    }
    measure_end(CREATES, CREATES);
    CHECK(bad == 0 && access("/tmp/bench/new", F_OK) < 0);
}

static void write_whole(int fd, const char *data, long size)
{
    for (long done = 0; done < FILE_KIB * 1024l; done += size)
        CHECK(sys3(SYS_write, fd, (long)data, size) == size);
}

static int new_file(void)
{
    int fd = open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0);
    return fd;
}

static void tmpfs_write(long size)
{
    struct stat st;
    char *data = block((size_t)size), end[2] = { 0 };
    int fd = new_file();
    measure_begin();
    write_whole(fd, data, size);
    measure_end(0, FILE_KIB);
    CHECK(fstat(fd, &st) == 0 && st.st_size == FILE_KIB * 1024l);
    CHECK(pread(fd, end, 2, FILE_KIB * 1024l - 2) == 2 && memcmp(end, data + size - 2, 2) == 0);
    CHECK(ftruncate(fd, 0) == 0);
}

static void tmpfs_read(long size)
{
    char *data = block((size_t)size), *back = block((size_t)size);
    int fd = new_file();
    long bad = 0;
    write_whole(fd, data, size);
    memset(back, 0, (size_t)size);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    measure_begin();
    for (long done = 0; done < FILE_KIB * 1024l; done += size)
        bad |= sys3(SYS_read, fd, (long)back, size) ^ size;
    measure_end(0, FILE_KIB);
    CHECK(bad == 0 && memcmp(data, back, (size_t)size) == 0);
    CHECK(read(fd, back, 1) == 0 && ftruncate(fd, 0) == 0);
}

static void tmpfs_write_4k(void)
{
    tmpfs_write(4096);
}

static void tmpfs_write_1m(void)
{
    tmpfs_write(1 << 20);
}

static void tmpfs_read_4k(void)
{
    tmpfs_read(4096);
}

static void tmpfs_read_1m(void)
{
    tmpfs_read(1 << 20);
}

/* --- one byte at a time ------------------------------------------------------------------------ */

static void tmpfs_write_1b(void)
{
    struct stat st;
    char end = 0;
    int fd = new_file();
    long bad = 0;
    measure_begin();
    ROUNDS(i, SINGLE_BYTES)
        bad |= sys3(SYS_write, fd, (long)"x", 1) ^ 1;
    measure_end(SINGLE_BYTES, SINGLE_BYTES);
    CHECK(bad == 0 && fstat(fd, &st) == 0 && st.st_size == SINGLE_BYTES);
    CHECK(pread(fd, &end, 1, SINGLE_BYTES - 1) == 1 && end == 'x' && ftruncate(fd, 0) == 0);
}

static void tmpfs_read_1b(void)
{
    char *data = block(SINGLE_BYTES), *back = map_private(SINGLE_BYTES);
    int fd = new_file();
    long bad = 0;
    CHECK(write(fd, data, SINGLE_BYTES) == SINGLE_BYTES && lseek(fd, 0, SEEK_SET) == 0);
    memset(back, 0, SINGLE_BYTES);
    measure_begin();
    ROUNDS(i, SINGLE_BYTES)
        bad |= sys3(SYS_read, fd, (long)(back + i), 1) ^ 1;
    measure_end(SINGLE_BYTES, SINGLE_BYTES);
    CHECK(bad == 0 && memcmp(data, back, SINGLE_BYTES) == 0 && ftruncate(fd, 0) == 0);
}

/* --- mapped files ------------------------------------------------------------------------------- */

/* A file read through a mapping, one word of each cache line, from mmap to munmap. */
static void mmap_read(void)
{
    enum { STEP = 64 / sizeof(u64) };
    char *data = block(1 << 20);
    size_t size = FILE_KIB * 1024;
    u64 sum = 0, expected = 0;
    int fd = new_file();
    write_whole(fd, data, 1 << 20);
    for (size_t i = 0; i < (1 << 20) / sizeof(u64); i += STEP)
        expected += ((u64 *)data)[i] * (FILE_KIB / 1024);
    measure_begin();
    const u64 *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    for (size_t i = 0; i < size / sizeof(u64); i += STEP)
        sum += p[i];
    CHECK(munmap((void *)p, size) == 0);
    measure_end(0, FILE_KIB);
    CHECK(sum == expected && ftruncate(fd, 0) == 0);
}

/* First touch of a file's pages that are in memory. */
static void pf_file(void)
{
    char *data = block(1 << 20);
    int fd = new_file();
    long bad = 0;
    write_whole(fd, data, 1 << 20);
    char *p = mmap(NULL, MAPPED_PAGES * (size_t)PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    measure_begin();
    ROUNDS(i, MAPPED_PAGES)
        bad |= *(volatile char *)(p + i * PAGE) ^ data[i % 256 * PAGE];
    measure_end(MAPPED_PAGES, MAPPED_PAGES);
    CHECK(bad == 0);
    CHECK(munmap(p, MAPPED_PAGES * (size_t)PAGE) == 0 && ftruncate(fd, 0) == 0);
}

/* --- ten thousand names ------------------------------------------------------------------------ */

static void name_of(char *out, const char *prefix, long i)
{
    char *p = stpcpy(out, prefix) + 5;
    *p = 0;
    while (p > out + strlen(prefix)) {
        *--p = (char)('0' + i % 10);
        i /= 10;
    }
}

/* Made by the first of the three tests that comes by. */
static void make_directory(void)
{
    char name[64];
    if (mkdir(DIR_PATH, 0755) < 0)
        return;
    for (long i = 0; i < ENTRIES; i++) {
        name_of(name, DIR_PATH "/f", i);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        CHECK(fd >= 0 && close(fd) == 0);
    }
}

static void look_up(const char *prefix, long expected)
{
    static char names[LOOKUPS][32];
    struct stat st;
    long bad = 0;
    errno = 0;
    make_directory();
    for (long i = 0; i < LOOKUPS; i++)
        name_of(names[i], prefix, i * 7919 % ENTRIES);
    measure_begin();
    ROUNDS(i, LOOKUPS)
        bad |= sys3(SYS_stat, (long)names[i], (long)&st, 0) ^ expected;
    measure_end(LOOKUPS, LOOKUPS);
    CHECK(bad == 0);
}

static void dir10k_lookup(void)
{
    look_up(DIR_PATH "/f", 0);
}

static void dir10k_miss(void)
{
    look_up(DIR_PATH "/g", -ENOENT);
}

static void dir10k_readdir(void)
{
    static char buffer[32768];
    long entries = 0, bytes, sum = 0;
    make_directory();
    int fd = open(DIR_PATH, O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0);
    measure_begin();
    while ((bytes = sys3(SYS_getdents64, fd, (long)buffer, sizeof buffer)) > 0)
        for (long at = 0; at < bytes; entries++) {
            struct dirent *d = (struct dirent *)(buffer + at);
            sum += d->d_name[5] - '0';
            at += d->d_reclen;
        }
    measure_end(0, ENTRIES);
    CHECK(bytes == 0 && entries == ENTRIES + 2);
    CHECK(sum > 0 && close(fd) == 0);
}

const struct test file_tests[] = {
    { "pf_file", pf_file }, { "mmap_read", mmap_read }, { "tmpfs_write_1b", tmpfs_write_1b }, { "tmpfs_read_1b", tmpfs_read_1b }, { "create_unlink", create_unlink }, { "tmpfs_write_4k", tmpfs_write_4k },
    { "tmpfs_write_1m", tmpfs_write_1m }, { "tmpfs_read_4k", tmpfs_read_4k }, { "tmpfs_read_1m", tmpfs_read_1m },
    { "dir10k_lookup", dir10k_lookup }, { "dir10k_miss", dir10k_miss }, { "dir10k_readdir", dir10k_readdir },
    { NULL, NULL },
};
