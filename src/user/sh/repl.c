/* Commands from standard input: read lines until they make a command, run it, again. */
#include "edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ENDS_MAX = 10 }; /* with ignoreeof: a closed terminal ends the shell all the same */

/* What was read and not run yet: a pasted text may hold several commands. */
static struct input {
    struct buffer text;
    size_t pos;
    int line;
} input = { .line = 1 };

static struct arena tree; /* of the command that runs */

static void input_forget(void)
{
    input.text.len = input.pos = 0;
}

/* Byte by byte: what follows the line belongs to the commands on it (`read`). */
static enum line_result read_plain(struct buffer *text)
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

static enum line_result read_line(bool more)
{
    if (shell.interactive && editor_usable())
        return editor_read(prompt_text(more), &input.text);
    if (shell.interactive)
        fputs(prompt_text(more), stderr);
    enum line_result result = read_plain(&input.text);
    if (result == LINE_INTERRUPTED)
        fputc('\n', stderr);
    return result;
}

/* The command that was typed, as it will be found again. */
static void remember(size_t len)
{
    while (len > 0 && input.text.data[len - 1] == '\n')
        len--;
    if (shell.interactive && len)
        editor_remember(arena_strndup(&tree, input.text.data, len));
}

/* The next whole command; *node NULL: an empty line, or one with an error. */
static enum line_result next_command(struct node **node)
{
    bool fresh = input.pos >= input.text.len, ended = false;
    enum line_result got = LINE_OK;
    *node = NULL;
    if (fresh) {
        input_forget();
        got = read_line(false);
    }
    for (;;) {
        if (got == LINE_INTERRUPTED || (got == LINE_END && input.text.len == 0))
            return got;
        ended = got == LINE_END;
        size_t pos = input.pos;
        int line = input.line;
        enum parse_result result = parse_line(&tree, shell.name, input.text.data, &pos, &line, !ended, node);
        if (result == PARSE_INCOMPLETE) {
            got = read_line(true);
            continue;
        }
        if (fresh)
            remember(input.text.len);
        if (shell.opt[OPT_VERBOSE])
            fprintf(stderr, "%.*s\n", (int)(pos - input.pos), input.text.data + input.pos);
        pos += input.text.data[pos] == '\n' && result == PARSE_EMPTY;
        input.pos = pos;
        input.line = line;
        if (result == PARSE_ERROR) {
            input_forget();
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
    input_forget();
    shell.condition_depth = shell.loop_depth = shell.function_depth = shell.source_depth = shell.command_depth = 0;
    shell.flow = FLOW_NONE;
}

/* Runs one command; false at the end. */
static bool run_one_command(void)
{
    struct node *node;
    shell_interrupted = 0;
    arena_free(&tree);
    if (shell.interactive && input.pos >= input.text.len) {
        arena_free(&shell.scratch);
        jobs_notify();
    }
    enum line_result got = next_command(&node);
    if (got == LINE_INTERRUPTED) {
        input_forget();
        shell.status = 130;
    } else if (got == LINE_OK && node) {
        exec_node(node, 0);
        shell.flow = FLOW_NONE;
    }
    return got != LINE_END;
}

void repl_run(void)
{
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
}
