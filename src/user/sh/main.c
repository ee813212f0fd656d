/* The shell's life: arguments, then commands from a text, a file or a terminal, then the exit trap. */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct shell shell = { .name = "sh" };

void shell_error(const char *format, ...)
{
    va_list args;
    fflush(stdout);
    fprintf(stderr, "%s: ", shell.interactive ? "sh" : shell.name);
    if (!shell.interactive && shell.line > 0)
        fprintf(stderr, "line %d: ", shell.line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void shell_exit(int status)
{
    shell.status = status & 255;
    shell.top_valid = false;
    shell.flow = FLOW_NONE;
    shell.condition_depth = 1; /* a failing command in the trap must not exit again */
    traps_run_exit();
    fflush(stdout);
    _exit(status & 255);
}

void shell_abort(int status)
{
    if (!shell.top_valid)
        shell_exit(status);
    shell.status = status;
    siglongjmp(shell.top, 1);
}

void params_set(struct params *params, char **argv, int argc)
{
    char **copy = xmalloc(((size_t)argc + 1) * sizeof *copy);
    for (int i = 0; i < argc; i++)
        copy[i] = xstrdup(argv[i]);
    copy[argc] = NULL;
    params_free(params);
    params->argv = copy;
    params->argc = argc;
}

void params_free(struct params *params)
{
    for (int i = 0; i < params->argc; i++)
        free(params->argv[i]);
    free(params->argv);
    *params = (struct params){ 0 };
}

int shell_run_text(const char *name, const char *text)
{
    size_t pos = 0;
    int line = 1, status = 0;
    while (text[pos] && shell.flow == FLOW_NONE) {
        struct arena arena = { 0 };
        struct node *node = NULL;
        enum parse_result result = parse_line(&arena, name, text, &pos, &line, false, &node);
        if (result == PARSE_ERROR) {
            arena_free(&arena);
            shell_abort(2);
        }
        if (result == PARSE_OK)
            status = exec_node(node, 0);
        arena_free(&arena);
    }
    return status;
}

static char *read_whole(int fd)
{
    struct buffer text = { 0 };
    char chunk[4096];
    ssize_t n;
    buffer_append(&text, "", 0);
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        buffer_append(&text, chunk, (size_t)n);
    return text.data;
}

int shell_run_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))) {
        shell_error("cannot open %s: %s", path, fd < 0 ? strerror(errno) : "is a directory");
        if (fd >= 0)
            close(fd);
        return 127;
    }
    char *text = read_whole(fd);
    close(fd);
    int status = shell_run_text(path, text);
    free(text);
    return status;
}

/* ---- commands from standard input ---- */

static void print_prompt(bool more)
{
    const char *ps1 = var_get("PS1");
    char directory[256];
    if (more || (ps1 && strcmp(ps1, "$ ") != 0)) {
        const char *prompt = var_get(more ? "PS2" : "PS1");
        fputs(expand_here(prompt ? prompt : ""), stderr);
        return;
    }
    if (!getcwd(directory, sizeof directory))
        strcpy(directory, "?");
    const char *home = var_get("HOME");
    size_t len = home ? strlen(home) : 0;
    bool in_home = len > 1 && strncmp(directory, home, len) == 0 && (directory[len] == '/' || !directory[len]);
    /* Dracula: purple for the user, cyan for the place, red for trouble. */
    fprintf(stderr, "\033[1;38;2;189;147;249m%s\033[0m:\033[1;38;2;139;233;253m%s%s\033[0m",
            getuid() == 0 ? "root" : "user", in_home ? "~" : "", directory + (in_home ? len : 0));
    if (shell.status)
        fprintf(stderr, " \033[1;38;2;255;85;85m[%d]\033[0m", shell.status);
    fprintf(stderr, "%s ", getuid() == 0 ? "#" : "$");
}

enum line_result { LINE_OK, LINE_END, LINE_INTERRUPTED };

/* Byte by byte: what follows the line belongs to the commands on it (`read`). */
static enum line_result read_line(struct buffer *text)
{
    size_t start = text->len;
    for (;;) {
        char c;
        ssize_t n = read(0, &c, 1);
        if (n < 0 && errno == EINTR) {
            traps_run_pending();
            if (shell_interrupted)
                return LINE_INTERRUPTED;
            continue;
        }
        if (n <= 0)
            return text->len > start ? LINE_OK : LINE_END;
        if (c)
            buffer_add(text, c);
        if (c == '\n')
            return LINE_OK;
    }
}

/* Reads lines until they make a whole command. */
static enum line_result read_command(struct buffer *text, struct arena *arena, struct node **node)
{
    static int line = 1;
    *node = NULL;
    for (;;) {
        if (shell.interactive)
            print_prompt(text->len > 0);
        enum line_result got = read_line(text);
        if (got == LINE_INTERRUPTED || (got == LINE_END && text->len == 0))
            return got;
        size_t pos = 0;
        int first = line;
        bool ended = got == LINE_END;
        enum parse_result result = parse_line(arena, shell.name, text->data, &pos, &first, !ended, node);
        if (result == PARSE_INCOMPLETE)
            continue;
        line = first;
        if (result == PARSE_ERROR) {
            *node = NULL;
            shell.status = 2;
            if (!shell.interactive)
                shell_exit(2);
        }
        return LINE_OK;
    }
}

static void back_to_prompt(void)
{
    redirs_restore_all();
    var_scope_unwind();
    arena_free(&shell.scratch);
    shell.condition_depth = shell.loop_depth = shell.function_depth = shell.source_depth = 0;
    shell.flow = FLOW_NONE;
}

/* Runs one command from standard input; false at the end. */
static bool run_one_command(void)
{
    struct buffer text = { 0 };
    struct arena arena = { 0 };
    struct node *node;
    shell_interrupted = 0;
    if (shell.interactive)
        jobs_notify();
    enum line_result got = read_command(&text, &arena, &node);
    if (got == LINE_INTERRUPTED) {
        fputc('\n', stderr);
        shell.status = 130;
    } else if (got == LINE_OK && node) {
        exec_node(node, 0);
        shell.flow = FLOW_NONE;
    }
    arena_free(&arena);
    buffer_free(&text);
    return got != LINE_END;
}

static void run_stdin(void)
{
    for (;;) {
        if (shell.interactive && sigsetjmp(shell.top, 1))
            back_to_prompt();
        shell.top_valid = shell.interactive;
        while (run_one_command())
            ;
        if (shell.interactive)
            fputs("exit\n", stderr);
        return;
    }
}

/* ---- start ---- */

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
    shell.monitor = tcsetpgrp(shell.tty_fd, shell.pgid) == 0;
    jobs_init();
}

static int usage(void)
{
    fputs("usage: sh [-eufxi] [-c COMMANDS [NAME ARG...] | FILE [ARG...]]\n", stderr);
    return 2;
}

static bool set_start_option(char c, bool *commands, bool *interactive)
{
    switch (c) {
    case 'c': *commands = true; return true;
    case 'i': *interactive = true; return true;
    case 'e': shell.opt_errexit = true; return true;
    case 'u': shell.opt_nounset = true; return true;
    case 'x': shell.opt_xtrace = true; return true;
    case 'f': shell.opt_noglob = true; return true;
    case 'l':
    case 's': return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    extern char **environ;
    bool commands = false, interactive = false, login = argc > 0 && argv[0][0] == '-';
    int index = 1;
    for (; index < argc && argv[index][0] == '-' && argv[index][1]; index++) {
        if (strcmp(argv[index], "--") == 0) {
            index++;
            break;
        }
        for (const char *c = argv[index] + 1; *c; c++) {
            login |= *c == 'l';
            if (!set_start_option(*c, &commands, &interactive))
                return usage();
        }
    }
    if (commands && index >= argc)
        return usage();
    shell.pid = getpid();
    vars_init(environ);
    const char *text = commands ? argv[index++] : NULL;
    const char *script = !commands && index < argc ? argv[index] : NULL;
    if (index < argc)
        shell.name = argv[index++];
    params_set(&shell.params, argv + index, argc - index);
    shell.interactive = interactive || (!text && !script && isatty(0) && isatty(2));
    if (shell.interactive)
        init_interactive();
    else
        traps_init();
    if (login && access("/etc/profile", R_OK) == 0)
        shell_run_file("/etc/profile");
    if (text)
        shell_run_text(shell.name, text);
    else if (script)
        shell.status = shell_run_file(script);
    else
        run_stdin();
    shell_exit(shell.status);
}
