/* jobs, fg, bg and wait (XCU 2.12 and the utilities' pages). */
#include "jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void job_print(const struct job *job, char how)
{
    char text[48], mark = job == job_recent(0) ? '+' : job == job_recent(1) ? '-' : ' ';
    if (how == 'p')
        printf("%d\n", (int)job->pgid);
    else if (how == 'l')
        printf("[%d] %c %d %s  %s\n", job->id, mark, (int)job->pgid, job_state_text(job, text), job->text);
    else
        printf("[%d] %c %s  %s\n", job->id, mark, job_state_text(job, text), job->text);
}

int builtin_jobs(char **argv)
{
    char how = argv[1] && *argv[1] == '-' ? argv[1][1] : 0, **arg = argv + 1 + (how != 0);
    int status = 0;
    bool all = !*arg;
    while (job_wait_change(WNOHANG))
        ;
    for (; *arg; arg++) {
        const struct job *job = job_find(*arg, "jobs");
        if (!job)
            status = 1;
        else
            job_print(job, how);
    }
    for (int id = 1; all && id < job_next_id(); id++)
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
    job_give_terminal(job->pgid);
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
    job_to_front(job);
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
                *status = job_status_from_raw(job->processes[i].raw);
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
        if (!job_wait_change(0) && errno == EINTR && interrupted_status())
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
        if (!job_wait_change(0) && (errno != EINTR || interrupted_status()))
            return errno == EINTR ? interrupted_status() : 0;
    }
    jobs_notify();
    for (struct job *job = jobs; job; job = job->next)
        job->waited = job->background && job_ended(job);
    return 0;
}
