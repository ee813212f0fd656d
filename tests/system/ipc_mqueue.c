/* POSIX message queues: names, order, limits, waiting, being told. */
#include "check.h"

#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

static char name[64];
static char buf[8192];

static mqd_t make(long most, long bytes, int flags)
{
    struct mq_attr a = { .mq_maxmsg = most, .mq_msgsize = bytes };
    return mq_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a);
}

static void get(mqd_t q)
{
    unsigned priority = 77;
    memset(buf, 0, sizeof buf);
    ssize_t n = mq_receive(q, buf, sizeof buf, &priority);
    printf("%zd '%s' %u %s\n", n, buf, priority, n < 0 ? strerror(errno) : "");
    fflush(stdout);
}

/* No descriptor left: nothing was made. */
static void without_descriptor(void)
{
    struct rlimit old, none = { 3, 3 };
    getrlimit(RLIMIT_NOFILE, &old);
    none.rlim_cur = (rlim_t)dup(0);
    close((int)none.rlim_cur);
    none.rlim_max = old.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    SHOW(mq_open(name, O_RDWR | O_CREAT, 0600, NULL));
    CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
    SHOW(mq_unlink(name));
}

static void names(void)
{
    SHOW(mq_open(name, O_RDWR));
    SHOW(mq_unlink(name));
    SHOW(mq_open("/", O_RDWR | O_CREAT, 0600, NULL));
    SHOW(mq_open("/a/b", O_RDWR | O_CREAT, 0600, NULL));
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[0] = '/';
    longer[299] = 0;
    SHOW(mq_open(longer, O_RDWR | O_CREAT, 0600, NULL));
    mqd_t q = make(4, 100, 0);
    CHECK(q >= 0 && fcntl(q, F_GETFD) == FD_CLOEXEC);
    SHOW(make(4, 100, 0));
    mqd_t r = mq_open(name, O_RDONLY | O_CREAT, 0600, NULL);
    struct mq_attr a, b = { .mq_flags = O_NONBLOCK };
    CHECK(mq_getattr(r, &a) == 0 && a.mq_maxmsg == 4 && a.mq_msgsize == 100 && a.mq_curmsgs == 0 && a.mq_flags == 0);
    CHECK(mq_setattr(r, &b, &a) == 0 && a.mq_flags == 0 && mq_getattr(r, &a) == 0 && a.mq_flags == O_NONBLOCK);
    CHECK(mq_getattr(q, &a) == 0 && a.mq_flags == 0);
    b.mq_flags = O_APPEND;
    SHOW(mq_setattr(r, &b, NULL));
    SHOW(mq_send(r, "x", 1, 0));
    SHOW(mq_unlink(name));
    SHOW(mq_open(name, O_RDWR));
    SHOW(mq_send(q, "still there", 11, 0));
    SHOW(mq_getattr(0, &a));
    SHOW(mq_close(q));
    get(r);
    get(r);
    SHOW(mq_close(r));
    SHOW(make(0, 100, 0));
    SHOW(make(4, 0, 0));
    SHOW(make(-1, 100, 0));
}

static void order(void)
{
    mqd_t q = make(4, 100, O_NONBLOCK);
    SHOW(mq_send(q, "low", 3, 1));
    SHOW(mq_send(q, "high", 4, 9));
    SHOW(mq_send(q, "high too", 8, 9));
    SHOW(mq_send(q, "", 0, 5));
    SHOW(mq_send(q, "full", 4, 5));
    SHOW(mq_send(q, buf, 101, 5));
    SHOW(mq_send(q, "x", 1, 32768));
    struct pollfd p = { q, POLLIN | POLLOUT, 0 };
    SHOW(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    SHOW(mq_receive(q, buf, 99, NULL));
    for (int i = 0; i < 5; i++)
        get(q);
    SHOW(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    struct timespec bad = { 0, -1 }, past = { 1, 0 };
    SHOW(mq_timedreceive(q, buf, sizeof buf, NULL, &bad));
    fcntl(q, F_SETFL, 0);
    SHOW(mq_timedreceive(q, buf, sizeof buf, NULL, &past));
    for (int i = 0; i < 4; i++)
        mq_send(q, "x", 1, 0);
    SHOW(mq_timedsend(q, "x", 1, 0, &past));
    SHOW(mq_close(q));
    SHOW(mq_unlink(name));
}

static void on_alarm(int sig) { (void)sig; }

static void waiting(void)
{
    int status;
    mqd_t q = make(1, 100, 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 200; i++)
            if (mq_send(q, (char *)&i, sizeof i, 0))
                _exit(1);
        _exit(0);
    }
    bool right = true;
    for (int i = 0, got = 0; i < 200; i++)
        right &= mq_receive(q, (char *)&got, 100, NULL) == sizeof got && got == i;
    CHECK(right && waitpid(child, &status, 0) == child && status == 0);
    struct sigaction act = { .sa_handler = on_alarm };
    sigaction(SIGALRM, &act, NULL);
    struct itimerval soon = { .it_value = { 0, 20000 }, .it_interval = { 0, 20000 } }, never = { 0 };
    setitimer(ITIMER_REAL, &soon, NULL);
    SHOW(mq_receive(q, buf, sizeof buf, NULL));
    setitimer(ITIMER_REAL, &never, NULL);
    SHOW(mq_close(q));
    SHOW(mq_unlink(name));
}

static volatile int told, told_code, told_value;
static void on_usr1(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    told++;
    told_code = info->si_code;
    told_value = info->si_value.sival_int;
}

static mqd_t noticed;
static void child_asks(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_NONE };
    _exit(mq_notify(noticed, &ev) == -1 && errno == EBUSY ? 0 : 1);
}

static void child_takes(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_NONE };
    _exit(mq_notify(noticed, &ev) == 0 ? 0 : 1);
}

static void notices(void)
{
    struct sigaction act = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };
    struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
    sigaction(SIGUSR1, &act, NULL);
    mqd_t q = noticed = make(4, 100, 0);
    SHOW(mq_notify(q, &ev));
    SHOW(mq_notify(q, &ev));
    CHECK(status_of(child_asks) == 0);
    SHOW(mq_send(q, "one", 3, 0));
    printf("told %d: %d %d\n", told, told_code, told_value);
    SHOW(mq_send(q, "two", 3, 0)); /* once only */
    SHOW(mq_notify(q, &ev));
    SHOW(mq_send(q, "three", 5, 0)); /* it is not empty */
    printf("told %d\n", told);
    get(q), get(q), get(q);
    SHOW(mq_notify(q, NULL));
    SHOW(mq_send(q, "four", 4, 0));
    printf("told %d\n", told);
    get(q);
    CHECK(status_of(child_takes) == 0);
    SHOW(mq_notify(q, &ev)); /* the child is gone */
    SHOW(mq_send(q, "five", 4, 0));
    printf("told %d\n", told);
    ev.sigev_signo = 99;
    SHOW(mq_notify(q, &ev));
    ev.sigev_notify = 9;
    SHOW(mq_notify(q, &ev));
    SHOW(mq_notify(0, NULL));
    SHOW(mq_close(q));
    SHOW(mq_unlink(name));
}

static void show_status(int fd)
{
    memset(buf, 0, sizeof buf);
    ssize_t n = pread(fd, buf, sizeof buf, 0);
    char *pid = strstr(buf, "PID:");
    printf("%zd %.*s%s\n", n, pid ? (int)(pid - buf) : 0, buf, pid && atoi(pid + 4) == getpid() ? "me" : pid ? pid : "");
}

static void child_closes(void) { close(noticed); }

/* Its descriptor as a file. */
static void as_file(void)
{
    struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
    struct stat st, before;
    mqd_t q = noticed = make(4, 100, O_NONBLOCK), w = mq_open(name, O_WRONLY);
    show_status(q);
    SHOW(mq_send(q, "eleven long", 11, 1));
    SHOW(mq_send(q, "5five", 5, 1));
    show_status(q);
    SHOW(mq_notify(q, &ev));
    show_status(q);
    CHECK(status_of(child_closes) == 0); /* its business is its own */
    show_status(q);
    SHOW(close(dup(q))); /* whoever closes one descriptor is told no more */
    show_status(q);
    ev.sigev_notify = SIGEV_NONE;
    SHOW(mq_notify(q, &ev));
    show_status(q);
    memset(buf, 0, sizeof buf);
    SHOW(read(q, buf, 9));
    SHOW(read(q, buf + 9, 3));
    printf("'%s'\n", buf);
    SHOW(lseek(q, 0, SEEK_CUR));
    SHOW(lseek(q, -4, SEEK_END));
    SHOW(read(q, buf, 9));
    SHOW(lseek(q, 1000, SEEK_SET));
    SHOW(read(q, buf, 9));
    SHOW(lseek(q, -1, SEEK_SET));
    SHOW(lseek(q, 3, SEEK_DATA));
    SHOW(lseek(q, 3, SEEK_HOLE));
    SHOW(lseek(q, 80, SEEK_DATA));
    SHOW(pread(q, (char *)8, 9, 0));
    SHOW(read(w, buf, 9));
    SHOW(write(q, "x", 1));
    SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, q, 0) == MAP_FAILED ? -1L : 0L);
    SHOW(fsync(q));
    SHOW(fstat(q, &before));
    printf("mode %o links %d size %d blocks %d\n", before.st_mode, (int)before.st_nlink, (int)before.st_size, (int)before.st_blocks);
    CHECK(before.st_mtim.tv_sec > 1600000000 && before.st_ino != 0);
    get(q);
    CHECK(fstat(w, &st) == 0 && st.st_ino == before.st_ino && st.st_ctim.tv_sec >= before.st_ctim.tv_sec);
    struct pollfd p[2] = { { q, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM, 0 }, { w, POLLIN | POLLOUT | POLLPRI, 0 } };
    SHOW(poll(p, 2, 0));
    printf("%x %x\n", p[0].revents, p[1].revents);
    SHOW(mq_close(q));
    SHOW(mq_unlink(name));
    CHECK(fstat(w, &st) == 0 && st.st_nlink == 0);
    SHOW(mq_close(w));
}

static void long_names(void)
{
    char longest[300];
    memset(longest, 'y', sizeof longest);
    longest[0] = '/';
    longest[256] = 0;
    mqd_t q = mq_open(longest, O_RDWR | O_CREAT, 0600, NULL);
    CHECK(q >= 0 && mq_close(q) == 0 && mq_unlink(longest) == 0);
    longest[256] = 'y', longest[257] = 0;
    SHOW(mq_open(longest, O_RDWR | O_CREAT, 0600, NULL));
    SHOW(mq_unlink(longest));
}

static void as_somebody(void)
{
    if (setgid(1234) || setuid(1234))
        _exit(1);
    SHOW(mq_open(name, O_RDWR));
    CHECK(mq_open(name, O_RDONLY) >= 0);
    SHOW(mq_unlink(name));
}

static void permissions(void)
{
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0644, NULL);
    struct mq_attr a;
    CHECK(q >= 0 && mq_getattr(q, &a) == 0 && a.mq_maxmsg == 10 && a.mq_msgsize == 8192);
    CHECK(status_of(as_somebody) == 0);
    SHOW(mq_close(q));
    SHOW(mq_unlink(name));
}

int main(void)
{
    snprintf(name, sizeof name, "/ipc_mqueue.%d", getpid());
    umask(022);
    without_descriptor();
    names();
    order();
    waiting();
    notices();
    as_file();
    long_names();
    permissions();
    return check_result();
}
