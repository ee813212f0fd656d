/* Signals to the owners of files: whose files have news, and the thread "sigio", which tells them.
 *
 * News come with their event's lock held, often in an interrupt, and sending a signal tells of events itself; so an
 * owner is only listed, and a thread sends. What comes before it gets to that is one signal, as it would be if the
 * receiver had not looked yet. */
#include "linux/file_owner_priv.h"
#include "sched/kthread_once.h"

static struct spinlock due_lock = SPINLOCK_INIT("files' news"); /* irqsave */
static struct list due = LIST_INIT(due);
static struct waitq due_wait = WAITQ_INIT(due_wait, "sigio");

static bool may_send(const struct target *to, struct process *p)
{
    struct lx_ids it = lx_ids_get(p->lx);
    return to->euid == 0 || to->euid == it.suid || to->euid == it.uid || to->uid == it.suid || to->uid == it.uid;
}

static void send_to(struct process *p, const struct target *to, const struct lx_siginfo *info)
{
    if (p->state != PROCESS_ALIVE || !may_send(to, p))
        return;
    int r = to->type == LX_F_OWNER_TID ? lx_signal_tid(p, to->id, info) : lx_signal_process(p, info);
    (void)r; /* it may have ended */
}

struct group_send { const struct target *to; const struct lx_siginfo *info; };

static void send_to_member(struct process *p, void *ctx)
{
    const struct group_send *g = ctx;
    if (p->pgrp == g->to->id)
        send_to(p, g->to, g->info);
}

static void send(const struct target *to, int code, u32 band)
{
    struct lx_siginfo info = { .signo = to->signo ? to->signo : SIGIO, .code = to->signo ? code : LX_SI_KERNEL };
    if (to->signo) {
        info.poll.band = band;
        info.poll.fd = to->fd;
    }
    if (to->process)
        send_to(to->process, to, &info);
    else
        process_for_each(send_to_member, &(struct group_send){ to, &info });
}

/* What a signal says it is about, and the bits of poll that go with it: fcntl(2). */
static void send_news(const struct target *to, u32 bits)
{
    if (to->id == 0)
        return;
    if (bits & POLL_PRI)
        send(to, LX_POLL_PRI, POLL_PRI);
    if (bits & NEWS_IN)
        send(to, LX_POLL_IN, POLL_READABLE);
    if (bits & POLL_WRITABLE)
        send(to, LX_POLL_OUT, POLL_WRITABLE);
    if (bits & (POLL_HUP | POLL_ERR))
        send(to, LX_POLL_HUP, POLL_HUP | POLL_ERR);
}

/* The next one due, with a reference; NULL: none. */
static struct owner *due_take(u32 *bits)
{
    u64 irq = spin_lock_irqsave(&due_lock);
    struct list *link = list_pop_front(&due);
    struct owner *o = link ? list_entry(link, struct owner, due_link) : NULL;
    if (o) {
        *bits = o->bits;
        o->bits = 0;
        __atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
    }
    spin_unlock_irqrestore(&due_lock, irq);
    return o;
}

static void sender(void *unused)
{
    struct owner *o;
    u32 bits = 0;
    for (;;) {
        (void)wait_event(&due_wait, (o = due_take(&bits)) != NULL, WAIT_KILLABLE_NOT, 0);
        mutex_lock(&o->lock);
        struct target to = o->to;
        if (to.process)
            kobject_get(&to.process->obj);
        mutex_unlock(&o->lock);
        send_news(&to, bits);
        kobject_put(to.process ? &to.process->obj : NULL);
        owner_put(o);
    }
}

int news_start(void)
{
    static struct kthread_once once = KTHREAD_ONCE_INIT(once, "sigio start");
    return kthread_once(&once, "sigio", sender);
}

void news_add(struct owner *o, u32 bits)
{
    u64 irq = spin_lock_irqsave(&due_lock);
    bool first = !o->bits;
    o->bits |= bits;
    if (first)
        list_push_back(&due, &o->due_link);
    spin_unlock_irqrestore(&due_lock, irq);
    if (first)
        waitq_wake_one(&due_wait);
}

void news_drop(struct owner *o)
{
    u64 irq = spin_lock_irqsave(&due_lock);
    list_remove(&o->due_link);
    o->bits = 0;
    spin_unlock_irqrestore(&due_lock, irq);
}
