/* ln: other names of files. A new name takes the place of an old one in one step, so that there is always one. */
#include "../lib/options.h"
#include "../lib/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool symbolic, force, verbose, ask, relative;

static int make(const char *target, const char *path)
{
    return symbolic ? symlink(target, path) : link(target, path);
}

static int replace(const char *target, const char *path)
{
    struct stat old, st;
    char *beside;
    if (!symbolic && stat(target, &st) == 0 && lstat(path, &old) == 0 && st.st_ino == old.st_ino &&
        st.st_dev == old.st_dev)
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

static bool answered_yes(const char *path)
{
    int first, c;
    fprintf(stderr, "ln: replace '%s'? ", path);
    first = c = getchar();
    while (c != '\n' && c != EOF)
        c = getchar();
    return first == 'y' || first == 'Y';
}

/* How one gets to target from the directory path lies in; both are made what they really are first. malloc'd. */
static char *relative_target(const char *target, const char *path)
{
    char *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash)
        slash[slash == copy] = 0;
    char *from = realpath(slash ? copy : ".", NULL), *to = realpath(target, NULL), *out;
    free(copy);
    if (!from || !to)
        die(from ? target : path);
    size_t same = 0, ups = 0;
    for (size_t i = 0; from[i] == to[i] || !from[i] || !to[i]; i++) {
        if ((!from[i] || from[i] == '/') && (!to[i] || to[i] == '/'))
            same = i;
        if (!from[i] || !to[i])
            break;
    }
    for (const char *rest = from + same; *rest; rest++)
        ups += *rest == '/' && rest[1];
    const char *rest = to[same] ? to + same + 1 : "";
    out = calloc(1, ups * 3 + strlen(rest) + 2);
    if (!out)
        die(path);
    for (size_t i = 0; i < ups; i++)
        strcat(out, "../");
    strcat(out, *rest || ups ? rest : ".");
    for (size_t len = strlen(out); len > 1 && out[len - 1] == '/';)
        out[--len] = 0;
    free(from);
    free(to);
    return out;
}

static int link_one(const char *target, const char *path)
{
    int failed = 0;
    struct stat old;
    if (ask && lstat(path, &old) == 0 && !answered_yes(path))
        return 0;
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
    static const char letters[] = "sfnTvhLPirt:";
    const char *place = NULL;
    tool_init(argv, "usage: ln [-sfinrTv] TARGET [NAME]\n"
                    "       ln [-sfinrv] TARGET... DIR\n"
                    "       ln [-sfinrv] -t DIR TARGET...\n"
                    "Make NAME another name of TARGET. -s: a symbolic link, -r: that leads there from where it lies,\n"
                    "-f: replace NAME, -i: ask first, -t: in DIR,\n"
                    "-n: a link to a directory is a name to replace, not a place; -T: so is a directory; -v: say what is made.\n");
    options_arrange(argc, argv, letters, "symbolic=s force=f interactive=i no-dereference=n no-target-directory=T "
                    "target-directory=t verbose=v relative=r logical=L physical=P");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        have[c] = true;
        place = c == 't' ? optarg : place;
    }
    int index = optind;
    symbolic = have['s'], force = have['f'] || have['i'], verbose = have['v'], ask = have['i'], relative = have['r'];
    if (index == argc || (relative && !symbolic))
        die_usage();
    const char *last = place ? place : argc - index > 1 ? argv[--argc] : ".";
    bool into = !have['T'] && is_directory(last, have['n'] || have['h']);
    if (!into && (place || argc - index > 1)) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc; index++) {
        char *path = into ? join_path(last, base_name(argv[index])) : strdup(last);
        char *target = relative ? relative_target(argv[index], path) : strdup(argv[index]);
        status |= link_one(target, path);
        free(target);
        free(path);
    }
    return flush_output() | status;
}
