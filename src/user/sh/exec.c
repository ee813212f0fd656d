/* Runs trees. In: a node; out: its exit status; besides it only shell.flow (break, continue, return)
 * travels upwards. */
#include "exec.h"

#include <fnmatch.h>
#include <stdio.h>

/* errexit (POSIX XCU set -e): only where nobody asks for the status. */
static int check_errexit(int status)
{
    if (status != 0 && shell.opt[OPT_ERREXIT] && shell.condition_depth == 0 && shell.flow == FLOW_NONE)
        shell_exit(status);
    return status;
}

static int run_condition(const struct node *node)
{
    shell.condition_depth++;
    int status = exec_node(node, 0);
    shell.condition_depth--;
    return status;
}

/* After one round of a loop's body: true if the loop goes on. */
static bool loop_goes_on(void)
{
    if (shell.flow == FLOW_NONE)
        return true;
    if (shell.flow == FLOW_RETURN || --shell.flow_count > 0)
        return false;
    bool go_on = shell.flow == FLOW_CONTINUE;
    shell.flow = FLOW_NONE;
    return go_on;
}

static int exec_while(const struct node *node)
{
    int status = 0;
    shell.loop_depth++;
    for (;;) {
        int condition = run_condition(node->left);
        if (shell.flow != FLOW_NONE) {
            if (loop_goes_on())
                continue;
            break;
        }
        if ((condition == 0) != (node->kind == NODE_WHILE))
            break;
        status = exec_node(node->right, 0);
        if (!loop_goes_on())
            break;
    }
    shell.loop_depth--;
    return status;
}

static int exec_for(const struct node *node)
{
    int status = 0;
    struct arena_mark mark = arena_mark(&shell.scratch);
    struct fields fields = { 0 };
    struct word all = { .text = "\"$@\"" };
    expand_words(node->has_in ? node->words : &all, &fields);
    shell.loop_depth++;
    for (size_t i = 0; i < fields.count; i++) {
        if (!var_set(node->name, fields.items[i]))
            shell_abort(2);
        status = exec_node(node->right, 0);
        if (!loop_goes_on())
            break;
    }
    shell.loop_depth--;
    arena_rewind(&shell.scratch, mark);
    return status;
}

static int exec_case(const struct node *node, int flags)
{
    struct arena_mark mark = arena_mark(&shell.scratch);
    const char *subject = expand_single(node->name);
    const struct node *chosen = NULL;
    bool found = false;
    for (const struct case_item *item = node->items; item && !found; item = item->next)
        for (const struct word *word = item->patterns; word && !found; word = word->next)
            if (fnmatch(expand_pattern(word->text), subject, 0) == 0) {
                found = true;
                chosen = item->body;
            }
    arena_rewind(&shell.scratch, mark);
    return chosen ? exec_node(chosen, flags) : 0;
}

static int exec_if(const struct node *node, int flags)
{
    int condition = run_condition(node->left);
    if (shell.flow != FLOW_NONE)
        return condition;
    if (condition == 0)
        return exec_node(node->right, flags);
    return node->other ? exec_node(node->other, flags) : 0;
}

static int exec_and_or(const struct node *node, int flags)
{
    int status = run_condition(node->left);
    if (shell.flow != FLOW_NONE || (status == 0) != (node->kind == NODE_AND))
        return status;
    return exec_node(node->right, flags);
}

static int exec_kind(const struct node *node, int flags)
{
    switch (node->kind) {
    case NODE_SIMPLE: return check_errexit(exec_simple(node, flags));
    case NODE_PIPE: return check_errexit(exec_pipe(node));
    case NODE_SUBSHELL: return check_errexit(exec_subshell(node, flags));
    case NODE_AND:
    case NODE_OR: return exec_and_or(node, flags);
    case NODE_BACKGROUND: return exec_background(node);
    case NODE_NOT: return !run_condition(node->left);
    case NODE_GROUP: return exec_node(node->left, flags);
    case NODE_IF: return exec_if(node, flags);
    case NODE_WHILE:
    case NODE_UNTIL: return exec_while(node);
    case NODE_FOR: return exec_for(node);
    case NODE_CASE: return exec_case(node, flags);
    case NODE_FUNCTION: function_define(node->name, node->left); return 0;
    case NODE_SEQUENCE: break; /* exec_node walks these */
    }
    return 0;
}

static int exec_one(const struct node *node, int flags)
{
    struct saved_fds saved = { 0 };
    if (shell.opt[OPT_NOEXEC] && !shell.interactive)
        return 0;
    bool compound = node->kind != NODE_SIMPLE && node->redirs;
    if (compound && redirs_apply(node->redirs, &saved) < 0)
        shell.status = check_errexit(2);
    else
        shell.status = exec_kind(node, compound ? 0 : flags);
    if (compound)
        redirs_restore(&saved);
    traps_run_pending();
    if (shell_interrupted && shell.top_valid) {
        if (shell_interrupted == 1)
            fputc('\n', stderr);
        shell_abort(130);
    }
    return shell.status;
}

int exec_node(const struct node *node, int flags)
{
    for (; node->kind == NODE_SEQUENCE; node = node->right) {
        int status = exec_one(node->left, 0);
        if (shell.flow != FLOW_NONE)
            return status;
    }
    return exec_one(node, flags);
}
