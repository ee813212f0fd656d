/* The shell's start: arguments, job control, start files; then commands from a text, a file or a terminal,
 * and the exit trap. */
#include "sh.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void init_interactive(void)
{
    shell.tty_fd = fcntl(0, F_DUPFD_CLOEXEC, 20);
    if (shell.tty_fd < 0)
        return;
    pid_t owner;
    while ((owner = tcgetpgrp(shell.tty_fd)) >= 0 && owner != getpgrp())
        kill(0, SIGTTIN); /* started in the background: wait to be brought forward */
    traps_init();
    if (owner < 0) {
        fputs("sh: no job control: this terminal is not ours\n", stderr);
        return;
    }
    setpgid(0, 0);
    shell.pgid = getpgrp();
    shell.monitor = shell.opt[OPT_MONITOR] = tcsetpgrp(shell.tty_fd, shell.pgid) == 0;
    jobs_init();
}

static int usage(void)
{
    fputs("usage: sh [-+abCefilmnuvx] [-o OPTION] [-c COMMANDS [NAME ARG...] | -s [ARG...] | FILE [ARG...]]\n", stderr);
    return 2;
}

struct start {
    bool commands, login;
    int index; /* of the first argument that is no option */
};

/* One word of options; false: not one of ours. */
static bool parse_word(char **argv, int argc, struct start *start)
{
    const char *word = argv[start->index++];
    for (const char *c = word + 1; *c; c++) {
        bool on = *word == '-';
        if (*c == 'c')
            start->commands = on;
        else if (*c == 'l')
            start->login = on;
        else if (*c == 'o') {
            if (start->index >= argc || !option_set_name(argv[start->index++], on))
                return false;
        } else if (!option_set_letter(*c, on))
            return false;
    }
    return true;
}

static bool parse_arguments(int argc, char **argv, struct start *start)
{
    *start = (struct start){ .login = argc > 0 && argv[0][0] == '-', .index = 1 };
    while (start->index < argc && strchr("-+", argv[start->index][0]) && argv[start->index][0]) {
        const char *word = argv[start->index];
        if (strcmp(word, "-") == 0 || strcmp(word, "--") == 0) {
            start->index++;
            break;
        }
        if (!parse_word(argv, argc, start))
            return false;
    }
    return !start->commands || start->index < argc;
}

/* ENV names a file for interactive shells (XCU sh). Nothing in these files may end the shell. */
static void run_start_file(const char *path)
{
    int status;
    if (access(path, R_OK) == 0 && !sigsetjmp(shell.top, 1)) {
        shell.top_valid = shell.interactive;
        shell_run_file(path, &status);
    }
    shell.top_valid = false;
}

int main(int argc, char **argv)
{
    extern char **environ;
    struct start start;
    if (!parse_arguments(argc, argv, &start))
        return usage();
    shell.pid = getpid();
    vars_init(environ);
    directory_init();
    const char *text = start.commands ? argv[start.index++] : NULL;
    bool from_stdin = !text && (shell.opt[OPT_STDIN] || start.index >= argc);
    const char *script = text || from_stdin ? NULL : argv[start.index];
    if (start.index < argc && !from_stdin)
        shell.name = argv[start.index++];
    params_set(&shell.params, argv + start.index, argc - start.index);
    shell.opt[OPT_STDIN] = from_stdin;
    shell.interactive = shell.opt[OPT_INTERACTIVE] || (from_stdin && isatty(0) && isatty(2));
    shell.opt[OPT_INTERACTIVE] = shell.interactive;
    if (shell.interactive)
        init_interactive();
    else
        traps_init();
    if (start.login)
        run_start_file("/etc/profile");
    if (shell.interactive && var_get("ENV"))
        run_start_file(expand_here(var_get("ENV")));
    if (text && (shell.interactive || shell.monitor))
        shell_run_text(shell.name, text);
    else if (text)
        shell_run_last(shell.name, text);
    else if (!script)
        repl_run();
    else if (!shell_run_file(script, &shell.status))
        shell.status = 127;
    shell_exit(shell.status);
}
