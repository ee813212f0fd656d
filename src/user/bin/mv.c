/* mv: rename. Between file systems: a copy beside the new name, put in its place when it is whole, and only then is
 * the old one removed. */
#include "../lib/copy.h"
#include "../lib/util.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    if (remove(path) == 0)
        return 0;
    warn_errno(path);
    return 1;
}

static int remove_tree(const char *path)
{
    return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) != 0;
}

static int move_between(const char *from, const char *to)
{
    char *beside;
    copying = (struct copying){ .recursive = true, .preserve = true };
    if (asprintf(&beside, "%s.mv-%d", to, getpid()) < 0)
        die(to);
    int status = copy_tree(from, beside, true);
    if (status == 0 && rename(beside, to) < 0) {
        warn_errno(to);
        status = 1;
    }
    if (status == 0)
        status = remove_tree(from);
    else
        remove_tree(beside);
    free(beside);
    return status;
}

static int move(const char *from, const char *to, bool verbose)
{
    int status = 0;
    if (rename(from, to) < 0) {
        if (errno != EXDEV) {
            warn_errno(from);
            return 1;
        }
        status = move_between(from, to);
    }
    if (verbose && !status)
        printf("%s -> %s\n", from, to);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    tool_init(argv, "usage: mv [-fnv] FROM TO\n       mv [-fnv] FROM... DIR\nMove or rename. -n: never replace, -v: say what moves.\n");
    int index = parse_flags(argc, argv, "fnv", have);
    if (argc - index < 2)
        die_usage();
    const char *last = argv[argc - 1];
    bool into = stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && argc - index > 2) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc - 1; index++) {
        char *to = into ? join_path(last, base_name(argv[index])) : strdup(last);
        if (have['n'] && lstat(to, &st) == 0) {
            free(to);
            continue;
        }
        status |= move(argv[index], to, have['v']);
        free(to);
    }
    return flush_output() | status;
}
