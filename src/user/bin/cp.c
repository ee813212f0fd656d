/* cp: copy files and, with -r, trees. Links are copied as links inside a tree. */
#include "../lib/util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool recursive, force, preserve, verbose;

static int fail(const char *path)
{
    warn_errno(path);
    return 1;
}

static int copy_tree(const char *from, const char *to, bool top);

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
    if (out < 0 && force && unlink(to) == 0)
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
    if (force)
        unlink(to);
    return symlink(target, to) < 0 ? fail(to) : 0;
}

static int copy_inside(const char *from, const char *to)
{
    int status = 0;
    DIR *dir = opendir(from);
    if (!dir)
        return fail(from);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner_from = join_path(from, entry->d_name), *inner_to = join_path(to, entry->d_name);
        status |= copy_tree(inner_from, inner_to, false);
        free(inner_from);
        free(inner_to);
    }
    closedir(dir);
    return status;
}

static int copy_directory(const char *from, const char *to, const struct stat *st)
{
    if (!recursive) {
        warn_text(from, "is a directory (cp -r copies it)");
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

static int copy_tree(const char *from, const char *to, bool top)
{
    struct stat st, old;
    if ((top && !recursive ? stat(from, &st) : lstat(from, &st)) < 0)
        return fail(from);
    if (stat(to, &old) == 0 && old.st_dev == st.st_dev && old.st_ino == st.st_ino) {
        warn_text(from, "is the same file");
        return 1;
    }
    if (top && S_ISDIR(st.st_mode) && recursive && is_inside(from, to)) {
        warn_text(from, "cannot be copied into itself");
        return 1;
    }
    if (verbose)
        printf("%s -> %s\n", from, to);
    int status;
    if (S_ISDIR(st.st_mode))
        status = copy_directory(from, to, &st);
    else if (S_ISLNK(st.st_mode))
        status = copy_link(from, to);
    else
        status = copy_file(from, to, &st);
    if (status == 0 && preserve && !S_ISLNK(st.st_mode)) {
        struct timespec when[2] = { st.st_atim, st.st_mtim };
        if (chown(to, st.st_uid, st.st_gid) < 0 || chmod(to, st.st_mode & 07777) < 0 || utimensat(AT_FDCWD, to, when, 0) < 0)
            status = fail(to);
    }
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    struct stat st;
    tool_init(argv, "usage: cp [-rfpv] FROM TO\n       cp [-rfpv] FROM... DIR\nCopy files. -r: directories too, -f: replace what is in the way, -p: keep times and rights, -v: say what is copied.\n");
    int index = parse_flags(argc, argv, "rRafpv", have);
    recursive = have['r'] || have['R'] || have['a'], force = have['f'], preserve = have['p'] || have['a'], verbose = have['v'];
    if (argc - index < 2)
        die_usage();
    const char *last = argv[argc - 1];
    bool into = stat(last, &st) == 0 && S_ISDIR(st.st_mode);
    if (!into && argc - index > 2) {
        warn_text(last, "is not a directory");
        return 1;
    }
    for (; index < argc - 1; index++) {
        size_t len = strlen(argv[index]);
        while (len > 1 && argv[index][len - 1] == '/')
            argv[index][--len] = 0;
        char *to = into ? join_path(last, base_name(argv[index])) : strdup(last);
        status |= copy_tree(argv[index], to, true);
        free(to);
    }
    return flush_output() | status;
}
