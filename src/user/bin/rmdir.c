/* rmdir: remove empty directories. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool verbose, full_ones_stay;

static bool remove_one(const char *path)
{
    if (verbose)
        printf("rmdir: removing directory, '%s'\n", path);
    if (rmdir(path) == 0)
        return true;
    if (!full_ones_stay || (errno != ENOTEMPTY && errno != EEXIST))
        warn_errno(path);
    else
        errno = 0;
    return false;
}

/* a/b/c, then a/b, then a. */
static bool remove_with_parents(char *path)
{
    bool removed = remove_one(path);
    for (char *slash; removed && (slash = strrchr(path, '/')) && slash > path; removed = remove_one(path))
        for (*slash = 0; slash > path && slash[-1] == '/'; slash--)
            slash[-1] = 0;
    return removed;
}

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    static const char letters[] = "pvi";
    tool_init(argv, "usage: rmdir [-pv] DIR...\n"
                    "Remove empty directories. -p: a/b, then also a; -v: say what is removed;\n"
                    "--ignore-fail-on-non-empty: others may stay.\n");
    options_arrange(argc, argv, letters, "parents=p verbose=v ignore-fail-on-non-empty=i");
    int index = parse_flags(argc, argv, letters, have);
    verbose = have['v'], full_ones_stay = have['i'];
    if (index == argc)
        die_usage();
    for (; index < argc; index++) {
        for (size_t len = strlen(argv[index]); have['p'] && len > 1 && argv[index][len - 1] == '/';)
            argv[index][--len] = 0;
        status |= !(have['p'] ? remove_with_parents(argv[index]) : remove_one(argv[index])) && errno != 0;
    }
    return flush_output() | status;
}
