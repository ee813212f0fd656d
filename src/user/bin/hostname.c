/* hostname: show or set this machine's name. What looks like an option is never taken for a name. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char name[256] = { 0 };
    bool have[128] = { 0 };
    tool_init(argv, "usage: hostname [-s]\n       hostname NAME\nShow this machine's name (-s: up to the first dot), or set it.\n");
    options_arrange(argc, argv, "s", "short=s");
    int index = parse_flags(argc, argv, "s", have);
    if (argc - index > 1 || (have['s'] && index < argc))
        die_usage();
    if (index < argc) {
        if (sethostname(argv[index], strlen(argv[index])) < 0)
            die(argv[index]);
        return 0;
    }
    if (gethostname(name, sizeof name - 1) < 0)
        die("hostname");
    if (have['s'])
        name[strcspn(name, ".")] = 0;
    puts(name);
    return flush_output();
}
