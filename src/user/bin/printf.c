/* printf: print by a format. The shell's own, as a program. */
#include "../lib/commands.h"
#include "../lib/util.h"

#include <stdarg.h>
#include <stdio.h>

static void complain(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fflush(stdout);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    (void)argc;
    tool_init(argv, "usage: printf FORMAT [ARGUMENT...]\n"
                    "Print the arguments as the format says, again and again until they are used up.\n"
                    "  %s text   %d %u %o %x numbers   %f %e %g   %c a character   %b text with escapes   %% itself\n"
                    "  \\n \\t \\\\ \\NNN (octal) in the format\n");
    int status = command_printf(argv, complain);
    return flush_output() | status;
}
