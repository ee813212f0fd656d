/* Jobs: what the shell started and has not told the user about yet.
 *
 *   create -> running <-> stopped -> done -> (reported) gone
 *
 * With job control (monitor) a job is a process group and the terminal is handed to the one in the
 * foreground; without it, a job is only a set of processes to wait for. */
#include "jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct job *jobs;
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

static void unlink_job(struct job *job)
{
    struct job **link = &jobs;
    while (*link && *link != job)
        link = &(*link)->next;
    if (*link)
        *link = job->next;
}

void job_to_front(struct job *job)
{
    unlink_job(job);
    job->next = jobs;
    jobs = job;
}

void job_free(struct job *job)
{
    unlink_job(job);
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

bool job_ended(const struct job *job)
{
    for (int i = 0; i < job->nprocesses; i++)
        if (!job->processes[i].ended)
            return false;
    return true;
}

bool job_stopped(const struct job *job)
{
    bool stopped = false;
    for (int i = 0; i < job->nprocesses; i++) {
        if (!job->processes[i].ended && !job->processes[i].stopped)
            return false;
        stopped |= job->processes[i].stopped && !job->processes[i].ended;
    }
    return stopped;
}

int job_status_from_raw(int raw)
{
    if (WIFSIGNALED(raw))
        return 128 + WTERMSIG(raw);
    if (WIFSTOPPED(raw))
        return 128 + WSTOPSIG(raw);
    return WEXITSTATUS(raw);
}

static int job_status(const struct job *job)
{
    return job->nprocesses ? job_status_from_raw(job->processes[job->nprocesses - 1].raw) : 2;
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
bool job_wait_change(int options)
{
    int raw;
    pid_t pid = waitpid(-1, &raw, options | (shell.monitor ? WUNTRACED : 0));
    if (pid <= 0)
        return false;
    note_change(pid, raw);
    return true;
}

void job_give_terminal(pid_t pgid)
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

int job_next_id(void)
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
    job_give_terminal(job->pgid);
    if (shell.monitor && shell_interrupted == 1) /* ^C just before the job had the terminal: meant for it */
        kill(-job->pgid, SIGINT);
    while (!job_ended(job) && !job_stopped(job))
        if (!job_wait_change(0) && errno == ECHILD)
            break;
    int raw = job->processes[job->nprocesses - 1].raw;
    int status = job_status(job);
    take_terminal_back(WIFSIGNALED(raw) || job_stopped(job));
    if (job_stopped(job)) {
        job->id = job->id ? job->id : job_next_id();
        job->background = job->reported_stop = true;
        job_to_front(job);
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
    for (struct job *old = jobs, *next; old; old = next) {
        next = old->next;
        if (old->waited)
            job_free(old);
    }
    job->id = job_next_id();
    job->background = true;
    if (shell.interactive)
        fprintf(stderr, "[%d] %d\n", job->id, (int)job->pgid);
}

const char *job_state_text(const struct job *job, char out[48])
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
    while (job_wait_change(WNOHANG))
        ;
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        bool stopped = job_stopped(job) && !job->reported_stop;
        if (!job->background || (!job_ended(job) && !stopped))
            continue;
        if (shell.interactive)
            fprintf(stderr, "[%d] %s  %s\n", job->id, job_state_text(job, text), job->text);
        job->reported_stop = stopped;
        if (job_ended(job) && shell.interactive)
            job_free(job);
    }
}

/* A stopped job comes before one that runs (XBD 3.110, current job). */
struct job *job_recent(int index)
{
    for (int stopped = 1; stopped >= 0; stopped--)
        for (struct job *job = jobs; job; job = job->next)
            if (job->background && job_stopped(job) == stopped && index-- == 0)
                return job;
    return NULL;
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
    while (job_wait_change(WNOHANG))
        ;
    return any_running();
}
