/* false: fail. */
#include "../lib/util.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        puts("usage: false\nFail: the status is 1, even of this text.");
    return 1;
}
