/* test, [: whether something is so. The shell's own, as a program. */
#include "../lib/commands.h"
#include "../lib/util.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void complain(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    (void)argc;
    /* Only [ has options: for test, --help is text that is not empty (XCU, test). */
    if (argv[0] && strcmp(base_name(argv[0]), "[") == 0)
        tool_init(argv, "usage: test EXPRESSION\n"
                        "       [ EXPRESSION ]\n"
                        "Status 0 when it is true, 1 when it is not, 2 when it is none.\n"
            "  -e -f -d -L -p -S -b -c FILE  exists; a file, folder, link, pipe, socket, device\n"
            "  -r -w -x -s -u -g -k FILE     may be read, written, run; not empty; mode bits\n"
            "  A -nt B, -ot, -ef             newer, older, the same file\n"
            "  -n TEXT  -z TEXT  A = B  A != B  A -eq B -ne -lt -le -gt -ge (numbers)  -t FD (a terminal)\n"
            "  ! X  X -a Y  X -o Y  ( X )\n");
    argv[0] = (char *)base_name(argv[0]);
    return command_test(argv, complain);
}
