/* mount: what is mounted (/proc/mounts), or mount something. */
#include "../lib/util.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int list(void)
{
    char source[128], place[256], type[64], options[256];
    FILE *file = fopen("/proc/mounts", "r");
    if (!file)
        die("/proc/mounts");
    while (fscanf(file, "%127s %255s %63s %255s %*d %*d", source, place, type, options) == 4)
        printf("%s on %s type %s (%s)\n", source, place, type, options);
    fclose(file);
    return flush_output();
}

int main(int argc, char **argv)
{
    tool_init(argv, "usage: mount\n       mount -t TYPE SOURCE DIR\nShow what is mounted, or mount SOURCE at DIR.\n");
    if (argc == 1)
        return list();
    if (argc != 5 || strcmp(argv[1], "-t") != 0)
        die_usage();
    if (mount(argv[3], argv[4], argv[2], 0, NULL) < 0)
        die(argv[4]);
    return 0;
}
