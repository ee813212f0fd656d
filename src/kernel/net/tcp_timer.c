/* TCP's time. Timers fire in the clock interrupt, where no connection can be locked: they put the
 * socket on a list, and the thread "net" works through that. */
#include "net/tcp.h"
#include "net/worker.h"

static struct spinlock due_lock = SPINLOCK_INIT("tcp due"); /* irqsave */
static struct list due = LIST_INIT(due);

/* A reference, unless the last one has gone: then destroy waits for the timer's function. */
static bool try_get(struct socket *s)
{
    u32 refs = __atomic_load_n(&s->refs, __ATOMIC_RELAXED);
    while (refs && !__atomic_compare_exchange_n(&s->refs, &refs, refs + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        ;
    return refs != 0;
}

void tcp_timer_fire(struct timer *timer)
{
    struct tcp_sock *c = container_of(timer, struct tcp_sock, timer);
    u64 irq = spin_lock_irqsave(&due_lock);
    if (!c->due && try_get(&c->i.s)) {
        c->due = true;
        list_push_back(&due, &c->due_link);
    }
    spin_unlock_irqrestore(&due_lock, irq);
    net_worker_wake();
}

static struct tcp_sock *next_due(void)
{
    u64 irq = spin_lock_irqsave(&due_lock);
    struct list *n = list_pop_front(&due);
    struct tcp_sock *c = n ? list_entry(n, struct tcp_sock, due_link) : NULL;
    if (c)
        c->due = false;
    spin_unlock_irqrestore(&due_lock, irq);
    return c;
}

static void time_passes(struct tcp_sock *c)
{
    mutex_lock(&c->i.s.lock);
    u64 now = clock_now_ns();
    c->armed_at = 0;
    if (c->t.state != TCP_CLOSED && c->t.state != TCP_LISTEN)
        tcp_timeout(&c->t, now);
    tcp_after_locked(c, now);
    mutex_unlock(&c->i.s.lock);
    socket_put(&c->i.s);
    net_run();
}

void tcp_due_run(void)
{
    struct tcp_sock *c;
    while ((c = next_due()))
        time_passes(c);
}
