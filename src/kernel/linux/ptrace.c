/* Traced threads stop: on their own stack, at a few places, each time in trace_stop.
 *
 * While it is stopped a thread's registers are its tracer's: the frame, FS base, and the FPU image,
 * which is brought up to date and then forgotten by the CPU, so that what the tracer writes is what
 * is loaded. Only SIGKILL ends a stop without the tracer. A thread that has once been told to go on
 * has all its system calls go the slow way, through lx_trace_call_enter, until its tracer is gone. */
#include "linux/ptrace.h"
#include "arch/context.h"
#include "arch/fpu.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"

#define RFLAGS_TF 0x100ul /* SDM vol. 1, 3.4.3 */

static bool dies(void) { return __atomic_load_n(&thread_current()->work, __ATOMIC_ACQUIRE) & WORK_EXIT; }

static void registers_give(struct lx_trace *tr, struct trap_frame *f)
{
    void *fpu = thread_current()->fpu;
    tr->frame = f;
    preempt_disable();
    fpu_sync(fpu);
    fpu_discard(fpu);
    if (fpu && !thread_current()->fpu_fresh)
        fpu_area_complete(fpu);
    tr->fs_base = fs_base_get();
    preempt_enable();
}

static void registers_take(struct lx_trace *tr)
{
    preempt_disable();
    thread_current()->fs_base = tr->fs_base; /* what the switch loads */
    fs_base_set(tr->fs_base);
    preempt_enable();
    tr->frame = NULL;
    thread_calls_slow(tr->tracer != NULL);
}

static bool may_go_on(const struct lx_trace *tr)
{
    return __atomic_load_n(&tr->state, __ATOMIC_ACQUIRE) != TRACE_STOPPED ||
           (__atomic_load_n(&tr->listening, __ATOMIC_ACQUIRE) && __atomic_load_n(&tr->asked, __ATOMIC_ACQUIRE));
}

struct stop { int code; u64 message; const struct lx_siginfo *info; int why; };

/* The signal that the tracer sends along; 0 if there is no tracer, or the process is dying. */
static int trace_stop(struct lx_trace *tr, struct trap_frame *f, const struct stop *s)
{
    lx_trace_step_end(f);
    mutex_lock(&process_tree_lock);
    bool stops = tr->tracer && !dies();
    if (stops) {
        registers_give(tr, f);
        tr->code = s->code;
        tr->message = s->message;
        tr->has_info = s->info != NULL;
        if (s->info)
            tr->info = *s->info;
        tr->reported = tr->listening = false;
        tr->signal = 0;
        __atomic_store_n(&tr->state, TRACE_STOPPED, __ATOMIC_RELEASE);
        lx_trace_tell_locked(tr, s->why, s->code & 0x7f);
    }
    mutex_unlock(&process_tree_lock);
    if (!stops)
        return 0;
    bool dying = lx_wait_killable(&tr->wait, may_go_on(tr)) == -EINTR;
    mutex_lock(&process_tree_lock);
    __atomic_store_n(&tr->state, TRACE_RUNS, __ATOMIC_RELEASE);
    tr->listening = false;
    registers_take(tr);
    int sig = dying ? 0 : tr->signal;
    mutex_unlock(&process_tree_lock);
    return sig;
}

/* siginfo of a stop that no signal made: ptrace(2), PTRACE_GETSIGINFO. */
static struct lx_siginfo info_of_stop(int code)
{
    struct lx_siginfo info = { .signo = SIGTRAP, .code = code };
    info.kill.pid = uthread_current()->tid;
    info.kill.uid = lx_current()->uid;
    return info;
}

static int stop_for(struct lx_trace *tr, struct trap_frame *f, int code, u64 message, int why)
{
    struct lx_siginfo info = info_of_stop(code);
    info.signo = code & 0x7f;
    return trace_stop(tr, f, &(struct stop){ .code = code, .message = message, .info = &info, .why = why });
}

/* --- system calls --- */

static void call_stop(struct lx_trace *tr, struct trap_frame *f, u8 where)
{
    tr->where = where;
    int code = SIGTRAP | (tr->options & LX_O_TRACESYSGOOD ? 0x80 : 0);
    int sig = stop_for(tr, f, code, where, LX_CLD_TRAPPED);
    tr->where = LX_CALL_NONE;
    if (sig) {
        struct lx_siginfo info = lx_siginfo_user(sig, LX_SI_USER);
        (void)lx_signal_thread(uthread_current(), &info);
    }
}

bool lx_trace_call_enter(struct trap_frame *f)
{
    struct lx_trace *tr = lx_trace_current();
    if (!tr) {
        thread_calls_slow(false);
        return true;
    }
    tr->call_mode = tr->mode;
    lx_trace_step_end(f);
    f->rax = (u64)-ENOSYS;
    if (tr->mode == TRACE_SYSCALL || tr->mode == TRACE_SYSEMU)
        call_stop(tr, f, LX_CALL_ENTRY);
    return !dies() && tr->call_mode != TRACE_SYSEMU && f->error != UINT64_MAX;
}

void lx_trace_call_leave(struct trap_frame *f)
{
    struct lx_trace *tr = lx_trace_current();
    if (!tr || dies())
        return;
    if (tr->mode == TRACE_SYSCALL)
        call_stop(tr, f, LX_CALL_EXIT);
    if (tr->mode == TRACE_STEP && tr->call_mode == TRACE_STEP) {
        struct lx_siginfo info = { .signo = SIGTRAP, .code = LX_TRAP_TRACE };
        info.fault.addr = f->rip;
        lx_signal_force(&info);
    }
    lx_trace_step_begin(f);
}

/* --- signals and group stops --- */

int lx_trace_signal(struct trap_frame *f, int sig, struct lx_siginfo *info)
{
    struct lx_trace *tr = lx_trace_current();
    struct lx_process *lx = lx_current();
    if (!tr || sig == SIGKILL)
        return sig;
    int to = trace_stop(tr, f, &(struct stop){ .code = sig, .info = info, .why = LX_CLD_TRAPPED });
    if (!to)
        return 0;
    *info = tr->info; /* PTRACE_SETSIGINFO */
    if (to != sig)
        *info = lx_siginfo_user(to, LX_SI_USER);
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx->stop_taken |= (LX_SIGBIT(to) & LX_STOP_SIGNALS) && to != sig;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    if (to == sig || !(lx_thread_current()->sigmask & LX_SIGBIT(to)))
        return to;
    (void)lx_signal_thread(uthread_current(), info); /* it waits, as it would have */
    return 0;
}

bool lx_trace_due_in(const struct lx_trace *tr)
{
    const struct lx_process *lx = lx_current();
    return __atomic_load_n(&tr->asked, __ATOMIC_ACQUIRE) ||
           (__atomic_load_n(&lx->stopped, __ATOMIC_ACQUIRE) && tr->stop_seen != lx->stop_seq);
}

/* A seized thread says PTRACE_EVENT_STOP; the old way is the bare signal, and only for group stops. */
void lx_trace_stop(struct trap_frame *f)
{
    struct lx_trace *tr = lx_trace_current();
    struct lx_process *lx = lx_current();
    if (!tr)
        return;
    __atomic_store_n(&tr->asked, 0, __ATOMIC_RELEASE);
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    int sig = lx->stopped ? lx->stop_signal : 0;
    tr->stop_seen = lx->stop_seq;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    if (tr->seized)
        stop_for(tr, f, (sig ? sig : SIGTRAP) | LX_EVENT_STOP << 8, 0, LX_CLD_STOPPED);
    else if (sig)
        trace_stop(tr, f, &(struct stop){ .code = sig, .why = LX_CLD_STOPPED });
}

/* --- events --- */

void lx_trace_event(int event, u64 message)
{
    struct lx_trace *tr = lx_trace_current();
    if (tr && event && (tr->options & LX_O_EVENT(event)))
        stop_for(tr, thread_user_frame(thread_current()), SIGTRAP | event << 8, message, LX_CLD_TRAPPED);
}

/* Without the option execve sends a SIGTRAP, as it always has (ptrace(2), PTRACE_O_TRACEEXEC). */
void lx_trace_exec(int old_tid)
{
    struct lx_trace *tr = lx_trace_current();
    struct lx_siginfo info = { .signo = SIGTRAP, .code = LX_SI_USER };
    lx_trace_exec_rename(uthread_current());
    if (!tr)
        return;
    info.kill.pid = uthread_current()->tid;
    if (tr->options & LX_O_EVENT(LX_EVENT_EXEC))
        lx_trace_event(LX_EVENT_EXEC, (u64)old_tid);
    else if (!tr->seized)
        (void)lx_signal_thread(uthread_current(), &info);
}

/* --- single steps --- */

void lx_trace_step_begin(struct trap_frame *f)
{
    struct lx_trace *tr = lx_thread_current()->trace;
    if (tr <= TRACE_CLOSED || tr->mode != TRACE_STEP || (f->rflags & RFLAGS_TF))
        return;
    f->rflags |= RFLAGS_TF;
    tr->step_set = true;
}

void lx_trace_step_end(struct trap_frame *f)
{
    struct lx_trace *tr = lx_thread_current()->trace;
    if (tr <= TRACE_CLOSED || !tr->step_set)
        return;
    f->rflags &= ~RFLAGS_TF;
    tr->step_set = false;
}

void lx_trace_child_frame(struct trap_frame *f)
{
    const struct lx_trace *tr = lx_trace_current();
    if (tr && tr->step_set)
        f->rflags &= ~RFLAGS_TF;
}

void lx_trace_handler(struct trap_frame *f)
{
    struct lx_trace *tr = lx_thread_current()->trace;
    if (tr <= TRACE_CLOSED || tr->mode != TRACE_STEP)
        return;
    if (lx_trace_current())
        stop_for(tr, f, SIGTRAP, 0, LX_CLD_TRAPPED);
    else
        tr->mode = TRACE_CONT; /* the step that a tracer left behind */
}
