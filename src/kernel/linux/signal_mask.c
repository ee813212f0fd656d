/* Which signals a thread lets through, and what waits for it: all on the thread itself.
 *
 * The mask is written without the signal lock. The fence puts the look at the queues behind it; a
 * sender queues first and looks at masks afterwards (signal.c). So a signal that is let through now
 * is either seen here, or its sender sees the new mask and wakes the thread. */
#include "lib/string.h"
#include "linux/signal_priv.h"

static struct lx_sigaction action_take_locked(struct lx_actions *all, int sig)
{
    struct lx_sigaction act = all->action[sig];
    if ((act.flags & LX_SA_RESETHAND) && act.handler > LX_SIG_IGN)
        all->action[sig].handler = LX_SIG_DFL;
    return act;
}

void lx_signal_action(int sig, struct lx_sigaction *act)
{
    struct lx_process *lx = lx_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    *act = action_take_locked(lx->actions, sig);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

int lx_signal_take(u64 set, struct lx_siginfo *info, struct lx_sigaction *act)
{
    struct lx_process *lx = lx_current();
    struct lx_thread *lt = lx_thread_current();
    struct lx_sigentry *entry = NULL;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_sigqueue *q = &lt->pending;
    int sig = lx_sig_first(q->set & set);
    if (!sig) {
        q = &lx->shared;
        sig = lx_sig_first(q->set & set);
    }
    if (sig)
        lx_sigqueue_take(q, sig, info, &entry);
    if (sig == SIGALRM)
        lx_itimer_taken_locked(lx);
    lx->nqueued -= entry != NULL;
    lx->stop_taken |= sig && (LX_SIGBIT(sig) & LX_STOP_SIGNALS);
    if (sig && act)
        *act = action_take_locked(lx->actions, sig);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    lx_sigentry_free(entry);
    return sig;
}

u64 lx_signal_pending_set(void)
{
    const struct uthread *ut = uthread_current();
    return __atomic_load_n(&ut->lx->pending.set, __ATOMIC_RELAXED) |
           __atomic_load_n(&ut->process->lx->shared.set, __ATOMIC_RELAXED);
}

struct handover { u64 set; const struct lx_thread *from; };

static bool interrupt_if_open(struct uthread *ut, void *ctx)
{
    const struct handover *h = ctx;
    if (ut->lx != h->from && (h->set & (~ut->lx->sigmask | ut->lx->wait_set)))
        thread_interrupt(ut->thread, WORK_SIGNAL);
    return true;
}

/* One thread was woken for a signal of the process; if that one will not take it, others must look. */
static void hand_over_locked(struct process *p, const struct lx_thread *from, u64 set)
{
    struct handover h = { p->lx->shared.set & set, from };
    if (h.set)
        process_for_each_thread(p, interrupt_if_open, &h);
}

void lx_sigmask_set(u64 mask)
{
    struct uthread *ut = uthread_current();
    struct lx_process *lx = ut->process->lx;
    struct lx_thread *lt = ut->lx;
    mask &= ~LX_UNMASKABLE;
    u64 closed = mask & ~lt->sigmask;
    __atomic_store_n(&lt->sigmask, mask, __ATOMIC_SEQ_CST); /* before the looks at the queues */
    u64 shared = __atomic_load_n(&lx->shared.set, __ATOMIC_RELAXED);
    if (unlikely(shared & closed)) {
        u64 irq = spin_lock_irqsave(&lx->sighand->lock);
        hand_over_locked(ut->process, lt, closed);
        spin_unlock_irqrestore(&lx->sighand->lock, irq);
    }
    if (((shared | __atomic_load_n(&lt->pending.set, __ATOMIC_RELAXED)) & ~mask) ||
        __atomic_load_n(&lx->stopped, __ATOMIC_ACQUIRE))
        thread_interrupt_self(WORK_SIGNAL);
}

void lx_signal_wait_for(u64 set)
{
    struct lx_process *lx = lx_current();
    struct lx_thread *lt = lx_thread_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    u64 closed = lt->wait_set & ~set & lt->sigmask;
    lt->wait_set = set;
    hand_over_locked(lx->process, lt, closed);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

void lx_sigmask_set_temporary(u64 mask)
{
    struct lx_thread *lt = lx_thread_current();
    lt->saved_sigmask = lt->sigmask;
    lt->restore_sigmask = true;
    lx_sigmask_set(mask);
}

void lx_sigmask_restore(void)
{
    struct lx_thread *lt = lx_thread_current();
    if (!lt->restore_sigmask)
        return;
    lt->restore_sigmask = false;
    lx_sigmask_set(lt->saved_sigmask);
}

/* The signal stays queued; only the bit that keeps the thread from sleeping is put aside, and
 * linux_user_return looks at the queues whenever it is called. */
bool lx_wait_interrupted_by_death(void)
{
    if (__atomic_load_n(&thread_current()->work, __ATOMIC_ACQUIRE) & WORK_EXIT)
        return true;
    thread_work_clear_self(WORK_SIGNAL);
    return false;
}

void lx_signal_recheck(void)
{
    if (lx_must_stop() || (lx_signal_pending_set() & ~lx_thread_current()->sigmask))
        thread_interrupt_self(WORK_SIGNAL);
}

void lx_signal_fini_thread(struct lx_process *lx, struct lx_thread *lt)
{
    struct list dropped = LIST_INIT(dropped);
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx->nqueued -= lx_sigqueue_drop(&lt->pending, ~0ull, &dropped);
    hand_over_locked(lx->process, lt, ~lt->sigmask);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    lx_sigentries_free(&dropped);
}
