/* pwd: the current directory. */
#include "../lib/util.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    (void)argc;
    tool_init(argv, "usage: pwd\nPrint the current directory.\n");
    if (!getcwd(path, sizeof path))
        die("current directory");
    puts(path);
    return flush_output();
}
