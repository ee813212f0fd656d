/* Offsets and sizes at the edges of what can be passed: near 2^63, negative, and such that their sum with a position, an
 * address or a header wraps. What is refused has changed nothing. */
#include "grid.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE 4096

static char room[2 * PAGE];

static const struct { const char *name; int64_t at; } offsets[] = {
    { "min", INT64_MIN }, { "-2^62", -(1LL << 62) }, { "-4096", -4096 }, { "-1", -1 }, { "2^62", 1LL << 62 }, { "max-8191", INT64_MAX - 8191 },
    { "max-4096", INT64_MAX - 4096 }, { "max-4095", INT64_MAX - 4095 }, { "max-1", INT64_MAX - 1 }, { "max", INT64_MAX },
};
enum { OFFSETS = sizeof offsets / sizeof *offsets };

#define TRY_OFFSET(what, tried)                              \
    do {                                                     \
        struct grid_row row = { .call = what };              \
        for (int i = 0; i < OFFSETS; i++) {                  \
            int64_t at = offsets[i].at;                      \
            errno = 0;                                       \
            grid_add(&row, offsets[i].name, (long)(tried));  \
        }                                                    \
        grid_print(&row);                                    \
    } while (0)

/* lseek's and others' large answers, as 1 when they are what was asked for. */
static long as_asked(int64_t result, int64_t at) { return result == at ? 1 : result == -1 ? -1 : 2; }

static long locked(int fd, int command, int64_t start, int64_t length)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
    if (fcntl(fd, command, &lock))
        return -1;
    lock.l_type = F_UNLCK;
    fcntl(fd, command == F_GETLK ? F_SETLK : command, &lock);
    return 0;
}

static long mapped(int fd, int64_t at, size_t length)
{
    long result = syscall(SYS_mmap, NULL, length, PROT_READ, MAP_SHARED, fd, at);
    return result == -1 ? -1 : munmap((void *)result, length);
}

static void try_offsets(int f)
{
    int p[2], g = open("file", O_RDWR);
    char b[16] = "";
    struct iovec one = { b, 16 };
    loff_t from, to;
    CHECK(pipe2(p, O_NONBLOCK) == 0 && write(p[1], b, 16) == 16 && ftruncate(f, 0) == 0 && ftruncate(f, PAGE) == 0 && lseek(g, 0, SEEK_SET) == 0);
    TRY_OFFSET("pread", pread(f, b, 16, at));
    TRY_OFFSET("pread 0", pread(f, b, 0, at));
    TRY_OFFSET("preadv", syscall(SYS_preadv, f, &one, 1, at, at >> 32));
    TRY_OFFSET("pwrite min", at < 0 ? pwrite(f, b, 16, at) : 0);
    TRY_OFFSET("lseek SET", as_asked(lseek(f, at, SEEK_SET), at));
    TRY_OFFSET("lseek CUR", lseek(f, 1, SEEK_SET) == 1 ? as_asked(lseek(f, at, SEEK_CUR), (int64_t)((uint64_t)at + 1)) : 3);
    TRY_OFFSET("lseek END", as_asked(lseek(f, at, SEEK_END), (int64_t)((uint64_t)at + PAGE)));
    TRY_OFFSET("lseek DATA", as_asked(lseek(f, at, SEEK_DATA), at));
    TRY_OFFSET("lseek HOLE", as_asked(lseek(f, at, SEEK_HOLE), at));
    lseek(f, 0, SEEK_SET);
    TRY_OFFSET("ftruncate", at < 0 ? ftruncate(f, at) : 0);
    TRY_OFFSET("truncate", at < 0 ? truncate("file", at) : 0);
    TRY_OFFSET("fallocate at", at == 1LL << 62 ? 0 : fallocate(f, 0, at, 8192));
    TRY_OFFSET("fallocate for", at < 0 || at == INT64_MAX ? fallocate(f, 0, 4096, at) : 0);
    TRY_OFFSET("fallocate punch", at >= 0 && at <= INT64_MAX - 4096 ? 0 : fallocate(f, 3, at, 4096));
    TRY_OFFSET("fallocate zero", at < 0 ? fallocate(f, 0x10, at, 4096) : 0);
    TRY_OFFSET("fadvise", syscall(SYS_fadvise64, f, at, 4096L, 3));
    TRY_OFFSET("fadvise for", syscall(SYS_fadvise64, f, 0L, at, 4));
    TRY_OFFSET("sync_file_range", syscall(SYS_sync_file_range, f, at, 4096L, 2));
    TRY_OFFSET("sync_file_range for", syscall(SYS_sync_file_range, f, 4096L, at, 2));
    TRY_OFFSET("readahead", syscall(SYS_readahead, f, at, 4096));
    TRY_OFFSET("F_SETLK at", locked(f, F_SETLK, at, 1));
    TRY_OFFSET("F_SETLK at 4096", locked(f, F_SETLK, at, 4096));
    TRY_OFFSET("F_SETLK for", locked(f, F_SETLK, 4096, at));
    TRY_OFFSET("F_SETLK back", locked(f, F_SETLK, at, -2));
    TRY_OFFSET("F_GETLK at", locked(f, F_GETLK, at, 1));
    TRY_OFFSET("F_OFD_SETLK at", locked(f, F_OFD_SETLK, at, 4096));
    TRY_OFFSET("sendfile from", (from = at, sendfile(p[1], f, &from, 16)));
    TRY_OFFSET("splice from", (from = at, splice(f, &from, p[1], NULL, 16, SPLICE_F_NONBLOCK)));
    TRY_OFFSET("splice to", (to = at, splice(p[0], NULL, f, &to, at < 0 ? 16 : 0, SPLICE_F_NONBLOCK)));
    TRY_OFFSET("copy_file_range from", (from = at, to = 0, copy_file_range(f, &from, g, &to, 16, 0)));
    TRY_OFFSET("copy_file_range to", (from = 0, to = at, at < 0 || at == INT64_MAX ? copy_file_range(g, &from, f, &to, 4096, 0) : 0));
    TRY_OFFSET("mmap", mapped(f, at, 4096));
    TRY_OFFSET("mmap 2 pages", mapped(f, at & -4096, 8192));
    TRY_OFFSET("mmap of length", at < 0 || at > 1LL << 48 ? mapped(f, 0, (size_t)at) : 0);
    TRY_OFFSET("read of length", (lseek(f, PAGE, SEEK_SET), read(f, b, (size_t)at)));
    TRY_OFFSET("write of length", at < 0 ? write(f, b, (size_t)at) : 0);
    TRY_OFFSET("getrandom of length", at < 0 ? syscall(SYS_getrandom, at, 16, 0) : 0);
    struct stat st;
    CHECK(fstat(f, &st) == 0 && st.st_size == PAGE && st.st_blocks == 0);
    CHECK(read(p[0], room, sizeof room) == 16);
    close(p[0]), close(p[1]), close(g);
}

static const struct { const char *name; uint64_t n; } sizes[] = {
    { "2^31-1", INT32_MAX }, { "2^31", 1UL << 31 }, { "2^32-1", UINT32_MAX }, { "2^32+1", (1UL << 32) + 1 },
    { "2^47", 1UL << 47 }, { "2^62", 1UL << 62 }, { "2^63-1", INT64_MAX }, { "2^63", 1UL << 63 },
    { "-4096", -4096UL }, { "-4095", -4095UL }, { "-1", -1UL },
};

#define TRY_SIZE(words, sys, ...)                                                      \
    do {                                                                               \
        struct grid_row row = { .call = #sys "(" #__VA_ARGS__ ")" };                   \
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {                    \
            uint64_t n = sizes[i].n;                                                   \
            if (has_word(words, sizes[i].name))                                        \
                continue;                                                              \
            errno = 0;                                                                 \
            grid_add(&row, sizes[i].name, syscall(SYS_##sys, __VA_ARGS__) < 0 ? -1 : 0); \
        }                                                                              \
        grid_print(&row);                                                              \
    } while (0)

#define SMALL "2^31-1 2^31 2^32-1 2^32+1" /* there may be room for that */

/* Sizes whose sum with an address, or with a header, wraps; at an address with nothing behind it. */
static void try_sizes(int f)
{
    int p[2], s[2], ep = (int)syscall(SYS_epoll_create1, 0), dir = open(".", O_RDONLY);
    char *at = at_end("", 1) - PAGE + 1;
    CHECK(pipe2(p, O_NONBLOCK) == 0 && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s) == 0);
    TRY_SIZE("", getcwd, at, n);
    TRY_SIZE("", readlink, "self", at, n);
    TRY_SIZE("", getdents64, dir, at, n);
    TRY_SIZE("", getxattr, "file", "user.x", at, n);
    TRY_SIZE("", setxattr, "file", "user.x", at, n, 0);
    TRY_SIZE("", write, p[1], at, n);
    TRY_SIZE("", sendto, s[0], at, n, 0, 0, 0);
    TRY_SIZE("2^47 2^62 2^63", sendto, s[0], at, 1, 0, at, n);
    while (recv(s[1], room, 1, 0) >= 0)
        ;
    TRY_SIZE("", recvfrom, s[1], at, n, 0, 0, 0);
    TRY_SIZE("", bind, s[0], at, n);
    TRY_SIZE("", setsockopt, s[0], SOL_SOCKET, SO_REUSEADDR, at, n);
    TRY_SIZE("", poll, at, n, 0);
    TRY_SIZE("", epoll_wait, ep, at, n, 0);
    TRY_SIZE(SMALL, munmap, at, n);
    TRY_SIZE(SMALL, mremap, at, PAGE, n, 0);
    TRY_SIZE("", mprotect, at, n, PROT_READ | PROT_WRITE);
    TRY_SIZE("", madvise, at, n, 0);
    TRY_SIZE("-4095 -1", msync, at, n, MS_ASYNC);
    TRY_SIZE("", mincore, at, n, room);
    TRY_SIZE("", getgroups, n, at);
    TRY_SIZE("2^31", sched_getaffinity, 0, n, at);
    TRY_SIZE("2^32+1 2^47 2^62 2^63", process_vm_readv, getpid(), at, n, at, 1, 0);
    TRY_SIZE("", rt_sigprocmask, 0, at, at, n);
    TRY_SIZE("", msgsnd, -1, at, n, 0);
    TRY_SIZE("", semop, 0, at, n);
    TRY_SIZE("2^63-1", splice, p[0], 0, f, 0, n, SPLICE_F_NONBLOCK);
    TRY_SIZE("", name_to_handle_at, AT_FDCWD, ".", at, n, 0x8000);
    close(p[0]), close(p[1]), close(s[0]), close(s[1]), close(ep), close(dir);
}

int main(void)
{
    char folder[] = "/dev/shm/vfs_ranges.XXXXXX"; /* tmpfs here and there */
    CHECK(mkdtemp(folder) && chdir(folder) == 0 && symlink("self", "self") == 0);
    int f = open("file", O_RDWR | O_CREAT, 0600), before = open_descriptors();
    try_offsets(f);
    try_sizes(f);
    CHECK(open_descriptors() == before);
    CHECK(unlink("file") == 0 && unlink("self") == 0 && rmdir(folder) == 0);
    return check_result();
}
