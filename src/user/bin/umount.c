/* umount: unmount. */
#include "../lib/util.h"

#include <string.h>
#include <sys/mount.h>

int main(int argc, char **argv)
{
    int status = 0;
    tool_init(argv, "usage: umount [-l] DIR...\n"
                    "Unmount what is mounted at DIR.\n"
                    "  -l  even while it is used: its name goes now, the rest with its last user\n");
    bool lazy = argc > 1 && strcmp(argv[1], "-l") == 0;
    if (argc < 2 + lazy)
        die_usage();
    for (int i = 1 + lazy; i < argc; i++)
        if (umount2(argv[i], lazy ? MNT_DETACH : 0) < 0) {
            warn_errno(argv[i]);
            status = 1;
        }
    return status;
}
