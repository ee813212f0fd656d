/* env: show the environment, or run a program with a changed one. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static int run(char **argv)
{
    execvp(argv[0], argv);
    int status = errno == ENOENT ? 127 : 126;
    warn_errno(argv[0]);
    return status;
}

static void take_option(int c)
{
    if (c == 'i')
        clearenv();
    else if (c == 'u')
        unsetenv(optarg);
    else if (c == 'C' && chdir(optarg) < 0)
        warn_errno(optarg), exit(125);
    else if (c == '?')
        die_usage();
}

int main(int argc, char **argv)
{
    tool_init(argv, "usage: env [-i] [-0] [-u NAME]... [-C DIR] [NAME=VALUE...] [COMMAND [ARG...]]\n"
                    "Show the environment, or run COMMAND with a changed one. -i, or - alone: start from nothing,\n"
                    "-u: without NAME, -C: in DIR, -0: what is shown ends with a zero byte.\n");
    static const char letters[] = "+i0u:C:";
    char end = '\n';
    options_arrange(argc, argv, letters, "ignore-environment=i null=0 unset=u chdir=C");
    for (int c; (c = getopt(argc, argv, letters)) != -1; take_option(c))
        end = c == '0' ? 0 : end;
    int i = optind;
    if (i < argc && strcmp(argv[i], "-") == 0) {
        clearenv();
        i++;
    }
    for (; i < argc && strchr(argv[i], '=') && argv[i][0] != '='; i++)
        if (putenv(argv[i]) != 0)
            die("memory");
    if (i < argc)
        return run(argv + i);
    for (char **entry = environ; entry && *entry; entry++)
        printf("%s%c", *entry, end);
    return flush_output();
}
