/* mv: rename. Between file systems: a copy beside the new name, put in its place when it is whole, and only then is
 * the old one removed. */
#include "../lib/copy.h"
#include "../lib/options.h"
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
    struct stat st, old;
    if (lstat(from, &st) == 0 && lstat(to, &old) == 0 && st.st_ino == old.st_ino && st.st_dev == old.st_dev) {
        warn_text(from, "is the same file");
        return 1;
    }
    if (rename(from, to) < 0) {
        if (errno != EXDEV) {
            warn_errno(from);
            return 1;
        }
        status = move_between(from, to);
    }
    if (verbose && !status)
        printf("renamed '%s' -> '%s'\n", from, to);
    return status;
}

/* "dir/" is called dir there; but only the kernel can say that "file/" is nothing. */
static char *place_in(const char *directory, const char *path)
{
    char *name = strdup(path);
    for (size_t len = strlen(path); name && len > 1 && name[len - 1] == '/';)
        name[--len] = 0;
    if (!name)
        die(path);
    char *whole = join_path(directory, base_name(name));
    free(name);
    return whole;
}

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    const char *place = NULL;
    static const char letters[] = "finvuTt:";
    tool_init(argv, "usage: mv [-finuvT] FROM TO\n"
                    "       mv [-finv] FROM... DIR\n"
                    "       mv [-finv] -t DIR FROM...\n"
                    "Move or rename. -i: ask before something is replaced, -n: never replace,\n"
                    "-u: only what is older, -f: do not ask, -t: into DIR, -T: TO is a name, not a place, -v: say what moves.\n");
    options_arrange(argc, argv, letters,
                    "force=f interactive=i no-clobber=n verbose=v update=u no-target-directory=T target-directory=t");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?')
            die_usage();
        if (strchr("fin", c))
            have['f'] = have['i'] = have['n'] = false; /* the last one counts */
        have[c] = true;
        place = c == 't' ? optarg : place;
    }
    int index = optind;
    if (argc - index < 2 - (place != NULL))
        die_usage();
    const char *last = place ? place : argv[--argc];
    bool into = !have['T'] && stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && (argc - index > 1 || place)) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc; index++) {
        char *to = into ? place_in(last, argv[index]) : strdup(last);
        struct stat from;
        bool is_there = lstat(to, &st) == 0, older = is_there && lstat(argv[index], &from) == 0 &&
            !is_newer(&from, &st);
        if (is_there && (have['n'] || (have['u'] && older) || (have['i'] && !confirmed(to)))) {
            free(to);
            continue;
        }
        status |= move(argv[index], to, have['v']);
        free(to);
    }
    return flush_output() | status;
}
