/* time: how long a program takes, and of the processor how much. */
#include "../lib/util.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv)
{
    struct timespec from, to;
    struct rusage used;
    int status, i = 1;
    tool_init(argv, "usage: time [-p] PROGRAM [ARGUMENT...]\n"
                    "Run a program; show how long it took, and its processor time in itself and in the kernel.\n"
                    "-p: in the form that POSIX wants.\n");
    bool posix = argc > 1 && strcmp(argv[1], "-p") == 0;
    i += posix;
    i += i < argc && strcmp(argv[i], "--") == 0;
    if (i >= argc || argv[i][0] == '-')
        die_usage();
    clock_gettime(CLOCK_MONOTONIC, &from);
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        execvp(argv[i], argv + i);
        int why = errno == ENOENT ? 127 : 126;
        warn_errno(argv[i]);
        _exit(why);
    }
    signal(SIGINT, SIG_IGN); /* meant for the program */
    signal(SIGQUIT, SIG_IGN);
    while (wait4(pid, &status, 0, &used) < 0)
        if (errno != EINTR)
            die("wait");
    clock_gettime(CLOCK_MONOTONIC, &to);
    double real = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    if (posix)
        fprintf(stderr, "real %.2f\nuser %.2f\nsys %.2f\n", real, seconds(used.ru_utime), seconds(used.ru_stime));
    else
        fprintf(stderr, "real %9.3f s\n"
                        "user %9.3f s\n"
                        "sys  %9.3f s   %ld KiB, %ld page faults, %ld + %ld switches\n", real, seconds(used.ru_utime),
                seconds(used.ru_stime), used.ru_maxrss, used.ru_minflt, used.ru_nvcsw, used.ru_nivcsw);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
