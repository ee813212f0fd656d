/* What runs in children: pipelines, subshells, the background, command substitutions. Whoever forks decides who
 * waits: jobs.c owns every child but those of a command substitution. */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int fork_failed(void)
{
    shell_error("cannot fork: %s", strerror(errno));
    return 2;
}

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
    redirs_forget();
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
        fork_failed();
        return -1;
    }
    return ends[0];
}

int exec_pipe(const struct node *node)
{
    struct job *job = job_create(node->text ? node->text : "pipeline");
    int input = start_upstream(node->left, job);
    int status = 2;
    if (input >= 0) {
        if (start_stage(node->right, job, input, -1, -1) < 0)
            fork_failed();
        else
            status = 0;
        close(input);
    }
    int waited = job_wait_foreground(job);
    return status ? status : waited;
}

int exec_subshell(const struct node *node, int flags)
{
    if (flags & EXEC_NOFORK && !traps_any())
        child_run(node->left);
    struct job *job = job_create(node->text ? node->text : "( ... )");
    pid_t pid = shell_fork();
    if (pid < 0)
        return fork_failed();
    if (pid == 0) {
        child_init(true, 0);
        child_run(node->left);
    }
    job_add_process(job, pid);
    return job_wait_foreground(job);
}

int exec_background(const struct node *node)
{
    struct job *job = job_create(node->left->text ? node->left->text : "background");
    bool monitor = shell.monitor;
    pid_t pid = shell_fork();
    if (pid < 0)
        return fork_failed();
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
        shell_exit(shell_run_last(shell.name, copy));
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
        fork_failed();
    shell.subst_status = pid < 0 ? 2 : WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
    shell.status = shell.subst_status;
    while (out.len && out.data[out.len - 1] == '\n')
        out.len--;
    char *result = arena_strndup(&shell.scratch, out.data, out.len);
    buffer_free(&out);
    return result;
}
