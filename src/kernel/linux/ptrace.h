/* Tracing: one process (the tracer) watches threads of others stop and tells them how to go on.
 *
 * A traced thread has a struct lx_trace. It stops only itself, at the places named below, gives its
 * registers away while it stands still, and takes them back when it goes on.
 *
 *   attach -> RUNS --trace_stop--> STOPPED --a resuming request, SIGKILL--> RUNS
 *                 --its end--> ENDED: what wait4 of the tracer still has to report
 *
 * Locking: process_tree_lock guards everything here but `asked` (atomic) and, while the thread runs,
 * what only that thread uses. lx_thread.trace is set and closed with the process's thread_lock held
 * too, so that who holds that lock may use it. The tracer is a process: any of its threads may ask
 * (on Linux only the one that attached). Private to linux/. */
#pragma once
#include "linux/abi/ptrace.h"
#include "linux/lx.h"

enum lx_trace_state { TRACE_RUNS, TRACE_STOPPED, TRACE_ENDED };
enum lx_trace_mode { TRACE_CONT, TRACE_SYSCALL, TRACE_SYSEMU, TRACE_STEP };
#define TRACE_ASK_STOP 1u   /* PTRACE_INTERRUPT, or it was attached while its process is stopped */
#define TRACE_ASK_NOTIFY 2u /* a SIGCONT was sent to a seized thread */

struct lx_trace {
    struct process *tracer;      /* NULL: none now. The tracee looks without lock */
    struct list link;            /* tracer's lx->tracees */
    struct uthread *thread;      /* NULL: it has ended */
    struct process *process;     /* the tracee's; NULL once only numbers are left */
    int tid, pid, pgrp;
    u32 uid;
    bool seized;
    u32 options;
    enum lx_trace_state state;
    bool reported;               /* wait4 has seen this stop */
    bool listening;              /* PTRACE_LISTEN: stays stopped, but wakes for what is `asked` */
    u32 asked;                   /* TRACE_ASK_* */
    u32 stop_seen;               /* lx->stop_seq of the group stop that it has reported */
    int code;                    /* of the stop: signal | event << 8. ENDED: the exit status */
    u64 message;                 /* PTRACE_GETEVENTMSG */
    bool has_info;
    struct lx_siginfo info;
    enum lx_trace_mode mode;     /* how it was told to go on; STEP outlives the tracer */
    int signal;                  /* and with what */
    enum lx_trace_mode call_mode; /* mode when the present system call began */
    bool step_set;               /* TF in its frame is ours */
    u8 where;                    /* LX_CALL_*: a stop at the border of a system call */
    struct trap_frame *frame;    /* its registers, while STOPPED, with the two below */
    u64 fs_base;
    struct waitq wait;           /* the tracee, while STOPPED */
};
#define TRACE_CLOSED ((struct lx_trace *)1) /* lx_thread.trace of a thread that is leaving */

/* The calling thread's, or NULL if nobody traces it (any more). */
static inline struct lx_trace *lx_trace_current(void)
{
    struct lx_trace *tr = __atomic_load_n(&lx_thread_current()->trace, __ATOMIC_RELAXED);
    return tr > TRACE_CLOSED && __atomic_load_n(&tr->tracer, __ATOMIC_RELAXED) ? tr : NULL;
}

/* --- where a thread stops (ptrace.c); all on the thread itself --- */
/* Both ends of a system call of a thread whose calls go the slow way. False: not to be made. */
bool lx_trace_call_enter(struct trap_frame *f);
void lx_trace_call_leave(struct trap_frame *f);
/* A signal left its queue: which is to be delivered instead; 0: none. */
int lx_trace_signal(struct trap_frame *f, int sig, struct lx_siginfo *info);
/* PTRACE_EVENT_*, if the tracer wants to see it. */
void lx_trace_event(int event, u64 message);
/* The new program is in place. old_tid: what the thread was called before. */
void lx_trace_exec(int old_tid);
/* On the way to ring 3: is there a stop to make (group stop, PTRACE_INTERRUPT)? Makes it. */
bool lx_trace_due_in(const struct lx_trace *tr);
static inline bool lx_trace_due(void)
{
    const struct lx_trace *tr = lx_trace_current();
    return unlikely(tr != NULL) && lx_trace_due_in(tr);
}
void lx_trace_stop(struct trap_frame *f);
/* Last thing before ring 3, and before a signal handler's frame is made. */
void lx_trace_step_begin(struct trap_frame *f);
void lx_trace_step_end(struct trap_frame *f);
/* The copy of the caller's frame that a child starts with. */
void lx_trace_child_frame(struct trap_frame *f);
/* A handler is about to run: one step of PTRACE_SINGLESTEP. */
void lx_trace_handler(struct trap_frame *f);

/* --- who traces whom (ptrace_link.c) --- */
/* May the caller look into p and change it (ptrace, process_vm_readv)? */
bool lx_may_access(const struct process *p);
/* The memory of p with a reference, if the caller may look into it: -EPERM. NULL: it has ended. The memory is taken
 * first and the rights are judged then; execve changes them in the other order. So nobody gets a program's memory
 * by the rights that he had over the one before. */
int lx_aspace_of(struct process *p, struct aspace **out) MUST_CHECK;
int lx_trace_me(void) MUST_CHECK;
int lx_trace_attach(int tid, bool seize, u32 options) MUST_CHECK;
/* Under the tree lock: the caller's tracee with that number, stopped or not. NULL: none. */
struct lx_trace *lx_trace_find_locked(int tid);
/* Lets a stopped one go on. */
void lx_trace_resume_locked(struct lx_trace *tr, enum lx_trace_mode mode, int sig);
void lx_trace_detach_locked(struct lx_trace *tr, int sig);
/* What clone does for the child of a traced thread. event: LX_EVENT_*. make: -ENOMEM; before the
 * child is started. attach: cannot fail; just before uthread_start. */
int lx_trace_child_make(int event, struct lx_thread *child) MUST_CHECK;
void lx_trace_child_attach(struct uthread *child);
void lx_trace_thread_exit(struct uthread *ut, int status); /* the calling thread leaves */
void lx_trace_process_end_locked(struct process *p);       /* tree lock: p is a zombie */
void lx_trace_tracer_exit(struct process *p);              /* p traces nobody any more */
/* Somebody without the superuser's rights traces the caller: execve may not give it more than it has. */
bool lx_trace_holds_back(void);
bool lx_trace_holds_back_locked(void); /* tree lock held */
void lx_trace_exec_rename(struct uthread *ut);
/* SIGCONT was sent to p. Signal lock held. */
void lx_trace_continued_locked(struct process *p);
/* Tells the tracer that something happened. Tree lock held. */
void lx_trace_tell_locked(struct lx_trace *tr, int code, int status);

/* --- for wait4 (ptrace_wait.c) --- */
struct lx_trace_news { int pid, status, code, code_status; u32 uid; struct process *process; /* may be NULL */ };
/* Tree lock held. 1: news is filled in; 0: none yet; -ECHILD: the caller traces nobody that is meant. */
int lx_trace_news_locked(int pid, int pgrp, bool exits, bool keep, struct lx_trace_news *news) MUST_CHECK;
bool lx_trace_by_caller_locked(const struct process *p); /* does the caller trace a thread of p? */

/* --- registers of a stopped thread (ptrace_regs.c) --- */
void lx_trace_regs_get(const struct lx_trace *tr, struct lx_user_regs *out);
int lx_trace_regs_set(struct lx_trace *tr, const struct lx_user_regs *in) MUST_CHECK; /* -EIO */
size_t lx_trace_fpu_size(void);   /* of an XSAVE image; 512 where the machine has only FXSAVE */
void lx_trace_fpu_get(const struct lx_trace *tr, void *image, size_t size);
/* spare: an area of fpu_area_size() bytes for a thread that has none; NULL in return if it was used. */
int lx_trace_fpu_set(struct lx_trace *tr, const void *image, size_t size, void **spare) MUST_CHECK;
void lx_trace_call_info(const struct lx_trace *tr, struct lx_call_info *out, size_t *size);
