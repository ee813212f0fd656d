/* Sending signals: who may get one, where it waits, who is woken for it.
 *
 * A signal to a process waits in its shared queue and one thread that does not block it is woken;
 * a signal to a thread waits in that thread's queue. SIGKILL does not wait: it marks the process
 * as dying. SIGCONT and the stop signals cancel each other when sent, not when delivered.
 * Delivery is in signal_deliver.c, on the receiver's own way back to ring 3.
 *
 * A thread changes its mask without the lock, and looks at the queues afterwards; here a signal is
 * queued first and the masks are looked at afterwards. So one of the two sees the other. */
#include "lib/assert.h"
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
    bool blocked;           /* by any thread that is meant */
};

static u64 mask_of(const struct uthread *ut) { return __atomic_load_n(&ut->lx->sigmask, __ATOMIC_RELAXED); }

static bool look_at_thread(struct uthread *ut, void *ctx)
{
    struct send *s = ctx;
    if (s->tid && ut->tid != s->tid)
        return true;
    s->target = s->tid ? ut : NULL;
    s->blocked |= !!(mask_of(ut) & LX_SIGBIT(s->sig));
    return true;
}

static bool is_open(const struct uthread *ut, int sig)
{
    return (~mask_of(ut) | ut->lx->wait_set) & LX_SIGBIT(sig);
}

static bool wake_first_open(struct uthread *ut, void *ctx)
{
    const struct send *s = ctx;
    if ((s->target && ut != s->target) || !is_open(ut, s->sig))
        return true;
    thread_interrupt(ut->thread, WORK_SIGNAL);
    return false;
}

/* The process's one thread if that is what runs here: it needs no search, nor a lock to be found. */
static struct uthread *only_thread_here(const struct process *p)
{
    struct uthread *me = uthread_current();
    bool alone = me && me->process == p && __atomic_load_n(&p->nthreads, __ATOMIC_RELAXED) == 1;
    return alone && !list_empty(&me->link) ? me : NULL;
}

static void find_threads_locked(struct send *s)
{
    struct uthread *me = only_thread_here(s->p);
    if (me)
        look_at_thread(me, s);
    else
        process_for_each_thread(s->p, look_at_thread, s);
}

static void wake_locked(struct send *s)
{
    struct uthread *me = only_thread_here(s->p);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the queue before the masks */
    if (!me)
        process_for_each_thread(s->p, wake_first_open, s);
    else if (is_open(me, s->sig))
        thread_interrupt_self(WORK_SIGNAL);
}

struct drop { u64 set; struct list *dropped; unsigned n; };

static bool drop_from_thread(struct uthread *ut, void *ctx)
{
    struct drop *d = ctx;
    d->n += lx_sigqueue_drop(&ut->lx->pending, d->set, d->dropped);
    return true;
}

void lx_signal_drop_locked(struct process *p, u64 set, struct list *dropped)
{
    struct lx_process *lx = p->lx;
    struct drop d = { .set = set, .dropped = dropped };
    if (!(lx->sent & set))
        return;
    d.n = lx_sigqueue_drop(&lx->shared, set, dropped);
    process_for_each_thread(p, drop_from_thread, &d);
    lx->nqueued -= d.n;
    lx->sent &= ~set;
}

/* What a signal does by being sent, whether or not it is ever delivered. */
static void cancel_opposites_locked(struct process *p, int sig, struct list *dropped)
{
    struct lx_process *lx = p->lx;
    if (LX_SIGBIT(sig) & LX_STOP_SIGNALS)
        lx_signal_drop_locked(p, LX_SIGBIT(SIGCONT), dropped);
    if (sig != SIGCONT)
        return;
    lx_signal_drop_locked(p, LX_STOP_SIGNALS, dropped);
    lx->stop_taken = false;
    if (lx->stopped) {
        lx->stopped = false;
        lx->continued = lx->cont_notify = true;
        waitq_wake_all(&lx->stop_wait);
    }
    lx_trace_continued_locked(p);
}

/* The process's own entry if it is free, else the caller's *spare, which is taken over. */
static struct lx_sigentry *entry_take_locked(struct lx_process *lx, struct lx_sigentry **spare)
{
    struct lx_sigentry *e = &lx->own_entry;
    if (!__atomic_load_n(&e->busy, __ATOMIC_ACQUIRE)) {
        e->is_own = e->busy = true;
        return e;
    }
    e = *spare;
    *spare = NULL;
    return e;
}

static bool has_room(const struct lx_process *lx)
{
    return lx->nqueued < MIN(lx->rlimit[LX_RLIMIT_SIGPENDING].cur, (u64)LX_SIGQUEUE_MAX);
}

/* Without memory, or beyond the limit, the number counts and its sender is forgotten; who sent a
 * real-time signal on purpose is told instead (sigqueue(3)). */
static int queue_locked(struct send *s, const struct lx_siginfo *info, struct lx_sigentry **spare)
{
    struct lx_process *lx = s->p->lx;
    struct lx_sigqueue *q = s->target ? &s->target->lx->pending : &lx->shared;
    if (*spare && (*spare)->taken) {
        lx_sigqueue_add(q, s->sig, *spare);
        *spare = NULL;
        lx->sent |= LX_SIGBIT(s->sig);
        return 1;
    }
    if (s->sig < LX_SIGRTMIN && (q->set & LX_SIGBIT(s->sig)))
        return 0;
    struct lx_sigentry *e = info && has_room(lx) ? entry_take_locked(lx, spare) : NULL;
    if (!e && info && s->sig >= LX_SIGRTMIN && info->code < 0)
        return -EAGAIN;
    if (e)
        e->info = *info;
    lx_sigqueue_add(q, s->sig, e);
    lx->nqueued += e != NULL;
    lx->sent |= LX_SIGBIT(s->sig);
    return 1;
}

static int send_locked(struct send *s, const struct lx_siginfo *info, struct lx_sigentry **spare, struct list *dropped)
{
    const struct lx_sigaction *act = &s->p->lx->actions->action[s->sig];
    if (s->p->pid == 1 && act->handler == LX_SIG_DFL && s->sig != SIGCHLD)
        return 0; /* init cannot be killed or stopped by anybody */
    if (s->sig == SIGKILL) {
        process_begin_exit(s->p, SIGKILL);
        return 0;
    }
    cancel_opposites_locked(s->p, s->sig, dropped);
    bool ignored = lx_sig_is_ignored(act, s->sig);
    if (s->tid || ignored)
        find_threads_locked(s);
    if (s->tid && !s->target)
        return -ESRCH;
    if (ignored && !s->blocked && !s->p->lx->ntraced) /* a tracer is to see it */
        return 0;
    int r = queue_locked(s, info, spare);
    if (r > 0) {
        wake_locked(s);
        event_tell(&s->p->lx->signalled, POLL_IN);
    }
    return MIN(r, 0);
}

/* Memory is taken outside the lock, and only for the second signal that waits. */
static struct lx_sigentry *spare_entry(const struct process *p, int sig)
{
    if (sig == SIGKILL || !__atomic_load_n(&p->lx->own_entry.busy, __ATOMIC_RELAXED))
        return NULL;
    struct lx_sigentry *e = kmalloc(sizeof *e);
    if (e) {
        e->is_own = false;
        e->taken = NULL;
    }
    return e;
}

static int send(struct process *p, int tid, const struct lx_siginfo *info)
{
    if (p->state != PROCESS_ALIVE)
        return 0;
    ASSERT(info->signo > 0 && info->signo <= LX_NSIG);
    struct lx_sigentry *spare = spare_entry(p, info->signo);
    struct send s = { .p = p, .tid = tid, .sig = info->signo };
    struct list dropped = LIST_INIT(dropped);
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    int r = send_locked(&s, info, &spare, &dropped);
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    lx_sigentry_free(spare);
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
    struct send s = { .p = p, .sig = sig };
    struct list dropped = LIST_INIT(dropped);
    if (p->state == PROCESS_ALIVE)
        (void)send_locked(&s, NULL, &none, &dropped);
    ASSERT(list_empty(&dropped)); /* only stop signals and SIGCONT drop anything */
}

int lx_signal_entry_locked(struct process *p, int tid, struct lx_sigentry *e, struct list *dropped)
{
    struct send s = { .p = p, .tid = tid, .sig = e->info.signo };
    if (p->state != PROCESS_ALIVE)
        return -ESRCH;
    return send_locked(&s, &e->info, &e, dropped) ? -ESRCH : e ? 0 : 1;
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
    struct lx_sigaction *act = &lx->actions->action[info->signo];
    u64 bit = LX_SIGBIT(info->signo);
    struct lx_sigentry *spare = spare_entry(ut->process, info->signo), *entry;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    if ((ut->lx->sigmask & bit) || act->handler == LX_SIG_IGN) {
        act->handler = LX_SIG_DFL;
        ut->lx->sigmask &= ~bit;
    }
    entry = entry_take_locked(lx, &spare);
    if (entry)
        entry->info = *info;
    lx_sigqueue_add(&ut->lx->pending, info->signo, entry);
    lx->nqueued += entry != NULL;
    lx->sent |= bit;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    lx_sigentry_free(spare);
    thread_interrupt_self(WORK_SIGNAL);
}

int lx_siginfo_put(uptr_t user, const struct lx_siginfo *info)
{
    int r = copy_to_user(user, info, sizeof *info);
    return r ? r : clear_user(user + sizeof *info, LX_SIGINFO_BYTES - sizeof *info);
}

struct lx_siginfo lx_siginfo_user(int sig, int code)
{
    struct lx_siginfo info = { .signo = sig, .code = code };
    info.kill.pid = process_current()->pid;
    info.kill.uid = lx_current()->uid;
    return info;
}

static void actions_copy_locked(struct lx_actions *to, const struct lx_actions *from)
{
    to->ever_set = from->ever_set;
    for (u64 left = to->ever_set; left; left &= left - 1) {
        int sig = __builtin_ctzll(left) + 1;
        to->action[sig] = from->action[sig];
    }
}

/* A lock and a table in one piece of memory, for a process of its own; a table alone comes with execve. */
struct handlers { struct lx_sighand lock; struct lx_actions first; };
static struct handlers *handlers_of(struct lx_sighand *sh) { return container_of(sh, struct handlers, lock); }

static int handlers_create(struct lx_process *lx, struct lx_process *parent)
{
    struct handlers *h = kzalloc(sizeof *h);
    if (!h)
        return -ENOMEM;
    spin_init(&h->lock.lock, "signals");
    h->lock.refs = h->first.refs = h->first.users = 1;
    if (parent) {
        u64 irq = spin_lock_irqsave(&parent->sighand->lock);
        actions_copy_locked(&h->first, parent->actions);
        spin_unlock_irqrestore(&parent->sighand->lock, irq);
    }
    lx->sighand = &h->lock;
    lx->actions = &h->first;
    return 0;
}

static void handlers_share(struct lx_process *lx, struct lx_process *with)
{
    u64 irq = spin_lock_irqsave(&with->sighand->lock);
    lx->sighand = with->sighand;
    lx->actions = with->actions;
    lx->actions->refs++;
    lx->actions->users++;
    spin_unlock_irqrestore(&with->sighand->lock, irq);
    __atomic_fetch_add(&lx->sighand->refs, 1, __ATOMIC_RELAXED);
}

/* The process leaves its table: what is to be freed, or NULL. */
static struct lx_actions *actions_leave_locked(struct lx_process *lx)
{
    struct lx_actions *all = lx->actions;
    lx->actions = NULL;
    all->users -= !lx->left_actions;
    return --all->refs || all == &handlers_of(lx->sighand)->first ? NULL : all;
}

static void handlers_put(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_actions *last = actions_leave_locked(lx);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    kfree(last);
    if (__atomic_sub_fetch(&lx->sighand->refs, 1, __ATOMIC_ACQ_REL) == 0)
        kfree(handlers_of(lx->sighand));
    lx->sighand = NULL;
}

struct lx_sigaction lx_signal_action_of(struct process *p, int sig)
{
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    struct lx_sigaction act = p->lx->actions->action[sig];
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    return act;
}

bool lx_actions_are_shared(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    bool shared = lx->actions->users > 1;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return shared;
}

void lx_actions_leave(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx->actions->users -= !lx->left_actions;
    lx->left_actions = true;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

int lx_actions_unshare(struct lx_process *lx)
{
    if (likely(!lx_actions_are_shared(lx)))
        return 0;
    struct lx_actions *own = kzalloc(sizeof *own);
    if (!own)
        return -ENOMEM;
    own->refs = own->users = 1;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    actions_copy_locked(own, lx->actions);
    struct lx_actions *last = actions_leave_locked(lx);
    lx->actions = own;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    kfree(last);
    return 0;
}

int lx_signal_init_process(struct lx_process *lx, struct lx_process *parent, bool share)
{
    int r = share ? 0 : handlers_create(lx, parent);
    if (r < 0)
        return r;
    if (share)
        handlers_share(lx, parent);
    lx_sigqueue_init(&lx->shared);
    lx->nqueued = 0;
    waitq_init(&lx->stop_wait, "stopped");
    event_init(&lx->signalled, "signals event", 0);
    lx_itimers_init(lx);
    return 0;
}

void lx_signal_exec(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock), ignored = 0;
    struct lx_actions *all = lx->actions;
    ASSERT(all->users == 1);
    for (u64 left = all->ever_set; left; left &= left - 1) {
        struct lx_sigaction *act = &all->action[__builtin_ctzll(left) + 1];
        bool ignore = act->handler == LX_SIG_IGN;
        *act = (struct lx_sigaction){ .handler = ignore ? LX_SIG_IGN : LX_SIG_DFL };
        ignored |= ignore ? left & -left : 0;
    }
    all->ever_set = ignored;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

void lx_signal_fini_process(struct lx_process *lx)
{
    struct list dropped = LIST_INIT(dropped);
    lx_sigqueue_drop(&lx->shared, ~0ull, &dropped);
    lx_sigentries_free(&dropped);
    event_fini(&lx->signalled);
    handlers_put(lx);
}
