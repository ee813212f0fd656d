/* Simple commands (XCU 2.9.1): expand the words, then redirections, then assignments, then what the first word
 * names: a special builtin, a function, a builtin, a program. */
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
    if (flags & EXEC_NOFORK && !traps_any())
        child_run_external(node, path, argv);
    struct job *job = job_create(node->text ? node->text : argv[0]);
    pid_t pid = shell_fork();
    if (pid < 0)
        return fork_failed();
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
    int error = redirs_apply(node->redirs, &saved);
    redirs_restore(&saved);
    if (error < 0)
        return 2;
    apply_assignments(node->assigns, false);
    return shell.subst_status >= 0 ? shell.subst_status : 0;
}

int exec_simple(const struct node *node, int flags)
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
