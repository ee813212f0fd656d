/* Processes and their threads in ring 3.
 *
 * A process owns an address space, a handle table and its children; it lives until its parent has
 * read its exit status. What only Linux's interface needs (signals, credentials, working
 * directory, limits) hangs on `lx`, which linux/ owns.
 *
 * States: ALIVE --last thread exits--> ZOMBIE --reaped by the parent--> gone.
 * Locking: process_tree_lock (mutex) guards parent/children/state and the pid table. */
#pragma once
#include "object/handle.h"
#include "sched/waitq.h"
#include "vm/aspace.h"

#define PID_MAX 32768

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE, PROCESS_REAPED };

struct process {
    struct kobject obj; /* KOBJ_PROCESS */
    int pid;
    enum process_state state;
    struct process *parent;          /* no reference: children are re-parented before it goes */
    struct list children, sibling;
    struct list threads;             /* struct uthread.link */
    unsigned nthreads;
    struct aspace *aspace;           /* own reference */
    struct handle_table *handles;    /* own reference */
    int pgrp, session;
    int exit_status;                 /* as wait4 reports it */
    bool exiting;                    /* exit_group or fatal signal: threads are leaving */
    struct waitq child_wait;         /* parents sleep here in wait4 */
    struct list pid_link, all_link;
    u64 start_ns, children_user_ns, children_sys_ns, dead_user_ns, dead_sys_ns;
    char name[16];                   /* comm */
    struct lx_process *lx;
};

struct uthread { /* a thread of a process */
    struct thread *thread; /* reference */
    struct process *process;
    int tid;
    struct list link;
    struct lx_thread *lx;
};

void process_init(void);
/* The caller's process / user thread; NULL in kernel threads. */
struct process *process_current(void);
struct uthread *uthread_current(void);

/* New process without threads, child of parent (NULL for the first), with its own pid; takes over
 * the references to aspace and handles. -EAGAIN (no pid), -ENOMEM (nothing taken over). */
int process_create(struct process *parent, struct aspace *as, struct handle_table *h, struct process **out) MUST_CHECK;
/* A thread that will enter ring 3 with `frame` and fs base. Not started. tid: the pid for the
 * first thread, else a new number. */
int uthread_create(struct process *p, const struct trap_frame *frame, u64 fs_base, struct uthread **out) MUST_CHECK;
void uthread_start(struct uthread *ut);
/* Undo process_create before any thread was started. */
void process_abandon(struct process *p);

/* Swap the current process's address space (execve's commit). Takes over `as`, puts the old. */
void process_set_aspace(struct process *p, struct aspace *as);

/* Ends the current thread; if it is the last one the process becomes a zombie with `status`
 * (unless exit status was already set by process_kill), its children go to init, its parent is
 * told through the hook. Never returns. */
NORETURN void uthread_exit(int status);
/* Marks the whole process as dying with `status` and makes every other thread leave. */
void process_begin_exit(struct process *p, int status);

struct process *process_find(int pid); /* with a reference, NULL if none (zombies are found) */
/* Calls fn for every process under process_tree_lock. */
void process_for_each(void (*fn)(struct process *p, void *ctx), void *ctx);
/* Unlinks a zombie for good and drops the tree's reference. Tree lock held. */
void process_reap_locked(struct process *p);
extern struct mutex process_tree_lock;

/* Filled in by linux/: called at the named moments. */
struct process_hooks {
    void (*thread_exit)(struct uthread *ut);   /* on the dying thread, before anything is torn down */
    void (*process_exit)(struct process *p);   /* last thread, after its aspace and handles are gone */
    void (*zombie)(struct process *p);         /* tree lock held: SIGCHLD to the parent, wake it */
    void (*destroy)(struct process *p);        /* free lx */
    void (*destroy_thread)(struct uthread *ut);
};
void process_set_hooks(const struct process_hooks *h);
