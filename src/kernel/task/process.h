/* Processes and their threads in ring 3.
 *
 * A process owns an address space, a handle table and its children; it lives until its parent has
 * read its exit status. What only Linux's interface needs (signals, credentials, working
 * directory, limits) hangs on `lx`, which linux/ owns.
 *
 * States: NEW --first uthread_start--> ALIVE --last thread exits--> ZOMBIE --reaped--> REAPED.
 * A NEW process has its number but nobody else can find it: its maker fills it in unlocked.
 *
 * References: one of the tree (from create until its number is free again: after the reap, and after
 * its process group and session have ended), one for each uthread.
 *
 * Locking: process_tree_lock (mutex) guards parent/children/state, pgrp/session and the pid table;
 * process.thread_lock (spinlock, irqsave) guards threads, nthreads, exiting, exit_status, aspace,
 * handles and the dead_* sums. Order: process_tree_lock, then linux/'s signal lock, then
 * thread_lock. aspace and handles change only with both locks held, and become NULL when the last
 * thread has gone: others read them with either lock held, or through process_*_get. */
#pragma once
#include "arch/spinlock.h"
#include "object/event.h"
#include "object/handle.h"
#include "sched/waitq.h"
#include "task/pid.h"
#include "vm/aspace.h"

#define PROCESS_ENDED 0x001u /* process.end: it is a zombie, or gone (poll's POLLIN) */
#define PROCESS_GONE 0x010u  /* it was reaped, too (poll's POLLHUP) */

enum process_state { PROCESS_NEW, PROCESS_ALIVE, PROCESS_ZOMBIE, PROCESS_REAPED };

/* What getrusage counts besides time. */
struct task_counts { u64 faults, slept, preempted; };

struct process {
    struct kobject obj; /* KOBJ_PROCESS */
    int pid;
    enum process_state state;
    struct process *parent;          /* no reference: children are re-parented before it goes */
    int ppid;                        /* its number, 0 without one; written with parent, read without locks */
    int parent_tid;                  /* the parent's thread that made it or took it over; tree lock */
    struct list children, sibling;
    struct spinlock thread_lock;
    struct list threads;             /* struct uthread.link, started ones */
    unsigned nthreads;
    struct uthread *single;          /* the thread for whose execve the others are leaving */
    struct waitq single_wait;
    struct aspace *aspace;           /* own reference */
    u32 aspace_seq;                  /* one more whenever aspace becomes another; atomic */
    struct handle_table *handles;    /* own reference */
    int pgrp, session;               /* changed by process_set_group_locked and its kin only */
    struct pid_entry *pgrp_nr, *session_nr; /* their numbers, used by this process */
    int exit_status;                 /* as wait4 reports it */
    bool exiting;                    /* exit_group or fatal signal: threads are leaving */
    struct waitq child_wait;         /* parents sleep here in wait4 until child_seq changes */
    u32 child_seq;                   /* atomic: events of children so far */
    struct event end;                /* PROCESS_ENDED, PROCESS_GONE: for who holds a reference and waits */
    bool is_subreaper;               /* orphans below it become its children; atomic */
    bool is_sibling;                 /* made as a child of its maker's parent (while NEW) */
    struct pid_entry pid_link;
    struct list all_link;
    u32 cpu_watch;                   /* somebody waits for CPU time of it (thread.cpu_watch); lx's */
    u64 start_ns, children_user_ns, children_sys_ns, dead_user_ns, dead_sys_ns;
    struct task_counts dead_counts, children_counts; /* as the sums of times */
    u64 peak_pages, children_peak_pages; /* resident, in all address spaces it had: process_peak_note */
    char name[16];                   /* comm */
    struct lx_process *lx;
};

struct uthread { /* a thread of a process */
    struct thread *thread; /* reference */
    struct process *process; /* reference */
    int tid;
    struct list link;
    struct pid_entry pid_link; /* of its own number; unused (nr 0) in the first thread */
    bool gave_children;        /* it leaves: no child is handed to it any more; tree lock */
    struct lx_thread *lx;
};

/* Tree lock held, or p is NEW. tid: of the parent's thread that answers for it. */
static inline void process_set_parent(struct process *p, struct process *parent, int tid)
{
    p->parent = parent;
    p->parent_tid = tid;
    __atomic_store_n(&p->ppid, parent ? parent->pid : 0, __ATOMIC_RELAXED);
}

void process_init(void);
/* The caller's process / user thread; NULL in kernel threads. */
static inline struct uthread *uthread_current(void) { return thread_current()->owner; }
static inline struct process *process_current(void)
{
    struct uthread *ut = uthread_current();
    return ut ? ut->process : NULL;
}

/* New process without threads, child of parent (NULL: the kernel's own, nobody waits for it), with
 * its own pid (number, if it is not 0); takes over the references to aspace and handles. -EAGAIN (too
 * many), -EEXIST (the number is in use), -ENOMEM (nothing taken over). */
int process_create(struct process *parent, struct aspace *as, struct handle_table *h, int number,
                   struct process **out) MUST_CHECK;
/* The same for process 1, which has no parent. */
int process_create_init(struct aspace *as, struct handle_table *h, struct process **out) MUST_CHECK;
/* A thread that will enter ring 3 with `frame` (cs and ss included) and fs base. Not started, not yet in p->threads.
 * tid: the pid for the first thread, else a new number (the given one, if not 0). -EAGAIN, -EEXIST,
 * -ENOMEM. */
int uthread_create(struct process *p, const struct trap_frame *frame, u64 fs_base, int number,
                   struct uthread **out) MUST_CHECK;
/* The first start makes the process visible. A thread of a dying process leaves at once. */
void uthread_start(struct uthread *ut);
/* Undo uthread_create before uthread_start. ut->lx is the caller's. */
void uthread_abandon(struct uthread *ut);
/* Undo process_create before any thread was started. Runs the destroy hook. */
void process_abandon(struct process *p);

/* Swap the process's address space (execve's commit). Takes over `as`, puts the old. p is the
 * caller's own, with no other thread, or NEW. */
void process_set_aspace(struct process *p, struct aspace *as);
/* The same for the handle table (execve stops sharing it). Takes over `h`, puts the old. */
void process_set_handles(struct process *p, struct handle_table *h);
/* With a reference, or NULL when the process has none any more. Any process. */
struct aspace *process_aspace_get(struct process *p);
struct handle_table *process_handles_get(struct process *p);
/* execve: makes every other thread of the current process leave and waits for that; then the
 * caller's tid is the pid. -EINTR when another thread does the same: the caller is to leave. */
int process_become_single(void) MUST_CHECK;

/* Ends the current thread; if it is the last one the process becomes a zombie with `status`
 * (unless exit status was already set by process_begin_exit), its children go to init, its parent
 * is told through the hook. Never returns. */
NORETURN void uthread_exit(int status);
/* Marks the whole process as dying with `status` and makes every thread leave; the first status
 * stands. Any context. */
void process_begin_exit(struct process *p, int status);

/* Into the process group of that number: its own, or one that exists. Tree lock held. */
void process_set_group_locked(struct process *p, int pgrp);
/* Into a new session and group of its own. Tree lock held. */
void process_set_session_locked(struct process *p);

struct process *process_find(int pid); /* with a reference, NULL if none (zombies are found) */
/* The same by the number of any of its threads. */
struct process *process_find_thread(int tid);
/* Calls fn for every process (zombies too) under process_tree_lock. */
void process_for_each(void (*fn)(struct process *p, void *ctx), void *ctx);
void process_for_each_locked(void (*fn)(struct process *p, void *ctx), void *ctx); /* tree lock held */
/* By number, tree lock held, no reference; NULL if none. */
struct process *process_find_locked(int pid);
/* Calls fn for every thread of p with thread_lock held, until it returns false. */
void process_for_each_thread(struct process *p, bool (*fn)(struct uthread *ut, void *ctx), void *ctx);
/* Used by all threads of p, the dead ones included. */
void process_times(struct process *p, u64 *user_ns, u64 *sys_ns);
/* The same for what is counted. */
void process_counts(struct process *p, struct task_counts *out);
/* Before the address space goes, or is asked for: peak_pages is the most that was ever resident. Own process. */
void process_peak_note(struct process *p);
/* p, whose parent's wait reports it, adds what it and its children used to the parent's. Tree lock held. */
void process_usage_inherit_locked(struct process *p);
/* Something happened to a child of p: wakes wait4. Any context. */
void process_notify_parent(struct process *p);
/* Unlinks a zombie for good and drops the tree's reference. Tree lock held. The memory goes with
 * the last reference: keep one of your own across this call to look at p afterwards. */
void process_reap_locked(struct process *p);
extern struct mutex process_tree_lock;
unsigned process_count(void); /* living ones and zombies */
u64 process_nstarted(void);   /* processes and threads since the boot */
int process_last_number(void); /* the one given out last */
/* So many threads of programs may there be at once, zombies included: as many as fill an eighth of
 * memory with kernel stacks. A program that forks for ever meets it before memory ends. */
unsigned process_threads_max(void);
/* Is one more possible now? A look without locks, for those who would only do work in vain. */
bool process_has_room(void);

/* Filled in by linux/: called at the named moments. */
struct process_hooks {
    void (*thread_exit)(struct uthread *ut);   /* on the dying thread, before anything is torn down */
    void (*process_exit)(struct process *p);   /* last thread, after its aspace and handles are gone */
    void (*zombie)(struct process *p);         /* tree lock held: SIGCHLD to the parent, wake it; may reap p */
    /* Tree lock held: its parent `old` ended, it is init's now. */
    void (*adopted)(struct process *p, struct process *old);
    /* Tree lock held: the thread that answered for it ended, its process did not. */
    void (*parent_thread_ended)(struct process *p);
    void (*destroy)(struct process *p);        /* free lx (may be NULL); must not sleep */
    void (*destroy_thread)(struct uthread *ut);
};
void process_set_hooks(const struct process_hooks *h);
