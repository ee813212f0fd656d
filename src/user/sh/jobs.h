/* Jobs as jobs.c keeps them and builtin_jobs.c shows and steers them. */
#pragma once
#include "sh.h"

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
    bool waited; /* `wait` has waited for all: kept only until the next one starts */
};

extern struct job *jobs; /* what the user had to do with last comes first */

void job_free(struct job *job);
void job_to_front(struct job *job); /* it is the one last stopped or sent to the background */
bool job_ended(const struct job *job);
bool job_stopped(const struct job *job);
bool job_wait_change(int options); /* waits for one change of any child; false: none, or a signal came */
void job_give_terminal(pid_t pgid);
int job_next_id(void);
int job_status_from_raw(int raw);
const char *job_state_text(const struct job *job, char out[48]);
struct job *job_recent(int index); /* of those in the background: 0 the current one (%+), 1 the one before (%-) */
