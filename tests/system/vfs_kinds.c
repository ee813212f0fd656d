/* Every kind of descriptor given to every call that takes one: what wants another kind refuses it as Linux does.
 *
 * Each call gets fresh descriptors, all without blocking. Nothing may be left open in the end. */
#include "grid.h"

#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* Kinds that come in twos use spare; it is closed with the one that is tried. */
static int spare;
static sigset_t usr1;
static char room[8192];

static int kind_file(void) { return open("file", O_RDWR); }
static int kind_rdonly(void) { return open("file", O_RDONLY); }
static int kind_wronly(void) { return open("file", O_WRONLY); }
static int kind_append(void) { return open("file", O_RDWR | O_APPEND); }
static int kind_dir(void) { return open("dir", O_RDONLY | O_DIRECTORY); }
static int kind_pathfile(void) { return open("file", O_PATH); }
static int kind_pathdir(void) { return open("dir", O_PATH); }
static int kind_pathlink(void) { return open("link", O_PATH | O_NOFOLLOW); }
static int kind_fifo(void) { return open("fifo", O_RDWR | O_NONBLOCK); }
static int kind_memfd(void) { return (int)syscall(SYS_memfd_create, "kinds", 2); }
static int kind_epoll(void) { return epoll_create1(0); }
static int kind_eventfd(void) { return eventfd(1, EFD_NONBLOCK); }
static int kind_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); }
static int kind_signalfd(void) { return signalfd(-1, &usr1, SFD_NONBLOCK); }
static int kind_inotify(void) { return inotify_init1(IN_NONBLOCK); }
static int kind_pidfd(void) { return (int)syscall(SYS_pidfd_open, getpid(), 0); }
static int kind_unix(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); }
static int kind_dgram(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0); }
static int kind_tcp(void) { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); }
static int kind_udp(void) { return socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0); }
static int kind_null(void) { return open("/dev/null", O_RDWR); }
static int kind_zero(void) { return open("/dev/zero", O_RDWR); }
static int kind_proc(void) { return open("/proc/self/comm", O_RDONLY); }
static int kind_procdir(void) { return open("/proc/self", O_RDONLY); }
static int kind_ptmx(void) { return open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK); }

static int kind_pipe_read(void)
{
    int p[2];
    if (pipe2(p, O_NONBLOCK))
        return -1;
    spare = p[1];
    return p[0];
}

static int kind_pipe_write(void)
{
    int p[2];
    if (pipe2(p, O_NONBLOCK))
        return -1;
    spare = p[0];
    return p[1];
}

static int kind_pair(void)
{
    int p[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p))
        return -1;
    spare = p[0];
    return p[1];
}

static int kind_pts(void)
{
    char name[32];
    int n, unlock = 0;
    spare = kind_ptmx();
    if (spare < 0 || ioctl(spare, TIOCSPTLCK, &unlock) || ioctl(spare, TIOCGPTN, &n))
        return -1;
    snprintf(name, sizeof name, "/dev/pts/%d", n);
    return open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
}

static int kind_mqueue(void)
{
    struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 64 };
    int fd = (int)syscall(SYS_mq_open, "vfs_kinds", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);
    syscall(SYS_mq_unlink, "vfs_kinds");
    return fd;
}

static int kind_closed(void) { return 99; }

static const struct kind {
    const char *name;
    int (*make)(void);
} kinds[] = {
#define KIND(name) { #name, kind_##name }
    KIND(file), KIND(rdonly), KIND(wronly), KIND(append), KIND(memfd), KIND(dir), KIND(proc), KIND(procdir), KIND(pathfile),
    KIND(pathdir), KIND(pathlink), KIND(fifo), KIND(pipe_read), KIND(pipe_write), KIND(null), KIND(zero), KIND(ptmx), KIND(pts),
    KIND(unix), KIND(dgram), KIND(pair), KIND(tcp), KIND(udp), KIND(epoll), KIND(eventfd), KIND(timerfd), KIND(signalfd),
    KIND(inotify), KIND(pidfd), KIND(mqueue), KIND(closed),
#undef KIND
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* fd is the descriptor tried; pipes, files and the rest beside it are the same for all. */
static int p[2], file, ep;

/* What no directory names; and those of them that are no pipes or sockets. */
#define ANONYMOUS "epoll eventfd timerfd signalfd inotify pidfd mqueue"
#define NAMELESS "pipe_read pipe_write unix dgram pair tcp udp " ANONYMOUS

/* The calls' results are numbers that do not depend on the machine, or made so where they are tried. */
#define TRY(text, tried) TRY_BUT("", text, tried)
#define TRY_BUT(words, text, tried)                             \
    do {                                                        \
        struct grid_row row = { .call = text };                 \
        for (int kind = 0; kind < KINDS; kind++) {              \
            if (has_word(words, kinds[kind].name))              \
                continue;                                       \
            spare = -1;                                         \
            int fd = kinds[kind].make();                        \
            if (fd < 0) {                                       \
                printf("FAIL no %s\n", kinds[kind].name);       \
                failures++;                                     \
            }                                                   \
            errno = 0;                                          \
            grid_add(&row, kinds[kind].name, (long)(tried));    \
            if (fd != 99)                                       \
                close(fd);                                      \
            if (spare >= 0)                                     \
                close(spare);                                   \
        }                                                       \
        grid_print(&row);                                       \
    } while (0)

static long yes(long result) { return result < 0 ? -1 : 0; }

/* A descriptor that came as an answer is closed again. */
static long closed(long fd)
{
    if (fd < 0)
        return -1;
    close((int)fd);
    return 0;
}

static long mapped(int fd, int protection, int flags)
{
    void *at = mmap(NULL, 4096, protection, flags, fd, 0);
    return at == MAP_FAILED ? -1 : munmap(at, 4096);
}

static void try_bytes(void)
{
    struct iovec v = { room, 1 };
    loff_t at;
    TRY_BUT("mqueue", "read 0", read(fd, room, 0));
    TRY_BUT("mqueue", "read", read(fd, room, 1));
    TRY_BUT("mqueue", "read 128", yes(read(fd, room, 128)));
    TRY_BUT("mqueue", "read to nowhere", read(fd, (void *)16, 128));
    TRY_BUT("tcp", "write 0", write(fd, room, 0));
    TRY("write", write(fd, "\n", 1));
    TRY("write 8", write(fd, "\1\0\0\0\0\0\0\0", 8));
    TRY_BUT("dgram", "write from nowhere", write(fd, (void *)16, 8));
    TRY_BUT("pidfd mqueue", "pread", pread(fd, room, 1, 0));
    TRY("pread -1", pread(fd, room, 1, -1));
    TRY_BUT("proc pidfd mqueue", "pwrite", pwrite(fd, "\n", 1, 0));
    TRY("pwrite -1", pwrite(fd, "\n", 1, -1));
    TRY_BUT("mqueue", "readv", readv(fd, &v, 1));
    TRY_BUT("mqueue", "readv none", readv(fd, &v, 0));
    TRY("writev none", writev(fd, &v, 0));
    TRY_BUT("mqueue", "preadv2 -1", syscall(SYS_preadv2, fd, &v, 1, -1L, -1L, 0));
    TRY_BUT(ANONYMOUS, "lseek SET", lseek(fd, 0, SEEK_SET));
    TRY_BUT(ANONYMOUS, "lseek CUR 3", lseek(fd, 3, SEEK_CUR));
    TRY_BUT(ANONYMOUS, "lseek -1", lseek(fd, -1, SEEK_SET));
    TRY_BUT("dir proc " ANONYMOUS, "lseek HOLE", yes(lseek(fd, 0, SEEK_HOLE)));
    TRY_BUT("dir proc " ANONYMOUS, "lseek DATA", yes(lseek(fd, 0, SEEK_DATA)));
    TRY("lseek 9", lseek(fd, 0, 9));
    TRY_BUT("pidfd mqueue", "ftruncate", ftruncate(fd, 5));
    TRY("ftruncate -1", ftruncate(fd, -1));
    TRY_BUT("pidfd mqueue", "fallocate", fallocate(fd, 0, 0, 10));
    TRY_BUT("pidfd mqueue", "fallocate punch", fallocate(fd, 3, 0, 10));
    TRY_BUT("proc procdir", "fsync", fsync(fd));
    TRY_BUT("proc procdir", "fdatasync", fdatasync(fd));
    TRY_BUT("pidfd mqueue", "sync_file_range", sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
    TRY("syncfs", syncfs(fd));
    TRY_BUT("mqueue", "readahead", readahead(fd, 0, 10));
    TRY("fadvise", syscall(SYS_fadvise64, fd, 0L, 0L, 3));
    TRY_BUT("tcp", "mmap shared read", mapped(fd, PROT_READ, MAP_SHARED));
    TRY_BUT("tcp", "mmap shared write", mapped(fd, PROT_WRITE, MAP_SHARED));
    TRY_BUT("tcp", "mmap private write", mapped(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE));
    TRY_BUT("proc null inotify", "splice in", splice(fd, NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK));
    TRY_BUT("proc null inotify pipe_write", "splice in at", (at = 0, splice(fd, &at, p[1], NULL, 1, SPLICE_F_NONBLOCK)));
    TRY("splice out", (yes(write(p[1], "x", 1)), splice(p[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK)));
    TRY_BUT("pipe_read", "splice out at", (at = 0, splice(p[0], NULL, fd, &at, 1, SPLICE_F_NONBLOCK)));
    while (read(p[0], room, sizeof room) > 0)
        ;
    TRY("tee in", tee(fd, p[1], 1, SPLICE_F_NONBLOCK));
    TRY("tee out", tee(p[0], fd, 1, SPLICE_F_NONBLOCK));
    TRY("vmsplice", vmsplice(fd, &v, 1, SPLICE_F_NONBLOCK));
    TRY_BUT("pidfd mqueue", "sendfile from", sendfile(file, fd, NULL, 1));
    TRY_BUT("pidfd mqueue", "sendfile from at", (at = 0, sendfile(file, fd, &at, 1)));
    TRY("sendfile to", (lseek(file, 0, SEEK_SET), sendfile(fd, file, NULL, 1)));
    TRY_BUT("proc memfd pidfd mqueue", "copy_file_range from", (at = 100, copy_file_range(fd, NULL, file, &at, 1, 0)));
    TRY_BUT("proc memfd pidfd mqueue", "copy_file_range to", (at = 0, copy_file_range(file, &at, fd, NULL, 1, 0)));
}

static const char *link_of(int fd)
{
    static char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return link;
}

/* /dev/null and its like are everybody's: what is set is what they have. */
static struct stat of(int fd)
{
    struct stat st = { 0 };
    (void)fstat(fd, &st);
    return st;
}

static void try_inode(void)
{
    static struct stat st;
    static struct statfs fs;
    TRY("fstat type", fstat(fd, &st) ? -1 : (long)(st.st_mode & S_IFMT));
    TRY("fstatfs", yes(fstatfs(fd, &fs)));
    TRY("getdents64", yes(syscall(SYS_getdents64, fd, room, sizeof room)));
    TRY("getdents", yes(syscall(SYS_getdents, fd, room, sizeof room)));
    TRY("fchdir", fchdir(fd) ? -1 : fchdir(ep));
    TRY_BUT("proc procdir " NAMELESS, "fchmod", fchmod(fd, of(fd).st_mode & 07777));
    TRY_BUT("proc procdir " NAMELESS, "fchown", fchown(fd, of(fd).st_uid, of(fd).st_gid));
    TRY_BUT("proc procdir " NAMELESS, "utimensat", syscall(SYS_utimensat, fd, NULL, (struct timespec[2]){ of(fd).st_atim, of(fd).st_mtim }, 0));
    TRY_BUT("pts " NAMELESS, "fgetxattr", syscall(SYS_fgetxattr, fd, "user.none", room, 10));
    TRY_BUT("pts proc procdir " NAMELESS, "fsetxattr", syscall(SYS_fsetxattr, fd, "user.none", "", 0, 2 /* XATTR_REPLACE */));
    TRY_BUT(NAMELESS, "flistxattr", yes(syscall(SYS_flistxattr, fd, room, sizeof room)));
    TRY_BUT("pts proc procdir " NAMELESS, "fremovexattr", syscall(SYS_fremovexattr, fd, "user.none"));
    TRY("openat", closed(openat(fd, "none", O_RDONLY)));
    TRY("openat empty", closed(openat(fd, "", O_RDONLY)));
    TRY("openat absolute", closed(openat(fd, "/dev/null", O_RDONLY)));
    TRY("mkdirat", mkdirat(fd, "none/x", 0700));
    TRY("unlinkat", unlinkat(fd, "none", 0));
    TRY("symlinkat", symlinkat("x", fd, "none/x"));
    TRY_BUT(NAMELESS, "readlinkat empty", readlinkat(fd, "", room, sizeof room));
    TRY("readlinkat none", readlinkat(fd, "none", room, sizeof room));
    TRY("renameat", renameat(fd, "none", fd, "other"));
    TRY("linkat old", linkat(fd, "none", AT_FDCWD, "made", 0));
    TRY("linkat new", linkat(AT_FDCWD, "file", fd, "none/x", 0));
    TRY("linkat empty", linkat(fd, "", AT_FDCWD, "made", AT_EMPTY_PATH) ? -1 : unlink("made"));
    TRY_BUT(NAMELESS, "faccessat2 empty", syscall(SYS_faccessat2, fd, "", F_OK, AT_EMPTY_PATH));
    TRY_BUT(NAMELESS, "fchownat empty", syscall(SYS_fchownat, fd, "", -1, -1, AT_EMPTY_PATH));
    TRY("newfstatat empty", yes(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH)));
    TRY("newfstatat none", yes(syscall(SYS_newfstatat, fd, "none", &st, 0)));
    TRY("statx empty", yes(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x7ff, room)));
    TRY("execveat empty", syscall(SYS_execveat, fd, "", (char *[]){ "x", NULL }, (char *[]){ NULL }, AT_EMPTY_PATH));
    TRY_BUT("pathlink pidfd mqueue", "open again", closed(open(link_of(fd), O_RDONLY | O_NONBLOCK | O_NOCTTY)));
    TRY_BUT("pathlink", "open again as directory", closed(open(link_of(fd), O_RDONLY | O_NONBLOCK | O_DIRECTORY)));
    TRY_BUT("proc pidfd mqueue", "truncate again", truncate(link_of(fd), 0));
    TRY("chdir again", chdir(link_of(fd)) ? -1 : fchdir(ep));
}

static void try_control(void)
{
    static struct flock lock;
    static int n;
    TRY("dup", closed(dup(fd)));
    TRY_BUT(NAMELESS, "flock", flock(fd, LOCK_SH | LOCK_NB));
    TRY("F_GETFL", fcntl(fd, F_GETFL) < 0 ? -1 : fcntl(fd, F_GETFL) & O_ACCMODE);
    TRY("F_SETFL APPEND", fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
    TRY("F_SETFL NOATIME", fcntl(fd, F_SETFL, O_NOATIME | O_NONBLOCK));
    TRY("F_SETFL ASYNC", fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
    TRY_BUT(NAMELESS, "F_GETLK", (lock = (struct flock){ .l_type = F_WRLCK }, fcntl(fd, F_GETLK, &lock)));
    TRY_BUT(NAMELESS, "F_SETLK read", (lock = (struct flock){ .l_type = F_RDLCK }, fcntl(fd, F_SETLK, &lock)));
    TRY_BUT(NAMELESS, "F_SETLK write", (lock = (struct flock){ .l_type = F_WRLCK }, fcntl(fd, F_SETLK, &lock)));
    TRY_BUT(NAMELESS, "F_OFD_SETLK", (lock = (struct flock){ .l_type = F_WRLCK }, fcntl(fd, F_OFD_SETLK, &lock)));
    TRY("F_GETPIPE_SZ", fcntl(fd, F_GETPIPE_SZ));
    TRY("F_SETPIPE_SZ", fcntl(fd, F_SETPIPE_SZ, 4096));
    TRY("F_GET_SEALS", fcntl(fd, F_GET_SEALS));
    TRY("F_ADD_SEALS", fcntl(fd, F_ADD_SEALS, 1));
    TRY("fcntl 77", fcntl(fd, 77));
    TRY("FIOCLEX", ioctl(fd, FIOCLEX));
    TRY("FIONBIO", (n = 1, ioctl(fd, FIONBIO, &n)));
    TRY_BUT("epoll mqueue", "FIONREAD", yes(ioctl(fd, FIONREAD, &n)));
    TRY_BUT("epoll", "TCGETS", ioctl(fd, TCGETS, room));
    TRY_BUT("epoll", "TIOCGWINSZ", ioctl(fd, TIOCGWINSZ, room));
    TRY_BUT("epoll", "TIOCGPGRP", yes(ioctl(fd, TIOCGPGRP, room)));
    TRY_BUT("epoll", "TIOCGPTN", yes(ioctl(fd, TIOCGPTN, &n)));
    TRY_BUT("epoll", "SIOCGIFCONF", ioctl(fd, 0x8912, memset(room, 0, 64)));
    TRY_BUT("epoll", "ioctl 0x1234", ioctl(fd, 0x1234, 0));
    TRY("poll", poll(&(struct pollfd){ .fd = fd, .events = POLLIN | POLLOUT }, 1, 0));
}

static void try_waiting(void)
{
    struct epoll_event e = { .events = EPOLLIN };
    struct itimerspec t = { 0 };
    int mine = epoll_create1(0);
    TRY("epoll_ctl of it", epoll_ctl(fd, EPOLL_CTL_ADD, p[0], &e));
    TRY("epoll_ctl add it", epoll_ctl(mine, EPOLL_CTL_ADD, fd, &e));
    TRY("epoll_ctl del it", epoll_ctl(mine, EPOLL_CTL_DEL, fd, &e));
    TRY("epoll_ctl mod itself", epoll_ctl(fd, EPOLL_CTL_MOD, fd, &e));
    TRY("epoll_wait", epoll_wait(fd, &e, 1, 0));
    TRY("timerfd_settime", syscall(SYS_timerfd_settime, fd, 0, &t, NULL));
    TRY("timerfd_gettime", syscall(SYS_timerfd_gettime, fd, &t));
    TRY("signalfd", yes(signalfd(fd, &usr1, 0)));
    TRY("inotify_add_watch", inotify_add_watch(fd, ".", IN_CREATE));
    TRY("inotify_rm_watch", inotify_rm_watch(fd, 1));
    TRY("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    TRY("pidfd_getfd", closed(syscall(SYS_pidfd_getfd, fd, 0, 0)));
    TRY("waitid", waitid(P_PIDFD, (id_t)fd, NULL, WEXITED | WNOHANG));
    close(mine);
}

static void try_sockets(void)
{
    static struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0vfs_kinds" };
    static socklen_t length;
    struct iovec v = { "x", 1 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
    struct mmsghdr many = { .msg_hdr = m };
    static int n;
    TRY("bind", bind(fd, (void *)&name, sizeof name));
    TRY("listen", listen(fd, 1));
    TRY("accept4", closed(syscall(SYS_accept4, fd, NULL, NULL, 0)));
    TRY("connect", connect(fd, (void *)&name, sizeof name));
    TRY("getsockname", (length = sizeof room, getsockname(fd, (void *)room, &length)));
    TRY("getpeername", (length = sizeof room, getpeername(fd, (void *)room, &length)));
    TRY("getsockopt", (length = sizeof n, getsockopt(fd, SOL_SOCKET, SO_TYPE, &n, &length) ? -1 : n));
    TRY("setsockopt", (n = 1, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &n, sizeof n)));
    TRY("sendto", send(fd, "x", 1, MSG_NOSIGNAL));
    TRY("sendmsg", sendmsg(fd, &m, MSG_NOSIGNAL));
    TRY("sendmmsg", syscall(SYS_sendmmsg, fd, &many, 1, MSG_NOSIGNAL));
    v.iov_base = room;
    TRY("recvfrom", recv(fd, room, 1, MSG_DONTWAIT));
    TRY("recvmsg", recvmsg(fd, &m, MSG_DONTWAIT));
    TRY("recvmmsg", syscall(SYS_recvmmsg, fd, &many, 1, MSG_DONTWAIT, NULL));
    TRY("shutdown", shutdown(fd, SHUT_RDWR));
    TRY("shutdown 5", shutdown(fd, 5));
}

static void try_queues(void)
{
    struct mq_attr attr = { 0 };
    TRY("mq_timedsend", syscall(SYS_mq_timedsend, fd, "x", 1, 0, NULL));
    TRY("mq_timedreceive", syscall(SYS_mq_timedreceive, fd, room, sizeof room, NULL, NULL));
    TRY("mq_notify", syscall(SYS_mq_notify, fd, NULL));
    TRY("mq_getsetattr", syscall(SYS_mq_getsetattr, fd, NULL, &attr));
}

/* On the same file system as here, whatever the machine's own is. */
static bool enter_folder(char *folder)
{
    return mkdtemp(folder) && chdir(folder) == 0 && mkdir("dir", 0700) == 0 && symlink("file", "link") == 0 &&
           mkfifo("fifo", 0600) == 0 && (file = open("file", O_RDWR | O_CREAT, 0600)) >= 0 && write(file, room, 4096) == 4096 &&
           (ep = open(".", O_RDONLY)) >= 0;
}

int main(void)
{
    char folder[] = "/dev/shm/vfs_kinds.XXXXXX";
    signal(SIGPIPE, SIG_IGN), signal(SIGIO, SIG_IGN);
    sigemptyset(&usr1), sigaddset(&usr1, SIGUSR1);
    CHECK(pipe2(p, O_NONBLOCK) == 0 && enter_folder(folder));
    int before = open_descriptors();
    try_bytes();
    try_inode();
    try_control();
    try_waiting();
    try_sockets();
    try_queues();
    CHECK(open_descriptors() == before);
    CHECK(unlink("file") == 0 && unlink("link") == 0 && unlink("fifo") == 0 && rmdir("dir") == 0 && rmdir(folder) == 0);
    return check_result();
}
