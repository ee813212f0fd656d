/* sync: write everything out. */
#include "../lib/util.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argc;
    tool_init(argv, "usage: sync\nWrite everything that waits to disk.\n");
    sync();
    return 0;
}
