/* uname: what the system calls itself. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    struct utsname names;
    static const char letters[] = "asnrvmpio";
    tool_init(argv, "usage: uname [-asnrvmpio]\n"
                    "Print the system's -s name, -n host, -r release, -v version, -m machine, -p processor, -i hardware, -o kind.\n");
    options_arrange(argc, argv, letters,
                    "all=a kernel-name=s nodename=n kernel-release=r kernel-version=v machine=m operating-system=o processor=p hardware-platform=i");
    parse_flags(argc, argv, letters, have);
    if (uname(&names) < 0)
        die("uname");
    const struct {
        char letter;
        const char *text;
    } parts[] = { { 's', names.sysname }, { 'n', names.nodename }, { 'r', names.release },
                  { 'v', names.version }, { 'm', names.machine },  { 'p', "unknown" },
                  { 'i', "unknown" }, { 'o', names.sysname } };
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
