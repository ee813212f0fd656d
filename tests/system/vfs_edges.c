/* Paths and vectors at the edges of what can be passed, given to every call that takes one (offsets and sizes: vfs_ranges.c).
 *
 * A path that ends where memory ends is a path; one that goes on is not, and what the call would have made is not there. */
#include "grid.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE 4096

static char room[2 * PAGE];

/* "./././name", length bytes long. */
static const char *dotted(const char *name, size_t length)
{
    static char text[2 * PAGE];
    size_t tail = strlen(name), i = 0;
    for (; i < length - tail; i++)
        text[i] = i % 2 ? '/' : '.';
    if (i % 2)
        text[i - 1] = '/'; /* "//" is as good as "/" */
    strcpy(text + i, name);
    return text;
}

static char long_name[300];

static const char *path_empty(void) { return ""; }
static const char *path_null(void) { return NULL; }
static const char *path_kernel(void) { return (const char *)0xffffffff80000000UL; }
static const char *path_noncanonical(void) { return (const char *)0x8000000000000000UL; }
static const char *path_top(void) { return (const char *)0x7fffffffffffUL; }
static const char *path_at_end(void) { return at_end("none", 5); }
static const char *path_endless(void) { return at_end("none", 4); }
static const char *path_one_byte(void) { return at_end("n", 1); }
static const char *path_nul_only(void) { return at_end("", 1); }
static const char *path_4095(void) { return dotted("none", 4095); }
static const char *path_4095_at_end(void) { return at_end(dotted("none", 4095), 4096); }
static const char *path_4095_endless(void) { return at_end(dotted("none", 4095), 4095); }
static const char *path_4096(void) { return dotted("none", 4096); }
static const char *path_4096_endless(void) { return at_end(dotted("none", 4096), 4096); }
static const char *path_name_255(void) { return long_name + 1; }
static const char *path_name_256(void) { return long_name; }
static const char *path_under_file(void) { return "file/none"; }
static const char *path_slash(void) { return "none/"; }
static const char *path_loop(void) { return "loop/none"; }
static const char *path_self(void)
{
    return symlink("self", "self") && errno != EEXIST ? "" : "self"; /* the call before may have taken it away */
}
static const char *path_dangling(void) { return "dangling/none"; }
static const char *path_dot(void) { return "none/."; }

static const struct path {
    const char *name;
    const char *(*make)(void);
} paths[] = {
#define PATH(name) { #name, path_##name }
    PATH(empty), PATH(null), PATH(kernel), PATH(noncanonical), PATH(top), PATH(at_end), PATH(endless), PATH(one_byte), PATH(nul_only),
    PATH(4095), PATH(4095_at_end), PATH(4095_endless), PATH(4096), PATH(4096_endless), PATH(name_255), PATH(name_256),
    PATH(under_file), PATH(slash), PATH(loop), PATH(self), PATH(dangling), PATH(dot),
#undef PATH
};

#define TRY(what, tried) TRY_BUT("", what, tried)
#define TRY_BUT(words, what, tried)                                                        \
    do {                                                                                   \
        struct grid_row row = { .call = what };                                            \
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {                        \
            if (has_word(words, paths[i].name))                                            \
                continue;                                                                  \
            long path = (long)paths[i].make();                                             \
            errno = 0;                                                                     \
            grid_add(&row, paths[i].name, (tried));                                        \
        }                                                                                  \
        grid_print(&row);                                                                  \
    } while (0)
#define CALL(call, ...) TRY(#call "(" #__VA_ARGS__ ")", syscall(SYS_##call, __VA_ARGS__))

static int watches;

static long closed(long fd)
{
    return fd < 0 ? -1 : close((int)fd);
}

static void try_lookups(void)
{
    static long how[3] = { O_RDONLY, 0, 0 };
    CALL(open, path, O_RDONLY);
    TRY("open O_PATH | O_NOFOLLOW", closed(syscall(SYS_open, path, O_PATH | O_NOFOLLOW)));
    CALL(openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    CALL(openat2, AT_FDCWD, path, how, sizeof how);
    CALL(stat, path, room);
    CALL(lstat, path, room);
    CALL(newfstatat, AT_FDCWD, path, room, 0);
    CALL(statx, AT_FDCWD, path, 0, 0x7ff, room);
    CALL(access, path, F_OK);
    CALL(faccessat2, AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
    CALL(readlink, path, room, 100);
    CALL(statfs, path, room);
    CALL(truncate, path, 0);
    CALL(chdir, path);
    CALL(chroot, path);
    CALL(chmod, path, 0700);
    CALL(fchmodat, AT_FDCWD, path, 0700);
    CALL(chown, path, -1, -1);
    CALL(fchownat, AT_FDCWD, path, -1, -1, 0);
    CALL(utimensat, AT_FDCWD, path, 0, AT_SYMLINK_NOFOLLOW);
    CALL(utime, path, 0);
    CALL(utimes, path, 0);
    CALL(futimesat, AT_FDCWD, path, 0);
    CALL(execve, path, 0, 0);
    CALL(execveat, AT_FDCWD, path, 0, 0, 0);
    CALL(getxattr, path, "user.x", room, 100);
    CALL(lsetxattr, path, "user.x", room, 1, 0);
    CALL(listxattr, path, room, 100);
    CALL(lremovexattr, path, "user.x");
}

static long exchanged(const char *one, long other)
{
    return syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2 /* RENAME_EXCHANGE */);
}

static void try_changes(void)
{
    CALL(rmdir, path);
    CALL(unlink, path);
    CALL(unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
    TRY("rename", syscall(SYS_rename, path, "made") ? -1 : unlink("made"));
    TRY("exchange", exchanged("file", path) ? -1 : exchanged("file", path));
    TRY("link", syscall(SYS_link, path, "made") ? -1 : unlink("made"));
    CALL(symlink, path, "file");
}

/* What was made is removed at once: the next path finds the folder as it was. */
static long undone(long result, long path)
{
    if (result < 0)
        return -1;
    if (unlink((char *)path) && rmdir((char *)path))
        return 1000;
    return 0;
}

static long undone_fd(long fd, long path)
{
    return fd < 0 ? -1 : undone(close((int)fd), path);
}

static void try_makers(void)
{
    TRY("creat", undone_fd(syscall(SYS_creat, path, 0600), path));
    TRY("open O_CREAT O_EXCL", undone_fd(syscall(SYS_open, path, O_CREAT | O_EXCL | O_RDWR, 0600), path));
    TRY("openat O_CREAT", undone_fd(syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0600), path));
    TRY("mkdir", undone(syscall(SYS_mkdir, path, 0700), path));
    TRY("mkdirat", undone(syscall(SYS_mkdirat, AT_FDCWD, path, 0700), path));
    TRY("mknod file", undone(syscall(SYS_mknod, path, S_IFREG | 0600, 0), path));
    TRY("mknod fifo", undone(syscall(SYS_mknod, path, S_IFIFO | 0600, 0), path));
    TRY("symlink", undone(syscall(SYS_symlink, "target", path), path));
    TRY("link to", undone(syscall(SYS_link, "file", path), path));
    TRY("symlink to", syscall(SYS_symlink, path, "made") ? -1 : unlink("made"));
    TRY("rename to", syscall(SYS_rename, "file", path) ? -1 : rename((char *)path, "file"));
    TRY("rename directory to", syscall(SYS_rename, "dir", path) ? -1 : rename((char *)path, "dir"));
    TRY("memfd_create", closed(syscall(SYS_memfd_create, path, 0)));
    TRY_BUT("4095 4095_at_end 4095_endless", "mq_open", closed(syscall(SYS_mq_open, path, O_RDONLY, 0, 0)));
    TRY_BUT("4095 4095_at_end 4095_endless", "mq_unlink", syscall(SYS_mq_unlink, path));
    TRY("inotify_add_watch", syscall(SYS_inotify_add_watch, watches, path, 2));
    TRY("getxattr name", syscall(SYS_getxattr, "file", path, room, 100));
    TRY("prctl name", syscall(SYS_prctl, 15, path));
}

/* Vectors: each case fills v and says how many. */
static struct iovec v[1100];

static struct iovec *vector_at_end(int whole)
{
    return (struct iovec *)at_end((char *)v, (size_t)whole * sizeof *v);
}

static const struct vector {
    const char *name;
    long count;
    int bad; /* which one is not as the others */
    struct iovec is;
} vectors[] = {
    { "none", 0, 0, { room, 1 } },
    { "one", 1, 0, { room, 1 } },
    { "max", 1024, 1023, { room, 1 } },
    { "max+1", 1025, 0, { room, 1 } },
    { "-1", -1, 0, { room, 1 } },
    { "empty-null", 2, 1, { NULL, 0 } },
    { "empty-kernel", 2, 1, { (void *)0xffffffff80000000UL, 0 } },
    { "first-empty-noncanonical", 2, 0, { (void *)0x8000000000000000UL, 0 } },
    { "first-null", 2, 0, { NULL, 1 } },
    { "second-null", 2, 1, { NULL, 1 } },
    { "first-kernel", 2, 0, { (void *)0xffffffff80000000UL, 1 } },
    { "second-kernel", 2, 1, { (void *)0xffffffff80000000UL, 1 } },
    { "second-noncanonical", 2, 1, { (void *)0x8000000000000000UL, 1 } },
    { "second-across-top", 2, 1, { (void *)0x7fffffffe000UL, 0x10000 } },
    { "second-negative", 2, 1, { room, (size_t)SSIZE_MAX + 1 } },
    { "second-huge", 2, 1, { room, SSIZE_MAX } },
    { "first-huge", 2, 0, { room, SSIZE_MAX } },
    { "last-all-ones", 3, 2, { room, SIZE_MAX } },
};
enum { VECTORS = sizeof vectors / sizeof *vectors };

static void fill_vector(const struct vector *which)
{
    for (int i = 0; i < 1100; i++)
        v[i] = (struct iovec){ room, 1 };
    v[which->bad] = which->is;
}

#define TRY_VECTOR(words, what, before, tried)               \
    do {                                                     \
        struct grid_row row = { .call = what };              \
        for (int i = 0; i < VECTORS; i++) {                  \
            long n = vectors[i].count;                       \
            if (has_word(words, vectors[i].name))            \
                continue;                                    \
            fill_vector(&vectors[i]);                        \
            (void)(before);                                  \
            errno = 0;                                       \
            grid_add(&row, vectors[i].name, (long)(tried));  \
        }                                                    \
        grid_print(&row);                                    \
    } while (0)

static void drain(int fd)
{
    static char sink[65536];
    while (read(fd, sink, sizeof sink) > 0)
        ;
}

static void refill(int from, int to)
{
    static char some[3000];
    drain(from);
    if (write(to, some, sizeof some) != (long)sizeof some)
        printf("FAIL no refill\n"), failures++;
}

static void try_vectors(int f)
{
    int p[2], s[2], null = open("/dev/null", O_RDONLY);
    struct msghdr m = { .msg_iov = v };
    CHECK(pipe2(p, O_NONBLOCK) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0);
    TRY_VECTOR("", "readv file", pwrite(f, room, PAGE, 0) + lseek(f, 0, SEEK_SET), syscall(SYS_readv, f, v, n));
    TRY_VECTOR("", "writev file", lseek(f, 0, SEEK_SET), syscall(SYS_writev, f, v, n));
    TRY_VECTOR("", "preadv", 0, syscall(SYS_preadv, f, v, n, 0L, 0L));
    TRY_VECTOR("", "pwritev", 0, syscall(SYS_pwritev, f, v, n, 0L, 0L));
    TRY_VECTOR("", "preadv2", 0, syscall(SYS_preadv2, f, v, n, 0L, 0L, 0));
    TRY_VECTOR("", "pwritev2", 0, syscall(SYS_pwritev2, f, v, n, 0L, 0L, 0));
    TRY_VECTOR("second-null", "readv pipe", refill(p[0], p[1]), syscall(SYS_readv, p[0], v, n));
    TRY_VECTOR("second-null", "writev pipe", drain(p[0]), syscall(SYS_writev, p[1], v, n));
    TRY_VECTOR("max", "vmsplice", drain(p[0]), syscall(SYS_vmsplice, p[1], v, n, SPLICE_F_NONBLOCK));
    TRY_VECTOR("second-null", "readv socket", refill(s[0], s[1]), syscall(SYS_readv, s[0], v, n));
    TRY_VECTOR("second-null", "writev socket", drain(s[0]), syscall(SYS_writev, s[1], v, n));
    TRY_VECTOR("second-null", "sendmsg", (drain(s[0]), m.msg_iovlen = (size_t)n), syscall(SYS_sendmsg, s[1], &m, 0));
    TRY_VECTOR("second-null", "recvmsg", (refill(s[0], s[1]), m.msg_iovlen = (size_t)n), syscall(SYS_recvmsg, s[0], &m, 0));
    TRY_VECTOR("", "readv null", 0, syscall(SYS_readv, null, v, n));
    drain(p[0]), drain(s[0]);
    for (int i = 0; i < 4; i++) /* the vector itself ends at, or goes over, the end of memory */
        v[i] = (struct iovec){ room, 1 };
    SHOW(syscall(SYS_writev, p[1], vector_at_end(4), 4));
    SHOW(syscall(SYS_writev, p[1], vector_at_end(4), 5));
    SHOW(syscall(SYS_writev, p[1], vector_at_end(4), 1024));
    SHOW(syscall(SYS_preadv, f, vector_at_end(4), 5, 0L, 0L));
    SHOW(read(p[0], room, sizeof room)); /* four bytes: what could not be read was not begun */
    close(p[0]), close(p[1]), close(s[0]), close(s[1]), close(null);
}

static bool enter_folder(char *folder)
{
    memset(long_name, 'n', 256);
    return mkdtemp(folder) && chdir(folder) == 0 && mkdir("dir", 0700) == 0 && symlink("loop2", "loop") == 0 &&
           symlink("loop", "loop2") == 0 && symlink("self", "self") == 0 && symlink("nowhere", "dangling") == 0;
}

int main(void)
{
    char folder[] = "/dev/shm/vfs_edges.XXXXXX"; /* tmpfs here and there */
    signal(SIGPIPE, SIG_IGN);
    CHECK(enter_folder(folder));
    int f = open("file", O_RDWR | O_CREAT, 0700);
    watches = (int)syscall(SYS_inotify_init1, O_NONBLOCK);
    int before = open_descriptors();
    try_lookups();
    try_changes();
    try_makers();
    try_vectors(f);
    CHECK(open_descriptors() == before);
    CHECK(unlink("file") == 0 && unlink("loop") == 0 && unlink("loop2") == 0 && unlink("self") == 0 && unlink("dangling") == 0);
    CHECK(rmdir("dir") == 0 && rmdir(folder) == 0);
    return check_result();
}
