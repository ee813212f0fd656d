/* What all parts of the shell stand on: its one state, its messages, its end, and running text from memory
 * or a file. */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct shell shell = { .name = "sh", .trap_status = -1 };

void shell_error(const char *format, ...)
{
    va_list args;
    fflush(stdout);
    fprintf(stderr, "%s: ", shell.opt[OPT_INTERACTIVE] ? "sh" : shell.name);
    if (!shell.opt[OPT_INTERACTIVE] && shell.line > 0)
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
    redirs_restore_all();        /* the trap speaks where the shell does, not where the command did that ended it */
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

/* set -v: the lines as they are read. */
static void show_source(const char *text, size_t from, size_t to)
{
    if (shell.opt[OPT_VERBOSE])
        fprintf(stderr, "%.*s", (int)(to - from), text + from);
}

static int run_text(const char *name, const char *text, int flags)
{
    size_t pos = 0;
    int line = 1, status = 0;
    while (text[pos] && shell.flow == FLOW_NONE) {
        struct arena arena = { 0 };
        struct node *node = NULL;
        size_t start = pos;
        enum parse_result result = parse_line(&arena, name, text, &pos, &line, false, &node);
        show_source(text, start, pos);
        if (result == PARSE_ERROR) {
            arena_free(&arena);
            shell_abort(2);
        }
        if (result == PARSE_OK)
            status = exec_node(node, text[pos] ? 0 : flags);
        arena_free(&arena);
    }
    return status;
}

int shell_run_text(const char *name, const char *text) { return run_text(name, text, 0); }
int shell_run_last(const char *name, const char *text) { return run_text(name, text, EXEC_NOFORK); }

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

bool shell_run_file(const char *path, int *status)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))) {
        shell_error("cannot open %s: %s", path, fd < 0 ? strerror(errno) : "is a directory");
        if (fd >= 0)
            close(fd);
        return false;
    }
    char *text = read_whole(fd);
    close(fd);
    *status = shell_run_text(path, text);
    free(text);
    return true;
}
