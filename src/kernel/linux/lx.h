/* What a process and a thread carry for the Linux interface, and the helpers that every sys_*.c
 * uses. Private to linux/. */
#pragma once
#include "linux/abi/signal.h"
#include "linux/capability.h"
#include "linux/cpu_clock.h"
#include "linux/futex_boost.h"
#include "sched/clock.h"
#include "task/process.h"
#include "tty/tty.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vm/usercopy.h"

#define LX_NGROUPS 32
#define LX_RLIMITS 16

/* Where a path starts; shared by CLONE_FS. */
struct lx_fs { u32 refs; struct mutex lock; struct vnode *root, *cwd; u32 umask; };

/* Handlers. Those of processes that share them (CLONE_SIGHAND) have one table, until execve. */
struct lx_actions {
    u32 refs;                      /* processes; guarded by the lock below, as all of it */
    u32 users;                     /* of them those that are alive */
    u64 ever_set;                  /* LX_SIGBIT of each action that may be other than all zeroes */
    struct lx_sigaction action[65]; /* by number */
};

/* The signal lock: one per process, but processes that were made to share their handlers share it for ever,
 * so that it never changes under who waits for it. irqsave: the timer interrupt sends SIGALRM.
 * Order: process_tree_lock, this, process.thread_lock; never two at once. */
struct lx_sighand { struct spinlock lock; u32 refs; /* atomic */ };

struct lx_rlimit { u64 cur, max; };

/* What is known of a waiting signal. One without a heap's help belongs to each process; `busy` says
 * whether it waits somewhere (set with sighand->lock held, cleared without). */
struct lx_sigentry {
    struct list link;
    struct lx_siginfo info;
    bool is_own, busy;
    /* Not NULL: it goes back to whoever sent it, who may complete *info. Called with sighand->lock held
     * when the signal is taken, or dropped (info NULL). Such entries are not counted in nqueued. */
    void (*taken)(struct lx_sigentry *e, struct lx_siginfo *info);
};

/* Signals waiting to be delivered: the numbers, and an entry for each whose sender is known. One
 * per number for 1..31, a queue for 32..64. */
struct lx_sigqueue { struct list pending; u64 set; };

/* setitimer's three; guarded by sighand->lock (sys_itimer.c). */
struct lx_itimers {
    struct timer real;
    u64 real_deadline_ns, real_interval_ns; /* deadline 0: off */
    bool real_waits;                        /* SIGALRM is under way: goes on when that is taken */
    struct cpu_timer cpu[2];                /* ITIMER_VIRTUAL, ITIMER_PROF */
    u64 cpu_interval_ns[2];
};
/* timer_create's. The mutex guards the list and how long its members live (sys_timer.c). */
struct lx_ptimers { struct mutex lock; struct list list; unsigned count; int next_id; struct list litter; };

/* What was moved by reading [0] and writing [1] (procfs_io.c). */
struct lx_io { u64 bytes, calls; };

struct lx_process {
    u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid; /* written with sighand->lock held (sys_cred.c) */
    u32 groups[LX_NGROUPS];
    unsigned ngroups;
    struct lx_caps caps;            /* the same */
    u32 personality;                /* sys_misc.c: LX_PER_*; for execve and the children */
    struct lx_fs *fs;               /* NULL in zombies; changes under process_tree_lock */
    struct lx_sighand *sighand;
    struct lx_actions *actions;     /* changes with sighand->lock held, by its own execve */
    bool left_actions;              /* a zombie, not counted in actions->users any more; the same */
    struct lx_sigqueue shared;      /* to the process; guarded by sighand->lock */
    struct lx_rlimit rlimit[LX_RLIMITS]; /* written with sighand->lock held; one number is read without */
    struct tty *ctty;               /* controlling terminal or NULL, counted; guarded by process_tree_lock */
    int lost_pgrp;                  /* what was in the foreground of a leader's terminal when that hung up; the same */
    struct waitq stop_wait;         /* stopped threads sleep here until SIGCONT */
    bool stopped, continued;        /* for wait4's WUNTRACED and WCONTINUED */
    bool stop_taken;                /* a stop signal left the queue and no SIGCONT came since */
    int stop_signal;
    bool stop_reported;
    bool cont_notify;               /* woken by SIGCONT: tell the parent; all guarded by sighand->lock */
    struct event signalled;         /* told POLL_IN whenever a signal is queued: signalfd */
    unsigned nqueued;               /* entries in all queues; guarded by sighand->lock */
    u64 sent;                       /* numbers that may wait in any of the queues, and no others do; the same */
    struct lx_sigentry own_entry;   /* for the first waiting signal, so that most need no memory */
    struct process *process;        /* no reference: it owns this */
    struct lx_itimers itimers;
    struct lx_ptimers ptimers;
    struct list cpu_timers;         /* armed ones (cpu_clock.h); guarded by sighand->lock */
    struct cpu_timer cpu_limit;     /* RLIMIT_CPU; the same */
    bool is_vfork_child;
    struct waitq vfork_done;        /* parent waits here until is_vfork_child is false */
    bool did_exec;
    vaddr_t arg_start, arg_end, env_start, env_end; /* /proc/PID/cmdline, environ */
    vaddr_t code_start, code_end, stack_start;      /* /proc/PID/stat */
    struct vnode *exe;              /* /proc/PID/exe; by lx_exe_get */
    u64 auxv[48]; unsigned auxv_n;
    int exit_signal;                /* what the parent gets; SIGCHLD */
    struct list tracees;            /* struct lx_trace that this process traces; process_tree_lock */
    bool traces_closed;             /* ... and it will not trace any more */
    struct lx_trace *leader_trace;  /* of a first thread that has ended before its process; process_tree_lock */
    u32 ntraced;                    /* atomic: its own threads that somebody traces */
    u32 stop_seq;                   /* stops of the process so far; guarded by sighand->lock */
    bool dumpable;
    bool no_new_privs;              /* execve grants nothing; for ever, and for the children */
    u32 membarriers;                /* membarrier's registrations, until execve. Atomic */
    int pdeath_signal;              /* when its parent ends; 0: none. Atomic */
    i16 oom_adj, oom_adj_least;     /* oom.h; atomic. The least that a user may set */
    struct lx_undos *undos;         /* SEM_UNDO (ipc.h); NULL: none yet. Atomic */
    struct lx_io dead_io[2];        /* of threads that have ended; guarded by process.thread_lock */
    u64 oom_pages;                  /* resident when it was chosen to die for want of memory; 0: never. Atomic */
};

struct lx_thread {
    u64 sigmask;                    /* blocked; only the thread itself changes it (signal_mask.c) */
    u64 saved_sigmask;
    bool restore_sigmask;           /* sigsuspend, ppoll: put saved_sigmask back after delivery */
    struct lx_sigqueue pending;     /* to this thread; guarded by sighand->lock */
    vaddr_t altstack_sp; u64 altstack_size; u32 altstack_flags;
    vaddr_t clear_child_tid;        /* set_tid_address, CLONE_CHILD_CLEARTID */
    vaddr_t robust_list;            /* read by others under thread_lock (get_robust_list) */
    struct futex_boost boost;       /* by the locks it waits for and those it owns */
    int pi_owner;                   /* whose lock it waits for (futex_pi.c); 0: nobody's. Atomic, with the two below */
    bool pi_waited, pi_closed;      /* somebody waited for one of its locks; it will not look any more */
    u64 wait_set;                   /* sigtimedwait: wake for these though they are blocked */
    u64 sleep_deadline_ns;          /* a relative sleep that a signal interrupted; 0: none */
    u64 fault_vector, fault_error, fault_addr; /* last exception, for the signal frame */
    struct lx_trace *trace;         /* NULL: never traced. By linux/ptrace.h's rules */
    int exit_status;                /* what exit(2) said */
    u64 timer_slack_ns;             /* kept for prctl; no timer is late on purpose */
    const char *fault_reason;       /* for the log line of a fatal fault, or NULL */
    u16 ioprio;                     /* ioprio_set's value */
    struct lx_io io[2];             /* written by the thread alone */
};

#define LX_TIMER_SLACK_NS 50000ull /* Linux's default */

static inline struct lx_process *lx_current(void) { return process_current()->lx; }
static inline struct lx_thread *lx_thread_current(void) { return uthread_current()->lx; }

/* --- paths (sys_path.c) --- */
/* Copies a path in: kernel buffer of PATH_MAX_BYTES from the heap, to be kfree()d. -EFAULT,
 * -ENAMETOOLONG, -ENOMEM. An empty string is fine here. */
int lx_path_get(uptr_t user, char **out) MUST_CHECK;
/* The calling process as a walker. Takes references on root and cwd (lx_walk_put). */
struct lx_walk { struct walk w; struct vcred cred; bool counted; };
void lx_walk_get(struct lx_walk *lw);
void lx_walk_put(struct lx_walk *lw);
#define LX_AT_FDCWD (-100)
/* Start of a *at() walk, with a reference. -EBADF, -ENOTDIR (only judged for relative paths). */
int lx_walk_start(const struct lx_walk *lw, int dirfd, const char *path, struct vnode **out) MUST_CHECK;

/* --- descriptors (sys_file.c) --- */
/* With a reference; -EBADF if the descriptor is not open or lacks a right. */
static inline MUST_CHECK int lx_file_get_right(int fd, unsigned need, struct file **out)
{
    struct kobject *obj;
    int r = handle_get(process_current()->handles, fd, KOBJ_FILE, need, &obj, NULL);
    if (r < 0)
        return r;
    *out = file_from(obj);
    return 0;
}
static inline MUST_CHECK int lx_file_get(int fd, struct file **out) { return lx_file_get_right(fd, 0, out); }
/* What O_PATH opened is no open file to most calls: -EBADF. */
static inline MUST_CHECK int lx_file_get_open(int fd, struct file **out)
{
    int r = lx_file_get(fd, out);
    if (r < 0 || !file_has(*out, FILE_PATH))
        return r;
    file_put(*out);
    return -EBADF;
}
/* The rights, too: for calls that judge other things first. */
static inline MUST_CHECK int lx_file_get_rights(int fd, struct file **out, unsigned *rights)
{
    struct kobject *obj;
    int r = handle_get(process_current()->handles, fd, KOBJ_FILE, 0, &obj, rights);
    if (r < 0)
        return r;
    *out = file_from(obj);
    return 0;
}
/* For the length of a call that closes no descriptor: -EBADF, or what lx_file_return wants to know. */
static inline MUST_CHECK int lx_file_borrow(int fd, unsigned need, struct file **out)
{
    struct process *p = uthread_current()->process;
    struct kobject *obj;
    bool alone = __atomic_load_n(&p->nthreads, __ATOMIC_ACQUIRE) == 1;
    int r = handle_borrow(p->handles, alone, fd, KOBJ_FILE, need, &obj);
    if (r >= 0)
        *out = file_from(obj);
    return r;
}
static inline void lx_file_return(struct file *f, int borrowed)
{
    if (unlikely(borrowed))
        file_put(f);
}
/* Rights a descriptor gets from the file's open flags. */
unsigned lx_rights_of(const struct file *f);
int lx_fd_install(struct file *f, unsigned handle_flags) MUST_CHECK; /* fd or -EMFILE; own reference taken */

/* --- signals (signal.c, signal_mask.c) --- */
int lx_signal_process(struct process *p, const struct lx_siginfo *info); /* any thread that can */
int lx_signal_thread(struct uthread *ut, const struct lx_siginfo *info);
/* A signal to the calling thread for what it just did (SIGPIPE, SIGXFSZ). */
void lx_raise_here(int sig);
int lx_signal_tid(struct process *p, int tid, const struct lx_siginfo *info); /* -ESRCH: p has no such thread */
/* What p, which is alive, does with sig. Its own execve may exchange the table at any time: so with the lock. */
struct lx_sigaction lx_signal_action_of(struct process *p, int sig);
int lx_signal_pgrp(int pgrp, const struct lx_siginfo *info); /* -ESRCH if nobody */
/* To the current thread, not to be blocked or ignored: faults. */
void lx_signal_force(const struct lx_siginfo *info);
static inline bool lx_signal_pending(void) { return thread_current()->work & (WORK_SIGNAL | WORK_EXIT); }
/* Handlers as parent's (NULL: all default), or the same ones (share); empty queues. -ENOMEM. */
int lx_signal_init_process(struct lx_process *lx, struct lx_process *parent, bool share) MUST_CHECK;
/* The calling process shares its handlers with no other one afterwards: for execve. -ENOMEM. */
int lx_actions_unshare(struct lx_process *lx) MUST_CHECK;
bool lx_actions_are_shared(struct lx_process *lx);
void lx_actions_leave(struct lx_process *lx); /* it handles no more signals: a zombie shares nothing */
void lx_signal_exec(struct lx_process *lx); /* handlers to default, ignored stay ignored */
void lx_signal_fini_process(struct lx_process *lx);
void lx_signal_fini_thread(struct lx_process *lx, struct lx_thread *lt);
/* Sets the calling thread's mask (SIGKILL and SIGSTOP taken out); signals that it lets through
 * are delivered on the way back to ring 3. */
void lx_sigmask_set(u64 mask);
/* pselect6, ppoll: `mask` until the call's signals were delivered, then the old one again. */
void lx_sigmask_set_temporary(u64 mask);
/* Call it when the wait ended without -EINTR: puts the old mask back at once. */
void lx_sigmask_restore(void);
bool lx_wait_interrupted_by_death(void);
/* Looks again whether a signal is to be delivered to the caller. */
void lx_signal_recheck(void);
/* siginfo_t in the program's memory. -EFAULT. */
int lx_siginfo_put(uptr_t user, const struct lx_siginfo *info) MUST_CHECK;
/* A wait that only the end of the process interrupts: 0, or -EINTR when it is dying. */
#define lx_wait_killable(wq_ptr, cond)                                                       \
    ({                                                                                       \
        int k_;                                                                              \
        do                                                                                   \
            k_ = wait_event(wq_ptr, cond, WAIT_INTERRUPTIBLE, 0);                            \
        while (k_ == -EINTR && !lx_wait_interrupted_by_death());                             \
        lx_signal_recheck();                                                                 \
        k_;                                                                                  \
    })

/* --- time (sys_time.c) --- */
struct lx_timespec { i64 sec, nsec; };
struct lx_timeval { i64 sec, usec; };
/* Reads a struct timespec; -EFAULT, -EINVAL (nsec outside 0..999999999, negative). Saturates. */
int lx_timespec_get(uptr_t user, u64 *ns) MUST_CHECK;
int lx_timespec_put(uptr_t user, u64 ns) MUST_CHECK;
int lx_timeval_put(uptr_t user, u64 ns) MUST_CHECK;
static inline u64 lx_deadline(u64 now_ns, u64 ns) { return ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + ns; }
/* When a relative sleep of ns ends. One that a signal interrupted and that is called anew ends when
 * it was to end first: whoever returns -ERESTARTNOHAND leaves the deadline in sleep_deadline_ns. */
u64 lx_sleep_begin(u64 ns);
int lx_timeval_get(uptr_t user, u64 *ns) MUST_CHECK; /* as lx_timespec_get */
/* clock_now_ns() time of a moment of the real-time clock; a past one: now. */
u64 lx_realtime_to_monotonic(u64 realtime_ns);

/* --- timers of a process (sys_itimer.c, sys_timer.c) --- */
void lx_itimers_init(struct lx_process *lx);
void lx_itimers_stop(struct lx_process *lx);
void lx_itimer_taken_locked(struct lx_process *lx); /* a SIGALRM was taken; sighand->lock held */
void lx_ptimers_init(struct lx_process *lx);
void lx_ptimers_delete(struct lx_process *lx); /* all of them: execve, the end */

/* --- futex (futex.c) --- */
int lx_futex_wake(vaddr_t uaddr, unsigned n); /* in the current aspace; for CLEARTID */
void lx_futex_init(void);

/* SIGCHLD's siginfo of p, for its parent: what waitid shows, too (exit.c). */
struct lx_siginfo lx_child_info(struct process *p, int code, int status);

/* --- processes (fork.c, process.c) --- */
/* An lx_process as the child of `parent` gets it (NULL: process 1). fs and handlers shared or copied. */
int lx_process_create(struct lx_process *parent, bool share_fs, bool share_actions, struct lx_process **out) MUST_CHECK;
void lx_process_destroy(struct lx_process *lx);
int lx_thread_create(struct lx_thread **out) MUST_CHECK;
/* What the calling thread owes to others in its memory: locks that die with it, and its tid word. At
 * its end and before execve; tid: what it was called until then. */
void lx_thread_leave_memory(struct uthread *ut, int tid);
/* What a thread had in the old address space is void: for exec_commit. */
void lx_thread_exec(struct lx_thread *lt);
/* The child of vfork lets its parent go on: from exec_commit and at its end. */
void lx_vfork_done(struct process *p);
void lx_fs_put(struct lx_fs *fs); /* NULL is allowed */
/* A copy for who shares it with another process; NULL for who does not. -ENOMEM. */
int lx_fs_copy_shared(struct lx_fs *from, struct lx_fs **out) MUST_CHECK;
/* The calling process has a descriptor table of its own afterwards (sys_unshare.c). -ENOMEM; -EINVAL: several threads
 * use it. */
int lx_handles_unshare(struct process *p) MUST_CHECK;
/* A program file that runs: a reference, and nobody may write to it. put: NULL is allowed. */
int lx_exe_get(struct vnode *v) MUST_CHECK; /* -ETXTBSY */
void lx_exe_put(struct vnode *v);
/* Identities as they are at one moment. */
struct lx_ids { u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid; };
struct lx_ids lx_ids_get(struct lx_process *lx);
struct lx_rlimit lx_limit_get(struct lx_process *lx, unsigned which);
/* The name of a thread of p (15 bytes at most), and of p if it is the first: -ESRCH. sys_prctl.c. */
int lx_name_set(struct process *p, int tid, const char *name) MUST_CHECK;
struct lx_caps lx_caps_get(struct lx_process *lx);
/* May the calling process do what only the superuser could once. */
static inline bool lx_capable(unsigned cap) { return lx_caps_have(&lx_current()->caps, cap); }
#define LX_PER_MASK 0xffu /* linux/personality.h */
#define LX_PER_LINUX32 8u /* uname says i686 */
#define LX_ADDR_NO_RANDOMIZE 0x40000u
/* The node's name, terminated, as sethostname left it. */
void lx_hostname(char *buf, size_t size);
#define LX_RELEASE "6.1.0-rustica"
extern const struct process_hooks lx_process_hooks; /* exit.c */
extern const struct tty_ops lx_tty_ops;             /* tty_glue.c */
bool lx_pgrp_is_orphaned(int pgrp); /* takes process_tree_lock */
/* member and its parent are no longer child and parent: its group may be orphaned now. Tree lock
 * held; the change is made. */
void lx_pgrp_lost_parent_locked(const struct process *member, const struct process *parent);

/* --- exec (exec.c) --- */
struct exec_plan;
/* Everything that can fail; the caller is untouched. argv/envp: see struct exec_args. */
struct exec_args { char *strings; size_t len, size; unsigned argc, envc; }; /* argc strings, then envc, each with terminator */
int exec_args_from_user(struct exec_args *a, uptr_t argv, uptr_t envp) MUST_CHECK; /* -E2BIG -EFAULT -ENOMEM */
int exec_args_from_kernel(struct exec_args *a, const char *const argv[], const char *const envp[]) MUST_CHECK;
void exec_args_free(struct exec_args *a);
int exec_prepare(const struct walk *w, struct vnode *start, const char *path, struct exec_args *args,
                 struct lx_process *lx, struct exec_plan **out) MUST_CHECK;
void exec_abort(struct exec_plan *plan);
/* Point of no return: new address space for p, handlers reset, close-on-exec done; frame is what
 * ring 3 starts with. Frees the plan. Called on p's own (only) thread, or on a new process. */
void exec_commit(struct exec_plan *plan, struct process *p, struct lx_thread *lt, struct trap_frame *frame);

/* --- out of memory (oom.c) --- */
void lx_oom_init(void);
/* The process has given its memory back: says so if that is why it ended. */
void lx_oom_report(const struct process *p);

/* --- procfs (procfs.c) --- */
void lx_io_thread_exit(struct uthread *ut); /* its sums go to the process (procfs_io.c) */
void procfs_init(void);
/* --- limits --- */
enum { LX_RLIMIT_CPU, LX_RLIMIT_FSIZE, LX_RLIMIT_DATA, LX_RLIMIT_STACK, LX_RLIMIT_CORE, LX_RLIMIT_RSS,
       LX_RLIMIT_NPROC, LX_RLIMIT_NOFILE, LX_RLIMIT_MEMLOCK, LX_RLIMIT_AS, LX_RLIMIT_LOCKS,
       LX_RLIMIT_SIGPENDING, LX_RLIMIT_MSGQUEUE, LX_RLIMIT_NICE, LX_RLIMIT_RTPRIO, LX_RLIMIT_RTTIME };
