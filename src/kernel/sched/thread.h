/* Threads: what runs. A thread has a kernel stack with a guard page, a page table to run on
 * (kernel threads: the kernel's), and at most one place where it waits.
 *
 * States: NEW --thread_start--> READY --schedule--> RUNNING --preempted/yield--> READY
 *         RUNNING --thread_block--> BLOCKED --thread_wake--> READY
 *         RUNNING --thread_exit--> DEAD (freed by the last kobject_put, never on its own stack)
 *
 * Locking: state, work, policy and the place on the run queue are guarded by the lock of the run
 * queue of t->cpu (irqsave). That lock is held from before a thread gives up its CPU until its stack is no longer
 * in use, so whoever has it may queue the thread anywhere.
 *
 * A thread's page table must outlive its use: before an address space goes, its last thread calls
 * thread_set_pagetable(NULL). Kernel threads run on whatever is loaded; pt_destroy therefore loads
 * the kernel's own table first if the dying one is loaded. */
#pragma once
#include "arch/spinlock.h"
#include "arch/trap.h"
#include "lib/list.h"
#include "object/kobject.h"
#include "sched/fairq.h"
#include "sched/policy.h"

enum thread_state { THREAD_NEW, THREAD_READY, THREAD_RUNNING, THREAD_BLOCKED, THREAD_DEAD };

/* thread.work: why the way back to ring 3 must stop first. Set by anybody, atomically. */
#define WORK_RESCHED 1u
#define WORK_SIGNAL 2u /* look at signals */
#define WORK_EXIT 4u   /* the process is dying: leave without returning to ring 3 */
#define WORK_CPU_TIME 8u /* its CPU time is watched (cpu_watch), and was just looked at */

struct thread {
    struct kobject obj;
    enum thread_state state;
    u32 work;            /* atomic bits WORK_* */
    vaddr_t sp;          /* saved kernel stack pointer while not running */
    void *kstack;        /* lowest address */
    size_t kstack_pages;
    struct pagetable *pagetable; /* NULL: any will do (kernel thread) */
    void *fpu;           /* save area, or NULL while the FPU was never used */
    bool fpu_fresh;      /* what the area holds is void: the initial state is meant */
    u64 fs_base;         /* the truth about it: a switch loads it and saves nothing */
    struct list runq_link; /* real-time queue, or the reaper's list */
    struct list all_link;  /* guarded by thread.c's list lock */
    struct fair fair;    /* its place in virtual time */
    u64 left_slot;       /* how far its CPU's virtual time was when it left the queue */
    u64 allowed_cpus;    /* a bit for each CPU; never without one that runs */
    u32 cpu;             /* where it runs or ran last */
    i8 nice;
    u8 policy;           /* enum sched_policy */
    u8 rt_prio;          /* 1..99; 0: not real-time. The higher one of the next two */
    u8 own_prio, boost;  /* what it was given, and what it runs with for the sake of others (thread_boost) */
    bool reset_on_fork;  /* children start with the default policy */
    bool queued;         /* on its CPU's run queue; READY and not queued: being carried to another */
    bool interruptible;  /* blocked so that a signal may wake it */
    bool woken;          /* a wake-up came since thread_block_prepare */
    u8 wait_depth;       /* prepared sleeps: a condition may itself sleep (own thread only) */
    u32 wait_kinds;      /* their `interruptible`, innermost in bit 0 (own thread only) */
    u64 cpu_ns;          /* time used */
    u64 nslept, npreempted; /* switches away: it had nothing to do / somebody else's turn came */
    u64 nfaults;         /* page faults of its program that found a page (own thread only writes) */
    u64 user_ns;         /* in ring 3: that part of split_ns; see cputime.h */
    u64 split_ns;        /* how much of cpu_ns is told apart */
    bool seen_in_kernel; /* where it was when last looked at */
    const u32 *cpu_watch; /* non-zero there: WORK_CPU_TIME at every look; NULL: never */
    u64 started_ns;      /* cpu_ns is right up to here, while running */
    u64 slice_end_ns;    /* while running: its turn ends here, */
    u64 slice_min_ns;    /* and for somebody with a better claim not before this */
    u64 slice_left_ns;   /* SCHED_RR, while not running; 0: the turn is used up */
    u64 woke_ns;         /* when it woke somebody, if it has not slept since; else 0 (own CPU only) */
    u8 hands_over;       /* how sure it is that it sleeps after that (see place.c; own CPU only) */
    char name[32];
    void *owner;         /* task: struct uthread *, NULL for kernel threads */
    void (*entry)(void *);
    void *arg;
    u64 syscall_limit;   /* 0: every call goes to upcall_syscall_slow (own thread only) */
};

static inline struct thread *thread_current(void) { return cpu_current(); }

/* Turns what runs now into the first thread and makes the idle thread. */
void sched_init(void);

/* The running thread stands on this stack of kstack_alloc's; it is freed with the thread. */
void thread_own_stack(void *stack, size_t npages);

/* A thread that will run entry(arg) in the kernel; returning from entry is thread_exit.
 * State NEW, one reference (the caller's). -ENOMEM. */
int thread_create(const char *name, void (*entry)(void *), void *arg, struct thread **out) MUST_CHECK;
void thread_start(struct thread *t); /* takes a reference of its own until it is dead */
/* Kernel thread in one step, for init code: panics when out of memory. */
struct thread *kthread_run(const char *name, void (*entry)(void *), void *arg);
NORETURN void thread_exit(void);

/* From now on the current thread runs on pt (execve), or on the kernel's own table (NULL: exit). */
void thread_set_pagetable(struct pagetable *pt);

/* From now on all system calls of the current thread go to upcall_syscall_slow, or only those
 * without a handler. */
void thread_calls_slow(bool all);

/* The frame with which the thread entered from ring 3 (top of its kernel stack). */
struct trap_frame *thread_user_frame(struct thread *t);

void thread_yield(void);
/* Called from upcalls: switch if need_resched. Preemption count must be 0. */
void sched_preempt(void);
/* From the clock interrupt: looks where the thread is, and whether its turn is over. */
void sched_tick(void);
/* Brings the current thread's cpu_ns up to now. */
void sched_account(void);
/* Time used by any thread up to now. Never goes back. */
void thread_times(struct thread *t, u64 *user_ns, u64 *sys_ns);

/* Sleeping is done in three steps, so that no wake-up is lost:
 *     thread_block_prepare(interruptible);   // from here on thread_wake() is remembered
 *     if (condition holds) { thread_block_cancel(); ... }
 *     r = thread_block(deadline_ns);         // returns at once if woken meanwhile
 * deadline_ns is clock_now_ns() time, 0: none. Returns 0 (woken, maybe spuriously), -ETIMEDOUT,
 * or -EINTR (interruptible and WORK_SIGNAL or WORK_EXIT is set).
 * The condition may itself sleep (take a mutex): the outer sleep then returns at once, once more.
 * waitq.h wraps this; few callers need it raw. */
void thread_block_prepare(bool interruptible);
void thread_block_cancel(void);
int thread_block(u64 deadline_ns);
void thread_wake(struct thread *t); /* any context */
/* Sets work bits; wakes the thread if it sleeps interruptibly; makes it look soon if it runs. */
void thread_interrupt(struct thread *t, u32 work_bits);
/* The same for the running thread. Its CPU's user_work only says that there is something to look at:
 * neither lock nor order is needed, and one look too many is harmless. */
static inline void thread_interrupt_self(u32 work_bits)
{
    __atomic_fetch_or(&thread_current()->work, work_bits, __ATOMIC_SEQ_CST);
    cpu_user_work_add(work_bits);
}
static inline void thread_work_clear_self(u32 work_bits)
{
    __atomic_fetch_and(&thread_current()->work, ~work_bits, __ATOMIC_SEQ_CST);
}

static inline void preempt_enable(void)
{
    preempt_enable_no_resched();
    preempt_check();
}
/* True if sleeping is allowed here (no lock, no interrupt). */
bool sched_may_sleep(void);

/* All threads, for ps and panic dumps. locked: under a spinlock, so fn must not sleep nor put a
 * thread; otherwise lock-free best effort. */
void thread_for_each(void (*fn)(struct thread *t, void *ctx), void *ctx, bool locked);
u64 sched_idle_ns(void);
/* Where a CPU's time went since it runs; the four are all of it. Ring 3's is as of the last look (cputime.h).
 * False: it does not run. */
struct sched_cpu_times { u64 user_ns, nice_ns, kernel_ns, idle_ns; };
bool sched_cpu_times(u32 cpu, struct sched_cpu_times *out) MUST_CHECK;
u64 sched_switches(void);
