/* uname: what the system calls itself. */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    struct utsname names;
    tool_init(argv, "usage: uname [-asnrvmo]\n"
                    "Print the system's -s name, -n host, -r release, -v version, -m machine, -o kind.\n");
    parse_flags(argc, argv, "asnrvmo", have);
    if (uname(&names) < 0)
        die("uname");
    const struct {
        char letter;
        const char *text;
    } parts[] = { { 's', names.sysname }, { 'n', names.nodename }, { 'r', names.release },
                  { 'v', names.version }, { 'm', names.machine },  { 'o', names.sysname } };
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        any |= have[(unsigned char)parts[i].letter];
    for (size_t i = 0, printed = 0; i < sizeof parts / sizeof *parts; i++) {
        char letter = parts[i].letter;
        if (have['a'] || have[(unsigned char)letter] || (!any && letter == 's' && !have['a']))
            printf("%s%s", printed++ ? " " : "", parts[i].text);
    }
    putchar('\n');
    return flush_output();
}
