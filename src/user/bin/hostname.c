/* hostname: show or set this machine's name. */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char name[256] = { 0 };
    tool_init(argv, "usage: hostname [NAME]\nShow this machine's name, or set it.\n");
    if (argc > 2)
        die_usage();
    if (argc == 2) {
        if (sethostname(argv[1], strlen(argv[1])) < 0)
            die(argv[1]);
        return 0;
    }
    if (gethostname(name, sizeof name - 1) < 0)
        die("hostname");
    puts(name);
    return flush_output();
}
