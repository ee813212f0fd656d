/* Sending signals: who may get one, where it waits, who is woken for it.
 *
 * A signal to a process waits in its shared queue and one thread that does not block it is woken;
 * a signal to a thread waits in that thread's queue. SIGKILL does not wait: it marks the process
 * as dying. SIGCONT and the stop signals cancel each other when sent, not when delivered.
 * Delivery is in signal_deliver.c, on the receiver's own way back to ring 3. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/signal_priv.h"
#include "mm/slab.h"

struct send {
    struct process *p;
    int tid;                /* 0: any thread */
    int sig;
    struct uthread *target; /* the one with tid: stays while the signal lock is held, because
                             * lx_signal_fini_thread needs that lock */
    struct uthread *chosen;
    bool blocked_by_all, blocked_by_any;
};

static bool is_ignored(const struct lx_sigaction *act, int sig)
{
    return act->handler == LX_SIG_IGN || (act->handler == LX_SIG_DFL && lx_sig_default(sig) == LX_DEF_IGNORE);
}

static bool look_at_thread(struct uthread *ut, void *ctx)
{
    struct send *s = ctx;
    u64 bit = LX_SIGBIT(s->sig);
    if (s->tid && ut->tid != s->tid)
        return true;
    s->target = s->tid ? ut : NULL;
    bool blocked = ut->lx->sigmask & bit;
    s->blocked_by_any |= blocked;
    s->blocked_by_all &= blocked;
    if (!s->chosen && (!blocked || (ut->lx->wait_set & bit)))
        s->chosen = ut;
    return true;
}

static bool wake_thread(struct uthread *ut, void *ctx)
{
    const struct send *s = ctx;
    if (ut == s->chosen)
        thread_interrupt(ut->thread, WORK_SIGNAL);
    return true;
}

struct drop { u64 set; struct list *dropped; unsigned n; };

static bool drop_from_thread(struct uthread *ut, void *ctx)
{
    struct drop *d = ctx;
    d->n += lx_sigqueue_drop(&ut->lx->pending, d->set, d->dropped);
    return true;
}

static void drop_everywhere_locked(struct process *p, u64 set, struct list *dropped)
{
    struct drop d = { .set = set, .dropped = dropped };
    d.n = lx_sigqueue_drop(&p->lx->shared, set, dropped);
    process_for_each_thread(p, drop_from_thread, &d);
    p->lx->nqueued -= d.n;
}

/* What a signal does by being sent, whether or not it is ever delivered. */
static void cancel_opposites_locked(struct process *p, int sig, struct list *dropped)
{
    struct lx_process *lx = p->lx;
    if (LX_SIGBIT(sig) & LX_STOP_SIGNALS)
        drop_everywhere_locked(p, LX_SIGBIT(SIGCONT), dropped);
    if (sig != SIGCONT)
        return;
    drop_everywhere_locked(p, LX_STOP_SIGNALS, dropped);
    lx->stop_taken = false;
    if (lx->stopped) {
        lx->stopped = false;
        lx->continued = lx->cont_notify = true;
        waitq_wake_all(&lx->stop_wait);
    }
}

/* *entry is taken over (set to NULL) if the signal was queued with it. */
static int send_locked(struct send *s, const struct lx_siginfo *info, struct lx_sigentry **entry, struct list *dropped)
{
    struct lx_process *lx = s->p->lx;
    const struct lx_sigaction *act = &lx->sighand->action[s->sig];
    if (s->p->pid == 1 && act->handler == LX_SIG_DFL && s->sig != SIGCHLD)
        return 0; /* init cannot be killed or stopped by anybody */
    if (s->sig == SIGKILL) {
        process_begin_exit(s->p, SIGKILL);
        return 0;
    }
    cancel_opposites_locked(s->p, s->sig, dropped);
    process_for_each_thread(s->p, look_at_thread, s);
    if (s->tid && !s->target)
        return -ESRCH;
    if (!s->blocked_by_any && is_ignored(act, s->sig))
        return 0;
    struct lx_sigqueue *q = s->target ? &s->target->lx->pending : &lx->shared;
    if (s->sig < LX_SIGRTMIN && (q->set & LX_SIGBIT(s->sig)))
        return 0;
    bool room = *entry && lx->nqueued < LX_SIGQUEUE_MAX;
    if (!room && s->sig >= LX_SIGRTMIN && info && info->code < 0)
        return -EAGAIN;
    lx_sigqueue_add(q, s->sig, room ? *entry : NULL);
    if (room) {
        lx->nqueued++;
        *entry = NULL;
    }
    if (s->chosen)
        process_for_each_thread(s->p, wake_thread, s);
    return 0;
}

static struct lx_sigentry *entry_alloc(const struct lx_siginfo *info)
{
    struct lx_sigentry *e = info->signo == SIGKILL ? NULL : kmalloc(sizeof *e);
    if (e)
        e->info = *info;
    return e;
}

static int send(struct process *p, int tid, const struct lx_siginfo *info)
{
    if (p->state != PROCESS_ALIVE)
        return 0;
    ASSERT(info->signo > 0 && info->signo <= LX_NSIG);
    struct lx_sigentry *entry = entry_alloc(info);
    struct send s = { .p = p, .tid = tid, .sig = info->signo, .blocked_by_all = true };
    struct list dropped = LIST_INIT(dropped);
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    int r = send_locked(&s, info, &entry, &dropped);
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    kfree(entry);
    lx_sigentries_free(&dropped);
    return r;
}

int lx_signal_process(struct process *p, const struct lx_siginfo *info)
{
    return send(p, 0, info);
}

int lx_signal_tid(struct process *p, int tid, const struct lx_siginfo *info)
{
    return send(p, tid, info);
}

int lx_signal_thread(struct uthread *ut, const struct lx_siginfo *info)
{
    return send(ut->process, ut->tid, info);
}

void lx_signal_from_timer(struct process *p, int sig)
{
    struct lx_sigentry *none = NULL;
    struct send s = { .p = p, .sig = sig, .blocked_by_all = true };
    struct list dropped = LIST_INIT(dropped);
    if (p->state == PROCESS_ALIVE)
        (void)send_locked(&s, NULL, &none, &dropped);
    ASSERT(list_empty(&dropped)); /* only stop signals and SIGCONT drop anything */
}

struct pgrp_send { int pgrp, found; const struct lx_siginfo *info; };

static void send_to_member(struct process *p, void *ctx)
{
    struct pgrp_send *g = ctx;
    if (p->pgrp != g->pgrp || p->state != PROCESS_ALIVE)
        return;
    g->found++;
    (void)lx_signal_process(p, g->info);
}

int lx_signal_pgrp(int pgrp, const struct lx_siginfo *info)
{
    struct pgrp_send g = { .pgrp = pgrp, .info = info };
    if (pgrp <= 0)
        return -ESRCH;
    process_for_each(send_to_member, &g);
    return g.found ? 0 : -ESRCH;
}

void lx_signal_force(const struct lx_siginfo *info)
{
    struct uthread *ut = uthread_current();
    struct lx_process *lx = lx_current();
    struct lx_sigaction *act = &lx->sighand->action[info->signo];
    u64 bit = LX_SIGBIT(info->signo);
    struct lx_sigentry *entry = entry_alloc(info);
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    if ((ut->lx->sigmask & bit) || act->handler == LX_SIG_IGN) {
        act->handler = LX_SIG_DFL;
        ut->lx->sigmask &= ~bit;
    }
    lx_sigqueue_add(&ut->lx->pending, info->signo, entry);
    lx->nqueued += entry != NULL;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    thread_interrupt(ut->thread, WORK_SIGNAL);
}

int lx_signal_dequeue(u64 set, struct lx_siginfo *info)
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
    lx->nqueued -= entry != NULL;
    lx->stop_taken |= sig && (LX_SIGBIT(sig) & LX_STOP_SIGNALS);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    kfree(entry);
    return sig;
}

u64 lx_signal_pending_set(void)
{
    return __atomic_load_n(&lx_thread_current()->pending.set, __ATOMIC_RELAXED) |
           __atomic_load_n(&lx_current()->shared.set, __ATOMIC_RELAXED);
}

struct lx_siginfo lx_siginfo_user(int sig, int code)
{
    struct lx_siginfo info = { .signo = sig, .code = code };
    info.kill.pid = process_current()->pid;
    info.kill.uid = lx_current()->uid;
    return info;
}

struct handover { u64 set; const struct lx_thread *from; };

static bool interrupt_if_open(struct uthread *ut, void *ctx)
{
    const struct handover *h = ctx;
    if (ut->lx != h->from && (h->set & ~ut->lx->sigmask))
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

/* A set that lets more through may make a waiting signal deliverable: look on the way out. */
void lx_sigmask_set(u64 mask)
{
    struct process *p = process_current();
    struct lx_thread *lt = lx_thread_current();
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    u64 closed = mask & ~LX_UNMASKABLE & ~lt->sigmask;
    lt->sigmask = mask & ~LX_UNMASKABLE;
    hand_over_locked(p, lt, closed);
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    lx_signal_recheck();
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
    struct thread *t = thread_current();
    if (__atomic_load_n(&t->work, __ATOMIC_ACQUIRE) & WORK_EXIT)
        return true;
    thread_work_clear(t, WORK_SIGNAL);
    return false;
}

void lx_signal_recheck(void)
{
    bool stopped = __atomic_load_n(&lx_current()->stopped, __ATOMIC_ACQUIRE);
    if (stopped || (lx_signal_pending_set() & ~lx_thread_current()->sigmask))
        thread_interrupt(thread_current(), WORK_SIGNAL);
}

static void alarm_fire(struct timer *t)
{
    struct lx_process *lx = container_of(t, struct lx_process, alarm);
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    bool due = lx->alarm_deadline_ns && lx->alarm_deadline_ns <= clock_now_ns();
    if (due) {
        lx_signal_from_timer(lx->process, SIGALRM);
        lx->alarm_deadline_ns = lx->alarm_interval_ns ? lx_deadline(clock_now_ns(), lx->alarm_interval_ns) : 0;
        if (lx->alarm_deadline_ns)
            timer_arm(t, lx->alarm_deadline_ns);
    }
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

int lx_signal_init_process(struct lx_process *lx, struct lx_process *parent)
{
    struct lx_sighand *sh = kzalloc(sizeof *sh);
    if (!sh)
        return -ENOMEM;
    spin_init(&sh->lock, "signals");
    if (parent) {
        u64 irq = spin_lock_irqsave(&parent->sighand->lock);
        memcpy(sh->action, parent->sighand->action, sizeof sh->action);
        spin_unlock_irqrestore(&parent->sighand->lock, irq);
    }
    lx->sighand = sh;
    lx_sigqueue_init(&lx->shared);
    lx->nqueued = 0;
    waitq_init(&lx->stop_wait, "stopped");
    timer_init(&lx->alarm, alarm_fire);
    return 0;
}

void lx_signal_exec(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    for (int sig = 1; sig <= LX_NSIG; sig++) {
        u64 handler = lx->sighand->action[sig].handler;
        lx->sighand->action[sig] = (struct lx_sigaction){ .handler = handler == LX_SIG_IGN ? LX_SIG_IGN : LX_SIG_DFL };
    }
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

void lx_signal_fini_process(struct lx_process *lx)
{
    struct list dropped = LIST_INIT(dropped);
    lx_sigqueue_drop(&lx->shared, ~0ull, &dropped);
    lx_sigentries_free(&dropped);
    kfree(lx->sighand);
    lx->sighand = NULL;
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
