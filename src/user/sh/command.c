/* From a command's name to a running program: the search in PATH, execve, and what to say when there
 * is no such program. */
#include "sh.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path, int may)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, may) == 0;
}

/* One directory of PATH at a time; an empty one is the current directory. */
static char *next_candidate(const char **path, const char *name)
{
    size_t len = strcspn(*path, ":");
    char *candidate = arena_alloc(&shell.scratch, len + strlen(name) + 3);
    memcpy(candidate, len ? *path : ".", len ? len : 1);
    strcat(strcat(candidate, "/"), name);
    *path += len;
    return candidate;
}

char *path_find(const char *name, int may)
{
    if (strchr(name, '/'))
        return is_file(name, may) ? arena_strndup(&shell.scratch, name, strlen(name)) : NULL;
    const char *path = var_get("PATH");
    for (path = path ? path : ""; *name;) {
        char *candidate = next_candidate(&path, name);
        if (is_file(candidate, may))
            return candidate;
        if (*path++ != ':')
            break;
    }
    return NULL;
}

/* Edit distance at most one: a letter wrong, missing, extra, or two swapped. */
static bool almost_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    if (!*a && !*b)
        return false;
    if (*a && *b && (strcmp(a + 1, b + 1) == 0 || (a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0)))
        return true;
    return (*a && strcmp(a + 1, b) == 0) || (*b && strcmp(a, b + 1) == 0);
}

static bool suggest_from_directory(const char *path, const char *name, char *out, size_t size)
{
    bool found = false;
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(dir));)
        if (almost_equal(name, entry->d_name)) {
            snprintf(out, size, "%s", entry->d_name);
            found = true;
        }
    closedir(dir);
    return found;
}

static bool find_similar(const char *name, char *out, size_t size)
{
    if (strlen(name) < 2)
        return false;
    for (const struct builtin *builtin = builtins; builtin->name; builtin++)
        if (almost_equal(name, builtin->name)) {
            snprintf(out, size, "%s", builtin->name);
            return true;
        }
    const char *path = var_get("PATH");
    while (path && *path) {
        size_t len = strcspn(path, ":");
        if (suggest_from_directory(arena_strndup(&shell.scratch, path, len), name, out, size))
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* It has hundreds of commands in one program, and not each a name in PATH. */
static bool busybox_has(const char *name)
{
    char line[64];
    bool has = false;
    FILE *list = path_find("busybox", X_OK) ? popen("busybox --list", "r") : NULL;
    if (!list)
        return false;
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = 0;
        has |= strcmp(line, name) == 0;
    }
    pclose(list);
    return has;
}

static int report_not_found(const char *name)
{
    char similar[256];
    if (strchr(name, '/'))
        shell_error("%s: not found", name);
    else if (isatty(2) && busybox_has(name))
        shell_error("%s: command not found, but busybox has it: busybox %s", name, name);
    else if (isatty(2) && find_similar(name, similar, sizeof similar))
        shell_error("%s: command not found. Did you mean '%s'?", name, similar);
    else
        shell_error("%s: command not found", name);
    return 127;
}

/* A text file without "#!" is a script for us (POSIX XCU 2.9.1.1). Never returns. */
static void run_as_script(const char *path, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    shell.name = path;
    shell.opt[OPT_INTERACTIVE] = false;
    params_set(&shell.params, argv + 1, argc - 1);
    int status;
    if (!shell_run_file(path, &status))
        status = 126;
    shell_exit(status);
}

static int report_not_runnable(const char *name)
{
    struct stat st;
    if (!strchr(name, '/') || stat(name, &st) < 0)
        return report_not_found(name);
    shell_error("%s: %s", name, S_ISDIR(st.st_mode) ? "is a directory" : "permission denied");
    return 126;
}

int exec_replace(const char *path, char **argv)
{
    char **environment = vars_environ(&shell.scratch);
    if (path)
        execve(path, argv, environment);
    if (!path || errno == ENOENT) { /* never found, or gone since */
        path = path_find(argv[0], X_OK);
        if (!path)
            return report_not_runnable(argv[0]);
        execve(path, argv, environment);
    }
    if (errno == ENOEXEC)
        run_as_script(path, argv);
    shell_error("%s: %s", argv[0], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

int exec_external(char **argv, bool fork_first)
{
    if (!fork_first)
        return exec_replace(NULL, argv);
    const char *path = path_cache_find(argv[0]);
    struct job *job = job_create(argv[0]);
    pid_t pid = shell_fork();
    if (pid < 0) {
        shell_error("cannot fork: %s", strerror(errno));
        return 2;
    }
    if (pid == 0) {
        child_init(true, 0);
        _exit(exec_replace(path, argv));
    }
    job_add_process(job, pid);
    return job_wait_foreground(job);
}
