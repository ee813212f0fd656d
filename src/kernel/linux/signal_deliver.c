/* Delivering signals, on the receiver's way back to ring 3: handler, default action, stop,
 * restart of the interrupted call. Runs on the thread itself and holds no lock across anything. */
#include "lib/errno.h"
#include "linux/cpu_clock.h"
#include "linux/death_log.h"
#include "linux/linux.h"
#include "linux/signal_priv.h"

#define SYSCALL_INSN_BYTES 2u /* 0f 05 */

static bool call_interrupted(const struct trap_frame *f)
{
    i64 r = -(i64)f->rax;
    return f->vector == TRAP_SYSCALL && r >= ERESTARTSYS && r <= ERESTARTNEVER;
}

/* The call is made again, or ends with EINTR. */
static void settle_call(struct trap_frame *f, bool again)
{
    if (!again) {
        f->rax = (u64)-EINTR;
        return;
    }
    f->rax = f->error;
    f->rip -= SYSCALL_INSN_BYTES;
    f->vector = LX_VECTOR_SIGRETURN;
}

/* A handler will run: the call ends with EINTR unless the handler asked for a restart. */
static void settle_call_for_handler(struct trap_frame *f, const struct lx_sigaction *act)
{
    lx_thread_current()->sleep_deadline_ns = 0;
    if (!call_interrupted(f))
        return;
    i64 r = -(i64)f->rax;
    settle_call(f, r == ERESTARTNOINTR || (r == ERESTARTSYS && (act->flags & LX_SA_RESTART)));
}

static NORETURN void die_of(const struct trap_frame *f, int sig, const struct lx_siginfo *info)
{
    if (lx_sig_default(sig) == LX_DEF_CORE)
        lx_death_log(f, sig, info);
    lx_trace_event(LX_EVENT_EXIT, (u64)sig);
    process_begin_exit(process_current(), sig);
    uthread_exit(sig);
}

static void notify_parent_of_stop(struct process *p, int code, int status)
{
    mutex_lock(&process_tree_lock);
    struct process *parent = p->parent;
    if (parent && parent->state == PROCESS_ALIVE) {
        struct lx_siginfo info = lx_child_info(p, code, status);
        if (!(lx_signal_action_of(parent, SIGCHLD).flags & LX_SA_NOCLDSTOP))
            (void)lx_signal_process(parent, &info);
        process_notify_parent(parent);
    }
    mutex_unlock(&process_tree_lock);
}

static bool interrupt_thread(struct uthread *ut, void *ctx)
{
    (void)ctx;
    thread_interrupt(ut->thread, WORK_SIGNAL);
    return true;
}

/* Does nothing if a SIGCONT came after the stop signal was taken from its queue. */
static void stop_process(int sig)
{
    struct process *p = process_current();
    struct lx_process *lx = p->lx;
    if (sig != SIGSTOP && lx_pgrp_is_orphaned(p->pgrp))
        return; /* nobody could continue it (POSIX 2.4.3) */
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    bool first = lx->stop_taken && !lx->stopped;
    if (first) {
        lx->stopped = true;
        lx->stop_seq++;
        lx->stop_signal = sig;
        lx->stop_reported = lx->continued = lx->cont_notify = false;
        process_for_each_thread(p, interrupt_thread, NULL);
    }
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    if (first)
        notify_parent_of_stop(p, LX_CLD_STOPPED, sig);
}

static void stay_stopped(void)
{
    struct process *p = process_current();
    struct lx_process *lx = p->lx;
    (void)lx_wait_killable(&lx->stop_wait, !__atomic_load_n(&lx->stopped, __ATOMIC_ACQUIRE) || lx_trace_current());
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    bool tell = lx->cont_notify;
    lx->cont_notify = false;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    if (tell)
        notify_parent_of_stop(p, LX_CLD_CONTINUED, SIGCONT);
}

static void default_action(const struct trap_frame *f, int sig, const struct lx_siginfo *info)
{
    switch (lx_sig_default(sig)) {
    case LX_DEF_IGNORE:
        return;
    case LX_DEF_STOP:
        stop_process(sig);
        return;
    default:
        die_of(f, sig, info);
    }
}

static void run_handler(struct trap_frame *f, int sig, const struct lx_sigaction *act, const struct lx_siginfo *info)
{
    struct lx_thread *lt = lx_thread_current();
    u64 back_to = lt->restore_sigmask ? lt->saved_sigmask : lt->sigmask;
    settle_call_for_handler(f, act);
    lx_trace_step_end(f);
    if (lx_frame_push(f, act, info, back_to)) {
        lt->fault_reason = "no room for a signal frame";
        lt->fault_addr = f->rsp;
        const struct lx_siginfo lost = { .signo = SIGSEGV, .code = LX_SI_KERNEL };
        if (sig == SIGSEGV)
            die_of(f, SIGSEGV, &lost);
        lx_signal_force(&lost);
        return;
    }
    lt->restore_sigmask = false;
    u64 block = act->mask | (act->flags & LX_SA_NODEFER ? 0 : LX_SIGBIT(sig));
    lx_sigmask_set(lt->sigmask | block);
    lx_trace_handler(f);
}

/* Delivers one signal; false: none is waiting. */
static bool deliver_one(struct trap_frame *f, bool *handled)
{
    struct lx_siginfo info;
    struct lx_sigaction act;
    bool traced = lx_trace_current();
    int sig = lx_signal_take(~lx_thread_current()->sigmask, &info, traced ? NULL : &act);
    if (!sig)
        return false;
    if (traced) {
        sig = lx_trace_signal(f, sig, &info);
        if (!sig)
            return true;
        lx_signal_action(sig, &act);
    }
    if (act.handler == LX_SIG_IGN)
        return true;
    if (act.handler == LX_SIG_DFL) {
        default_action(f, sig, &info);
        return true;
    }
    run_handler(f, sig, &act, &info);
    *handled = true;
    return true;
}

/* Worth taking locks once more? What comes after this look sets WORK_SIGNAL, and the way to ring 3
 * asks again. */
static bool is_more_to_do(const struct thread *t)
{
    return (__atomic_load_n(&t->work, __ATOMIC_ACQUIRE) & (WORK_SIGNAL | WORK_EXIT)) ||
           lx_must_stop() || (lx_signal_pending_set() & ~lx_thread_current()->sigmask);
}

void linux_user_return(struct trap_frame *f)
{
    struct thread *t = thread_current();
    bool handled = false, more;
    do {
        if (__atomic_load_n(&t->work, __ATOMIC_ACQUIRE) & WORK_EXIT)
            uthread_exit(0); /* the status was set with the bit */
        if (__atomic_load_n(&t->work, __ATOMIC_ACQUIRE) & WORK_CPU_TIME) {
            thread_work_clear_self(WORK_CPU_TIME);
            cpu_timers_check();
        }
        thread_work_clear_self(WORK_SIGNAL);
        if (lx_trace_due()) {
            lx_trace_stop(f);
            more = true;
        } else if (lx_must_stop()) {
            stay_stopped();
            more = true;
        } else {
            more = deliver_one(f, &handled) && is_more_to_do(t);
        }
    } while (more);
    if (!handled && call_interrupted(f))
        settle_call(f, (i64)f->rax != -ERESTARTNEVER);
    if (!handled)
        lx_sigmask_restore();
    lx_trace_step_begin(f);
}
