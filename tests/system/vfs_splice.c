/* splice, tee, vmsplice, packets (pipe2's O_DIRECT), the capacity of a pipe. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static char big[300000], back[300000];

static int waiting(int fd)
{
    int n = -1;
    return ioctl(fd, FIONREAD, &n) ? -1 : n;
}

static bool writable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    return poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
}

static void check_refusals(void)
{
    int p[2], q[2], f = open("file", O_RDWR | O_CREAT, 0600), dir = open(".", O_RDONLY);
    loff_t at = 0, bad = -1;
    struct iovec v = { big, 10 };
    CHECK(pipe(p) == 0 && pipe(q) == 0 && f >= 0);
    SHOW(splice(p[0], NULL, f, NULL, 0, 0x100));
    SHOW(splice(p[0], NULL, f, NULL, 1, 0x100));
    SHOW(splice(-1, NULL, f, NULL, 1, 0));
    SHOW(splice(p[0], NULL, -1, NULL, 1, 0));
    SHOW(splice(p[1], NULL, f, NULL, 1, 0));
    SHOW(splice(f, NULL, p[0], NULL, 1, 0));
    SHOW(splice(f, NULL, f, &at, 1, 0));
    SHOW(splice(p[0], &at, f, NULL, 1, 0));
    SHOW(splice(f, NULL, p[1], &at, 1, 0));
    SHOW(splice(p[0], NULL, p[1], NULL, 1, 0));
    SHOW(splice(f, &bad, p[1], NULL, 1, 0));
    SHOW(splice(f, (loff_t *)8, p[1], NULL, 1, 0));
    SHOW(splice(dir, NULL, p[1], NULL, 1, 0) < 0);
    SHOW(splice(p[0], NULL, f, NULL, 1, SPLICE_F_NONBLOCK));
    SHOW(tee(p[0], f, 1, 0));
    SHOW(tee(p[0], p[1], 1, 0));
    SHOW(tee(p[0], q[1], 0, 0));
    SHOW(tee(p[0], q[1], 1, 0x100));
    SHOW(tee(p[0], q[1], 1, SPLICE_F_NONBLOCK));
    SHOW(vmsplice(f, &v, 1, 0));
    SHOW(vmsplice(p[1], &v, 2000, 0));
    SHOW(vmsplice(p[1], &v, 1, 0x100));
    SHOW(vmsplice(p[1], &v, 0, 0));
    SHOW(vmsplice(p[0], &v, 1, SPLICE_F_NONBLOCK));
    v.iov_base = (void *)8;
    SHOW(vmsplice(p[1], &v, 1, 0));
    SHOW(fcntl(f, F_SETFL, O_APPEND));
    CHECK(write(p[1], "kept", 4) == 4);
    SHOW(splice(p[0], NULL, f, NULL, 4, 0));
    SHOW(waiting(p[0]));
    close(p[0]), close(q[0]);
    signal(SIGPIPE, SIG_IGN);
    SHOW(splice(f, &at, p[1], NULL, 1, 0));
    v.iov_base = big;
    SHOW(vmsplice(p[1], &v, 1, 0));
    close(p[1]), close(q[1]), close(f), close(dir);
    CHECK(unlink("file") == 0);
}

static void check_files(void)
{
    int p[2], in = open("in", O_RDWR | O_CREAT, 0600), out = open("out", O_RDWR | O_CREAT, 0600);
    loff_t from = 1000, to = 5;
    size_t moved = 0;
    CHECK(pipe(p) == 0 && write(in, big, sizeof big) == sizeof big);
    SHOW(splice(in, &from, p[1], NULL, 3000, 0));
    SHOW(from);
    SHOW(lseek(in, 0, SEEK_CUR));
    SHOW(splice(p[0], NULL, out, &to, 10000, 0));
    SHOW(to);
    SHOW(lseek(out, 0, SEEK_CUR));
    CHECK(pread(out, back, 3005, 0) == 3005 && memcmp(back + 5, big + 1000, 3000) == 0 && back[4] == 0);
    CHECK(lseek(in, 0, SEEK_SET) == 0);
    for (ssize_t n; (n = splice(in, NULL, p[1], NULL, sizeof big, 0)) > 0; )
        for (ssize_t m; n > 0 && (m = splice(p[0], NULL, out, NULL, (size_t)n, 0)) > 0; n -= m)
            moved += (size_t)m;
    CHECK(moved == sizeof big && lseek(out, 0, SEEK_CUR) == sizeof big);
    CHECK(pread(out, back, sizeof back, 0) == sizeof back && memcmp(back, big, sizeof big) == 0);
    SHOW(splice(in, NULL, p[1], NULL, 10, 0)); /* at its end */
    close(p[1]);
    SHOW(splice(p[0], NULL, out, NULL, 10, 0));
    close(p[0]), close(in), close(out);
    CHECK(unlink("in") == 0 && unlink("out") == 0);
}

static void check_pipes(void)
{
    int p[2], q[2], s[2];
    CHECK(pipe(p) == 0 && pipe(q) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(write(p[1], big, 10000) == 10000);
    SHOW(tee(p[0], q[1], 6000, 0));
    SHOW(waiting(p[0]));
    SHOW(waiting(q[0]));
    CHECK(read(q[0], back, sizeof back) == 6000 && memcmp(back, big, 6000) == 0);
    SHOW(splice(p[0], NULL, q[1], NULL, 4000, 0));
    SHOW(splice(p[0], NULL, s[0], NULL, 4000, 0));
    SHOW(waiting(p[0]));
    CHECK(read(q[0], back, sizeof back) == 4000 && memcmp(back, big, 4000) == 0);
    SHOW(splice(s[1], NULL, q[1], NULL, 100000, 0));
    CHECK(read(q[0], back, sizeof back) == 4000 && memcmp(back, big + 4000, 4000) == 0);
    struct iovec v[3] = { { back, 5 }, { back, 0 }, { back + 5, 1995 } };
    SHOW(vmsplice(p[0], v, 3, 0));
    CHECK(memcmp(back, big + 8000, 2000) == 0);
    v[0].iov_base = big, v[2].iov_base = big + 5;
    SHOW(vmsplice(p[1], v, 3, 0));
    CHECK(read(p[0], back, sizeof back) == 2000 && memcmp(back, big, 2000) == 0);
    close(p[1]);
    SHOW(tee(p[0], q[1], 10, 0));
    SHOW(splice(p[0], NULL, q[1], NULL, 10, 0));
    close(p[0]), close(q[0]), close(q[1]), close(s[0]), close(s[1]);
}

static void check_packets(void)
{
    int p[2];
    CHECK(pipe2(p, O_DIRECT | O_NONBLOCK) == 0);
    SHOW(fcntl(p[1], F_GETFL) & O_DIRECT ? 1 : 0);
    CHECK(write(p[1], "one", 3) == 3 && write(p[1], "three", 5) == 5 && write(p[1], "", 0) == 0);
    SHOW(waiting(p[0]));
    SHOW(read(p[0], back, 100));
    SHOW(read(p[0], back, 2));
    SHOW(read(p[0], back, 100));
    SHOW(write(p[1], big, 10000));
    SHOW(read(p[0], back, 100000));
    SHOW(read(p[0], back, 100000));
    SHOW(read(p[0], back, 100000));
    int n = 0;
    while (write(p[1], "x", 1) == 1)
        n++;
    SHOW(n);
    SHOW(errno == EAGAIN);
    SHOW(writable(p[1]));
    SHOW(read(p[0], back, 100));
    SHOW(writable(p[1]));
    while (read(p[0], back, 100) == 1)
        n--;
    SHOW(n);
    CHECK(fcntl(p[1], F_SETFL, 0) == 0 && write(p[1], "ab", 2) == 2 && write(p[1], "cd", 2) == 2);
    SHOW(read(p[0], back, 100));
    close(p[0]), close(p[1]);
}

static void check_capacity(void)
{
    int p[2], f = open("/dev/null", O_RDWR);
    CHECK(pipe2(p, O_NONBLOCK) == 0);
    SHOW(fcntl(p[0], F_GETPIPE_SZ));
    SHOW(fcntl(f, F_GETPIPE_SZ));
    SHOW(fcntl(f, F_SETPIPE_SZ, 4096));
    SHOW(fcntl(p[0], F_SETPIPE_SZ, 0));
    SHOW(write(p[1], big, sizeof big));
    SHOW(fcntl(p[0], F_SETPIPE_SZ, 200000));
    SHOW(writable(p[1]));
    SHOW(write(p[1], big + 4096, sizeof big - 4096));
    SHOW(fcntl(p[0], F_SETPIPE_SZ, 4096));
    SHOW(read(p[0], back, 250000));
    CHECK(memcmp(back, big, 250000) == 0);
    SHOW(fcntl(p[1], F_SETPIPE_SZ, 12000));
    SHOW(fcntl(p[1], F_GETPIPE_SZ));
    SHOW(read(p[0], back, sizeof back));
    CHECK(memcmp(back, big + 250000, 12144) == 0);
    SHOW(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
    SHOW(fcntl(p[1], F_SETPIPE_SZ, -1));
    close(p[0]), close(p[1]), close(f);
}

/* Two children push numbers through a chain of pipes by splice; all arrive, in order. */
static void check_chain(void)
{
    int p[2], q[2];
    unsigned next = 0, got[512];
    CHECK(pipe(p) == 0 && pipe(q) == 0);
    pid_t writer = fork();
    if (writer == 0) {
        for (unsigned i = 0; i < 100000; i++)
            if (write(p[1], &i, sizeof i) != sizeof i)
                _exit(1);
        _exit(0);
    }
    close(p[1]);
    pid_t mover = fork();
    if (mover == 0) {
        close(q[0]);
        ssize_t n;
        while ((n = splice(p[0], NULL, q[1], NULL, 1 << 20, 0)) > 0)
            ;
        _exit(n < 0);
    }
    close(p[0]), close(q[1]);
    size_t held = 0;
    bool in_order = true;
    for (ssize_t n; (n = read(q[0], (char *)got + held, sizeof got - held)) > 0;) {
        held += (size_t)n;
        for (size_t i = 0; i < held / 4; i++)
            in_order &= got[i] == next++;
        memmove(got, (char *)got + held / 4 * 4, held % 4);
        held %= 4;
    }
    CHECK(in_order && next == 100000);
    int a = -1, b = -1;
    CHECK(waitpid(writer, &a, 0) == writer && waitpid(mover, &b, 0) == mover && a == 0 && b == 0);
    close(q[0]);
}

static struct { int hold, from, to, tid, going; ssize_t (*move)(void); } mover;
static ssize_t move_splice(void) { return splice(mover.from, NULL, mover.to, NULL, 100, 0); }
static ssize_t move_sendfile(void) { return sendfile(mover.to, mover.from, NULL, 100); }

static void *move_when_told(void *unused)
{
    char c;
    (void)unused;
    __atomic_store_n(&mover.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    if (read(mover.hold, &c, 1) != 1)
        return NULL;
    __atomic_store_n(&mover.going, 1, __ATOMIC_RELEASE);
    return (void *)mover.move();
}

static bool sleeps(int tid)
{
    char path[64], text[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    int fd = open(path, O_RDONLY);
    bool so = fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strstr(text, ") S ");
    close(fd);
    return so;
}

static int mappings_of_child(void)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        int lines = 0, fd = open("/proc/self/maps", O_RDONLY);
        for (char c; read(fd, &c, 1) == 1;)
            lines += c == '\n';
        _exit(lines);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A thread moves from one file to another and has to wait in the middle; go_on lets it. What carries the bytes of
 * a call is no part of a child that is made meanwhile. */
static void fork_meanwhile(int from, int to, ssize_t (*move)(void), void (*go_on)(int fd), int fd)
{
    int hold[2];
    pthread_t t;
    void *moved;
    CHECK(pipe(hold) == 0);
    mover.from = from, mover.to = to, mover.hold = hold[0], mover.move = move, mover.tid = mover.going = 0;
    CHECK(pthread_create(&t, NULL, move_when_told, NULL) == 0);
    while (!__atomic_load_n(&mover.tid, __ATOMIC_ACQUIRE))
        sleep_ms(1);
    int before = mappings_of_child();
    CHECK(write(hold[1], "", 1) == 1);
    while (!__atomic_load_n(&mover.going, __ATOMIC_ACQUIRE) || !sleeps(mover.tid))
        sleep_ms(1);
    CHECK(before > 0 && before == mappings_of_child());
    go_on(fd);
    CHECK(pthread_join(t, &moved) == 0 && (long)moved == 100);
    close(hold[0]), close(hold[1]);
}

static void bring(int fd) { CHECK(write(fd, big, 100) == 100); }
static void drain(int fd)
{
    while (recv(fd, back, sizeof back, MSG_DONTWAIT) > 0)
        ;
}

static void check_fork_meanwhile(void)
{
    int s[2], p[2], f = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0 && write(f, big, 1000) == 1000);
    fork_meanwhile(s[0], p[1], move_splice, bring, s[1]);
    lseek(f, 0, SEEK_SET);
    while (send(s[0], big, 100, MSG_DONTWAIT) > 0)
        ;
    fork_meanwhile(f, s[0], move_sendfile, drain, s[1]);
    unlink("file");
}

int main(void)
{
    work_in_tmp("vfs_splice");
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 7 + i / 251);
    check_refusals();
    check_files();
    check_pipes();
    check_packets();
    check_capacity();
    check_chain();
    check_fork_meanwhile();
    return check_result();
}
