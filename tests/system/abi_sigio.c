/* Signals that tell of news: owners of files, O_ASYNC, FIOASYNC, SIGIO and F_SETSIG's choice. How many signals come for
 * several pieces of news is anybody's guess; that one comes for the first is not. */
#include "check.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>

#ifndef F_SETSIG
#define F_SETSIG 10
#define F_GETSIG 11
#endif
enum { SETOWN = 8, GETOWN = 9, SETOWN_EX = 15, GETOWN_EX = 16 };
struct owner_ex { int type, pid; };

static sigset_t both;

static long raw_fcntl(int fd, int cmd, long arg) { return syscall(SYS_fcntl, fd, cmd, arg); }

/* The next signal, or 0 if none is there after a moment (wait: after a long one). */
static int next_signal(siginfo_t *info, bool wait)
{
    struct timespec limit = { wait ? 60 : 0, wait ? 0 : 50000000 };
    memset(info, 0, sizeof *info);
    int sig;
    while ((sig = sigtimedwait(&both, info, &limit)) == -1 && errno == EINTR)
        ;
    return sig == -1 ? 0 : sig;
}

static void none_left(void)
{
    siginfo_t info;
    while (next_signal(&info, false))
        ;
}

static void owners(void)
{
    int fds[2], fd = eventfd(0, 0), other = open("/dev/null", O_RDONLY), me = getpid();
    struct owner_ex ex = { 9, 9 };
    CHECK(pipe(fds) == 0);
    SHOW(raw_fcntl(fds[0], GETOWN, 0));
    SHOW(raw_fcntl(fds[0], GETOWN_EX, (long)&ex));
    printf("%d %d\n", ex.type, ex.pid);
    CHECK(raw_fcntl(fds[0], SETOWN, me) == 0 && raw_fcntl(fds[0], GETOWN, 0) == me);
    CHECK(raw_fcntl(dup(fds[0]), GETOWN, 0) == me && raw_fcntl(fds[1], GETOWN, 0) == 0);
    CHECK(raw_fcntl(fds[0], GETOWN_EX, (long)&ex) == 0 && ex.type == 1 && ex.pid == me);
    SHOW(raw_fcntl(fds[0], SETOWN, 0));
    SHOW(raw_fcntl(fds[0], GETOWN, 0));
    ex = (struct owner_ex){ 2, getpgrp() };
    CHECK(raw_fcntl(fds[0], SETOWN_EX, (long)&ex) == 0 && raw_fcntl(fds[0], GETOWN_EX, (long)&ex) == 0 && ex.type == 2 && ex.pid == getpgrp());
    ex = (struct owner_ex){ 0, (int)syscall(SYS_gettid) };
    SHOW(raw_fcntl(fds[0], SETOWN_EX, (long)&ex));
    ex.type = 3;
    SHOW(raw_fcntl(fds[0], SETOWN_EX, (long)&ex));
    ex.type = -1;
    SHOW(raw_fcntl(fds[0], SETOWN_EX, (long)&ex));
    ex = (struct owner_ex){ 1, 0x3fffffff };
    SHOW(raw_fcntl(fds[0], SETOWN_EX, (long)&ex));
    SHOW(raw_fcntl(fds[0], SETOWN_EX, 0));
    SHOW(raw_fcntl(fds[0], GETOWN_EX, 0));
    SHOW(raw_fcntl(fds[0], SETOWN, 0x3fffffff));
    SHOW(raw_fcntl(fds[0], SETOWN, -0x3fffffff));
    SHOW(raw_fcntl(fds[0], SETOWN, -0x7fffffff - 1));
    CHECK(raw_fcntl(other, SETOWN, me) == 0 && raw_fcntl(other, GETOWN, 0) == me); /* any file may have one */
    pid_t child = fork();
    if (child == 0)
        _exit(raw_fcntl(other, SETOWN, getpid()) != 0);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0 && raw_fcntl(other, GETOWN, 0) == 0);
    SHOW(fcntl(fds[0], F_GETSIG));
    SHOW(fcntl(fds[0], F_SETSIG, 40));
    SHOW(fcntl(fds[0], F_GETSIG));
    SHOW(fcntl(fds[0], F_SETSIG, 65));
    SHOW(fcntl(fds[0], F_SETSIG, -1));
    SHOW(fcntl(fds[0], F_SETSIG, 0));
    int on = 1;
    SHOW(ioctl(fd, FIOASYNC, &on));
    SHOW(fcntl(fd, F_SETFL, O_ASYNC));
    SHOW(fcntl(fd, F_GETFL) & O_ASYNC);
    SHOW(ioctl(fds[0], FIOASYNC, NULL));
    close(fd), close(other), close(fds[0]), close(fds[1]);
}

/* reader has nothing yet; what is written to writer comes to it. */
static void told(const char *what, int reader, int writer)
{
    siginfo_t info;
    char buf[16];
    int on = 1, off = 0;
    printf("--- %s\n", what);
    SHOW(fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) | O_ASYNC));
    CHECK(fcntl(reader, F_GETFL) & O_ASYNC);
    CHECK(fcntl(reader, F_SETOWN, getpid()) == 0);
    CHECK(write(writer, "a\n", 2) == 2);
    SHOW(next_signal(&info, true) == SIGIO);
    SHOW(info.si_code == SI_KERNEL);
    CHECK(read(reader, buf, sizeof buf) == 2);
    none_left();
    CHECK(fcntl(reader, F_SETSIG, SIGRTMIN) == 0 && write(writer, "b\n", 2) == 2);
    CHECK(next_signal(&info, true) == SIGRTMIN);
    CHECK(info.si_code == POLL_IN && (info.si_band & POLL_IN) && info.si_fd == reader);
    CHECK(read(reader, buf, sizeof buf) == 2);
    none_left();
    SHOW(ioctl(reader, FIOASYNC, &off));
    CHECK(!(fcntl(reader, F_GETFL) & O_ASYNC) && write(writer, "c\n", 2) == 2);
    SHOW(next_signal(&info, false));
    CHECK(read(reader, buf, sizeof buf) == 2 && fcntl(reader, F_SETSIG, 0) == 0);
    SHOW(ioctl(reader, FIOASYNC, &on));
    CHECK(write(writer, "d\n", 2) == 2);
    CHECK(next_signal(&info, true) == SIGIO && read(reader, buf, sizeof buf) == 2);
    SHOW(fcntl(reader, F_SETOWN, 0)); /* nobody */
    none_left();
    CHECK(write(writer, "e\n", 2) == 2 && read(reader, buf, sizeof buf) == 2);
    SHOW(next_signal(&info, false));
    close(reader), close(writer);
    none_left();
}

static void a_terminal(void)
{
    int master, slave;
    struct termios t;
    CHECK(openpty(&master, &slave, NULL, NULL, NULL) == 0 && tcgetattr(slave, &t) == 0);
    cfmakeraw(&t);
    tcsetattr(slave, TCSANOW, &t);
    told("terminal", slave, master);
}

/* To a group, whose members are a child and not the parent; and to the other process of two with one file. */
static void others(void)
{
    int fds[2], ready[2], status = -1;
    siginfo_t info;
    char c;
    CHECK(pipe(fds) == 0 && pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        if (write(ready[1], "x", 1) != 1 || next_signal(&info, true) != SIGIO)
            _exit(1);
        _exit(next_signal(&info, true) == SIGIO ? 0 : 2); /* once for the group, once for itself */
    }
    CHECK(read(ready[0], &c, 1) == 1);
    CHECK(raw_fcntl(fds[0], SETOWN, -child) == 0 && fcntl(fds[0], F_SETFL, O_ASYNC) == 0);
    struct owner_ex ex;
    CHECK(raw_fcntl(fds[0], GETOWN_EX, (long)&ex) == 0 && ex.type == 2 && ex.pid == child);
    CHECK(write(fds[1], "x", 1) == 1 && read(fds[0], &c, 1) == 1);
    int wrong = raw_fcntl(fds[0], SETOWN, child) != 0;
    while (waitpid(child, &status, WNOHANG) == 0) { /* until it has taken the first and was sent another */
        wrong += write(fds[1], "x", 1) != 1 || read(fds[0], &c, 1) != 1;
        sleep_ms(5);
    }
    CHECK(status == 0 && !wrong);
    SHOW(next_signal(&info, false));
    CHECK(write(fds[1], "x", 1) == 1); /* the owner has ended */
    close(fds[0]), close(fds[1]), close(ready[0]), close(ready[1]);
}

int main(void)
{
    int fds[2], on = 1;
    sigemptyset(&both);
    sigaddset(&both, SIGIO);
    sigaddset(&both, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &both, NULL);
    owners();
    CHECK(pipe(fds) == 0);
    told("pipe", fds[0], fds[1]);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    told("socket pair", fds[0], fds[1]);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
    int id = getpid(), got = 0;
    CHECK(ioctl(fds[0], FIOSETOWN, &id) == 0 && ioctl(fds[0], SIOCGPGRP, &got) == 0 && got == id);
    id = 0x3fffffff;
    SHOW(ioctl(fds[0], SIOCSPGRP, &id));
    told("datagrams", fds[0], fds[1]);
    a_terminal();
    others();
    int plain = open("/dev/null", O_RDONLY);
    SHOW(ioctl(plain, FIOASYNC, &on));
    SHOW(fcntl(plain, F_SETFL, O_ASYNC));
    SHOW(fcntl(plain, F_GETFL) & O_ASYNC);
    return check_result();
}
