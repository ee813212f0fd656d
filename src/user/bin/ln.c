/* ln: other names of files. A new name takes the place of an old one in one step, so that there is always one. */
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool symbolic, force, verbose;

static int make(const char *target, const char *path)
{
    return symbolic ? symlink(target, path) : link(target, path);
}

static int replace(const char *target, const char *path)
{
    struct stat old, st;
    char *beside;
    if (!symbolic && stat(target, &st) == 0 && lstat(path, &old) == 0 && st.st_ino == old.st_ino && st.st_dev == old.st_dev)
        return 0; /* it is that already */
    if (lstat(path, &old) == 0 && S_ISDIR(old.st_mode)) {
        warn_text(path, "is a directory");
        return 1;
    }
    if (asprintf(&beside, "%s.ln-%d", path, getpid()) < 0)
        die(path);
    bool made = make(target, beside) == 0, done = made && rename(beside, path) == 0;
    if (!done)
        warn_errno(path);
    if (made && !done)
        unlink(beside);
    free(beside);
    return !done;
}

static int link_one(const char *target, const char *path)
{
    int failed = 0;
    if (make(target, path) < 0) {
        if (!force || errno != EEXIST) {
            warn_errno(errno == EEXIST || symbolic ? path : target);
            return 1;
        }
        failed = replace(target, path);
    }
    if (verbose && !failed)
        printf("'%s' %s '%s'\n", path, symbolic ? "->" : "=>", target);
    return failed;
}

static bool is_directory(const char *path, bool not_through_link)
{
    struct stat st;
    return (not_through_link ? lstat(path, &st) : stat(path, &st)) == 0 && S_ISDIR(st.st_mode);
}

int main(int argc, char **argv)
{
    bool have[128] = { 0 };
    int status = 0;
    tool_init(argv, "usage: ln [-sfnTv] TARGET [NAME]\n"
                    "       ln [-sfnv] TARGET... DIR\n"
                    "Make NAME another name of TARGET. -s: a symbolic link, -f: replace NAME,\n"
                    "-n: a link to a directory is a name to replace, not a place; -T: so is a directory; -v: say what is made.\n");
    int index = parse_flags(argc, argv, "sfnTvhLP", have);
    symbolic = have['s'], force = have['f'], verbose = have['v'];
    if (index == argc)
        die_usage();
    const char *last = argc - index > 1 ? argv[--argc] : ".";
    bool into = !have['T'] && is_directory(last, have['n'] || have['h']);
    if (!into && argc - index > 1) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc; index++) {
        char *path = into ? join_path(last, base_name(argv[index])) : strdup(last);
        status |= link_one(argv[index], path);
        free(path);
    }
    return flush_output() | status;
}
