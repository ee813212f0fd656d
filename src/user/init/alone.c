/* alone PROGRAM [ARGUMENT...]: the whole life of a machine that is there for one program. Process 1:
 * gives it /proc, /sys, /dev and a clean environment, runs it, says how it ended, and switches the machine
 * off. Children that lose their parents come here and are buried. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static void mount_one(const char *type, const char *path)
{
    if (mount(type, path, type, 0, NULL) < 0 && errno != EBUSY && errno != ENOENT)
        fprintf(stderr, "alone: mount %s: %s\n", path, strerror(errno));
}

static pid_t start(char **argv)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setsid();
    ioctl(0, TIOCSCTTY, 1);
    tcsetpgrp(0, getpgrp());
    execvp(argv[0], argv);
    fprintf(stderr, "alone: %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* The program's own status; others that end meanwhile are orphans. */
static int wait_for(pid_t pid)
{
    int status;
    for (;;) {
        pid_t got = wait(&status);
        if (got == pid)
            return status;
        if (got < 0 && errno != EINTR)
            return -1;
    }
}

static void report(const char *name, int status)
{
    if (WIFEXITED(status))
        printf("%s: exit status %d\n", name, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by signal %d (%s)\n", name, WTERMSIG(status), strsignal(WTERMSIG(status)));
}

int main(int argc, char **argv)
{
    static const char usage[] = "usage: alone PROGRAM [ARGUMENT...]   (as process 1)";
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return puts(usage) < 0;
    if (argc < 2 || getpid() != 1) {
        fprintf(stderr, "%s\n", usage);
        return 2;
    }
    mount_one("proc", "/proc");
    mount_one("sysfs", "/sys");
    mount_one("devtmpfs", "/dev");
    mount_one("devpts", "/dev/pts");
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("HOME", "/root", 1);
    pid_t pid = start(argv + 1);
    int status = pid < 0 ? -1 : wait_for(pid);
    if (pid < 0)
        perror("alone: fork");
    else
        report(argv[1], status);
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    return 1;
}
