/* What several threads wait for at once: whoever is meant wakes, whatever the others do meanwhile. A wake-up that
 * is lost ends its case by SIGALRM. */
#include "check.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define LONG_ENOUGH_S 60

static atomic_bool enough;

/* In a child: a case that fails by sleeping on, or by what it calls this with. */
static void must(bool ok)
{
    if (!ok)
        _exit(1);
}

static bool passes(void (*what)(void)) { return status_of(what) == 0; }

static pthread_t thread(void *(*what)(void *), void *arg)
{
    pthread_t t;
    must(pthread_create(&t, NULL, what, arg) == 0);
    return t;
}

/* --- sockets --- */

struct target { int fd, from, filled; struct sockaddr_un name; socklen_t len; };

static void *sends_one(void *arg)
{
    struct target *t = arg;
    must(sendto(t->from, "x", 1, 0, (void *)&t->name, t->len) == 1);
    return NULL;
}

static struct target target_full(int from)
{
    struct target t = { socket(AF_UNIX, SOCK_DGRAM, 0), from, 0, { .sun_family = AF_UNIX }, sizeof t.name };
    must(bind(t.fd, (void *)&t.name, sizeof(sa_family_t)) == 0 && getsockname(t.fd, (void *)&t.name, &t.len) == 0);
    while (sendto(from, "x", 1, MSG_DONTWAIT, (void *)&t.name, t.len) == 1)
        t.filled++;
    return t;
}

static void target_empty(struct target *t)
{
    char c;
    for (int i = 0; i <= t->filled; i++)
        must(recv(t->fd, &c, 1, 0) == 1);
}

/* Two threads send from one socket to two that are full: each waits for its own. */
static void two_full_receivers(void)
{
    alarm(LONG_ENOUGH_S);
    int from = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct target a = target_full(from), b = target_full(from);
    pthread_t to_a = thread(sends_one, &a);
    sleep_ms(50);
    pthread_t to_b = thread(sends_one, &b);
    sleep_ms(50);
    target_empty(&a);
    pthread_join(to_a, NULL);
    target_empty(&b);
    pthread_join(to_b, NULL);
}

static void *accepts(void *listener)
{
    must(accept(*(int *)listener, NULL, NULL) == -1 && errno == EINVAL);
    return NULL;
}

static void all_stop_accepting(int listener)
{
    pthread_t t[4];
    alarm(LONG_ENOUGH_S);
    must(listen(listener, 5) == 0);
    for (int i = 0; i < 4; i++)
        t[i] = thread(accepts, &listener);
    sleep_ms(50);
    must(shutdown(listener, SHUT_RDWR) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

static int unix_listener(struct sockaddr_un *name, socklen_t *len)
{
    int l = socket(AF_UNIX, SOCK_STREAM, 0);
    *name = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *len = sizeof *name;
    must(bind(l, (void *)name, sizeof(sa_family_t)) == 0 && getsockname(l, (void *)name, len) == 0);
    return l;
}

static void tcp_stops_accepting(void) { all_stop_accepting(socket(AF_INET, SOCK_STREAM, 0)); }

static void unix_stops_accepting(void)
{
    struct sockaddr_un name;
    socklen_t len;
    all_stop_accepting(unix_listener(&name, &len));
}

struct caller { int fd; struct sockaddr_un name; socklen_t len; };

static void *connects(void *arg)
{
    struct caller *c = arg;
    must(connect(c->fd, (void *)&c->name, c->len) == 0);
    return NULL;
}

/* Who waits for a place in the queue of a listener holds nobody else up. */
static void asks_about_a_caller(void)
{
    struct sockaddr_un other;
    socklen_t len = sizeof other;
    struct caller c = { .fd = socket(AF_UNIX, SOCK_STREAM, 0) };
    alarm(LONG_ENOUGH_S);
    int listener = unix_listener(&c.name, &c.len);
    must(listen(listener, 0) == 0);
    int r, n = -1;
    do {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        r = connect(fd, (void *)&c.name, c.len);
        n++;
    } while (r == 0);
    pthread_t t = thread(connects, &c);
    sleep_ms(50);
    must(getpeername(c.fd, (void *)&other, &len) == -1 && errno == ENOTCONN);
    for (; n >= 0; n--)
        must(accept(listener, NULL, NULL) >= 0);
    pthread_join(t, NULL);
    must(getpeername(c.fd, (void *)&other, &len) == 0);
}

static void *takes_errors(void *fd)
{
    while (!enough) {
        int e;
        socklen_t len = sizeof e;
        must(getsockopt(*(int *)fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0);
        sched_yield();
    }
    return NULL;
}

static int socket_to_nobody(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int s = socket(AF_INET, SOCK_DGRAM, 0), gone = socket(AF_INET, SOCK_DGRAM, 0);
    must(bind(gone, (void *)&a, len) == 0 && getsockname(gone, (void *)&a, &len) == 0 && connect(s, (void *)&a, len) == 0);
    close(gone);
    return s;
}

/* An error that comes while another thread takes one leaves no sign of an error behind, once all are taken. */
static void errors_come_and_go(void)
{
    int s = socket_to_nobody();
    alarm(LONG_ENOUGH_S);
    pthread_t t = thread(takes_errors, &s);
    for (int i = 0; i < 500; i++) {
        struct pollfd p = { s, 0, 0 };
        send(s, "x", 1, 0);
        while (poll(&p, 1, 0) == 1)
            sched_yield();
    }
    enough = true;
    pthread_join(t, NULL);
}

/* --- epoll --- */

#define TURNS 500

static int ready_counter_in(int ep)
{
    int counter = eventfd(1, EFD_NONBLOCK);
    struct epoll_event e = { .events = EPOLLIN };
    must(epoll_ctl(ep, EPOLL_CTL_ADD, counter, &e) == 0);
    return counter;
}

static void *asks_epoll(void *ep)
{
    struct epoll_event e;
    while (!enough)
        must(epoll_wait(*(int *)ep, &e, 1, 0) >= 0);
    return NULL;
}

/* Another thread's look at what is ready takes nothing from who polls. */
static void polls_what_others_ask(void)
{
    int ep = epoll_create1(0);
    alarm(LONG_ENOUGH_S);
    ready_counter_in(ep);
    pthread_t t = thread(asks_epoll, &ep);
    for (int i = 0; i < 5 * TURNS; i++) {
        struct pollfd p = { ep, POLLIN, 0 };
        must(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
    }
    enough = true;
    pthread_join(t, NULL);
}

static void *polls_epoll(void *ep)
{
    while (!enough) {
        struct pollfd p = { *(int *)ep, POLLIN, 0 };
        must(poll(&p, 1, 0) >= 0);
    }
    return NULL;
}

static void *counts(void *counter)
{
    for (uint64_t i = 0, one = 1, done; i < TURNS; i++) {
        while (read(((int *)counter)[1], &done, sizeof done) != sizeof done)
            ;
        must(write(((int *)counter)[0], &one, sizeof one) == sizeof one);
    }
    return NULL;
}

/* Nor from who waits in epoll_wait. */
static void waits_while_others_poll(void)
{
    int ep = epoll_create1(0), counter[2] = { ready_counter_in(ep), eventfd(0, 0) };
    uint64_t n, one = 1;
    alarm(LONG_ENOUGH_S);
    pthread_t poller = thread(polls_epoll, &ep), teller = thread(counts, counter);
    for (int i = 0; i < TURNS; i++) {
        struct epoll_event e;
        must(epoll_wait(ep, &e, 1, -1) == 1);
        must(read(counter[0], &n, sizeof n) == sizeof n && write(counter[1], &one, sizeof one) == sizeof one);
    }
    enough = true;
    pthread_join(poller, NULL);
    pthread_join(teller, NULL);
}

/* --- signals --- */

#define SIGNAL_ROUNDS 100
static pthread_barrier_t round_end;

static sigset_t set_of(int a, int b)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, a);
    sigaddset(&s, b);
    return s;
}

static void *waits_for_either(void *arg)
{
    sigset_t either = set_of(SIGUSR1, SIGUSR2);
    int sig;
    for (int i = 0; i < SIGNAL_ROUNDS; i++) {
        must(sigwait(&either, &sig) == 0);
        pthread_barrier_wait(&round_end);
    }
    return arg;
}

/* Two signals for two threads that wait: if both wake one of them, it leaves one to the other. */
static void two_signals_for_two(void)
{
    sigset_t either = set_of(SIGUSR1, SIGUSR2);
    alarm(LONG_ENOUGH_S);
    sigprocmask(SIG_BLOCK, &either, NULL);
    pthread_barrier_init(&round_end, NULL, 3);
    pthread_t a = thread(waits_for_either, NULL), b = thread(waits_for_either, NULL);
    for (int i = 0; i < SIGNAL_ROUNDS; i++) {
        sleep_ms(1);
        kill(getpid(), SIGUSR1);
        kill(getpid(), SIGUSR2);
        pthread_barrier_wait(&round_end);
    }
    pthread_join(a, NULL);
    pthread_join(b, NULL);
}

static void one_cpu(void)
{
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(sched_getcpu(), &first);
    sched_setaffinity(0, sizeof first, &first);
}

static pid_t sleeper(void)
{
    pid_t pid = fork();
    while (pid == 0)
        pause();
    return pid;
}

static void hears(int code)
{
    sigset_t chld = set_of(SIGCHLD, SIGCHLD);
    siginfo_t info;
    do
        must(sigwaitinfo(&chld, &info) == SIGCHLD);
    while (info.si_code != code);
}

/* A SIGCONT that comes while its receiver is still on its way into the stop is news like any other. */
static void stops_and_goes_on(void)
{
    sigset_t chld = set_of(SIGCHLD, SIGCHLD);
    alarm(LONG_ENOUGH_S);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    one_cpu();
    pid_t pid = sleeper();
    syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }); /* who may: runs as soon as it hears */
    for (int i = 0; i < 50; i++) {
        kill(pid, SIGSTOP);
        hears(CLD_STOPPED);
        kill(pid, SIGCONT);
        hears(CLD_CONTINUED);
    }
    kill(pid, SIGKILL);
}

/* A tracer's request reaches who waits for a signal. */
static void interrupts_a_wait(void)
{
    sigset_t usr = set_of(SIGUSR1, SIGUSR1);
    int status, sig;
    alarm(LONG_ENOUGH_S);
    sigprocmask(SIG_BLOCK, &usr, NULL);
    pid_t pid = fork();
    while (pid == 0)
        sigwait(&usr, &sig);
    must(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL) == 0);
    sleep_ms(50);
    must(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0);
    must(waitpid(pid, &status, 0) == pid && status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8));
    kill(pid, SIGKILL);
}

int main(void)
{
    CHECK(passes(two_full_receivers));
    CHECK(passes(tcp_stops_accepting));
    CHECK(passes(unix_stops_accepting));
    CHECK(passes(asks_about_a_caller));
    CHECK(passes(errors_come_and_go));
    CHECK(passes(polls_what_others_ask));
    CHECK(passes(waits_while_others_poll));
    CHECK(passes(two_signals_for_two));
    CHECK(passes(stops_and_goes_on));
    CHECK(passes(interrupts_a_wait));
    return check_result();
}
