/* Between the files of task/. */
#pragma once
#include "task/process.h"

extern struct pid_table task_pids;          /* process_tree_lock */
/* The next free number (0), or that very one, unless there are as many threads as the machine has room
 * for. Tree lock held. -EAGAIN, -EEXIST. */
int task_number_locked(struct pid_entry *e, int number) MUST_CHECK;
extern struct list task_all;                /* struct process.all_link; process_tree_lock */
extern const struct process_hooks *task_hooks;
static inline struct task_counts thread_counts(const struct thread *t)
{
    return (struct task_counts){ t->nfaults, t->nslept, t->npreempted };
}
static inline struct task_counts task_counts_sum(struct task_counts a, struct task_counts b)
{
    return (struct task_counts){ a.faults + b.faults, a.slept + b.slept, a.preempted + b.preempted };
}
/* NEW -> ALIVE: into the tree and the list of all. Tree lock held. */
void process_publish_locked(struct process *p);
