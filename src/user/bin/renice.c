/* renice: change the priority of what runs. */
#include "../lib/util.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int change(int which, const char *text, int value, bool relative)
{
    char *end;
    unsigned long id = strtoul(text, &end, 10);
    struct passwd *pw = which == PRIO_USER && *end ? getpwnam(text) : NULL;
    if (pw)
        id = pw->pw_uid;
    else if (end == text || *end) {
        warn_text(text, "not a number");
        return 1;
    }
    errno = 0;
    int old = getpriority(which, (id_t)id);
    if (errno || setpriority(which, (id_t)id, relative ? old + value : value) < 0) {
        warn_errno(text);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int which = PRIO_PROCESS, status = 0, i = 1, value;
    bool relative = false;
    char *end;
    tool_init(argv, "usage: renice [-n STEP | NICENESS] [-g | -p | -u] ID...\n"
                    "Change the niceness (-20 first, 19 last) of processes (-p), process groups (-g) or\n"
                    "users (-u): by a step, or to a value.\n");
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        relative = true;
        i = 2;
    }
    if (i >= argc)
        die_usage();
    value = (int)strtol(argv[i], &end, 10);
    if (end == argv[i] || *end)
        die_usage();
    for (i++; i < argc; i++) {
        if (strcmp(argv[i], "-p") == 0)
            which = PRIO_PROCESS;
        else if (strcmp(argv[i], "-g") == 0)
            which = PRIO_PGRP;
        else if (strcmp(argv[i], "-u") == 0)
            which = PRIO_USER;
        else
            status |= change(which, argv[i], value, relative);
    }
    return status;
}
