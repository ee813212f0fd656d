/* What processes share, and how they stop sharing it: kcmp, unshare, setns, close_range's own copy.
 *
 * A container may forbid kcmp and unshare to its programs. What they answer is then taken as right, on
 * such a Linux only: MAY says so. */
#include "check.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sem.h>

/* linux/kcmp.h */
enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD };

static bool forbidden;
#define MAY(condition) CHECK(forbidden || (condition))

static long kcmp(pid_t a, pid_t b, int type, long x, long y) { return syscall(SYS_kcmp, a, b, type, x, y); }
static long fails(long result) { return result == -1 ? errno : 0; }

/* Runs fn as a child that shares `flags` with the caller; its status. */
static char stack[65536] __attribute__((aligned(16)));
static int child(int (*fn)(void *), int flags)
{
    int raw = -1;
    fflush(stdout);
    pid_t pid = clone(fn, stack + sizeof stack, flags | SIGCHLD, NULL);
    return pid > 0 && waitpid(pid, &raw, 0) == pid && WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
}

/* Which of the six are the parent's own, as bits. */
static int same_as_parent(void *arg)
{
    int bits = 0;
    (void)arg;
    for (int type = KCMP_VM; type <= KCMP_SYSVSEM; type++)
        bits |= (kcmp(getpid(), getppid(), type, 0, 0) == 0) << type;
    return bits;
}

static void compared(void)
{
    int me = getpid(), fds[2], copy = -1;
    CHECK(pipe(fds) == 0 && (copy = dup(fds[0])) > 0);
    MAY(kcmp(me, me, KCMP_FILE, fds[0], copy) == 0);
    long one = kcmp(me, me, KCMP_FILE, fds[0], fds[1]), other = kcmp(me, me, KCMP_FILE, fds[1], fds[0]);
    MAY((one == 1 && other == 2) || (one == 2 && other == 1));
    MAY(fails(kcmp(me, me, KCMP_FILE, fds[0], 999)) == EBADF);
    MAY(fails(kcmp(me, me, 99, 0, 0)) == EINVAL);
    MAY(fails(kcmp(me, me, -1, 0, 0)) == EINVAL);
    MAY(fails(kcmp(me, -1, 99, 0, 0)) == ESRCH);
    MAY(fails(kcmp(0, me, KCMP_VM, 0, 0)) == ESRCH);
    for (int type = KCMP_VM; type <= KCMP_SYSVSEM; type++)
        MAY(kcmp(me, me, type, 0, 0) == 0);
    close(fds[0]), close(fds[1]), close(copy);
}

/* Files that an epoll watches, by the number they were added under: also when another file has that number now. */
static void watched(void)
{
    struct { unsigned epoll, fd, skip; } slot = { 0 };
    struct epoll_event ev = { .events = EPOLLIN };
    int me = getpid(), a[2], b[2], fd = -1, epoll = epoll_create1(0);
    CHECK(epoll >= 0 && pipe(a) == 0 && pipe(b) == 0 && (fd = dup(a[0])) >= 0);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == 0);
    slot.epoll = (unsigned)epoll, slot.fd = (unsigned)fd;
    MAY(kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot) == 0);
    MAY(kcmp(me, me, KCMP_EPOLL_TFD, b[0], (long)&slot) > 0);
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, 999, (long)&slot)) == EBADF);
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, a[0], 0)) == EFAULT);
    CHECK(dup2(b[0], fd) == fd && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == 0);
    long first = kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot);
    slot.skip = 1;
    long second = kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot);
    MAY((first == 0) + (second == 0) == 1);
    slot.skip = 2;
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot)) == ENOENT);
    slot.fd = 999, slot.skip = 0;
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot)) == ENOENT);
    slot.epoll = (unsigned)a[0];
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot)) == EINVAL);
    slot.epoll = 999;
    MAY(fails(kcmp(me, me, KCMP_EPOLL_TFD, a[0], (long)&slot)) == EBADF);
    close(epoll), close(fd), close(a[0]), close(a[1]), close(b[0]), close(b[1]);
}

/* --- handlers ------------------------------------------------------------------------------------- */

static volatile int caught;
static void on_signal(int signo) { caught = signo; }
static void other(int signo) { caught = -signo; }

static void handle(int signo, void (*handler)(int), int flags)
{
    struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
    sigaction(signo, &act, NULL);
}

static void (*handler_of(int signo))(int)
{
    struct sigaction act;
    sigaction(signo, NULL, &act);
    return act.sa_handler;
}

static int set_handlers(void *arg)
{
    (void)arg;
    handle(SIGUSR1, on_signal, SA_RESTART);
    handle(SIGUSR2, on_signal, SA_RESETHAND);
    kill(getpid(), SIGUSR2);
    return caught == SIGUSR2 ? 0 : 1;
}

/* The new program has handlers of its own, and the old ones stay as they are. */
static int run_program(void *arg)
{
    (void)arg;
    execl("/proc/self/exe", "abi_share", "default", (char *)NULL);
    return 1;
}

/* Signals go to one process and not to the other, whoever has the handler. */
static int wait_for_it(void *arg)
{
    (void)arg;
    handle(SIGUSR1, other, SA_RESTART);
    kill(getpid(), SIGUSR1);
    kill(getppid(), SIGUSR1);
    return caught == -SIGUSR1 ? 0 : 1;
}

static int count_down(void *arg)
{
    long n = (long)arg;
    static char stacks[21][16384] __attribute__((aligned(16)));
    int raw;
    if (n == 0)
        return 0;
    pid_t pid = clone(count_down, stacks[n] + sizeof stacks[n], CLONE_VM | CLONE_SIGHAND | SIGCHLD, (void *)(n - 1));
    return pid > 0 && waitpid(pid, &raw, 0) == pid && raw == 0 ? 0 : 1;
}

static void shared_handlers(void)
{
    CHECK(fails(clone(set_handlers, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, NULL)) == EINVAL);
    CHECK(child(set_handlers, CLONE_VM | CLONE_SIGHAND) == 0);
    CHECK(handler_of(SIGUSR1) == on_signal && handler_of(SIGUSR2) == SIG_DFL);
    CHECK(child(run_program, CLONE_VM | CLONE_VFORK | CLONE_SIGHAND) == 0);
    CHECK(handler_of(SIGUSR1) == on_signal);
    caught = 0;
    CHECK(child(wait_for_it, CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS) == 0);
    CHECK(caught == -SIGUSR1 && handler_of(SIGUSR1) == other);
    CHECK(child(set_handlers, CLONE_VM) == 0 && handler_of(SIGUSR1) == other); /* the child's own */
    CHECK(count_down((void *)20l) == 0);
    handle(SIGUSR1, SIG_DFL, 0);
}

#define BIT(type) (1 << (type))
#define NOBODYS (BIT(KCMP_IO) | BIT(KCMP_SYSVSEM)) /* there is none of either */

static void shared(void)
{
    MAY(child(same_as_parent, 0) == NOBODYS);
    MAY(child(same_as_parent, CLONE_VM | CLONE_VFORK) == (NOBODYS | BIT(KCMP_VM)));
    MAY(child(same_as_parent, CLONE_VM | CLONE_SIGHAND) == (NOBODYS | BIT(KCMP_VM) | BIT(KCMP_SIGHAND)));
    MAY(child(same_as_parent, CLONE_FILES) == (NOBODYS | BIT(KCMP_FILES)));
    MAY(child(same_as_parent, CLONE_FS) == (NOBODYS | BIT(KCMP_FS)));
    MAY(child(same_as_parent, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM) == (NOBODYS | BIT(KCMP_FILES) | BIT(KCMP_FS)));
}

/* --- unshare -------------------------------------------------------------------------------------- */

static int refused(void *arg)
{
    (void)arg;
    if (fails(unshare(CLONE_VM)) != EINVAL)
        return 1;
    return same_as_parent(NULL) == (NOBODYS | BIT(KCMP_VM)) ? 0 : 2;
}

static void arguments(void)
{
    MAY(unshare(0) == 0);
    CHECK(fails(unshare(1)) != 0);
    CHECK(fails(unshare(CLONE_VFORK)) != 0);
    CHECK(fails(unshare(CLONE_FILES | CLONE_PARENT)) != 0);
    MAY(unshare(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) == 0);
    MAY(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM) == 0);
    MAY(child(refused, CLONE_VM | CLONE_VFORK) == 0);
    CHECK(fails((long)syscall(SYS_setns, 999, 0)) != 0);
    CHECK(fails((long)syscall(SYS_setns, 0, 0)) != 0);
}

static int nowhere;
static int close_own(void *arg)
{
    (void)arg;
    if (unshare(CLONE_FILES) != 0)
        return 1;
    close(nowhere);
    return same_as_parent(NULL) & BIT(KCMP_FILES) ? 2 : 0;
}

static int close_many(void *arg)
{
    (void)arg;
    if (syscall(SYS_close_range, nowhere, nowhere, 2) != 0) /* CLOSE_RANGE_UNSHARE */
        return 1;
    return fcntl(nowhere, F_GETFD) == -1 ? 0 : 2;
}

static int move_away(void *arg)
{
    (void)arg;
    umask(022);
    if (unshare(CLONE_FS) != 0)
        return 1;
    umask(077);
    return chdir("/dev") == 0 ? 0 : 2;
}

static void own_copies(void)
{
    char before[256], after[256];
    CHECK((nowhere = open("/dev/null", O_RDONLY)) > 0);
    MAY(child(close_own, CLONE_FILES) == 0);
    CHECK(fcntl(nowhere, F_GETFD) == 0);
    MAY(child(close_many, CLONE_FILES) == 0);
    CHECK(fcntl(nowhere, F_GETFD) == 0);
    close(nowhere);
    CHECK(getcwd(before, sizeof before) != NULL);
    mode_t mask = umask(0);
    MAY(child(move_away, CLONE_FS) == 0);
    CHECK(getcwd(after, sizeof after) != NULL && strcmp(before, after) == 0);
    MAY(umask(mask) == 022);
}

/* What is owed to a semaphore falls due when it is no longer shared: by then nobody else owes it. */
static int set;
static int owe(void *arg)
{
    struct sembuf up = { 0, 3, SEM_UNDO };
    (void)arg;
    if (semop(set, &up, 1) != 0 || semctl(set, 0, GETVAL) != 3)
        return 1;
    if (unshare(CLONE_SYSVSEM) != 0)
        return 2;
    return semctl(set, 0, GETVAL);
}

static void debts(void)
{
    CHECK((set = semget(IPC_PRIVATE, 1, 0600)) >= 0);
    MAY(child(owe, 0) == 0);
    MAY(child(owe, CLONE_SYSVSEM) == 3); /* the parent shares it, and will pay */
    CHECK(semctl(set, 0, IPC_RMID) == 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return argv[1][0] == 'd' && handler_of(SIGUSR1) == SIG_DFL ? 0 : 1;
    forbidden = kcmp(getpid(), getpid(), KCMP_VM, 0, 0) == -1 && errno != ESRCH;
    forbidden |= unshare(0) == -1;
    compared();
    watched();
    shared();
    shared_handlers();
    arguments();
    own_copies();
    debts();
    return check_result();
}
