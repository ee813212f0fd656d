/* find: its options, and the walk. See find.h. */
#include "find.h"

#include "../lib/inside.h"
#include "../lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool depth_first, one_device, pruned, quit;
uint64_t depth_min, depth_max = UINT64_MAX;
int status;
time_t now;
static bool follow_named, follow_all; /* -H -L */

void wrong(const char *what, const char *why)
{
    warn_text(what, why);
    exit(1);
}

static void walk(const struct node *expression, const char *path, uint64_t depth, dev_t device);

static void walk_inside(const struct node *expression, const struct item *at, dev_t device)
{
    struct inside in;
    if (inside_read(at->path, &in) < 0) {
        warn_errno(at->path);
        status = 1;
        return;
    }
    for (size_t i = 0; i < in.n && !quit; i++)
        walk(expression, in.paths[i], at->depth + 1, device);
    inside_free(&in);
}

static void walk(const struct node *expression, const char *path, uint64_t depth, dev_t device)
{
    static const char *root;
    root = depth == 0 ? path : root;
    struct item at = { .path = path, .root = root, .depth = depth };
    bool follow = follow_all || (follow_named && depth == 0);
    if ((!follow || stat(path, &at.st) < 0) && lstat(path, &at.st) < 0) {
        warn_errno(path);
        status = 1;
        return;
    }
    bool remembered = follow_all && S_ISDIR(at.st.st_mode);
    if (remembered && !inside_enter(path, &at.st)) {
        status = 1;
        return;
    }
    if (depth == 0)
        device = at.st.st_dev;
    bool asked = depth >= depth_min;
    pruned = false;
    if (asked && !depth_first)
        expression->fits(expression, &at);
    bool enter = S_ISDIR(at.st.st_mode) && !pruned && depth < depth_max && !(one_device && at.st.st_dev != device);
    if (enter && !quit)
        walk_inside(expression, &at, device);
    if (asked && depth_first && !quit)
        expression->fits(expression, &at);
    if (remembered)
        inside_leave();
}

int main(int argc, char **argv)
{
    static char *here[] = { ".", NULL };
    tool_init(argv, "usage: find [-H] [-L] [PATH...] [EXPRESSION]\n"
                    "Walk directories; print what fits, or do what the expression says.\n"
                    "Tests: -name -iname -path -ipath -lname PATTERN, -regex -iregex EXPRESSION, -type fdlpscb, -size N[ckMG], -empty, -links N, -inum N, -perm MODE,\n"
                    "-user -group NAME, -uid -gid N, -nouser -nogroup,\n"
                    "-newer -anewer -cnewer FILE, -newermt DATE, -samefile FILE, -readable -writable -executable, -mtime -atime -ctime DAYS, -mmin -amin -cmin MINUTES (+N: more, -N: less)\n"
                    "Actions: -print -print0 -printf FORMAT -ls -prune -delete -quit, -exec COMMAND {} ';', -exec COMMAND {} +, -ok COMMAND ';'\n"
                    "FORMAT: %p path, %f name, %h above it, %P below the start, %s size, %k KiB, %y kind, %m %M mode, %n links,\n"
                    "%u %U owner, %g %G group, %i inode, %l link, %d depth, %t %a %c times, %TY %T@ one by strftime(3); \\n \\t \\0\n"
                    "Together: A B, A -o B, A , B, ! A, ( A ). Everywhere: -maxdepth N, -mindepth N, -depth, -xdev, -daystart,\n"
                    "-regextype posix-basic posix-extended\n");
    int i = 1;
    for (; i < argc && (strcmp(argv[i], "-H") == 0 || strcmp(argv[i], "-L") == 0 || strcmp(argv[i], "-P") == 0); i++)
        follow_named = argv[i][1] == 'H', follow_all = argv[i][1] == 'L';
    char **paths = argv + i;
    int npaths = 0;
    while (paths[npaths] && paths[npaths][0] != '-' && strcmp(paths[npaths], "!") != 0 &&
           strcmp(paths[npaths], "(") != 0)
        npaths++;
    now = time(NULL);
    const struct node *expression = parse_expression(paths + npaths);
    if (npaths == 0)
        paths = here, npaths = 1;
    for (i = 0; i < npaths && !quit; i++)
        walk(expression, paths[i], 0, 0);
    batches_end();
    return flush_output() | status;
}
