/* Commands from standard input: read lines until they make a command, run it, again. */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ENDS_MAX = 10 }; /* with ignoreeof: a closed terminal ends the shell all the same */

static void print_prompt(bool more)
{
    const char *ps1 = var_get("PS1");
    if (more || (ps1 && strcmp(ps1, "$ ") != 0)) {
        const char *prompt = var_get(more ? "PS2" : "PS1");
        fputs(expand_here(prompt ? prompt : ""), stderr);
        return;
    }
    const char *directory = directory_current(), *home = var_get("HOME");
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
        if (shell.opt[OPT_VERBOSE])
            fputs(text->data, stderr);
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

void repl_run(void)
{
    for (;;) {
        if (shell.interactive && sigsetjmp(shell.top, 1))
            back_to_prompt();
        shell.top_valid = shell.interactive;
        for (int ends = 0; ends < ENDS_MAX;)
            if (run_one_command())
                ends = 0;
            else if (shell.interactive && shell.opt[OPT_IGNOREEOF] && ++ends < ENDS_MAX)
                fputs("use exit to leave the shell\n", stderr);
            else
                break;
        if (shell.interactive)
            fputs("exit\n", stderr);
        return;
    }
}
