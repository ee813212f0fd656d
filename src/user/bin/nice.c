/* nice: run a program with another priority. */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static bool parse_step(const char *text, int *out)
{
    char *end;
    long v = strtol(text, &end, 10);
    *out = (int)v;
    return end != text && !*end && v >= -100 && v <= 100;
}

int main(int argc, char **argv)
{
    int step = 10, i = 1;
    tool_init(argv, "usage: nice [-n STEP] PROGRAM [ARGUMENT...]\n"
                    "Run a program with STEP (10) added to its niceness, -20 (first) to 19.\n"
                    "Only the superuser may lower it. Without a program: show the present one.\n");
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        if (!parse_step(argv[2], &step))
            die_usage();
        i = 3;
    } else if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        if (!parse_step(argv[1] + 1, &step)) /* as ever: nice -5 is -n 5, nice --5 is -n -5 */
            die_usage();
        i = 2;
    }
    i += i < argc && strcmp(argv[i], "--") == 0;
    if (i >= argc) {
        printf("%d\n", getpriority(PRIO_PROCESS, 0));
        return flush_output();
    }
    if (setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + step) < 0)
        warn_errno("niceness"); /* the program runs all the same (POSIX nice) */
    execvp(argv[i], argv + i);
    int status = errno == ENOENT ? 127 : 126;
    warn_errno(argv[i]);
    return status;
}
