/* rm: remove files. It never removes /, . or .. */
#include "../lib/inside.h"
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, empty_ones, force, ask, verbose;
enum { MANY = 3 }; /* files; -I asks once before more of them are removed */

static bool answered_yes(const char *path)
{
    int first, c;
    fprintf(stderr, "rm: remove %s? ", path);
    first = c = getchar();
    while (c != '\n' && c != EOF)
        c = getchar();
    return first == 'y' || first == 'Y';
}

static int remove_tree(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0) {
        if (force && errno == ENOENT)
            return 0;
        warn_errno(path);
        return 1;
    }
    bool directory = S_ISDIR(st.st_mode);
    if (directory && !recursive && !empty_ones) {
        warn_text(path, "is a directory (rm -r removes it and what is inside)");
        return 1;
    }
    if (directory && recursive && each_inside(path, remove_tree))
        return 1;
    if (ask && !answered_yes(path))
        return 0;
    if ((directory ? rmdir(path) : unlink(path)) < 0) {
        warn_errno(path);
        return 1;
    }
    if (verbose)
        printf("removed %s'%s'\n", directory ? "directory " : "", path);
    return 0;
}

static bool is_precious(const char *path)
{
    struct stat st, root;
    const char *name = base_name(path);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "./") == 0 || strcmp(name, "../") == 0)
        return true;
    return lstat(path, &st) == 0 && stat("/", &root) == 0 && st.st_dev == root.st_dev && st.st_ino == root.st_ino;
}

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    static const char letters[] = "rRdfivI";
    tool_init(argv, "usage: rm [-rdfiIv] FILE...\n"
                    "Remove files. -r: directories with all inside, -d: empty directories, -f: no complaint about missing ones,\n"
                    "-i: ask first, -I: once, before many or a directory, -v: say what was removed.\n");
    options_arrange(argc, argv, letters, "recursive=r force=f interactive=i verbose=v dir=d");
    int index = parse_flags(argc, argv, letters, have);
    recursive = have['r'] || have['R'], force = have['f'], ask = have['i'] && !force, verbose = have['v'],
        empty_ones = have['d'];
    if (index == argc && !force)
        die_usage();
    if (have['I'] && !force && (recursive || argc - index > MANY) && !answered_yes(recursive ? "all with what is inside" : "all"))
        return 0;
    for (; index < argc; index++) {
        if (is_precious(argv[index])) {
            warn_text(argv[index], "refusing to remove this");
            status = 1;
        } else {
            status |= remove_tree(argv[index]);
        }
    }
    return flush_output() | status;
}
