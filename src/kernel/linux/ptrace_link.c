/* Who traces whom: attaching and its ends.
 *
 * A thread on its way out closes lx_thread.trace with one exchange when nobody ever traced it. When
 * somebody did, it takes the tree lock, under which the tracer finds and uses its tracees: so what a
 * tracer found stays until it lets go of the lock. What remains of the end of a thread is its struct
 * lx_trace on the tracer's list. The end of a whole process is news for its parent as ever; a tracer
 * that is not the parent is told too, and the parent does not wait for it. */
#include "linux/ptrace.h"
#include "lib/errno.h"
#include "linux/signal_priv.h"
#include "mm/slab.h"

bool lx_may_access(const struct process *p)
{
    const struct lx_process *me = lx_current();
    if (p == process_current() || lx_capable(LX_CAP_SYS_PTRACE))
        return true;
    if (!p->lx || !p->lx->dumpable || !lx_caps_within(lx_caps_get(p->lx).permitted, me->caps.permitted))
        return false;
    struct lx_ids it = lx_ids_get(p->lx);
    return me->uid == it.uid && me->uid == it.euid && me->uid == it.suid &&
           me->gid == it.gid && me->gid == it.egid && me->gid == it.sgid;
}

int lx_aspace_of(struct process *p, struct aspace **out)
{
    *out = process_aspace_get(p);
    if (lx_may_access(p))
        return 0;
    aspace_put(*out);
    return -EPERM;
}

bool lx_trace_holds_back_locked(void)
{
    const struct lx_trace *tr = process_current() ? lx_trace_current() : NULL;
    return tr && !lx_caps_have(&tr->tracer->lx->caps, LX_CAP_SYS_PTRACE);
}

bool lx_trace_holds_back(void)
{
    if (!process_current() || !lx_thread_current()->trace)
        return false;
    mutex_lock(&process_tree_lock);
    bool holds = lx_trace_holds_back_locked();
    mutex_unlock(&process_tree_lock);
    return holds;
}

static struct lx_trace *trace_alloc(void)
{
    struct lx_trace *tr = kzalloc(sizeof *tr);
    if (tr) {
        list_init(&tr->link);
        waitq_init(&tr->wait, "traced");
    }
    return tr;
}

/* --- beginning --- */

/* The thread with number tid gets `fresh` unless it has a trace already. Found by the thread lock. */
struct claim { int tid; struct lx_trace *fresh, *got; struct uthread *thread; };

static bool claim_thread(struct uthread *ut, void *ctx)
{
    struct claim *c = ctx;
    if (ut->tid != c->tid)
        return true;
    struct lx_trace *none = NULL;
    if (__atomic_compare_exchange_n(&ut->lx->trace, &none, c->fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        none = c->fresh;
    if (none != TRACE_CLOSED)
        c->got = none;
    c->thread = ut;
    return false;
}

static void link_locked(struct lx_trace *tr, struct uthread *ut, struct process *tracer, bool seize, u32 options)
{
    struct process *p = ut->process;
    tr->thread = ut;
    tr->process = p;
    tr->tid = ut->tid;
    tr->pid = p->pid;
    tr->pgrp = p->pgrp;
    tr->uid = p->lx->uid;
    tr->seized = seize;
    tr->options = options;
    tr->mode = TRACE_CONT;
    tr->asked = 0;
    tr->stop_seen = p->lx->stop_seq - 1; /* a stop that goes on now is to be reported */
    tr->state = TRACE_RUNS;
    list_push_back(&tracer->lx->tracees, &tr->link);
    __atomic_fetch_add(&p->lx->ntraced, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&tr->tracer, tracer, __ATOMIC_RELEASE);
}

/* *fresh is taken over (NULL) if it was needed. */
static int attach_locked(struct process *p, int tid, struct process *tracer, bool seize, u32 options,
                         struct lx_trace **fresh)
{
    struct claim c = { .tid = tid, .fresh = *fresh };
    process_for_each_thread(p, claim_thread, &c);
    if (!c.got)
        return -ESRCH;
    if (c.got == *fresh)
        *fresh = NULL;
    if (c.got->tracer || tracer->lx->traces_closed)
        return -EPERM;
    link_locked(c.got, c.thread, tracer, seize, options);
    return 0;
}

int lx_trace_me(void)
{
    struct uthread *me = uthread_current();
    struct lx_trace *fresh = trace_alloc();
    if (!fresh)
        return -ENOMEM;
    mutex_lock(&process_tree_lock);
    struct process *parent = me->process->parent;
    int r = parent ? attach_locked(me->process, me->tid, parent, false, 0, &fresh) : -EPERM;
    mutex_unlock(&process_tree_lock);
    kfree(fresh);
    return r;
}

/* ATTACH makes it stop by a SIGSTOP, SEIZE does not; one whose process is stopped says so at once. */
static void attach_stop_locked(struct process *p, int tid, bool seize)
{
    struct lx_siginfo stop = { .signo = SIGSTOP, .code = LX_SI_KERNEL };
    if (!seize)
        (void)lx_signal_tid(p, tid, &stop);
    waitq_wake_all(&p->lx->stop_wait);
}

int lx_trace_attach(int tid, bool seize, u32 options)
{
    struct process *p = process_find_thread(tid);
    if (!p)
        return -ESRCH;
    struct lx_trace *fresh = trace_alloc();
    int r = fresh ? 0 : -ENOMEM;
    mutex_lock(&process_tree_lock);
    if (r == 0 && (p->state != PROCESS_ALIVE || !p->lx))
        r = -ESRCH;
    if (r == 0 && (p == process_current() || !lx_may_access(p)))
        r = -EPERM;
    if (r == 0)
        r = attach_locked(p, tid, process_current(), seize, options, &fresh);
    if (r == 0)
        attach_stop_locked(p, tid, seize);
    mutex_unlock(&process_tree_lock);
    kfree(fresh);
    kobject_put(&p->obj);
    return r;
}

int lx_trace_child_make(int event, struct lx_thread *child)
{
    const struct lx_trace *tr = lx_trace_current();
    if (!tr || !event || !(tr->options & LX_O_EVENT(event)))
        return 0;
    child->trace = trace_alloc();
    return child->trace ? 0 : -ENOMEM;
}

static void stop_first(struct uthread *child)
{
    struct lx_process *lx = child->process->lx;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx_sigqueue_add(&child->lx->pending, SIGSTOP, NULL);
    lx->sent |= LX_SIGBIT(SIGSTOP);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

/* Traced as its maker is, and stopped before its first instruction. */
void lx_trace_child_attach(struct uthread *child)
{
    const struct lx_trace *mine = lx_trace_current();
    struct lx_trace *tr = child->lx->trace;
    if (!tr || !mine)
        return;
    mutex_lock(&process_tree_lock);
    if (mine->tracer) {
        link_locked(tr, child, mine->tracer, mine->seized, mine->options);
        if (mine->seized)
            tr->asked = TRACE_ASK_STOP;
        else
            stop_first(child);
    }
    mutex_unlock(&process_tree_lock);
}

/* --- asking --- */

struct lx_trace *lx_trace_find_locked(int tid)
{
    struct lx_trace *tr;
    list_for_each(tr, &process_current()->lx->tracees, link)
        if (tr->tid == tid && tr->thread)
            return tr;
    return NULL;
}

void lx_trace_resume_locked(struct lx_trace *tr, enum lx_trace_mode mode, int sig)
{
    ASSERT(mutex_held(&process_tree_lock) && tr->state == TRACE_STOPPED);
    tr->mode = mode;
    tr->signal = sig;
    tr->reported = true;
    __atomic_store_n(&tr->state, TRACE_RUNS, __ATOMIC_RELEASE);
    waitq_wake_all(&tr->wait);
}

/* From its tracer's list, and nobody's from here on. */
static void unlink_locked(struct lx_trace *tr)
{
    list_remove(&tr->link);
    list_init(&tr->link);
    if (tr->thread)
        __atomic_fetch_sub(&tr->process->lx->ntraced, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&tr->tracer, NULL, __ATOMIC_RELEASE);
}

/* One that stands in a stop of its whole process goes on standing there. */
static void let_go_locked(struct lx_trace *tr, enum lx_trace_mode mode, int sig)
{
    unlink_locked(tr);
    tr->asked = 0;
    tr->mode = mode;
    if (tr->state == TRACE_STOPPED)
        lx_trace_resume_locked(tr, mode, sig);
    thread_interrupt(tr->thread->thread, WORK_SIGNAL);
}

void lx_trace_detach_locked(struct lx_trace *tr, int sig) { let_go_locked(tr, TRACE_CONT, sig); }

static bool continue_thread(struct uthread *ut, void *ctx)
{
    struct lx_trace *tr = __atomic_load_n(&ut->lx->trace, __ATOMIC_ACQUIRE);
    if (tr <= TRACE_CLOSED || !tr->tracer || !tr->seized)
        return true;
    __atomic_fetch_or(&tr->asked, TRACE_ASK_NOTIFY, __ATOMIC_RELEASE);
    thread_interrupt(ut->thread, WORK_SIGNAL);
    waitq_wake_all(&tr->wait);
    return true;
}

void lx_trace_continued_locked(struct process *p)
{
    if (__atomic_load_n(&p->lx->ntraced, __ATOMIC_RELAXED))
        process_for_each_thread(p, continue_thread, NULL);
}

void lx_trace_tell_locked(struct lx_trace *tr, int code, int status)
{
    struct process *tracer = tr->tracer;
    ASSERT(mutex_held(&process_tree_lock));
    struct lx_siginfo info = { .signo = SIGCHLD, .code = code };
    info.chld.pid = tr->tid;
    info.chld.uid = tr->uid;
    info.chld.status = status;
    bool stop = code == LX_CLD_TRAPPED || code == LX_CLD_STOPPED;
    if (!stop || !(lx_signal_action_of(tracer, SIGCHLD).flags & LX_SA_NOCLDSTOP))
        (void)lx_signal_process(tracer, &info);
    process_notify_parent(tracer);
}

/* --- ends --- */

static void ended_locked(struct lx_trace *tr, int status)
{
    int sig = status & 0x7f;
    tr->process = NULL;
    tr->state = TRACE_ENDED;
    tr->code = status;
    tr->reported = false;
    lx_trace_tell_locked(tr, sig ? LX_CLD_KILLED : LX_CLD_EXITED, sig ? sig : status >> 8 & 0xff);
}

static void thread_ended_locked(struct lx_trace *tr, struct uthread *ut, int status)
{
    struct process *p = ut->process;
    if (!tr->tracer)
        goto free;
    if (ut->tid != p->pid) {
        __atomic_fetch_sub(&p->lx->ntraced, 1, __ATOMIC_RELAXED);
        tr->thread = NULL;
        ended_locked(tr, p->exiting ? p->exit_status : status);
        return;
    }
    if (tr->tracer == p->parent) { /* a child's end is news as it is */
        unlink_locked(tr);
        goto free;
    }
    __atomic_fetch_sub(&p->lx->ntraced, 1, __ATOMIC_RELAXED);
    tr->thread = NULL;
    tr->state = TRACE_RUNS;
    p->lx->leader_trace = tr;
    return;

free:
    kfree(tr);
}

void lx_trace_thread_exit(struct uthread *ut, int status)
{
    struct lx_trace *tr = NULL;
    struct process *p = ut->process;
    if (__atomic_compare_exchange_n(&ut->lx->trace, &tr, TRACE_CLOSED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return;
    mutex_lock(&process_tree_lock);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    tr = ut->lx->trace;
    ut->lx->trace = TRACE_CLOSED;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    if (tr > TRACE_CLOSED)
        thread_ended_locked(tr, ut, status);
    mutex_unlock(&process_tree_lock);
}

void lx_trace_process_end_locked(struct process *p)
{
    struct lx_trace *tr = p->lx->leader_trace;
    p->lx->leader_trace = NULL;
    if (tr)
        ended_locked(tr, p->exit_status);
}

/* As on Linux one that was stepped makes one step more, whose SIGTRAP nobody takes from it: debuggers count
 * on what they leave behind to end like this. */
void lx_trace_tracer_exit(struct process *p)
{
    struct lx_trace *tr, *next;
    mutex_lock(&process_tree_lock);
    p->lx->traces_closed = true;
    list_for_each_safe(tr, next, &p->lx->tracees, link) {
        if (tr->thread) {
            if (tr->options & LX_O_EXITKILL)
                process_begin_exit(tr->process, SIGKILL);
            let_go_locked(tr, tr->mode == TRACE_STEP ? TRACE_STEP : TRACE_CONT, 0);
            continue;
        }
        if (tr->process)
            tr->process->lx->leader_trace = NULL;
        unlink_locked(tr);
        kfree(tr);
    }
    mutex_unlock(&process_tree_lock);
}

/* execve gave the calling thread the number of the first one, whose end is none. */
void lx_trace_exec_rename(struct uthread *ut)
{
    struct lx_process *lx = ut->process->lx;
    struct lx_trace *tr = ut->lx->trace;
    if (!tr && !lx->leader_trace)
        return;
    mutex_lock(&process_tree_lock);
    struct lx_trace *old = lx->leader_trace;
    lx->leader_trace = NULL;
    if (old) {
        unlink_locked(old);
        kfree(old);
    }
    if (tr > TRACE_CLOSED)
        tr->tid = ut->tid;
    mutex_unlock(&process_tree_lock);
}
