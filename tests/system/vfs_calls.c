/* Newer calls on files: openat2 and what it refuses, copy_file_range, preadv2, fchmodat2, and advice. */
#include "check.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define preadv2(fd, iov, n, pos, flags) syscall(SYS_preadv2, fd, iov, n, (long)(pos), 0L, flags)
#define pwritev2(fd, iov, n, pos, flags) syscall(SYS_pwritev2, fd, iov, n, (long)(pos), 0L, flags)

struct how { uint64_t flags, mode, resolve, more[3]; };

static int open2(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
    struct how how = { .flags = flags, .resolve = resolve, .mode = flags & O_CREAT ? 0600 : 0 };
    int fd = (int)syscall(SYS_openat2, dir, path, &how, 24);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

enum { NO_XDEV = 1, NO_MAGIC = 2, NO_LINKS = 4, BENEATH = 8, IN_ROOT = 16 };

static void check_openat2(void)
{
    mkdir("root", 0755), mkdir("root/sub", 0755);
    close(open("root/f", O_CREAT | O_WRONLY, 0600)), close(open("outside", O_CREAT | O_WRONLY, 0600));
    symlink("f", "root/rel"), symlink("/f", "root/abs"), symlink("../outside", "root/out"), symlink("../f", "root/sub/up");
    int dir = open("root", O_DIRECTORY | O_RDONLY);
    SHOW(open2(dir, "f", O_RDONLY, 0));
    SHOW(open2(dir, "f", O_RDONLY, BENEATH));
    SHOW(open2(dir, "sub/../f", O_RDONLY, BENEATH));
    SHOW(open2(dir, "../outside", O_RDONLY, BENEATH));
    SHOW(open2(dir, "/etc", O_RDONLY, BENEATH));
    SHOW(open2(dir, "rel", O_RDONLY, BENEATH));
    SHOW(open2(dir, "abs", O_RDONLY, BENEATH));
    SHOW(open2(dir, "out", O_RDONLY, BENEATH));
    SHOW(open2(dir, "sub/up", O_RDONLY, BENEATH));
    SHOW(open2(dir, "abs", O_RDONLY, IN_ROOT));
    SHOW(open2(dir, "/f", O_RDONLY, IN_ROOT));
    SHOW(open2(dir, "../../f", O_RDONLY, IN_ROOT));
    SHOW(open2(dir, "out", O_RDONLY, IN_ROOT));
    SHOW(open2(dir, "rel", O_RDONLY, NO_LINKS));
    SHOW(open2(dir, "f", O_RDONLY, NO_LINKS));
    SHOW(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, NO_MAGIC));
    SHOW(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, NO_XDEV));
    SHOW(open2(dir, "new", O_CREAT | O_RDWR, BENEATH));
    SHOW(open2(dir, "", O_RDONLY, BENEATH));
    SHOW(open2(dir, "f", O_RDONLY, BENEATH | IN_ROOT));
    SHOW(open2(dir, "f", O_RDONLY, 1 << 20));
    SHOW(open2(dir, "f", 1ull << 40, 0));
    struct how how = { .flags = O_RDONLY, .mode = 0600 };
    SHOW(syscall(SYS_openat2, dir, "f", &how, 24));
    how.mode = 0;
    SHOW(syscall(SYS_openat2, dir, "f", &how, 16));
    CHECK(close((int)syscall(SYS_openat2, dir, "f", &how, sizeof how)) == 0);
    how.more[2] = 1;
    SHOW(syscall(SYS_openat2, dir, "f", &how, sizeof how));
    SHOW(syscall(SYS_openat2, dir, "f", (void *)8, 24));
    close(dir);
    unlink("root/new"), unlink("root/f"), unlink("root/rel"), unlink("root/abs"), unlink("root/out");
    unlink("root/sub/up"), rmdir("root/sub"), rmdir("root"), unlink("outside");
}

static void check_copy(void)
{
    static char text[300000], back[300000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 31 + (i >> 12));
    int a = open("a", O_RDWR | O_CREAT, 0600), b = open("b", O_RDWR | O_CREAT, 0600), app = open("b", O_WRONLY | O_APPEND);
    CHECK(write(a, text, sizeof text) == sizeof text);
    loff_t from = 1000, to = 50;
    SHOW(copy_file_range(a, &from, b, &to, 250000, 0));
    CHECK(from == 251000 && to == 250050 && lseek(b, 0, SEEK_CUR) == 0);
    CHECK(pread(b, back, sizeof back, 0) == 250050 && memcmp(back + 50, text + 1000, 250000) == 0);
    SHOW(lseek(a, 299990, SEEK_SET));
    SHOW(copy_file_range(a, NULL, b, NULL, 100, 0));
    SHOW(copy_file_range(a, NULL, b, NULL, 100, 0));
    SHOW(lseek(b, 0, SEEK_CUR));
    from = 0, to = 10;
    SHOW(copy_file_range(a, &from, a, &to, 100, 0));
    to = 200000;
    SHOW(copy_file_range(a, &from, a, &to, 100, 0));
    SHOW(copy_file_range(a, &from, app, &to, 100, 0));
    SHOW(copy_file_range(a, &from, b, &to, 100, 1));
    from = -1;
    SHOW(copy_file_range(a, &from, b, &to, 100, 0));
    int dir = open(".", O_RDONLY);
    SHOW(copy_file_range(dir, NULL, b, NULL, 100, 0));
    close(dir), close(a), close(b), close(app), unlink("a"), unlink("b");
}

static void check_others(void)
{
    char one[4], two[8];
    struct stat st;
    struct iovec iov[2] = { { one, 4 }, { two, 8 } };
    int fd = open("f", O_RDWR | O_CREAT, 0600), fds[2];
    CHECK(pipe(fds) == 0);
    SHOW(write(fd, "abcdefghijklmnop", 16));
    SHOW(preadv2(fd, iov, 2, 2, 0));
    CHECK(memcmp(one, "cdef", 4) == 0 && memcmp(two, "ghijklmn", 8) == 0);
    lseek(fd, 14, SEEK_SET);
    SHOW(preadv2(fd, iov, 2, -1, 0));
    SHOW(preadv2(fd, iov, 2, -2, 0));
    SHOW(pwritev2(fd, iov, 2, 0, 0x4000));
    SHOW(preadv2(fds[0], iov, 2, 0, 0));
    symlink("f", "l");
    SHOW(syscall(452, AT_FDCWD, "f", 0640, 0));
    CHECK(stat("f", &st) == 0 && (st.st_mode & 07777) == 0640);
    SHOW(syscall(452, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW));
    SHOW(syscall(452, fd, "", 0600, AT_EMPTY_PATH));
    SHOW(syscall(452, AT_FDCWD, "f", 0600, 1));
    SHOW(readahead(fd, 0, 100));
    SHOW(readahead(fds[0], 0, 100));
    SHOW(sync_file_range(fd, 0, 0, 7));
    SHOW(sync_file_range(fd, 0, -1, 7));
    SHOW(sync_file_range(fds[0], 0, 0, 0));
    close(fd), close(fds[0]), close(fds[1]), unlink("f"), unlink("l");
}

#define RECORDS 3000
#define PIECES 6
#define PIECE 37

/* Appends records of one letter, each in pieces. */
static void child_appends(char letter)
{
    char text[PIECE];
    struct iovec v[PIECES];
    int fd = open("log", O_WRONLY | O_APPEND);
    memset(text, letter, sizeof text);
    for (int i = 0; i < PIECES; i++)
        v[i] = (struct iovec){ text, sizeof text };
    bool ok = true;
    for (int i = 0; i < RECORDS; i++)
        ok = ok && writev(fd, v, PIECES) == PIECE * PIECES;
    _exit(ok ? 0 : 1);
}

static void child_a(void) { child_appends('a'); }

/* A vector is one write: no other one comes between its pieces. */
static void check_vectors(void)
{
    static char record[PIECE * PIECES];
    int whole = 0, fd = open("log", O_RDWR | O_CREAT, 0644);
    pid_t other = fork();
    if (other == 0)
        child_appends('b');
    CHECK(status_of(child_a) == 0 && waitpid(other, NULL, 0) == other);
    while (read(fd, record, sizeof record) == sizeof record) {
        bool same = true;
        for (unsigned i = 1; i < sizeof record; i++)
            same = same && record[i] == record[0];
        whole += same;
    }
    CHECK(whole == 2 * RECORDS);
    struct iovec v[] = { { record, 3 }, { record, 0 }, { (void *)8, 4 }, { record, 2 } };
    CHECK(writev(fd, v, 4) == 3 && writev(fd, v + 1, 3) == -1 && errno == EFAULT && lseek(fd, 0, SEEK_CUR) == lseek(fd, 0, SEEK_END));
    CHECK(pwritev(fd, v, 2, 5) == 3 && pwritev(fd, v + 1, 1, 5) == 0 && lseek(fd, 0, SEEK_END) == 2 * RECORDS * PIECE * PIECES + 3);
    close(fd);
    unlink("log");
}

int main(void)
{
    char dir[64];
    snprintf(dir, sizeof dir, "/tmp/vfs_calls.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    check_openat2();
    check_copy();
    check_others();
    check_vectors();
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
