/* find: what a file may be asked. See find.h. */
#include "find.h"

#include "../lib/util.h"

#include <dirent.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

bool fits_and(const struct node *n, const struct item *at) { return n->a->fits(n->a, at) && n->b->fits(n->b, at); }
bool fits_both(const struct node *n, const struct item *at) { n->a->fits(n->a, at); return n->b->fits(n->b, at); }
bool fits_or(const struct node *n, const struct item *at) { return n->a->fits(n->a, at) || n->b->fits(n->b, at); }
bool fits_not(const struct node *n, const struct item *at) { return !n->a->fits(n->a, at); }
bool fits_always(const struct node *n, const struct item *at) { return (void)at, n->number; }

bool fits_name(const struct node *n, const struct item *at)
{
    return fnmatch(n->text, base_name(at->path), n->letter == 'i' ? FNM_CASEFOLD : 0) == 0;
}

bool fits_target(const struct node *n, const struct item *at)
{
    char target[4096];
    ssize_t len = S_ISLNK(at->st.st_mode) ? readlink(at->path, target, sizeof target - 1) : -1;
    if (len < 0)
        return false;
    target[len] = 0;
    return fnmatch(n->text, target, 0) == 0;
}

bool fits_path(const struct node *n, const struct item *at)
{
    return fnmatch(n->text, at->path, n->letter == 'i' ? FNM_CASEFOLD : 0) == 0;
}

bool fits_type(const struct node *n, const struct item *at)
{
    static const struct { char letter; mode_t kind; } kinds[] = {
        { 'f', S_IFREG }, { 'd', S_IFDIR }, { 'l', S_IFLNK }, { 'p', S_IFIFO }, { 's', S_IFSOCK }, { 'c', S_IFCHR },
        { 'b', S_IFBLK },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((at->st.st_mode & S_IFMT) == kinds[i].kind)
            return strchr(n->text, kinds[i].letter) != NULL;
    return false;
}

static bool compares(const struct node *n, long long value)
{
    return n->sign < 0 ? value < n->number : n->sign > 0 ? value > n->number : value == n->number;
}

bool fits_size(const struct node *n, const struct item *at)
{
    long long unit = n->letter == 'c' ? 1 : n->letter == 'k' ? 1024 : n->letter == 'M' ? 1 << 20
                   : n->letter == 'G' ? 1 << 30 : 512;
    return compares(n, (at->st.st_size + unit - 1) / unit);
}

bool fits_links(const struct node *n, const struct item *at) { return compares(n, (long long)at->st.st_nlink); }
bool fits_inum(const struct node *n, const struct item *at) { return compares(n, (long long)at->st.st_ino); }
bool fits_uid(const struct node *n, const struct item *at) { return compares(n, at->st.st_uid); }
bool fits_gid(const struct node *n, const struct item *at) { return compares(n, at->st.st_gid); }

/* The whole path must match. */
bool fits_regex(const struct node *n, const struct item *at)
{
    regmatch_t match;
    return regexec(&n->regex, at->path, 1, &match, 0) == 0 && match.rm_so == 0 && !at->path[match.rm_eo];
}

bool fits_user(const struct node *n, const struct item *at) { return at->st.st_uid == (uid_t)n->number; }
bool fits_group(const struct node *n, const struct item *at) { return at->st.st_gid == (gid_t)n->number; }

bool fits_nobody(const struct node *n, const struct item *at)
{
    return n->letter == 'u' ? !getpwuid(at->st.st_uid) : !getgrgid(at->st.st_gid);
}

bool fits_access(const struct node *n, const struct item *at)
{
    return access(at->path, n->letter == 'r' ? R_OK : n->letter == 'w' ? W_OK : X_OK /* 'e' */) == 0;
}

bool fits_same(const struct node *n, const struct item *at)
{
    return at->st.st_ino == (ino_t)n->number && at->st.st_dev == (dev_t)n->device;
}

bool fits_time(const struct node *n, const struct item *at)
{
    const struct timespec *t = n->text[1] == 'm' ? &at->st.st_mtim : n->text[1] == 'a' ? &at->st.st_atim : &at->st.st_ctim;
    return compares(n, (now - t->tv_sec) / (n->letter == 'm' ? 60 : 86400));
}

bool fits_newer(const struct node *n, const struct item *at)
{
    const struct timespec *t = n->letter == 'a' ? &at->st.st_atim : n->letter == 'c' ? &at->st.st_ctim : &at->st.st_mtim;
    return t->tv_sec > n->time.tv_sec || (t->tv_sec == n->time.tv_sec && t->tv_nsec > n->time.tv_nsec);
}

bool fits_perm(const struct node *n, const struct item *at)
{
    mode_t mode = at->st.st_mode & 07777;
    return n->letter == '-' ? (mode & n->mode) == n->mode : n->letter == '/' ? !n->mode || mode & n->mode : mode == n->mode;
}

bool fits_empty(const struct node *n, const struct item *at)
{
    (void)n;
    if (S_ISREG(at->st.st_mode))
        return at->st.st_size == 0;
    DIR *dir = S_ISDIR(at->st.st_mode) ? opendir(at->path) : NULL;
    bool empty = dir != NULL;
    for (struct dirent *e; dir && (e = readdir(dir));)
        empty &= strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    if (dir)
        closedir(dir);
    return empty;
}
