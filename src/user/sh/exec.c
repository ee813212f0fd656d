/* Runs trees. In: a node; out: its exit status; besides it only shell.flow (break, continue, return)
 * travels upwards. Whoever forks decides who waits: jobs.c owns every child but those of a command
 * substitution. */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail_fork(void)
{
    shell_error("cannot fork: %s", strerror(errno));
    return 2;
}

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

/* ---- simple commands ---- */

/* Aborts on a read-only variable (XCU 2.8.1, variable assignment error). */
static void apply_assignments(const struct word *assigns, bool export)
{
    for (; assigns; assigns = assigns->next) {
        size_t len = name_length(assigns->text);
        char *name = arena_strndup(&shell.scratch, assigns->text, len);
        if (!var_set(name, expand_single(assigns->text + len + 1)))
            shell_abort(2);
        if (export)
            var_export(name);
    }
}

/* For the command's own time: until var_scope_leave(). */
static void assign_locally(const struct word *assigns)
{
    var_scope_enter();
    for (const struct word *assign = assigns; assign; assign = assign->next)
        if (!var_make_local(arena_strndup(&shell.scratch, assign->text, name_length(assign->text))))
            shell_abort(2);
    apply_assignments(assigns, true);
}

static void trace(const struct word *assigns, const struct fields *fields)
{
    if (!shell.opt[OPT_XTRACE])
        return;
    fputs(expand_here(var_get("PS4") ? var_get("PS4") : "+ "), stderr);
    for (; assigns; assigns = assigns->next) {
        size_t len = name_length(assigns->text);
        fprintf(stderr, "%.*s=%s%s", (int)len, assigns->text, expand_single(assigns->text + len + 1),
                assigns->next || fields->count ? " " : "");
    }
    for (size_t i = 0; i < fields->count; i++)
        fprintf(stderr, "%s%s", i ? " " : "", fields->items[i]);
    fputc('\n', stderr);
}

static int flush_output(const char *who, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    clearerr(stdout);
    if (status == 0)
        shell_error("%s: write error: %s", who, strerror(errno));
    return status ? status : 1;
}

/* `exec` without a program, also below `command`: its redirections stay. */
static bool keeps_redirs(const struct builtin *builtin, char **argv)
{
    return strcmp(builtin->name, "exec") == 0 ||
           (strcmp(builtin->name, "command") == 0 && argv[1] && strcmp(argv[1], "exec") == 0);
}

static int run_builtin(const struct builtin *builtin, const struct node *node, char **argv)
{
    struct saved_fds saved = { 0 };
    if (redirs_apply(node->redirs, &saved) < 0) {
        redirs_restore(&saved);
        return builtin->special ? builtin_fatal(2) : 2;
    }
    bool scoped = node->assigns && !builtin->special;
    if (!scoped)
        apply_assignments(node->assigns, strcmp(builtin->name, "exec") == 0);
    else
        assign_locally(node->assigns);
    int status = flush_output(builtin->name, builtin->run(argv));
    if (scoped)
        var_scope_leave();
    if (keeps_redirs(builtin, argv))
        redirs_keep(&saved);
    else
        redirs_restore(&saved);
    return status;
}

static int run_function(struct function *function, const struct node *node, char **argv)
{
    struct saved_fds saved = { 0 };
    int status = 2;
    if (redirs_apply(node->redirs, &saved) == 0) {
        if (node->assigns)
            assign_locally(node->assigns);
        status = function_call(function, argv);
        if (node->assigns)
            var_scope_leave();
    }
    redirs_restore(&saved);
    return status;
}

static void child_run_external(const struct node *node, const char *path, char **argv)
{
    struct saved_fds saved = { 0 };
    if (redirs_apply(node->redirs, &saved) < 0)
        _exit(2);
    apply_assignments(node->assigns, true);
    _exit(exec_replace(path, argv));
}

/* The child could search, but only what the parent finds is remembered. A prefix may change PATH. */
static const char *find_program(const struct node *node, const char *name)
{
    return node->assigns ? NULL : path_cache_find(name);
}

static int run_external(const struct node *node, char **argv, int flags)
{
    const char *path = find_program(node, argv[0]);
    if (flags & EXEC_NOFORK)
        child_run_external(node, path, argv);
    struct job *job = job_create(node->text ? node->text : argv[0]);
    pid_t pid = shell_fork();
    if (pid < 0)
        return fail_fork();
    if (pid == 0) {
        child_init(true, 0);
        child_run_external(node, path, argv);
    }
    job_add_process(job, pid);
    return job_wait_foreground(job);
}

static int run_bare(const struct node *node)
{
    struct saved_fds saved = { 0 };
    int status = redirs_apply(node->redirs, &saved) < 0 ? 2 : 0;
    redirs_restore(&saved);
    apply_assignments(node->assigns, false);
    if (status == 0 && shell.subst_status >= 0)
        status = shell.subst_status;
    return status;
}

static int exec_simple(const struct node *node, int flags)
{
    struct arena_mark mark = arena_mark(&shell.scratch);
    struct fields fields = { 0 };
    shell.line = node->line;
    shell.subst_status = -1;
    expand_words(node->words, &fields);
    trace(node->assigns, &fields);
    char **argv = fields.items;
    int status;
    if (fields.count == 0) {
        status = run_bare(node);
    } else {
        const struct builtin *builtin = builtin_find(argv[0]);
        struct function *function = builtin && builtin->special ? NULL : function_find(argv[0]);
        if (function)
            status = run_function(function, node, argv);
        else if (builtin)
            status = run_builtin(builtin, node, argv);
        else
            status = run_external(node, argv, flags);
    }
    arena_rewind(&shell.scratch, mark);
    return status;
}

/* ---- pipelines, subshells, background ---- */

void child_init(bool foreground, pid_t pgid)
{
    shell.in_subshell = true;
    shell.top_valid = false;
    if (shell.monitor) {
        setpgid(0, pgid);
        if (foreground)
            tcsetpgrp(shell.tty_fd, pgid ? pgid : getpid());
    }
    traps_reset_in_child();
    if (!shell.monitor && !foreground) {
        signal(SIGINT, SIG_IGN);
        signal(SIGQUIT, SIG_IGN);
    }
    shell.monitor = false;
    shell.interactive = false;
    jobs_forget();
    child_signals_on();
}

static void child_run(const struct node *node)
{
    int status = exec_node(node, EXEC_NOFORK);
    shell.status = status;
    shell_exit(status);
}

/* The stages of a | b | c lean to the left; they start in order, each reading the last one's pipe. */
static int start_stage(const struct node *node, struct job *job, int input, int output, int unused)
{
    pid_t pid = shell_fork();
    if (pid < 0)
        return -1;
    if (pid == 0) {
        child_init(true, job_pgid(job));
        if (input >= 0 && input != 0) {
            dup2(input, 0);
            close(input);
        }
        if (output >= 0 && output != 1) {
            dup2(output, 1);
            close(output);
        }
        if (unused >= 0)
            close(unused);
        child_run(node);
    }
    job_add_process(job, pid);
    return 0;
}

/* Starts every stage of node but the last; the reading end of the last pipe, or -1. */
static int start_upstream(const struct node *node, struct job *job)
{
    int input = -1, ends[2];
    const struct node *stage = node;
    if (node->kind == NODE_PIPE) {
        input = start_upstream(node->left, job);
        if (input < 0)
            return -1;
        stage = node->right;
    }
    if (pipe(ends) < 0) {
        shell_error("cannot make a pipe: %s", strerror(errno));
        close(input);
        return -1;
    }
    int error = start_stage(stage, job, input, ends[1], ends[0]);
    close(ends[1]);
    if (input >= 0)
        close(input);
    if (error) {
        close(ends[0]);
        fail_fork();
        return -1;
    }
    return ends[0];
}

static int exec_pipe(const struct node *node)
{
    struct job *job = job_create(node->text ? node->text : "pipeline");
    int input = start_upstream(node->left, job);
    int status = 2;
    if (input >= 0) {
        if (start_stage(node->right, job, input, -1, -1) < 0)
            fail_fork();
        else
            status = 0;
        close(input);
    }
    int waited = job_wait_foreground(job);
    return status ? status : waited;
}

static int exec_subshell(const struct node *node, int flags)
{
    if (flags & EXEC_NOFORK) {
        child_run(node->left);
    }
    struct job *job = job_create(node->text ? node->text : "( ... )");
    pid_t pid = shell_fork();
    if (pid < 0)
        return fail_fork();
    if (pid == 0) {
        child_init(true, 0);
        child_run(node->left);
    }
    job_add_process(job, pid);
    return job_wait_foreground(job);
}

static int exec_background(const struct node *node)
{
    struct job *job = job_create(node->left->text ? node->left->text : "background");
    bool monitor = shell.monitor;
    pid_t pid = shell_fork();
    if (pid < 0)
        return fail_fork();
    if (pid == 0) {
        child_init(false, 0);
        if (!monitor) { /* POSIX XCU 2.9.3.1: without job control its input is empty */
            int null = open("/dev/null", O_RDONLY);
            if (null > 0) {
                dup2(null, 0);
                close(null);
            }
        }
        child_run(node->left);
    }
    job_add_process(job, pid);
    shell.last_async = pid;
    job_put_background(job);
    return 0;
}

char *exec_capture(const char *text, size_t len)
{
    int ends[2];
    struct buffer out = { 0 };
    char chunk[512];
    char *copy = arena_strndup(&shell.scratch, text, len);
    if (pipe(ends) < 0) {
        shell_error("cannot make a pipe: %s", strerror(errno));
        shell_abort(2);
    }
    pid_t pid = shell_fork();
    if (pid == 0) {
        shell.monitor = false; /* stays in the shell's process group: it is part of its command */
        child_init(true, 0);
        dup2(ends[1], 1);
        if (ends[1] != 1)
            close(ends[1]);
        close(ends[0]);
        shell_exit(shell_run_text(shell.name, copy));
    }
    close(ends[1]);
    buffer_append(&out, "", 0);
    ssize_t n;
    while (pid > 0 && ((n = read(ends[0], chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR)))
        for (ssize_t i = 0; i < n; i++)
            if (chunk[i])
                buffer_add(&out, chunk[i]);
    close(ends[0]);
    int raw = 0;
    while (pid > 0 && waitpid(pid, &raw, 0) < 0 && errno == EINTR)
        ;
    if (pid < 0)
        fail_fork();
    shell.subst_status = pid < 0 ? 2 : WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
    shell.status = shell.subst_status;
    while (out.len && out.data[out.len - 1] == '\n')
        out.len--;
    char *result = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    return result;
}

/* ---- loops and choices ---- */

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
