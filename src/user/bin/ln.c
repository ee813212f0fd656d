/* ln: hard and symbolic links. */
#include "../lib/util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    struct stat st;
    tool_init(argv, "usage: ln [-s] [-f] TARGET [NAME]\nMake NAME another name of TARGET. -s: a symbolic link, -f: replace NAME.\n");
    int index = parse_flags(argc, argv, "sf", have);
    if (argc - index < 1 || argc - index > 2)
        die_usage();
    const char *target = argv[index], *name = argc - index == 2 ? argv[index + 1] : ".";
    char *path = stat(name, &st) == 0 && S_ISDIR(st.st_mode) ? join_path(name, base_name(target)) : strdup(name);
    if (have['f'])
        unlink(path);
    if ((have['s'] ? symlink(target, path) : link(target, path)) < 0)
        die(path);
    free(path);
    return 0;
}
