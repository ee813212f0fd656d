/* PID 1. It prepares what every program expects to find (/proc, /dev, /tmp, /run, a name), keeps one
 * shell alive on the console, reaps orphans, and ends the system when asked by a signal:
 *
 *   SIGUSR1 halt    SIGUSR2 power off    SIGTERM reboot    SIGINT (ctrl-alt-del) reboot
 *
 * Signals only set a flag; one loop does everything, so nothing here runs at two places at once. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { QUICK_SECONDS = 2, QUICK_DEATHS = 3, PAUSE_SECONDS = 5, TERM_GRACE_TENTHS = 20 };

static volatile sig_atomic_t ending; /* the signal that asked for the end */

static void note_ending(int signo)
{
    ending = signo;
}

static void note_nothing(int signo)
{
    (void)signo; /* SIGCHLD: only so that a wait for signals ends */
}

static void say(const char *text)
{
    if (write(2, text, strlen(text)) < 0)
        return; /* no console: nobody to tell */
}

static void complain(const char *what, int error)
{
    char line[160];
    snprintf(line, sizeof line, "init: %s: %s\n", what, strerror(error));
    say(line);
}

static void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0)
        return; /* the kernel gave us descriptors 0 to 2, or there is no console */
    for (int target = 0; target < 3; target++)
        dup2(fd, target);
    if (fd > 2)
        close(fd);
}

static void make_directory(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0)
        chmod(path, mode); /* past the umask */
    else if (errno != EEXIST)
        complain(path, errno);
}

static void mount_one(const char *type, const char *path)
{
    make_directory(path, 0755);
    if (mount(type, path, type, 0, NULL) < 0 && errno != EBUSY)
        complain(path, errno);
}

static size_t read_text(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void set_name(void)
{
    char name[65];
    read_text("/etc/hostname", name, sizeof name);
    name[strcspn(name, " \t\r\n")] = 0;
    if (*name && sethostname(name, strlen(name)) < 0)
        complain("cannot set the host name", errno);
}

static void print_motd(void)
{
    char text[2048];
    if (read_text("/etc/motd", text, sizeof text))
        say(text);
}

static void set_environment(void)
{
    setenv("PATH", "/sbin:/bin:/usr/sbin:/usr/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("USER", "root", 1);
    setenv("SHELL", "/bin/sh", 1);
    setenv("TERM", "linux", 0); /* the kernel knows better on a serial line */
}

static void catch_signals(void)
{
    static const int end_signals[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGINT };
    struct sigaction action = { .sa_handler = note_ending };
    sigset_t all;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof end_signals / sizeof *end_signals; i++)
        sigaction(end_signals[i], &action, NULL);
    action.sa_handler = note_nothing;
    sigaction(SIGCHLD, &action, NULL);
    sigfillset(&all); /* blocked but in sigtimedwait's window: no signal is lost between check and wait */
    sigprocmask(SIG_BLOCK, &all, NULL);
}

/* ---- the shell ---- */

static void become_shell(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int signo = 1; signo < 32; signo++)
        signal(signo, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    open_console();
    if (ioctl(0, TIOCSCTTY, 1) < 0 && errno != EPERM)
        complain("the console cannot be a controlling terminal", errno);
    tcsetpgrp(0, getpgrp());
    if (chdir("/root") < 0 && chdir("/") < 0)
        complain("/", errno);
    execl("/bin/sh", "-sh", (char *)NULL);
    complain("/bin/sh", errno);
    _exit(127);
}

static pid_t start_shell(void)
{
    pid_t pid = fork();
    if (pid < 0)
        complain("cannot fork", errno);
    if (pid == 0)
        become_shell();
    return pid;
}

static long seconds_now(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec;
}

/* Reaps whatever has ended; true when `shell` was among it. */
static bool reap(pid_t shell)
{
    bool gone = false;
    int raw;
    for (pid_t pid; (pid = waitpid(-1, &raw, WNOHANG)) > 0;)
        gone |= pid == shell;
    return gone;
}

/* Sleeps until a signal, or so many seconds. */
static void wait_signal(long seconds)
{
    sigset_t all;
    siginfo_t info;
    struct timespec limit = { .tv_sec = seconds };
    sigfillset(&all);
    int signo = sigtimedwait(&all, &info, &limit);
    if (signo == SIGUSR1 || signo == SIGUSR2 || signo == SIGTERM || signo == SIGINT)
        ending = signo;
}

static void pause_before_restart(void)
{
    say("init: the shell ends as soon as it starts; next try in 5 seconds\n");
    for (long until = seconds_now() + PAUSE_SECONDS; !ending && seconds_now() < until;) {
        wait_signal(until - seconds_now());
        reap(-1);
    }
}

static void keep_shell(void)
{
    int quick = 0;
    while (!ending) {
        long started = seconds_now();
        pid_t shell = start_shell();
        while (!ending && shell > 0 && !reap(shell))
            wait_signal(60);
        if (ending)
            break;
        quick = seconds_now() - started < QUICK_SECONDS ? quick + 1 : 0;
        if (shell < 0 || quick >= QUICK_DEATHS)
            pause_before_restart();
        else
            say("init: the shell has ended; here is a new one (poweroff ends the system)\n");
    }
}

/* ---- the end ---- */

/* HUP and TERM for everybody, time to obey, then KILL; ours are the last processes standing. */
static void end_processes(void)
{
    struct timespec tenth = { .tv_nsec = 100000000 };
    int raw;
    kill(-1, SIGHUP); /* an interactive shell ignores SIGTERM, and goes before it can prompt again */
    kill(-1, SIGTERM);
    kill(-1, SIGCONT);
    for (int i = 0; i < TERM_GRACE_TENTHS; i++) {
        pid_t pid;
        while ((pid = waitpid(-1, &raw, WNOHANG)) > 0)
            ;
        if (pid < 0 && errno == ECHILD)
            break;
        nanosleep(&tenth, NULL);
    }
    kill(-1, SIGKILL);
    while (waitpid(-1, &raw, WNOHANG) > 0)
        ;
}

static void end_system(void)
{
    bool halt = ending == SIGUSR1, off = ending == SIGUSR2;
    say(off ? "init: powering off\n" : halt ? "init: halting\n" : "init: rebooting\n");
    end_processes();
    sync();
    reboot(off ? RB_POWER_OFF : halt ? RB_HALT_SYSTEM : RB_AUTOBOOT);
    complain("the kernel refused", errno);
}

int main(void)
{
    if (getpid() != 1) {
        say("init: only the kernel starts this, as process 1 (to end the system: poweroff, reboot, halt)\n");
        return 1;
    }
    catch_signals();
    mount_one("proc", "/proc");
    mount_one("devtmpfs", "/dev");
    make_directory("/tmp", 01777);
    make_directory("/run", 0755);
    make_directory("/root", 0700);
    open_console();
    set_name();
    set_environment();
    print_motd();
    for (;;) {
        keep_shell();
        end_system();
        ending = 0; /* still here: the kernel cannot do it, so go on */
    }
}
