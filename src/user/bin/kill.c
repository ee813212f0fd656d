/* kill: send signals to processes. */
#include "../lib/procs.h"
#include "../lib/util.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: kill [-SIGNAL | -s SIGNAL] PID...\n       kill -l [STATUS]...\n"
    "Send a signal (TERM if none is named). 0 sends nothing, but says whether it could. A negative PID\n"
    "means a process group: write -- before it. -l: which signals there are, or which one ended a\n"
    "program with this status.\n";

static int list_signals(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        uint64_t status;
        bool is_number = parse_u64(argv[i], &status);
        int sig = signal_number(argv[i]);
        const char *name = is_number ? signal_short_name((int)(status > 128 ? status - 128 : status)) : NULL;
        if (is_number && name)
            printf("%s\n", name);
        else if (!is_number && sig > 0)
            printf("%d\n", sig);
        else {
            warn_text(argv[i], "no such signal");
            return 1;
        }
    }
    for (int sig = 1; !argc && sig < SIGNALS; sig++)
        if (signal_short_name(sig))
            printf("%2d %s\n", sig, signal_short_name(sig));
    return flush_output();
}

static int send(const char *text, int sig)
{
    char *end;
    long pid = strtol(text, &end, 10);
    if (end == text || *end) {
        warn_text(text, "not a process number");
        return 1;
    }
    if (kill((pid_t)pid, sig) == 0)
        return 0;
    warn_errno(text);
    return 1;
}

int main(int argc, char **argv)
{
    int sig = SIGTERM, status = 0, i = 1;
    tool_init(argv, help);
    if (argc > 1 && strcmp(argv[1], "-l") == 0)
        return list_signals(argc - 2, argv + 2);
    if (argc > 3 && strcmp(argv[1], "-s") == 0) {
        sig = signal_number(argv[2]);
        i = 3;
    } else if (argc > 2 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        sig = signal_number(argv[1] + 1);
        i = 2;
    }
    i += i < argc && strcmp(argv[i], "--") == 0;
    if (sig < 0 || i >= argc)
        die_usage();
    for (; i < argc; i++)
        status |= send(argv[i], sig);
    return status;
}
