/* umount: unmount. */
#include "../lib/util.h"

#include <sys/mount.h>

int main(int argc, char **argv)
{
    int status = 0;
    tool_init(argv, "usage: umount DIR...\nUnmount what is mounted at DIR.\n");
    if (argc < 2)
        die_usage();
    for (int i = 1; i < argc; i++)
        if (umount(argv[i]) < 0) {
            warn_errno(argv[i]);
            status = 1;
        }
    return status;
}
