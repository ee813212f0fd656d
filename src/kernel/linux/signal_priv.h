/* Between signal.c, signal_deliver.c, signal_frame.c and the signal system calls. */
#pragma once
#include "linux/ptrace.h"
#include "linux/signal_queue.h"

/* Takes the next signal of `set` for the calling thread: its number, 0 if there is none. act, if not
 * NULL, is what to do with it; a one-time handler (SA_RESETHAND) is used up then. */
int lx_signal_take(u64 set, struct lx_siginfo *info, struct lx_sigaction *act);
/* What to do with sig; a one-time handler is used up. */
void lx_signal_action(int sig, struct lx_sigaction *act);
/* Throws away what waits of `set`, in all queues of p. Signal lock held; the entries are the caller's. */
void lx_signal_drop_locked(struct process *p, u64 set, struct list *dropped);
/* Is the calling thread to stop on its way to ring 3, with its process or for its tracer? Also when its process's stop
 * was over before any thread stood still: somebody must tell the parent. */
static inline bool lx_must_stop(void)
{
    const struct lx_process *lx = lx_current();
    bool stopped = __atomic_load_n(&lx->stopped, __ATOMIC_ACQUIRE) || __atomic_load_n(&lx->cont_notify, __ATOMIC_ACQUIRE);
    return lx_trace_current() ? lx_trace_due() : stopped;
}
/* Waiting for the calling thread: its own and its process's. */
u64 lx_signal_pending_set(void);
/* Signals of `set` wake the calling thread though it blocks them. Those for which it was woken and that it did not
 * take are another thread's afterwards. */
void lx_signal_wait_for(u64 set);
/* Sends to the whole process without allocating; for the timer interrupt. */
void lx_signal_from_timer(struct process *p, int sig);
/* Sends e, which has a `taken`, to the process or its thread; its signal lock held, any context. 1: it
 * waits; 0: ignored; -ESRCH. Entries that it cancelled go to *dropped, to be freed later. */
int lx_signal_entry_locked(struct process *p, int tid, struct lx_sigentry *e, struct list *dropped);
/* trap_frame.vector of a frame that no longer stands for a system call: nothing to restart. */
#define LX_VECTOR_SIGRETURN 0x101
struct lx_siginfo lx_siginfo_user(int sig, int code); /* from the calling process */
/* kill: if the caller may; signal 0 only asks. tid 0: the process. -EPERM, -ESRCH (sys_kill.c). */
int lx_signal_checked(struct process *p, int tid, const struct lx_siginfo *info) MUST_CHECK;

/* Registers and frame for a handler. -EFAULT: the stack is no good. */
int lx_frame_push(struct trap_frame *f, const struct lx_sigaction *act, const struct lx_siginfo *info,
                  u64 mask) MUST_CHECK;
/* Back from the handler: -EFAULT if what lies there cannot be. */
int lx_frame_pop(struct trap_frame *f) MUST_CHECK;
/* Reads, writes and judges a stack_t. */
struct lx_stack { u64 sp; i32 flags; i32 pad; u64 size; };
struct lx_stack lx_altstack_get(u64 rsp);
int lx_altstack_set(const struct lx_stack *s, u64 rsp) MUST_CHECK;
