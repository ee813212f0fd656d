/* See copy.h. */
#include "copy.h"

#include "inside.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct copying copying;

static int fail(const char *path)
{
    warn_errno(path);
    return 1;
}

static int copy_data(int in, int out, const char *from, const char *to)
{
    static char data[65536];
    for (;;) {
        ssize_t n = read(in, data, sizeof data);
        if (n < 0)
            return fail(from);
        if (n == 0)
            return 0;
        if (full_write(out, data, (size_t)n) < 0)
            return fail(to);
    }
}

static int copy_file(const char *from, const char *to, const struct stat *st)
{
    int in = open(from, O_RDONLY);
    if (in < 0)
        return fail(from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, st->st_mode & 0777);
    if (out < 0 && copying.force && unlink(to) == 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL, st->st_mode & 0777);
    if (out < 0) {
        int status = fail(to);
        close(in);
        return status;
    }
    int status = copy_data(in, out, from, to);
    close(in);
    if (close(out) < 0)
        status = fail(to);
    return status;
}

static int copy_link(const char *from, const char *to)
{
    char target[PATH_MAX];
    ssize_t n = readlink(from, target, sizeof target - 1);
    if (n < 0)
        return fail(from);
    target[n] = 0;
    if (copying.force)
        unlink(to);
    return symlink(target, to) < 0 ? fail(to) : 0;
}

static int copy_inside(const char *from, const char *to)
{
    int status = 0;
    struct inside in;
    if (inside_read(from, &in) < 0)
        return fail(from);
    for (size_t i = 0; i < in.n; i++) {
        char *inner_to = join_path(to, base_name(in.paths[i]));
        status |= copy_tree(in.paths[i], inner_to, false);
        free(inner_to);
    }
    inside_free(&in);
    return status;
}

static int copy_node(const char *to, const struct stat *st)
{
    if (copying.force)
        unlink(to);
    return mknod(to, st->st_mode & (S_IFMT | 0777), st->st_rdev) < 0 ? fail(to) : 0;
}

/* Files with several names stay one file. */
static struct seen { dev_t dev; ino_t ino; char *to; } *seen;
static size_t nseen;

static const char *first_copy(const struct stat *st, const char *to)
{
    for (size_t i = 0; i < nseen; i++)
        if (seen[i].ino == st->st_ino && seen[i].dev == st->st_dev)
            return seen[i].to;
    if ((nseen & (nseen - 1)) == 0 && !(seen = realloc(seen, (nseen ? nseen * 2 : 1) * sizeof *seen)))
        die("memory");
    seen[nseen] = (struct seen){ .dev = st->st_dev, .ino = st->st_ino, .to = strdup(to) };
    if (!seen[nseen++].to)
        die("memory");
    return NULL;
}

static int copy_again(const char *first, const char *to)
{
    if (copying.force)
        unlink(to);
    return link(first, to) < 0 ? fail(to) : 0;
}

static int copy_directory(const char *from, const char *to, const struct stat *st)
{
    if (!copying.recursive) {
        warn_text(from, "is a directory (-r copies it)");
        return 1;
    }
    if (mkdir(to, (st->st_mode & 0777) | 0700) < 0 && errno != EEXIST)
        return fail(to);
    return copy_inside(from, to);
}

/* A tree copied into itself would never end. */
static bool is_inside(const char *from, const char *to)
{
    char real_from[PATH_MAX], real_to[PATH_MAX], parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", to);
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent] = 0;
    if (!realpath(from, real_from) || !realpath(slash ? parent : ".", real_to))
        return false;
    size_t len = strlen(real_from);
    return strncmp(real_from, real_to, len) == 0 && (real_to[len] == '/' || !real_to[len] || len == 1);
}

/* Owner first: changing it clears set-user-id. Not root's files stay ours. */
static int set_attributes(const char *to, const struct stat *st)
{
    struct timespec when[2] = { st->st_atim, st->st_mtim };
    if (lchown(to, st->st_uid, st->st_gid) < 0 && errno != EPERM)
        return fail(to);
    if (!S_ISLNK(st->st_mode) && chmod(to, st->st_mode & 07777) < 0)
        return fail(to);
    return utimensat(AT_FDCWD, to, when, AT_SYMLINK_NOFOLLOW) < 0 ? fail(to) : 0;
}

bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec
        ? a->st_mtim.tv_sec > b->st_mtim.tv_sec : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

bool confirmed(const char *path)
{
    int first, c;
    fflush(stdout);
    fprintf(stderr, "%s: overwrite '%s'? ", program, path);
    first = c = getchar();
    while (c != '\n' && c != EOF)
        c = getchar();
    return first == 'y' || first == 'Y';
}

/* A name that is not seen from the root leads elsewhere from another directory. */
static int make_link(const char *from, const char *to)
{
    if (*from != '/' && strchr(to, '/')) {
        warn_text(to, "a link there needs a target that begins with /");
        return 1;
    }
    if (copying.force)
        unlink(to);
    return symlink(from, to) < 0 ? fail(to) : 0;
}

int copy_tree(const char *from, const char *to, bool top)
{
    struct stat st, old;
    bool follow = copying.follow || (top && !copying.recursive && !copying.no_follow);
    if ((follow ? stat(from, &st) : lstat(from, &st)) < 0)
        return fail(from);
    if (stat(to, &old) == 0 && old.st_dev == st.st_dev && old.st_ino == st.st_ino) {
        warn_text(from, "is the same file");
        return 1;
    }
    if (top && S_ISDIR(st.st_mode) && copying.recursive && is_inside(from, to)) {
        warn_text(from, "cannot be copied into itself");
        return 1;
    }
    bool is_there = !S_ISDIR(st.st_mode) && lstat(to, &old) == 0;
    if (is_there && (copying.keep || (copying.update && !is_newer(&st, &old))))
        return 0;
    if (is_there && copying.ask && !confirmed(to))
        return 0;
    if (copying.verbose)
        printf("'%s' -> '%s'\n", from, to);
    const char *first = copying.preserve && copying.recursive && st.st_nlink > 1 && !S_ISDIR(st.st_mode)
        ? first_copy(&st, to) : NULL;
    if (first)
        return copy_again(first, to);
    int status;
    if (S_ISDIR(st.st_mode))
        status = copy_directory(from, to, &st);
    else if (copying.link)
        return copy_again(from, to);
    else if (copying.symbolic)
        return make_link(from, to);
    else if (S_ISLNK(st.st_mode))
        status = copy_link(from, to);
    else if (copying.recursive && !S_ISREG(st.st_mode))
        status = copy_node(to, &st);
    else
        status = copy_file(from, to, &st);
    return status == 0 && copying.preserve ? set_attributes(to, &st) : status;
}
