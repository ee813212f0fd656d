/* The builtins that are the language itself, and the table of all. The longer ones have files of
 * their own: builtin_*.c, jobs.c, traps.c. Each gets argv and returns its exit status. */
#include "../lib/commands.h"
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int builtin_true(char **argv)
{
    (void)argv;
    return 0;
}

static int builtin_false(char **argv)
{
    (void)argv;
    return 1;
}

int builtin_fatal(int status)
{
    if (!shell.command_depth)
        shell_abort(status);
    return status;
}

static bool parse_number(const char *who, const char *text, int *out)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < 0 || value > 1000000000) {
        shell_error("%s: %s: bad number", who, text);
        return false;
    }
    *out = (int)value;
    return true;
}

static int leave_loops(char **argv, enum flow flow)
{
    int count = 1;
    if (argv[1] && (!parse_number(argv[0], argv[1], &count) || count == 0))
        return builtin_fatal(2);
    if (shell.loop_depth == 0)
        return 0;
    shell.flow = flow;
    shell.flow_count = count < shell.loop_depth ? count : shell.loop_depth;
    return 0;
}

static int builtin_break(char **argv)
{
    return leave_loops(argv, FLOW_BREAK);
}

static int builtin_continue(char **argv)
{
    return leave_loops(argv, FLOW_CONTINUE);
}

static int builtin_return(char **argv)
{
    int status = shell.status;
    if (argv[1] && !parse_number("return", argv[1], &status))
        return builtin_fatal(2);
    if (shell.function_depth || shell.source_depth)
        shell.flow = FLOW_RETURN;
    else
        shell_exit(status);
    return status & 255;
}

static int builtin_exit(char **argv)
{
    int status = shell.trap_status >= 0 ? shell.trap_status : shell.status;
    if (argv[1] && !parse_number("exit", argv[1], &status))
        status = 2;
    shell_exit(status);
}

static int builtin_eval(char **argv)
{
    struct buffer text = { 0 };
    buffer_append(&text, "", 0);
    for (char **arg = argv + 1; *arg; arg++) {
        if (arg > argv + 1)
            buffer_add(&text, ' ');
        buffer_append(&text, *arg, strlen(*arg));
    }
    char *copy = arena_strndup(&shell.scratch, text.data, text.len);
    buffer_free(&text);
    return shell_run_text(shell.name, copy);
}

static int builtin_exec(char **argv)
{
    if (!argv[1])
        return 0;
    if (shell.monitor || shell.interactive) {
        bool interactive = shell.interactive;
        traps_reset_in_child();
        shell.interactive = interactive;
    }
    fflush(stdout);
    int status = exec_external(argv + 1, false);
    if (!shell.interactive)
        shell_exit(status);
    traps_init();
    return status;
}

static int builtin_dot(char **argv)
{
    char **arg = argv[1] && strcmp(argv[1], "--") == 0 ? argv + 2 : argv + 1;
    if (!*arg) {
        shell_error(".: which file?");
        return builtin_fatal(2);
    }
    const char *path = path_find(*arg, R_OK); /* it is read, not run: XCU 2.15, dot */
    if (!path && !strchr(*arg, '/')) {
        shell_error(".: %s: not found", *arg);
        return builtin_fatal(2);
    }
    int outer_loops = shell.loop_depth, status;
    shell.source_depth++;
    if (!shell_run_file(path ? path : *arg, &status)) {
        shell.source_depth--;
        return builtin_fatal(2);
    }
    if (shell.flow == FLOW_RETURN) {
        shell.flow = FLOW_NONE;
        status = shell.status;
    }
    shell.loop_depth = outer_loops;
    shell.source_depth--;
    return status;
}

static int builtin_shift(char **argv)
{
    int count = 1;
    struct params *params = &shell.params;
    if (argv[1] && !parse_number("shift", argv[1], &count))
        return builtin_fatal(2);
    if (count > params->argc) {
        shell_error("shift: cannot shift by %d", count);
        return builtin_fatal(2);
    }
    for (int i = 0; i < count; i++)
        free(params->argv[i]);
    memmove(params->argv, params->argv + count, (size_t)(params->argc - count + 1) * sizeof *params->argv);
    params->argc -= count;
    return 0;
}

/* export, readonly and local share NAME[=VALUE]... */
static int declare(char **arg, const char *who, void (*mark)(const char *), bool (*before)(const char *))
{
    for (; *arg; arg++) {
        size_t len = name_length(*arg);
        if (len == 0 || ((*arg)[len] && (*arg)[len] != '=')) {
            shell_error("%s: %s: bad variable name", who, *arg);
            return builtin_fatal(2);
        }
        char *name = arena_strndup(&shell.scratch, *arg, len);
        if ((before && !before(name)) || ((*arg)[len] == '=' && !var_set(name, *arg + len + 1)))
            return builtin_fatal(2);
        if (mark)
            mark(name);
    }
    return 0;
}

static int builtin_export(char **argv)
{
    bool list = !argv[1] || strcmp(argv[1], "-p") == 0;
    if (list)
        vars_print(true, false, "export ");
    return list ? 0 : declare(argv + 1 + (strcmp(argv[1], "--") == 0), "export", var_export, NULL);
}

static int builtin_readonly(char **argv)
{
    bool list = !argv[1] || strcmp(argv[1], "-p") == 0;
    if (list)
        vars_print(false, true, "readonly ");
    return list ? 0 : declare(argv + 1 + (strcmp(argv[1], "--") == 0), "readonly", var_make_readonly, NULL);
}

static int builtin_local(char **argv)
{
    char **arg = argv + 1;
    if (!shell.function_depth) {
        shell_error("local: not in a function");
        return builtin_fatal(2);
    }
    if (*arg && strcmp(*arg, "-") == 0) {
        options_make_local();
        arg++;
    }
    return declare(arg, "local", NULL, var_make_local);
}

static int builtin_unset(char **argv)
{
    char **arg = argv + 1;
    bool functions = *arg && strcmp(*arg, "-f") == 0;
    if (*arg && (functions || strcmp(*arg, "-v") == 0))
        arg++;
    if (*arg && strcmp(*arg, "--") == 0)
        arg++;
    for (; *arg; arg++) {
        if (functions) {
            function_unset(*arg);
        } else if (!name_is_valid(*arg, strlen(*arg))) {
            shell_error("unset: %s: bad variable name", *arg);
            return builtin_fatal(2);
        } else if (!var_unset(*arg)) {
            return builtin_fatal(2);
        }
    }
    return 0;
}

static int builtin_test(char **argv) { return command_test(argv, shell_error); }
static int builtin_printf(char **argv) { return command_printf(argv, shell_error); }

const struct builtin builtins[] = {
    { ".", builtin_dot, true, "FILE            run the commands in FILE, here" },
    { ":", builtin_true, true, "                do nothing" },
    { "[", builtin_test, false, "EXPRESSION ]    the same as test" },
    { "alias", builtin_alias, false, "[NAME=TEXT...]  let NAME stand for TEXT; alone: list them" },
    { "bg", builtin_bg, false, "[%JOB]          go on with a stopped job, in the background" },
    { "break", builtin_break, true, "[N]             leave a loop" },
    { "cd", builtin_cd, false, "[DIR | -]       change the directory" },
    { "command", builtin_command, false, "[-v] NAME       run NAME, no function; -v: say where it is" },
    { "continue", builtin_continue, true, "[N]             next round of a loop" },
    { "echo", builtin_echo, false, "[-n] TEXT       print" },
    { "eval", builtin_eval, true, "TEXT...         run TEXT as commands" },
    { "exec", builtin_exec, true, "COMMAND...      become COMMAND; alone: keep redirections" },
    { "exit", builtin_exit, true, "[STATUS]        end the shell" },
    { "export", builtin_export, true, "NAME[=VALUE]    pass a variable on to programs" },
    { "false", builtin_false, false, "                fail" },
    { "fc", builtin_fc, false, "[-l | -s] [WHICH] list commands typed before; -s: run one again; else edit it" },
    { "fg", builtin_fg, false, "[%JOB]          bring a job to the foreground" },
    { "getopts", builtin_getopts, false, "OPTS NAME       parse a script's options" },
    { "hash", builtin_hash, false, "[-r] [NAME...]  where programs were found; -r: look again" },
    { "help", builtin_help, false, "                this text" },
    { "jobs", builtin_jobs, false, "                what runs or waits in the background" },
    { "kill", builtin_kill, false, "[-SIG] PID|%JOB send a signal (-l: which there are)" },
    { "local", builtin_local, true, "NAME[=VALUE]    a variable of this function only" },
    { "printf", builtin_printf, false, "FORMAT ARG...   print by a format" },
    { "pwd", builtin_pwd, false, "                print the directory" },
    { "read", builtin_read, false, "[-r] NAME...    read a line into variables" },
    { "readonly", builtin_readonly, true, "NAME[=VALUE]    fix a variable" },
    { "return", builtin_return, true, "[STATUS]        leave a function" },
    { "set", builtin_set, true, "[-eux] [ARG]    options (set -o: which), or new $1 $2 ..." },
    { "shift", builtin_shift, true, "[N]             drop $1" },
    { "test", builtin_test, false, "EXPRESSION      compare, or ask about files" },
    { "times", builtin_times, true, "                processor time used" },
    { "trap", builtin_trap, true, "ACTION SIG...   run ACTION on a signal, or on EXIT" },
    { "true", builtin_true, false, "                succeed" },
    { "type", builtin_type, false, "NAME...         what NAME would run" },
    { "ulimit", builtin_ulimit, false, "[-SHa] [-n N]   what programs may take: files, memory, time" },
    { "umask", builtin_umask, false, "[-S] [MASK]     rights new files do not get" },
    { "unalias", builtin_unalias, false, "NAME... | -a    forget aliases" },
    { "unset", builtin_unset, true, "[-f] NAME...    forget variables or functions" },
    { "wait", builtin_wait, false, "[PID|%JOB...]   wait for background jobs" },
    { NULL, NULL, false, NULL },
};

static int compare_names(const void *name, const void *builtin)
{
    return strcmp(name, ((const struct builtin *)builtin)->name);
}

const struct builtin *builtin_find(const char *name)
{
    return bsearch(name, builtins, sizeof builtins / sizeof *builtins - 1, sizeof *builtins, compare_names);
}
