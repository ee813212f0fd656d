/* Jobs: what the shell started and has not told the user about yet.
 *
 *   create -> running <-> stopped -> done -> (reported) gone
 *
 * With job control (monitor) a job is a process group and the terminal is handed to the one in the
 * foreground; without it, a job is only a set of processes to wait for. */
#include "sh.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { JOB_PROCESSES = 64 };

struct process {
    pid_t pid;
    int raw; /* as wait gives it */
    bool ended, stopped;
};

struct job {
    struct job *next;
    int id; /* 0: in the foreground, nameless */
    pid_t pgid;
    char *text;
    int nprocesses;
    struct process processes[JOB_PROCESSES];
    bool background, reported_stop;
};

static struct job *jobs;
static struct termios shell_modes;

void jobs_init(void)
{
    if (shell.interactive)
        tcgetattr(shell.tty_fd, &shell_modes);
}

struct job *job_create(const char *text)
{
    struct job *job = xmalloc(sizeof *job);
    memset(job, 0, sizeof *job);
    job->text = xstrdup(text);
    job->text[strcspn(job->text, "\n")] = 0;
    for (size_t len = strlen(job->text); len && job->text[len - 1] == ' ';)
        job->text[--len] = 0;
    job->next = jobs;
    jobs = job;
    return job;
}

static void job_free(struct job *job)
{
    struct job **link = &jobs;
    while (*link && *link != job)
        link = &(*link)->next;
    if (*link)
        *link = job->next;
    free(job->text);
    free(job);
}

void jobs_forget(void)
{
    while (jobs)
        job_free(jobs);
}

pid_t job_pgid(const struct job *job)
{
    return job->pgid;
}

void job_add_process(struct job *job, pid_t pid)
{
    if (!job->pgid)
        job->pgid = pid;
    if (shell.monitor)
        setpgid(pid, job->pgid); /* the child does the same: whoever comes first */
    if (job->nprocesses < JOB_PROCESSES)
        job->processes[job->nprocesses++].pid = pid;
}

static bool job_ended(const struct job *job)
{
    for (int i = 0; i < job->nprocesses; i++)
        if (!job->processes[i].ended)
            return false;
    return true;
}

static bool job_stopped(const struct job *job)
{
    bool stopped = false;
    for (int i = 0; i < job->nprocesses; i++) {
        if (!job->processes[i].ended && !job->processes[i].stopped)
            return false;
        stopped |= job->processes[i].stopped && !job->processes[i].ended;
    }
    return stopped;
}

static int status_from_raw(int raw)
{
    if (WIFSIGNALED(raw))
        return 128 + WTERMSIG(raw);
    if (WIFSTOPPED(raw))
        return 128 + WSTOPSIG(raw);
    return WEXITSTATUS(raw);
}

static int job_status(const struct job *job)
{
    return job->nprocesses ? status_from_raw(job->processes[job->nprocesses - 1].raw) : 2;
}

static void note_change(pid_t pid, int raw)
{
    for (struct job *job = jobs; job; job = job->next)
        for (int i = 0; i < job->nprocesses; i++)
            if (job->processes[i].pid == pid && !job->processes[i].ended) {
                job->processes[i].raw = raw;
                job->processes[i].stopped = WIFSTOPPED(raw);
                job->processes[i].ended = WIFEXITED(raw) || WIFSIGNALED(raw);
                return;
            }
}

/* Waits for one change of any child; false: none, or a signal came. */
static bool wait_change(int options)
{
    int raw;
    pid_t pid = waitpid(-1, &raw, options | (shell.monitor ? WUNTRACED : 0));
    if (pid <= 0)
        return false;
    note_change(pid, raw);
    return true;
}

static void give_terminal(pid_t pgid)
{
    if (shell.monitor)
        tcsetpgrp(shell.tty_fd, pgid);
}

static void take_terminal_back(bool restore_modes)
{
    if (!shell.monitor)
        return;
    tcsetpgrp(shell.tty_fd, shell.pgid);
    if (restore_modes)
        tcsetattr(shell.tty_fd, TCSADRAIN, &shell_modes);
    else
        tcgetattr(shell.tty_fd, &shell_modes);
}

static int next_id(void)
{
    int id = 1;
    for (const struct job *job = jobs; job; job = job->next)
        if (job->id >= id)
            id = job->id + 1;
    return id;
}

/* "Segmentation fault", as every Unix shell says it; ^C and a broken pipe need no words. */
static void report_signal(int raw)
{
    if (!WIFSIGNALED(raw) || WTERMSIG(raw) == SIGPIPE)
        return;
    if (WTERMSIG(raw) == SIGINT)
        fputc('\n', stderr);
    else
        fprintf(stderr, "%s%s\n", strsignal(WTERMSIG(raw)), WCOREDUMP(raw) ? " (core dumped)" : "");
}

int job_wait_foreground(struct job *job)
{
    if (!job->nprocesses) {
        job_free(job);
        return 2;
    }
    give_terminal(job->pgid);
    if (shell.monitor && shell_interrupted == 1) /* ^C just before the job had the terminal: meant for it */
        kill(-job->pgid, SIGINT);
    while (!job_ended(job) && !job_stopped(job))
        if (!wait_change(0) && errno == ECHILD)
            break;
    int raw = job->processes[job->nprocesses - 1].raw;
    int status = job_status(job);
    take_terminal_back(WIFSIGNALED(raw) || job_stopped(job));
    if (job_stopped(job)) {
        job->id = job->id ? job->id : next_id();
        job->background = job->reported_stop = true;
        fprintf(stderr, "\n[%d] Stopped  %s\n", job->id, job->text);
        return status;
    }
    if (!shell.in_subshell || shell.interactive)
        report_signal(raw);
    if (WIFSIGNALED(raw) && WTERMSIG(raw) == SIGINT && shell.interactive)
        shell_interrupted = 2; /* ^C ends the whole line, loops and all; its newline is out already */
    job_free(job);
    return status;
}

void job_put_background(struct job *job)
{
    job->id = next_id();
    job->background = true;
    if (shell.interactive)
        fprintf(stderr, "[%d] %d\n", job->id, (int)job->pgid);
}

static const char *state_text(const struct job *job, char out[48])
{
    int raw = job->nprocesses ? job->processes[job->nprocesses - 1].raw : 0;
    if (!job_ended(job))
        return job_stopped(job) ? "Stopped" : "Running";
    if (WIFSIGNALED(raw))
        snprintf(out, 48, "%s", strsignal(WTERMSIG(raw)));
    else if (WEXITSTATUS(raw))
        snprintf(out, 48, "Done(%d)", WEXITSTATUS(raw));
    else
        snprintf(out, 48, "Done");
    return out;
}

void jobs_notify(void)
{
    char text[48];
    while (wait_change(WNOHANG))
        ;
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        bool stopped = job_stopped(job) && !job->reported_stop;
        if (!job->background || (!job_ended(job) && !stopped))
            continue;
        if (shell.interactive)
            fprintf(stderr, "[%d] %s  %s\n", job->id, state_text(job, text), job->text);
        job->reported_stop = stopped;
        if (job_ended(job) && shell.interactive)
            job_free(job);
    }
}

/* ---- builtins ---- */

/* The background jobs, newest first: 0 is the current one (%+), 1 the one before (%-). */
static struct job *job_recent(int index)
{
    struct job *job = jobs;
    while (job && (!job->background || index-- > 0))
        job = job->next;
    return job;
}

static bool job_matches(const struct job *job, const char *spec)
{
    if (*spec == '%' && spec[1] == '?')
        return strstr(job->text, spec + 2) != NULL;
    if (*spec == '%')
        spec++;
    return *spec >= '0' && *spec <= '9' ? job->id == atoi(spec) : strncmp(job->text, spec, strlen(spec)) == 0;
}

struct job *job_find(const char *spec, const char *who)
{
    struct job *job;
    if (!spec || strcmp(spec, "%") == 0 || strcmp(spec, "%%") == 0 || strcmp(spec, "%+") == 0) {
        job = job_recent(0);
    } else if (strcmp(spec, "%-") == 0) {
        job = job_recent(1);
    } else {
        job = jobs;
        while (job && (!job->background || !job_matches(job, spec)))
            job = job->next;
    }
    if (!job)
        shell_error("%s: %s: no such job", who, spec ? spec : "current");
    return job;
}

bool job_signal(struct job *job, int signo)
{
    pid_t target = shell.monitor ? -job->pgid : job->pgid;
    if (kill(target, signo) < 0) {
        shell_error("kill: %s", strerror(errno));
        return false;
    }
    if (job_stopped(job) && signo != SIGSTOP && signo != SIGTSTP && signo != 0)
        kill(target, SIGCONT); /* so that it notices */
    return true;
}

static bool any_running(void)
{
    for (const struct job *job = jobs; job; job = job->next)
        if (job->background && !job_ended(job) && !job_stopped(job))
            return true;
    return false;
}

bool jobs_running(void)
{
    if (!any_running())
        return false;
    while (wait_change(WNOHANG))
        ;
    return any_running();
}

static void job_print(const struct job *job, char how)
{
    char text[48], mark = job == job_recent(0) ? '+' : job == job_recent(1) ? '-' : ' ';
    if (how == 'p')
        printf("%d\n", (int)job->pgid);
    else if (how == 'l')
        printf("[%d] %c %d %s  %s\n", job->id, mark, (int)job->pgid, state_text(job, text), job->text);
    else
        printf("[%d] %c %s  %s\n", job->id, mark, state_text(job, text), job->text);
}

int builtin_jobs(char **argv)
{
    char how = argv[1] && *argv[1] == '-' ? argv[1][1] : 0, **arg = argv + 1 + (how != 0);
    int status = 0;
    bool all = !*arg;
    while (wait_change(WNOHANG))
        ;
    for (; *arg; arg++) {
        const struct job *job = job_find(*arg, "jobs");
        if (!job)
            status = 1;
        else
            job_print(job, how);
    }
    for (int id = 1; all && id < next_id(); id++)
        for (const struct job *job = jobs; job; job = job->next)
            if (job->id == id)
                job_print(job, how);
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        if (job->background && job_ended(job))
            job_free(job);
    }
    return status;
}

static void job_continue(struct job *job)
{
    for (int i = 0; i < job->nprocesses; i++)
        job->processes[i].stopped = false;
    job->reported_stop = false;
    kill(-job->pgid, SIGCONT);
}

int builtin_fg(char **argv)
{
    if (!shell.monitor) {
        shell_error("fg: no job control here");
        return 1;
    }
    struct job *job = job_find(argv[1], "fg");
    if (!job)
        return 1;
    printf("%s\n", job->text);
    fflush(stdout);
    job->background = false;
    give_terminal(job->pgid);
    job_continue(job);
    return job_wait_foreground(job);
}

int builtin_bg(char **argv)
{
    if (!shell.monitor) {
        shell_error("bg: no job control here");
        return 1;
    }
    struct job *job = job_find(argv[1], "bg");
    if (!job)
        return 1;
    job_continue(job);
    printf("[%d] %s\n", job->id, job->text);
    return 0;
}

static bool process_waited(pid_t pid, int *status, bool *known)
{
    *known = false;
    for (struct job *job = jobs; job; job = job->next)
        for (int i = 0; i < job->nprocesses; i++)
            if (job->processes[i].pid == pid) {
                *known = true;
                *status = status_from_raw(job->processes[i].raw);
                return job->processes[i].ended;
            }
    return false;
}

/* What `wait` returns when a signal ended it (XCU 2.11); 0: it was one that nobody waits for, like a new size. */
static int interrupted_status(void)
{
    if (traps_pending())
        return 128 + traps_pending();
    return shell_interrupted ? 128 + SIGINT : 0;
}

static int wait_for(const char *spec)
{
    bool known;
    int status = 127;
    struct job *job = *spec == '%' ? job_find(spec, "wait") : NULL;
    if (*spec == '%' && !job)
        return 127;
    pid_t pid = job ? job->processes[job->nprocesses - 1].pid : (pid_t)strtol(spec, NULL, 10);
    while (!process_waited(pid, &status, &known)) {
        if (!known)
            return 127;
        if (!wait_change(0) && errno == EINTR && interrupted_status())
            return interrupted_status();
    }
    for (struct job *done = jobs, *next; done; done = next) {
        next = done->next;
        if (done->background && job_ended(done) && done->processes[done->nprocesses - 1].pid == pid)
            job_free(done);
    }
    return status;
}

int builtin_wait(char **argv)
{
    int status = 0;
    for (char **arg = argv + 1; *arg; arg++)
        status = wait_for(*arg);
    if (argv[1])
        return status;
    for (;;) {
        bool running = false;
        for (struct job *job = jobs; job; job = job->next)
            running |= !job_ended(job) && !job_stopped(job);
        if (!running)
            break;
        if (!wait_change(0) && (errno != EINTR || interrupted_status()))
            return errno == EINTR ? interrupted_status() : 0;
    }
    jobs_notify();
    return 0;
}
