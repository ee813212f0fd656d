/* kill: signals to processes and to jobs (XCU kill). */
#include "sh.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without a text all names; a number may be an exit status. */
static int kill_list(const char *text)
{
    if (text) {
        int number = atoi(text) & 127;
        if (signal_name(number))
            puts(signal_name(number));
        else
            shell_error("kill: %s: no such signal", text);
        return signal_name(number) ? 0 : 2;
    }
    puts("0");
    for (int signo = 1; signo < 32; signo++)
        if (signal_name(signo))
            puts(signal_name(signo));
    return 0;
}

/* The signal that the options name (SIGTERM without any), and behind them; -1: there is no such. */
static int parse_signal(char ***arg)
{
    int signo = SIGTERM;
    char *word = **arg;
    if (word && strcmp(word, "-s") == 0 && (*arg)[1]) {
        signo = signal_from_name((*arg)[1]);
        *arg += 2;
    } else if (word && *word == '-' && word[1] && strcmp(word, "--") != 0) {
        signo = signal_from_name(word[1] == 's' && word[2] ? word + 2 : word + 1);
        ++*arg;
    }
    if (**arg && strcmp(**arg, "--") == 0)
        ++*arg;
    return signo;
}

static bool kill_one(const char *target, int signo)
{
    char *end;
    if (*target == '%') {
        struct job *job = job_find(target, "kill");
        return job && job_signal(job, signo);
    }
    errno = 0;
    long pid = strtol(target, &end, 10);
    if (end == target || *end || errno || pid != (pid_t)pid) {
        shell_error("kill: %s: not a process number", target);
        return false;
    }
    if (kill((pid_t)pid, signo) == 0)
        return true;
    shell_error("kill: %s: %s", target, strerror(errno));
    return false;
}

int builtin_kill(char **argv)
{
    char **arg = argv + 1;
    int status = 0;
    if (*arg && strcmp(*arg, "-l") == 0)
        return kill_list(arg[1]);
    int signo = parse_signal(&arg);
    if (signo < 0 || !*arg) {
        shell_error(signo < 0 ? "kill: no such signal" : "usage: kill [-l | -SIGNAL] PID|%%JOB...");
        return 2;
    }
    for (; *arg; arg++)
        if (!kill_one(*arg, signo))
            status = 1;
    return status;
}
