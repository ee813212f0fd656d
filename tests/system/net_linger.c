/* SO_LINGER: a close that waits until everything has arrived, what ends the wait, and who does not wait. */
#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define LINGER_SECONDS 40 /* what waits in vain is seen by the time it takes */
static char bytes[4096];
static int a, b;

static bool connection(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof to;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    a = socket(AF_INET, SOCK_STREAM, 0);
    bool fine = bind(listener, (struct sockaddr *)&to, n) == 0 && listen(listener, 1) == 0 &&
                getsockname(listener, (struct sockaddr *)&to, &n) == 0 && connect(a, (struct sockaddr *)&to, n) == 0;
    b = accept(listener, NULL, NULL);
    close(listener);
    return fine && b >= 0;
}

static void connect_both(void)
{
    struct linger l = { 1, LINGER_SECONDS };
    CHECK(connection() && setsockopt(a, SOL_SOCKET, SO_LINGER, &l, sizeof l) == 0);
}

static void fill(void)
{
    while (send(a, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

static void leave(void) { _exit(3); }
static void wait_for_end(void) { pause(); }
static void nothing(int signo) { (void)signo; }

static void close_with_alarm(void)
{
    struct itimerval often = { { 0, 100000 }, { 0, 100000 } };
    struct sigaction sa = { .sa_handler = nothing };
    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    close(a);
    _exit(4);
}

static void shut_and_leave(void)
{
    shutdown(a, SHUT_RDWR);
    close_with_alarm();
}

/* A child with the only descriptor of a full socket does `what`: its status, and that it took no time. It begins
 * when the parent has closed its own: whoever is last lingers. */
static void full(void (*what)(void))
{
    int status = -1, gate[2];
    char none;
    CHECK(pipe(gate) == 0);
    connect_both();
    fill();
    unsigned long began = now_us();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        if (read(gate[0], &none, 1) == 0)
            what();
        _exit(1);
    }
    close(a);
    close(gate[0]);
    close(gate[1]);
    if (what == wait_for_end)
        kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(now_us() - began < LINGER_SECONDS / 2 * 1000000ul);
    SHOW(status);
    close(b);
}

static void close_and_leave(void)
{
    close(a);
    _exit(5);
}

/* What is read meanwhile ends the wait, and all of it arrives. */
static void drained(void)
{
    int status = -1;
    long got = 0;
    connect_both();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 200; i++)
            if (send(a, bytes, sizeof bytes, 0) != sizeof bytes)
                _exit(1);
        close_and_leave();
    }
    close(a);
    for (ssize_t n; (n = recv(b, bytes, sizeof bytes, 0)) > 0;)
        got += n;
    SHOW(got);
    CHECK(waitpid(pid, &status, 0) == pid);
    SHOW(status);
    close(b);
}

static int error_of(int fd)
{
    int e = 0;
    socklen_t n = sizeof e;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n);
    return e;
}

/* A connection dies while another process takes the error: whoever polls afterwards finds none. */
static void error_taken(void)
{
    struct linger at_once = { 1, 0 };
    int status, taken = 0, shown = 0;
    for (int i = 0; i < 100; i++) {
        if (!connection())
            break;
        setsockopt(b, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            close(b);
            while (error_of(a) == 0)
                sched_yield();
            _exit(0);
        }
        close(b); /* the child may have it still: the last one resets */
        taken += waitpid(pid, &status, 0) == pid && status == 0;
        struct pollfd p = { a, POLLIN, 0 };
        shown += error_of(a) != 0 || poll(&p, 1, 0) != 1 || (p.revents & POLLERR);
        close(a);
    }
    printf("taken %d shown %d\n", taken, shown);
}

int main(void)
{
    error_taken();
    full(leave);
    full(close_with_alarm);
    full(shut_and_leave);
    full(wait_for_end);
    drained();
    return check_result();
}
