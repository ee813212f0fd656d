/* What a signal does to a call that waits (signal(7)'s table): each call in a child of its own, which is
 * interrupted by a handler without SA_RESTART, by one with it, by a signal that it ignores, and by a
 * stop and continue. It "goes on", or it ends. Nothing here is timed: the parent waits until it sees
 * the child asleep in its call. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>

static struct { volatile int hits, started; uint32_t word; } *shared;
static int ends[2], event, epoll, timer, sigfd;
static char buffer[1 << 17];
static const struct timespec long_time = { 100, 0 };
static struct timespec left;

static void on_signal(int signo) { (void)signo, shared->hits++; }

static struct timespec later(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_sec += 100;
    return t;
}

static long read_pipe(void) { return read(ends[0], buffer, 1); }
static long readv_pipe(void) { return readv(ends[0], &(struct iovec){ buffer, 8 }, 1); }
static long read_event(void) { return read(event, buffer, 8); }
static long read_timer(void) { return read(timer, buffer, 8); }
static long read_signals(void) { return read(sigfd, buffer, 128); }
static long read_terminal(void) { return read(0, buffer, 1); }
static long write_some(void) { return write(ends[1], buffer, sizeof buffer); }

static long write_full_pipe(void)
{
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], buffer, 4096) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0);
    return write(ends[1], buffer, 1);
}

static long write_full_event(void)
{
    uint64_t most = UINT64_MAX - 1;
    return write(event, &most, 8) == 8 ? write(event, &most, 8) : -2;
}

static long open_fifo(void) { return open("fifo", O_RDONLY); }

static long with_child(long (*wait)(pid_t))
{
    shared->started = 0;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    shared->started = 1;
    long r = wait(pid);
    int e = errno;
    shared->started = 0; /* what follows sleeps, too */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = e;
    return r;
}

static long wait4_of(pid_t pid) { return syscall(SYS_wait4, pid, NULL, 0, NULL); }
static long waitid_of(pid_t pid) { return syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL); }
static long wait4_child(void) { return with_child(wait4_of); }
static long waitid_child(void) { return with_child(waitid_of); }

static sigset_t none(void)
{
    sigset_t set;
    sigemptyset(&set);
    return set;
}

static sigset_t only(int signo)
{
    sigset_t set = none();
    sigaddset(&set, signo);
    return set;
}

static long do_pause(void) { return pause(); }
static long do_sigsuspend(void) { sigset_t set = none(); return sigsuspend(&set); }
static long do_sigtimedwait(void) { sigset_t set = only(SIGHUP); return syscall(SYS_rt_sigtimedwait, &set, NULL, &long_time, 8); } /* musl asks again */
static long do_sigwaitinfo(void) { sigset_t set = only(SIGHUP); return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8); }
static long do_nanosleep(void) { return nanosleep(&long_time, &left); }
static long raw_clock_nanosleep(int clock, int flags, struct timespec t) { return syscall(SYS_clock_nanosleep, clock, flags, &t, &left); }
static long sleep_relative(void) { return raw_clock_nanosleep(CLOCK_MONOTONIC, 0, long_time); }
static long sleep_absolute(void) { return raw_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, later(CLOCK_MONOTONIC)); }
static long sleep_realtime(void) { return raw_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, later(CLOCK_REALTIME)); }

static long do_poll(void) { return poll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, -1); }
static long poll_timed(void) { return poll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, 100000); }
static long do_ppoll(void) { sigset_t set = none(); return ppoll(&(struct pollfd){ ends[0], POLLIN, 0 }, 1, &long_time, &set); }

static long do_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval tv = { 100, 0 };
    return select(ends[0] + 1, &set, NULL, NULL, &tv);
}

static long do_pselect(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return pselect(ends[0] + 1, &set, NULL, NULL, NULL, NULL);
}

static long do_epoll_wait(void) { struct epoll_event e; return syscall(SYS_epoll_wait, epoll, &e, 1, -1); }
static long epoll_timed(void) { struct epoll_event e; return syscall(SYS_epoll_wait, epoll, &e, 1, 100000); }
static long do_epoll_pwait(void) { struct epoll_event e; sigset_t set = none(); return epoll_pwait(epoll, &e, 1, -1, &set); }

static long futex(int op, const struct timespec *t) { return syscall(SYS_futex, &shared->word, op, 0, t, NULL, ~0u); }
static long futex_forever(void) { return futex(0, NULL); }
static long futex_timed(void) { return futex(0, &long_time); }
static long futex_until(void) { struct timespec t = later(CLOCK_MONOTONIC); return futex(9, &t); }

/* What is locked is held by a process that waits meanwhile. */
static long behind_lock(int (*take)(int fd), long (*wait)(int fd))
{
    int fd = open("locked", O_RDWR), other = open("locked", O_RDWR), ready[2];
    char byte;
    shared->started = 0;
    if (fd < 0 || other < 0 || pipe(ready))
        return -3;
    pid_t pid = fork();
    if (pid == 0) {
        take(other);
        if (write(ready[1], "x", 1) == 1)
            for (;;)
                pause();
    }
    close(other);
    bool locked = read(ready[0], &byte, 1) == 1;
    shared->started = 1;
    long r = locked ? wait(fd) : -4;
    int e = errno;
    shared->started = 0; /* what follows sleeps, too */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = e;
    return r;
}

static struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
static int take_flock(int fd) { return flock(fd, LOCK_EX); }
static int take_record(int fd) { return fcntl(fd, F_SETLK, &whole); }
static long wait_flock(int fd) { return flock(fd, LOCK_EX); }
static long wait_record(int fd) { return fcntl(fd, F_SETLKW, &whole); }
static long wait_description(int fd) { return fcntl(fd, F_OFD_SETLKW, &whole); }
static long lock_file(void) { return behind_lock(take_flock, wait_flock); }
static long lock_record(void) { return behind_lock(take_record, wait_record); }
static long lock_description(void) { return behind_lock(take_record, wait_description); }

static int socket_pair(bool timed)
{
    int pair[2] = { -1, -1 };
    struct timeval tv = { 100, 0 };
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        _exit(251);
    if (timed)
        setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    return pair[0];
}

static long send_until_full(int fd)
{
    long r;
    while ((r = send(fd, buffer, 4096, 0)) > 0)
        ;
    return r;
}

static long receive(void) { return recv(socket_pair(false), buffer, 1, 0); }
static long receive_timed(void) { return recv(socket_pair(true), buffer, 1, 0); }
static long read_timed(void) { return read(socket_pair(true), buffer, 1); }
static long send_full(void) { return send_until_full(socket_pair(false)); }
static long send_timed(void) { return send_until_full(socket_pair(true)); }

static long do_accept(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "interrupt.%d", (int)getpid());
    return bind(s, (struct sockaddr *)&name, sizeof name) || listen(s, 1) ? -5 : accept(s, NULL, NULL);
}

static const struct { const char *name; long (*call)(void); } calls[] = {
    { "read, pipe", read_pipe }, { "readv, pipe", readv_pipe }, { "read, eventfd", read_event },
    { "read, timerfd", read_timer }, { "read, signalfd", read_signals }, { "read, terminal", read_terminal },
    { "write, full pipe", write_full_pipe }, { "write, more than the pipe holds", write_some },
    { "write, eventfd", write_full_event }, { "open, FIFO", open_fifo },
    { "wait4", wait4_child }, { "waitid", waitid_child },
    { "pause", do_pause }, { "sigsuspend", do_sigsuspend }, { "sigtimedwait", do_sigtimedwait }, { "sigwaitinfo", do_sigwaitinfo },
    { "nanosleep", do_nanosleep }, { "clock_nanosleep", sleep_relative }, { "clock_nanosleep, absolute", sleep_absolute },
    { "clock_nanosleep, realtime", sleep_realtime },
    { "poll", do_poll }, { "poll, timed", poll_timed }, { "ppoll", do_ppoll }, { "select", do_select }, { "pselect6", do_pselect },
    { "epoll_wait", do_epoll_wait }, { "epoll_wait, timed", epoll_timed }, { "epoll_pwait", do_epoll_pwait },
    { "futex", futex_forever }, { "futex, timed", futex_timed }, { "futex, bitset until", futex_until },
    { "flock", lock_file }, { "fcntl, F_SETLKW", lock_record }, { "fcntl, F_OFD_SETLKW", lock_description },
    { "recv", receive }, { "recv, SO_RCVTIMEO", receive_timed }, { "read, SO_RCVTIMEO", read_timed },
    { "send", send_full }, { "send, SO_SNDTIMEO", send_timed },
    { "accept", do_accept },
};

/* --- the child -------------------------------------------------------------------------------- */

static void handle(int signo, void (*handler)(int), int flags)
{
    struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
    sigaction(signo, &act, NULL);
}

static void make_files(void)
{
    sigset_t set = only(SIGHUP);
    struct itimerspec far = { .it_value = long_time };
    if (pipe(ends) || (event = eventfd(0, 0)) < 0 || (epoll = epoll_create1(0)) < 0 || (timer = timerfd_create(CLOCK_MONOTONIC, 0)) < 0)
        _exit(250);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigfd = signalfd(-1, &set, 0);
    timerfd_settime(timer, 0, &far, NULL);
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &(struct epoll_event){ .events = EPOLLIN });
}

/* The end says what the call answered: 0 to 99 a result, 100 one beyond, 101 and up an error. */
static void child(long (*call)(void), int signo, int flags)
{
    make_files();
    handle(SIGUSR2, on_signal, 0);
    if (signo == SIGUSR1)
        handle(SIGUSR1, on_signal, flags);
    shared->started = 1;
    errno = 0;
    long r = call();
    _exit(r >= 0 ? (r < 100 ? (int)r : 100) : 100 + errno);
}

/* --- the parent ------------------------------------------------------------------------------- */

static char state_of(pid_t pid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    const char *close_paren = n > 0 ? strrchr(text, ')') : NULL;
    return close_paren ? close_paren[2] : '?';
}

static int status;
static bool ended(pid_t pid) { return waitpid(pid, &status, WNOHANG) == pid; }

/* Asleep in its call, and it stays there; false: it has ended. */
static bool sleeps(pid_t pid, int hits)
{
    for (int quiet = 0; quiet < 4;) {
        if (ended(pid))
            return false;
        quiet = shared->started && shared->hits >= hits && state_of(pid) == 'S' ? quiet + 1 : 0;
        sleep_ms(3);
    }
    return true;
}

static const char *result(void)
{
    static char text[64];
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code < 0)
        snprintf(text, sizeof text, "killed by %d", WTERMSIG(status));
    else if (code > 100)
        snprintf(text, sizeof text, "%s", strerror(code - 100));
    else
        snprintf(text, sizeof text, code == 100 ? "much" : "%d", code);
    return text;
}

static void stop_and_continue(pid_t pid)
{
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGCONT);
}

static void try_one(long (*call)(void), const char *how, int signo, int flags)
{
    shared->hits = shared->started = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        child(call, signo, flags);
    bool asleep = sleeps(pid, 0);
    if (asleep && signo == SIGSTOP)
        stop_and_continue(pid);
    else if (asleep)
        kill(pid, signo);
    asleep = asleep && sleeps(pid, signo == SIGUSR1);
    printf(" %s: %s;", how, asleep ? "goes on" : result());
    if (!asleep)
        return;
    kill(pid, SIGUSR2);
    waitpid(pid, &status, 0);
    if (strcmp(result(), strerror(EINTR)) != 0)
        printf(" then %s;", result());
}

int main(void)
{
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    work_in_tmp("interrupt");
    CHECK(mkfifo("fifo", 0600) == 0 && close(open("locked", O_RDWR | O_CREAT, 0600)) == 0);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        printf("%s:", calls[i].name);
        try_one(calls[i].call, "handler", SIGUSR1, 0);
        try_one(calls[i].call, "SA_RESTART", SIGUSR1, SA_RESTART);
        try_one(calls[i].call, "ignored", SIGWINCH, 0);
        try_one(calls[i].call, "stop", SIGSTOP, 0);
        printf("\n");
        fflush(stdout);
    }
    CHECK(unlink("fifo") == 0 && unlink("locked") == 0);
    return check_result();
}
