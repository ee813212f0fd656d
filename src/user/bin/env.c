/* env: show the environment, or run a program with a changed one. */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    int i = 1;
    tool_init(argv, "usage: env [-i] [NAME=VALUE...] [COMMAND [ARG...]]\nShow the environment, or run COMMAND with a changed one. -i: start from nothing.\n");
    if (i < argc && strcmp(argv[i], "-i") == 0) {
        clearenv();
        i++;
    }
    for (; i < argc && strchr(argv[i], '=') && argv[i][0] != '='; i++)
        if (putenv(argv[i]) != 0)
            die("memory");
    if (i < argc) {
        execvp(argv[i], argv + i);
        int status = errno == ENOENT ? 127 : 126;
        warn_errno(argv[i]);
        return status;
    }
    for (char **entry = environ; entry && *entry; entry++)
        puts(*entry);
    return flush_output();
}
