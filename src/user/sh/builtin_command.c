/* command and type: what a name would run. The wording is dash's, so that scripts that read it work. */
#include "sh.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_reserved(const char *name)
{
    static const char *const reserved[] = { "if", "then", "else", "elif", "fi", "do", "done", "case", "esac",
                                            "while", "until", "for", "in", "{", "}", "!" };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    return false;
}

static int describe_file(const char *name, bool verbose)
{
    const char *path = path_find(name, X_OK);
    if (path)
        printf(verbose ? "%s is %s\n" : "%s\n", verbose ? name : path, path);
    else if (verbose)
        printf("%s: not found\n", name);
    return path ? 0 : 127;
}

/* 0 found, 127 not; `verbose` says what it is in words. */
static int describe(const char *name, bool verbose)
{
    const struct builtin *builtin = builtin_find(name);
    const char *alias = alias_value(name), *kind;
    if (is_reserved(name))
        kind = "keyword";
    else if (alias)
        kind = "alias";
    else if (function_find(name) && !(builtin && builtin->special))
        kind = "function";
    else if (builtin)
        kind = builtin->special ? "special shell builtin" : "shell builtin";
    else
        return describe_file(name, verbose);
    if (alias && !is_reserved(name)) {
        printf(verbose ? "%s is an alias for %s\n" : "alias %s=", name, alias);
        if (!verbose) {
            print_quoted(alias);
            putchar('\n');
        }
    } else if (!verbose) {
        printf("%s\n", name);
    } else {
        printf("%s is a %s%s\n", name, kind[0] == 'k' || kind[0] == 'f' ? "shell " : "", kind);
    }
    return 0;
}

int builtin_type(char **argv)
{
    int status = 0;
    for (char **arg = argv + 1; *arg; arg++)
        if (describe(*arg, true))
            status = 127;
    return status;
}

static int run_default_path(char **argv)
{
    var_scope_enter();
    var_make_local("PATH");
    int status = var_set("PATH", "/usr/sbin:/usr/bin:/sbin:/bin") ? exec_external(argv, true) : 2;
    var_scope_leave();
    return status;
}

int builtin_command(char **argv)
{
    bool standard_path = false;
    char **arg = argv + 1, how = 0;
    for (; *arg && **arg == '-' && (*arg)[1]; arg++) {
        if (strcmp(*arg, "--") == 0) {
            arg++;
            break;
        }
        if ((*arg)[1 + strspn(*arg + 1, "pvV")]) {
            shell_error("command: %s: no such option", *arg);
            return 2;
        }
        standard_path |= strchr(*arg, 'p') != NULL;
        how = strchr(*arg, 'V') ? 'V' : strchr(*arg, 'v') ? 'v' : how;
    }
    if (!*arg)
        return how ? 2 : 0;
    if (how)
        return describe(*arg, how == 'V');
    const struct builtin *builtin = builtin_find(*arg);
    if (!builtin)
        return standard_path ? run_default_path(arg) : exec_external(arg, true);
    shell.command_depth++;
    int status = builtin->run(arg);
    shell.command_depth--;
    return status;
}
