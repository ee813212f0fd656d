/* Pseudo terminals opened, typed at, hung up and closed by many processes at once: nothing hangs, nobody gets
 * another's bytes, no number is left over. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

enum { WORKERS = 6, ROUNDS = 40 };

/* The session of one terminal: reads lines until it hangs up. */
static void inhabit(int master, int fd)
{
    char buf[64];
    setsid();
    ioctl(fd, TIOCSCTTY, 0);
    close(master);
    if (fork() == 0) { /* somebody in the background, who asks all the time */
        struct winsize w;
        for (int tty; ioctl(fd, TIOCGWINSZ, &w) == 0 && (tty = open("/dev/tty", O_RDWR)) >= 0;)
            close(tty);
        _exit(0);
    }
    signal(SIGHUP, SIG_IGN);
    while (read(fd, buf, sizeof buf) > 0)
        if (write(fd, "ok\n", 3) != 3)
            break;
    _exit(0);
}

static bool round_trip(int worker, int i)
{
    char text[32], buf[256];
    int master = posix_openpt(O_RDWR | O_NOCTTY), status;
    if (master < 0 || unlockpt(master) != 0)
        return false;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY); /* by name only now: once closed the number is another's */
    pid_t pid = fork();
    if (pid == 0)
        inhabit(master, slave);
    close(slave);
    int n = snprintf(text, sizeof text, "w%d-%d\n", worker, i);
    bool good = write(master, text, (size_t)n) == n;
    size_t seen = 0;
    struct pollfd p = { .fd = master, .events = POLLIN };
    while (good && i % 3 && seen < sizeof buf - 1) { /* every third goes without a look */
        if (poll(&p, 1, 20000) != 1) {
            printf("FAIL nothing comes: %d bytes so far\n", (int)seen);
            return false;
        }
        ssize_t got = read(master, buf + seen, sizeof buf - 1 - seen);
        if (got <= 0)
            break;
        seen += (size_t)got;
        buf[seen] = 0;
        if (strstr(buf, "ok"))
            break;
    }
    if (i % 3 && (!good || strncmp(buf, text, (size_t)n - 1) != 0)) {
        printf("FAIL sent %.*s, saw %zu: %.*s\n", n - 1, text, seen, (int)seen, buf);
        good = false;
    }
    if (i % 2)
        kill(pid, SIGKILL);
    close(master);
    return waitpid(pid, &status, 0) == pid && good;
}

static void work(int worker)
{
    for (int i = 0; i < ROUNDS; i++)
        if (!round_trip(worker, i)) {
            printf("FAIL worker %d, round %d\n", worker, i);
            fflush(stdout);
            _exit(1);
        }
    _exit(0);
}

int main(void)
{
    int status, bad = 0;
    alarm(60);
    fflush(stdout);
    for (int w = 0; w < WORKERS; w++)
        if (fork() == 0) {
            alarm(50);
            work(w);
        }
    for (int w = 0; w < WORKERS; w++)
        bad += wait(&status) < 0 || status != 0;
    CHECK(bad == 0);
    return check_result();
}
