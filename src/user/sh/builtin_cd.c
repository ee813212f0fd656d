/* cd and pwd (XCU cd, pwd). The shell remembers the directory by the name it was reached by; -P looks behind
 * symbolic links. */
#include "sh.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char current[PATH_MAX]; /* logical; empty: not known */

static bool is_here(const char *path)
{
    struct stat there, here;
    return *path == '/' && stat(path, &there) == 0 && stat(".", &here) == 0 && there.st_dev == here.st_dev &&
           there.st_ino == here.st_ino;
}

void directory_init(void)
{
    const char *inherited = var_get("PWD");
    if (inherited && strlen(inherited) < sizeof current && !strstr(inherited, "/.") && is_here(inherited))
        strcpy(current, inherited);
    else if (!getcwd(current, sizeof current))
        *current = 0;
    if (*current)
        var_set("PWD", current);
}

const char *directory_current(void)
{
    return *current ? current : "?";
}

/* Appends one component to a logical path; ".." takes one away. False: it would be too long. */
static bool path_push(char *path, const char *name, size_t len)
{
    size_t have = strlen(path);
    if (len == 0 || (len == 1 && *name == '.'))
        return true;
    if (len == 2 && memcmp(name, "..", 2) == 0) {
        while (have > 1 && path[have - 1] != '/')
            have--;
        path[have > 1 ? have - 1 : have] = 0;
        return true;
    }
    if (have + len + 2 > PATH_MAX)
        return false;
    if (have > 1)
        path[have++] = '/';
    memcpy(path + have, name, len);
    path[have + len] = 0;
    return true;
}

/* target seen from the current directory, without "." and ".."; false: unknown or too long. */
static bool path_resolve(const char *target, char out[PATH_MAX])
{
    if (*target != '/' && !*current)
        return false;
    strcpy(out, *target == '/' ? "/" : current);
    while (*target) {
        size_t len = strcspn(target, "/");
        if (!path_push(out, target, len))
            return false;
        target += len + (target[len] == '/');
    }
    return true;
}

static bool change(const char *target, bool physical)
{
    static char wanted[PATH_MAX];
    bool logical = !physical && path_resolve(target, wanted);
    if (chdir(logical ? wanted : target) < 0)
        return false;
    if (*current)
        var_set("OLDPWD", current);
    if (logical)
        strcpy(current, wanted);
    else if (!getcwd(current, sizeof current))
        *current = 0;
    var_set("PWD", current);
    return true;
}

/* The directory of CDPATH that has target, joined with it; NULL: none. */
static const char *find_in_cdpath(const char *target)
{
    const char *path = var_get("CDPATH");
    struct stat st;
    if (*target == '/' || strcmp(target, ".") == 0 || strcmp(target, "..") == 0 || strncmp(target, "./", 2) == 0 ||
        strncmp(target, "../", 3) == 0)
        return NULL;
    while (path && *path) {
        size_t len = strcspn(path, ":");
        char *candidate = arena_alloc(&shell.scratch, len + strlen(target) + 2);
        memcpy(candidate, path, len);
        if (len && path[len - 1] != '/')
            candidate[len] = '/';
        strcat(candidate, target);
        if (len && stat(candidate, &st) == 0 && S_ISDIR(st.st_mode))
            return candidate;
        path += len + (path[len] == ':');
    }
    return NULL;
}

/* -L and -P, the last one counts. */
static char **take_options(char **arg, bool *physical)
{
    *physical = false;
    for (; *arg && **arg == '-' && (*arg)[1] && !(*arg)[1 + strspn(*arg + 1, "LP")]; arg++)
        *physical = (*arg)[strlen(*arg) - 1] == 'P';
    return *arg && strcmp(*arg, "--") == 0 ? arg + 1 : arg;
}

int builtin_cd(char **argv)
{
    bool physical;
    char **arg = take_options(argv + 1, &physical);
    bool back = *arg && strcmp(*arg, "-") == 0;
    const char *target = !*arg ? var_get("HOME") : back ? var_get("OLDPWD") : *arg;
    if (!target) {
        shell_error("cd: %s is not set", back ? "OLDPWD" : "HOME");
        return 2;
    }
    target = arena_strndup(&shell.scratch, target, strlen(target)); /* OLDPWD is about to change */
    const char *found = *target ? find_in_cdpath(target) : NULL;
    if (*target && !change(found ? found : target, physical)) {
        shell_error("cd: %s: %s", target, strerror(errno));
        return 2;
    }
    if (back || found)
        puts(directory_current());
    return 0;
}

int builtin_pwd(char **argv)
{
    bool physical;
    take_options(argv + 1, &physical);
    if (!physical && is_here(current)) {
        puts(current);
        return 0;
    }
    char *directory = getcwd(NULL, 0);
    if (!directory) {
        shell_error("pwd: %s", strerror(errno));
        return 1;
    }
    puts(directory);
    free(directory);
    return 0;
}
