/* Process groups, sessions, orphans, and a terminal that is shared between jobs. Standard input must
 * be the controlling terminal. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

static volatile int *shared; /* [0]: a step the child reached; [1]: signals it got */
static int terminal;

static void on_signal(int signo)
{
    shared[1] = signo;
}

static int wait_state(pid_t pid)
{
    int raw = -1;
    return waitpid(pid, &raw, WUNTRACED | WCONTINUED) == pid ? raw : -1;
}

static void check_groups(void)
{
    SHOW(setpgid(-1, 0));
    SHOW(setpgid(0, -1));
    SHOW(setpgid(1, 0));
    SHOW(getpgid(-1));
    SHOW(getpgid(0x3fffffff));
    SHOW(getsid(0x3fffffff));
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    SHOW(setpgid(pid, 1)); /* no such group in this session */
    SHOW(setpgid(pid, pid));
    CHECK(getpgid(pid) == pid);
    SHOW(setpgid(pid, getpgrp()));
    CHECK(getpgid(pid) == getpgrp());
    SHOW(setpgid(pid, 0));
    SHOW(killpg(pid, SIGTERM));
    SHOW(wait_state(pid));
    SHOW(killpg(pid, SIGTERM));
    pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "abi_jobs", "pause", (char *)NULL);
        _exit(1);
    }
    sleep_ms(100);
    SHOW(setpgid(pid, pid)); /* it has executed a program */
    kill(pid, SIGKILL);
    SHOW(wait_state(pid));
}

static void check_sessions(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        bool good = setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid();
        good = good && setsid() == -1 && errno == EPERM;
        good = good && setpgid(0, 0) == -1 && errno == EPERM;
        good = good && open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
        good = good && tcgetpgrp(terminal) == -1 && errno == ENOTTY;
        pid_t child = fork();
        if (child == 0)
            _exit(setsid() == getpid() && getsid(getppid()) == getppid() ? 0 : 1);
        _exit(good && wait_state(child) == 0 ? 0 : 1);
    }
    SHOW(wait_state(pid));
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        _exit(setsid() == -1 && errno == EPERM ? 0 : 1); /* leads a group */
    }
    SHOW(wait_state(pid));
}

static void check_orphans(void)
{
    shared[0] = 0;
    pid_t pid = fork();
    if (pid == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent)
                sleep_ms(2);
            shared[0] = getppid() == 1 ? 1 : getppid(); /* or a subreaper, on the host */
            _exit(0);
        }
        _exit(0);
    }
    SHOW(wait_state(pid));
    for (int i = 0; i < 500 && !shared[0]; i++)
        sleep_ms(2);
    CHECK(shared[0] > 0);
    SHOW(waitpid(-1, NULL, WNOHANG));
    /* A stopped group that becomes an orphan is hung up and continued. */
    shared[1] = 0;
    pid = fork();
    if (pid == 0) {
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            signal(SIGHUP, on_signal);
            raise(SIGSTOP);
            shared[0] = 77;
            _exit(0);
        }
        wait_state(child);
        _exit(0);
    }
    SHOW(wait_state(pid));
    for (int i = 0; i < 500 && shared[0] != 77; i++)
        sleep_ms(2);
    SHOW(shared[0]);
    SHOW(shared[1]);
}

static void in_background(int (*what)(void), const char *name)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        _exit(what());
    }
    setpgid(pid, pid);
    int raw = wait_state(pid);
    printf("%s in the background: %x\n", name, raw);
    fflush(stdout);
    if (WIFSTOPPED(raw)) {
        kill(pid, SIGKILL);
        wait_state(pid);
    }
}

static int read_terminal(void)
{
    char byte;
    return read(terminal, &byte, 1) == -1 ? 10 + errno : 1;
}

static int read_ignoring(void)
{
    signal(SIGTTIN, SIG_IGN);
    return read_terminal();
}

static int write_terminal(void)
{
    return write(terminal, "", 0) == 0 ? 0 : 1;
}

static int set_attributes(void)
{
    struct termios t;
    return tcgetattr(terminal, &t) == 0 && tcsetattr(terminal, TCSANOW, &t) == 0 ? 0 : 10 + errno;
}

static int set_ignoring(void)
{
    signal(SIGTTOU, SIG_IGN);
    return set_attributes();
}

static int take_terminal(void)
{
    return tcsetpgrp(terminal, getpgrp()) == 0 ? 0 : 1;
}

static int stop_by_key_signal(void)
{
    raise(SIGTSTP);
    return 5;
}

static void check_terminal(void)
{
    CHECK(isatty(terminal) == 1 && tcgetpgrp(terminal) == getpgrp() && tcgetsid(terminal) == getsid(0));
    in_background(read_terminal, "read");
    in_background(read_ignoring, "read, SIGTTIN ignored,");
    in_background(write_terminal, "write");
    in_background(set_attributes, "tcsetattr");
    in_background(set_ignoring, "tcsetattr, SIGTTOU ignored,");
    in_background(take_terminal, "tcsetpgrp");
    in_background(stop_by_key_signal, "SIGTSTP");
    SHOW(tcsetpgrp(terminal, 0x3fffffff));
    SHOW(tcsetpgrp(terminal, -1));
    SHOW(tcsetpgrp(999, getpgrp()));
    int tty = open("/dev/tty", O_RDWR);
    CHECK(tty >= 0 && tcgetpgrp(tty) == getpgrp());
    close(tty);
}

/* A shell's foreground job: given the terminal, stopped, continued in the foreground, ended. */
static void check_foreground(void)
{
    shared[0] = shared[1] = 0;
    signal(SIGTTOU, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        while (tcgetpgrp(terminal) != getpgrp())
            sleep_ms(1);
        signal(SIGINT, on_signal);
        shared[0] = set_attributes() == 0 ? 1 : 2; /* in the foreground: allowed */
        raise(SIGTSTP);
        shared[0] = 3;
        pause();
        _exit(shared[1]);
    }
    setpgid(pid, pid);
    SHOW(tcsetpgrp(terminal, pid));
    SHOW(wait_state(pid));
    SHOW(shared[0]);
    SHOW(tcsetpgrp(terminal, getpgrp()));
    SHOW(killpg(pid, SIGCONT));
    SHOW(wait_state(pid));
    for (int i = 0; i < 500 && shared[0] != 3; i++)
        sleep_ms(2);
    sleep_ms(20);
    SHOW(killpg(pid, SIGINT));
    SHOW(wait_state(pid));
    CHECK(tcgetpgrp(terminal) == getpgrp());
    signal(SIGTTOU, SIG_DFL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == 'p') {
        pause();
        return 0;
    }
    terminal = 0;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_groups();
    check_sessions();
    check_orphans();
    check_terminal();
    check_foreground();
    return check_result();
}
