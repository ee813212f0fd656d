/* kill: send signals to processes. */
#include "../lib/util.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = { "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU" };
enum { NNAMES = sizeof names / sizeof *names };

static int signal_from(const char *text)
{
    uint64_t number;
    if (parse_u64(text, &number))
        return number < 65 ? (int)number : -1;
    text += strncasecmp(text, "SIG", 3) == 0 ? 3 : 0;
    for (int i = 1; i < NNAMES; i++)
        if (strcasecmp(text, names[i]) == 0)
            return i;
    return -1;
}

int main(int argc, char **argv)
{
    int signo = SIGTERM, status = 0, i = 1;
    tool_init(argv, "usage: kill [-SIGNAL | -s SIGNAL] PID...\n       kill -l\nSend a signal (TERM if none is named). -l: which there are.\n");
    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        for (int n = 1; n < NNAMES; n++)
            printf("%2d %s\n", n, names[n]);
        return flush_output();
    }
    if (argc > 3 && strcmp(argv[1], "-s") == 0) {
        signo = signal_from(argv[2]);
        i = 3;
    } else if (argc > 2 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        signo = signal_from(argv[1] + 1);
        i = 2;
    }
    i += i < argc && strcmp(argv[i], "--") == 0;
    if (signo < 0 || i >= argc)
        die_usage();
    for (; i < argc; i++) {
        char *end;
        long pid = strtol(argv[i], &end, 10);
        if (end == argv[i] || *end) {
            warn_text(argv[i], "not a process number");
            status = 1;
        } else if (kill((pid_t)pid, signo) < 0) {
            warn_errno(argv[i]);
            status = 1;
        }
    }
    return status;
}
