/* clear: an empty screen (ECMA-48 ED and CUP; 3J drops what has scrolled away). */
#include "../lib/util.h"

int main(int argc, char **argv)
{
    static const char sequence[] = "\033[H\033[2J\033[3J";
    (void)argc;
    tool_init(argv, "usage: clear\nClear the screen.\n");
    if (full_write(1, sequence, sizeof sequence - 1) < 0)
        die("write error");
    return 0;
}
