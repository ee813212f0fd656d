/* Pipes: ends, atomic writes from several writers, non-blocking, poll and select, odd counts. */
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { WRITERS = 4, RECORDS = 200, RECORD = 512 };
static volatile int broken;
static char big[200000];

static void on_pipe(int signo)
{
    broken += signo == SIGPIPE;
}

static int poll_now(int fd, short events)
{
    struct pollfd set = { .fd = fd, .events = events };
    int n = poll(&set, 1, 0);
    return n * 1000 + set.revents;
}

static void check_ends(void)
{
    int p[2];
    char byte = 'x';
    struct stat st;
    CHECK(pipe(p) == 0 && fstat(p[0], &st) == 0 && S_ISFIFO(st.st_mode));
    SHOW(poll_now(p[0], POLLIN));
    SHOW(poll_now(p[1], POLLOUT));
    SHOW(write(p[1], "", 0));
    SHOW(read(p[0], &byte, 0));
    SHOW(write(p[0], "x", 1));
    SHOW(read(p[1], &byte, 1));
    SHOW(lseek(p[0], 0, SEEK_SET));
    SHOW(pread(p[0], &byte, 1, 0));
    SHOW(pwrite(p[1], &byte, 1, 0));
    SHOW(ftruncate(p[1], 0));
    SHOW(fsync(p[1]));
    SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p[0], 0) == MAP_FAILED ? -1 : 0);
    SHOW(write(p[1], "hello", 5));
    int waiting = 0;
    SHOW(ioctl(p[0], FIONREAD, &waiting));
    SHOW(waiting);
    SHOW(poll_now(p[0], POLLIN | POLLRDNORM));
    SHOW(close(p[1]));
    SHOW(poll_now(p[0], POLLIN));
    SHOW(read(p[0], big, 100));
    SHOW(poll_now(p[0], POLLIN));
    SHOW(read(p[0], big, 100));
    close(p[0]);
    CHECK(pipe(p) == 0);
    close(p[0]);
    SHOW(poll_now(p[1], POLLOUT));
    SHOW(write(p[1], "x", 1));
    SHOW(broken);
    SHOW(write(p[1], "", 0));
    signal(SIGPIPE, SIG_IGN);
    SHOW(write(p[1], "x", 1));
    signal(SIGPIPE, on_pipe);
    close(p[1]);
}

static void write_broken(void)
{
    int p[2];
    signal(SIGPIPE, SIG_DFL);
    if (pipe(p) == 0) {
        close(p[0]);
        (void)!write(p[1], "x", 1);
    }
}

static void check_nonblocking(void)
{
    int p[2];
    CHECK(pipe2(p, O_NONBLOCK | O_CLOEXEC) == 0);
    SHOW(fcntl(p[0], F_GETFL));
    SHOW(fcntl(p[1], F_GETFL));
    SHOW(fcntl(p[1], F_GETFD));
    SHOW(read(p[0], big, 1));
    long total = 0, n;
    while ((n = write(p[1], big, 4096)) > 0)
        total += n;
    SHOW(n);
    SHOW(total);
    SHOW(poll_now(p[1], POLLOUT));
    SHOW(write(p[1], big, 1));
    SHOW(read(p[0], big, 4095));
    SHOW(write(p[1], big, 4096)); /* PIPE_BUF: all or nothing */
    SHOW(read(p[0], big, 4097));
    SHOW(write(p[1], big, sizeof big)); /* more than that: what there is room for */
    while ((n = read(p[0], big, sizeof big)) > 0)
        total -= n;
    SHOW(poll_now(p[1], POLLOUT));
    SHOW(pipe2(p, 0x1));
    close(p[0]);
    close(p[1]);
}

static void write_records(int fd, char mark)
{
    char record[RECORD];
    memset(record, mark, sizeof record);
    for (int i = 0; i < RECORDS; i++)
        if (write(fd, record, sizeof record) != sizeof record)
            _exit(1);
    _exit(0);
}

static bool read_whole(int fd, char *to, size_t n)
{
    while (n) {
        long got = read(fd, to, n > 300 ? 300 : n);
        if (got <= 0)
            return false;
        to += got, n -= (size_t)got;
    }
    return true;
}

static void check_atomic(void)
{
    int p[2], whole = 0, raw = 0, bad = 0, seen[WRITERS] = { 0 };
    char record[RECORD];
    CHECK(pipe(p) == 0);
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0)
            write_records(p[1], (char)('a' + i));
    close(p[1]);
    while (read_whole(p[0], record, RECORD)) {
        bool same = true;
        for (int i = 1; i < RECORD; i++)
            same = same && record[i] == record[0];
        whole += same;
        if (record[0] >= 'a' && record[0] < 'a' + WRITERS)
            seen[record[0] - 'a']++;
    }
    SHOW(whole);
    for (int i = 0; i < WRITERS; i++)
        SHOW(seen[i]);
    while (wait(&raw) > 0)
        bad += raw != 0;
    SHOW(bad);
    close(p[0]);
}

/* Much more than a pipe holds, in pieces of odd lengths, must arrive in order. */
static void check_stream(void)
{
    int p[2], raw = 0;
    enum { TOTAL = 3000000 };
    CHECK(pipe(p) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        unsigned at = 0, size = 1;
        while (at < TOTAL) {
            unsigned n = TOTAL - at < size ? TOTAL - at : size;
            for (unsigned i = 0; i < n; i++)
                big[i] = (char)((at + i) * 7 + ((at + i) >> 9));
            if (write(p[1], big, n) != (long)n)
                _exit(1);
            at += n;
            size = size * 5 % 99991;
        }
        _exit(0);
    }
    close(p[1]);
    unsigned at = 0, wrong = 0;
    long n;
    while ((n = read(p[0], big, 7777)) > 0) {
        for (long i = 0; i < n; i++)
            wrong += big[i] != (char)((at + i) * 7 + ((at + i) >> 9));
        at += (unsigned)n;
    }
    SHOW(at);
    SHOW(wrong);
    CHECK(waitpid(pid, &raw, 0) == pid);
    SHOW(raw);
    close(p[0]);
}

static void check_waiting(void)
{
    int a[2], b[2];
    CHECK(pipe(a) == 0 && pipe(b) == 0);
    struct pollfd set[4] = { { a[0], POLLIN, 0 }, { b[0], POLLIN, 0 }, { -1, POLLIN, 9 }, { 999, POLLIN, 0 } };
    SHOW(poll(set, 4, 1000));
    SHOW(set[2].revents);
    SHOW(set[3].revents);
    unsigned long began = now_us();
    SHOW(poll(set, 2, 50));
    unsigned long took = now_us() - began;
    CHECK(took >= 50000 && took < 1000000);
    pid_t pid = fork();
    if (pid == 0) {
        sleep_ms(30);
        _exit(write(b[1], "x", 1) != 1);
    }
    SHOW(poll(set, 2, -1));
    SHOW(set[0].revents * 100 + set[1].revents);
    waitpid(pid, NULL, 0);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(a[0], &in);
    FD_SET(b[0], &in);
    FD_SET(a[1], &out);
    struct timeval limit = { 2, 0 };
    int most = b[1] + 1;
    SHOW(select(most, &in, &out, NULL, &limit));
    SHOW(FD_ISSET(a[0], &in) * 100 + FD_ISSET(b[0], &in) * 10 + FD_ISSET(a[1], &out));
    FD_ZERO(&in);
    FD_SET(a[0], &in);
    limit = (struct timeval){ 0, 40000 };
    SHOW(select(most, &in, NULL, NULL, &limit));
    SHOW(limit.tv_usec);
    FD_SET(60, &in);
    SHOW(select(61, &in, NULL, NULL, &limit));
    limit = (struct timeval){ -1, 0 };
    SHOW(select(1, NULL, NULL, NULL, &limit));
    SHOW(select(-1, NULL, NULL, NULL, NULL));
    close(a[0]), close(a[1]), close(b[0]), close(b[1]);
}

static void check_fifo(void)
{
    SHOW(mkfifo("fifo", 0600));
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    SHOW(read(reader, big, 1)); /* no writer yet: end of file */
    int writer = open("fifo", O_WRONLY | O_NONBLOCK);
    SHOW(read(reader, big, 1));
    SHOW(write(writer, "abc", 3));
    SHOW(read(reader, big, 10));
    close(writer);
    close(reader);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open("fifo", O_WRONLY); /* waits for the reader */
        _exit(write(fd, "late", 4) != 4);
    }
    reader = open("fifo", O_RDONLY);
    SHOW(read(reader, big, 10));
    SHOW(read(reader, big, 10));
    waitpid(pid, NULL, 0);
    close(reader);
    SHOW(unlink("fifo"));
}

/* The writer waits for the reader, and may be through and gone before the reader looks whether it is there. */
static void check_fifo_passing(void)
{
    enum { ROUNDS = 3000 };
    int next[2], got = 0;
    CHECK(mkfifo("fifo", 0600) == 0 && pipe(next) == 0);
    pid_t pid = fork();
    for (int i = 0; pid == 0 && i < ROUNDS; i++) {
        int fd = open("fifo", O_WRONLY);
        if (close(fd) || read(next[0], big, 1) != 1)
            _exit(1);
    }
    if (pid == 0)
        _exit(0);
    alarm(60);
    for (int i = 0; i < ROUNDS; i++) {
        int fd = open("fifo", O_RDONLY);
        got += read(fd, big, 1) == 0 && close(fd) == 0 && write(next[1], "n", 1) == 1;
    }
    alarm(0);
    SHOW(got);
    CHECK(waitpid(pid, NULL, 0) == pid && unlink("fifo") == 0);
    close(next[0]), close(next[1]);
}

static void check_vectors(void)
{
    int p[2];
    char text[16] = { 0 };
    struct iovec out[3] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } }, in[2] = { { text, 4 }, { text + 8, 4 } };
    struct iovec bad[2] = { { "ab", 2 }, { (void *)16, 3 } }, huge[2] = { { text, SSIZE_MAX }, { text, 2 } };
    CHECK(pipe(p) == 0);
    SHOW(writev(p[1], out, 3));
    SHOW(readv(p[0], in, 2));
    CHECK(memcmp(text, "abcd\0\0\0\0e", 9) == 0);
    SHOW(writev(p[1], out, 0));
    SHOW(writev(p[1], out, -1));
    SHOW(writev(p[1], out, 1025));
    CHECK(writev(p[1], huge, 2) != 0); /* as many bytes as the stack still has, or EFAULT */
    SHOW(writev(p[1], (struct iovec *)16, 1));
    SHOW(writev(p[1], &bad[1], 1));
    close(p[0]), close(p[1]);
}

/* A pipe has a name in /proc that opens more ends of it. */
static int open_again(int fd, int flags)
{
    char name[40];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return open(name, flags);
}

static void check_names(void)
{
    int p[2], s;
    char name[40], one[40] = { 0 }, two[40] = { 0 }, text[8] = { 0 };
    struct stat st[3];
    CHECK(pipe(p) == 0);
    int in = open_again(p[0], O_WRONLY), out = open_again(p[1], O_RDONLY | O_NONBLOCK), both = open_again(p[0], O_RDWR);
    CHECK(in >= 0 && out >= 0 && both >= 0);
    CHECK(fstat(p[0], &st[0]) == 0 && fstat(in, &st[1]) == 0 && st[0].st_ino == st[1].st_ino && st[1].st_mode == st[0].st_mode);
    snprintf(name, sizeof name, "/dev/fd/%d", p[0]);
    CHECK(stat(name, &st[2]) == 0 && st[2].st_ino == st[0].st_ino && st[2].st_mode == (S_IFIFO | 0600) && st[2].st_uid == geteuid());
    CHECK(readlink(name, one, sizeof one) > 0);
    snprintf(name, sizeof name, "/dev/fd/%d", in);
    CHECK(readlink(name, two, sizeof two) > 0 && strcmp(one, two) == 0 && strncmp(one, "pipe:[", 6) == 0);
    CHECK(write(in, "again", 5) == 5);
    SHOW(read(out, text, sizeof text));
    close(p[1]), close(both);
    SHOW(poll_now(p[0], POLLIN));
    CHECK(write(in, "x", 1) == 1 && close(in) == 0);
    SHOW(read(p[0], text, 8));
    SHOW(read(p[0], text, 8));
    close(p[0]);
    s = open_again(out, O_WRONLY | O_NONBLOCK);
    CHECK(s >= 0 && close(out) == 0);
    SHOW(poll_now(s, POLLOUT));
    SHOW(write(s, "x", 1));
    SHOW(open_again(s, O_WRONLY | O_NONBLOCK));
    SHOW(open_again(s, 3));
    close(s);
    SHOW(open("/proc/self/fd/77", O_RDONLY));
}

/* A vector is one write: nobody's bytes come between its pieces. */
static void check_vectors_whole(void)
{
    enum { WRITERS = 4, TIMES = 500 };
    int p[2], torn = 0, count = 0;
    char record[6];
    CHECK(pipe(p) == 0);
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0) {
            char c[6] = { 'a' + w, 'a' + w, 'a' + w, 'a' + w, 'a' + w, 'a' + w };
            struct iovec v[3] = { { c, 1 }, { c + 1, 3 }, { c + 4, 2 } };
            for (int i = 0; i < TIMES; i++)
                if (writev(p[1], v, 3) != 6)
                    _exit(1);
            _exit(0);
        }
    close(p[1]);
    for (size_t have = 0; ; have = 0, count++) {
        ssize_t n = 1;
        while (have < sizeof record && (n = read(p[0], record + have, sizeof record - have)) > 0)
            have += (size_t)n;
        if (have < sizeof record)
            break;
        char first[2] = { record[0], 0 };
        char text[7] = { 0 };
        torn += strspn(memcpy(text, record, sizeof record), first) < sizeof record;
    }
    SHOW(torn);
    SHOW(count);
    while (wait(NULL) > 0)
        ;
    close(p[0]);
}

/* What is there fills the first piece: the second is not waited for. On sockets of messages a vector is one message. */
static void check_vectors_of_messages(void)
{
    int p[2];
    char a[4] = "", b[4] = "";
    struct iovec out[2] = { { "abcd", 4 }, { "ef", 2 } }, in[2] = { { a, 4 }, { b, 4 } };
    CHECK(pipe(p) == 0);
    SHOW(write(p[1], "1234", 4));
    alarm(60);
    SHOW(readv(p[0], in, 2));
    close(p[0]), close(p[1]);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, p) == 0);
    SHOW(writev(p[1], out, 2));
    SHOW(write(p[1], "gh", 2));
    SHOW(readv(p[0], in, 2));
    CHECK(memcmp(a, "abcd", 4) == 0 && memcmp(b, "ef", 2) == 0);
    SHOW(readv(p[0], in, 2));
    close(p[0]), close(p[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
    SHOW(write(p[1], "1234", 4));
    SHOW(readv(p[0], in, 2));
    close(p[0]);
    SHOW(writev(p[1], out, 2));
    alarm(0);
    close(p[1]);
}

int main(void)
{
    work_in_tmp("pipe");
    signal(SIGPIPE, on_pipe);
    check_ends();
    SHOW(status_of(write_broken));
    check_nonblocking();
    check_atomic();
    check_stream();
    check_waiting();
    check_fifo();
    check_fifo_passing();
    check_vectors();
    check_vectors_whole();
    check_vectors_of_messages();
    check_names();
    return check_result();
}
