/* rmdir: remove empty directories. */
#include "../lib/util.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    tool_init(argv, "usage: rmdir DIR...\nRemove empty directories.\n");
    int index = parse_flags(argc, argv, "", have);
    if (index == argc)
        die_usage();
    for (; index < argc; index++)
        if (rmdir(argv[index]) < 0) {
            warn_errno(argv[index]);
            status = 1;
        }
    return status;
}
