/* signalfd: errors, what is read of each kind of signal, sets that change, readers that wait, children,
 * threads, poll and epoll. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

static struct signalfd_siginfo got[4];
static sigset_t mine;

static int ready(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT | POLLRDNORM, 0 };
    return poll(&p, 1, 0) * 1000 + p.revents;
}

static void show_next(int fd)
{
    memset(got, 0, sizeof got);
    long n = read(fd, got, sizeof got);
    printf("read %ld", n < 0 ? (long)-errno : n);
    for (int i = 0; i < n / 128; i++)
        printf(" [%d code %d errno %d from us %d uid %d int %d ptr %lx status %d]", (int)got[i].ssi_signo, got[i].ssi_code, got[i].ssi_errno,
               (int)got[i].ssi_pid == getpid(), (int)got[i].ssi_uid, got[i].ssi_int, (long)got[i].ssi_ptr, got[i].ssi_status);
    printf("\n");
    fflush(stdout);
}

static void check_errors(void)
{
    int fd = signalfd(-1, &mine, SFD_NONBLOCK | SFD_CLOEXEC), p[2];
    CHECK(fd >= 0 && pipe(p) == 0);
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
    SHOW(syscall(SYS_signalfd4, -1, &mine, 7, 0));
    SHOW(syscall(SYS_signalfd4, -1, 1, 8, 0));
    SHOW(syscall(SYS_signalfd4, -1, &mine, 8, 1));
    SHOW(signalfd(p[0], &mine, 0));
    SHOW(signalfd(99, &mine, 0));
    SHOW(signalfd(fd, &mine, 0) == fd);
    SHOW(read(fd, got, 127));
    SHOW(read(fd, got, 128));
    SHOW(write(fd, got, 128));
    SHOW(ready(fd));
    CHECK(syscall(SYS_signalfd, -1, &mine, 8) >= 0);
    close(fd), close(fd + 1), close(p[0]), close(p[1]), close(fd + 3);
}

static void check_kinds(int fd)
{
    raise(SIGUSR1);
    kill(getpid(), SIGUSR2);
    SHOW(ready(fd));
    show_next(fd);
    SHOW(ready(fd));
    show_next(fd);
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_ptr = (void *)0x123456789 });
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = -2 });
    sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 3 });
    for (int i = 0; i < 6; i++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
    show_next(fd), show_next(fd), show_next(fd), show_next(fd);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    struct pollfd p = { fd, POLLIN, 0 };
    CHECK(poll(&p, 1, 5000) == 1 && read(fd, got, sizeof got) == 128);
    CHECK(got[0].ssi_signo == SIGCHLD && got[0].ssi_pid == (unsigned)pid && got[0].ssi_status == 5 && got[0].ssi_code == CLD_EXITED);
    CHECK(waitpid(pid, NULL, 0) == pid);
    raise(SIGUSR1);
    SHOW(read(fd, (void *)1, 128));
    show_next(fd);
}

static void check_sets(int fd)
{
    sigset_t one, all;
    sigemptyset(&one), sigaddset(&one, SIGUSR2), sigfillset(&all);
    raise(SIGUSR1);
    CHECK(signalfd(fd, &one, 0) == fd);
    SHOW(ready(fd));
    show_next(fd);
    CHECK(signalfd(fd, &all, 0) == fd);
    SHOW(ready(fd));
    show_next(fd);
    raise(SIGUSR1);
    sigpending(&all);
    SHOW(sigismember(&all, SIGUSR1));
    show_next(fd);
    sigpending(&all);
    SHOW(sigismember(&all, SIGUSR1));
    CHECK(signalfd(fd, &mine, 0) == fd);
}

static void *send_later(void *unused)
{
    sleep_ms(30);
    kill(getpid(), SIGUSR1);
    return unused;
}
static void nothing(int signo) { (void)signo; }

static void check_waiting(void)
{
    int fd = signalfd(-1, &mine, 0), port = epoll_create1(0);
    pthread_t t;
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.fd = fd }, out;
    pthread_create(&t, NULL, send_later, NULL);
    show_next(fd);
    pthread_join(t, NULL);
    CHECK(epoll_ctl(port, EPOLL_CTL_ADD, fd, &ev) == 0);
    SHOW(epoll_wait(port, &out, 1, 0));
    pthread_create(&t, NULL, send_later, NULL);
    SHOW(epoll_wait(port, &out, 1, 5000));
    SHOW(epoll_wait(port, &out, 1, 0));
    pthread_join(t, NULL);
    show_next(fd);
    struct pollfd p = { fd, POLLIN, 0 };
    pthread_create(&t, NULL, send_later, NULL);
    SHOW(poll(&p, 1, 5000));
    pthread_join(t, NULL);
    show_next(fd);
    struct sigaction act = { .sa_handler = nothing };
    struct itimerval soon = { .it_value.tv_usec = 20000 };
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    show_next(fd);
    close(fd), close(port);
}

/* A signal to a thread is that thread's; a child reads its own; what a process that ended watched goes. */
static void *reads_its_own(void *fd)
{
    sigset_t set;
    pthread_kill(pthread_self(), SIGUSR2);
    sigpending(&set);
    return (void *)(long)(sigismember(&set, SIGUSR2) && read(*(int *)fd, got, 128) == 128 && got[0].ssi_signo == SIGUSR2);
}

static void check_owners(void)
{
    int fd = signalfd(-1, &mine, SFD_NONBLOCK), port = epoll_create1(0), status;
    struct epoll_event ev = { .events = EPOLLIN }, out;
    pthread_t t;
    void *ok = NULL;
    pthread_create(&t, NULL, reads_its_own, &fd);
    pthread_join(t, &ok);
    CHECK(ok);
    raise(SIGUSR1); /* to this thread */
    SHOW(ready(fd));
    pid_t pid = fork();
    if (pid == 0) {
        bool good = ready(fd) == 0 && epoll_ctl(port, EPOLL_CTL_ADD, fd, &ev) == 0;
        raise(SIGUSR2);
        _exit(good && epoll_wait(port, &out, 1, 0) == 1 ? 0 : 1);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    /* The item is there still, and asks on behalf of whoever waits. */
    SHOW(epoll_wait(port, &out, 1, 0) >= 0);
    show_next(fd);
    SHOW(epoll_ctl(port, EPOLL_CTL_DEL, fd, NULL));
    close(fd), close(port);
}

int main(void)
{
    sigemptyset(&mine);
    for (int s = SIGRTMIN; s < SIGRTMIN + 3; s++)
        sigaddset(&mine, s);
    sigaddset(&mine, SIGUSR1), sigaddset(&mine, SIGUSR2), sigaddset(&mine, SIGCHLD), sigaddset(&mine, SIGKILL);
    sigprocmask(SIG_BLOCK, &mine, NULL);
    check_errors();
    int fd = signalfd(-1, &mine, SFD_NONBLOCK);
    check_kinds(fd);
    check_sets(fd);
    close(fd);
    check_waiting();
    check_owners();
    return check_result();
}
