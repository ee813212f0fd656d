/* TCP's time. Timers fire in the clock interrupt, where no connection can be locked: they put the
 * socket on a list, and one thread works through that. It is started with the first TCP socket. */
#include "lib/errno.h"
#include "net/tcp.h"
#include "sched/waitq.h"

static struct spinlock due_lock = SPINLOCK_INIT("tcp due"); /* irqsave */
static struct list due = LIST_INIT(due);
static struct waitq due_wait = WAITQ_INIT(due_wait, "tcp timers");
static struct mutex start_lock = MUTEX_INIT(start_lock, "tcp start");
static bool started;

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
    waitq_wake_one(&due_wait);
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

static void worker(void *unused)
{
    for (;;) {
        struct tcp_sock *c = NULL;
        (void)wait_event(&due_wait, (c = next_due()) != NULL, WAIT_KILLABLE_NOT, 0);
        if (c)
            time_passes(c);
    }
}

int tcp_timers_start(void)
{
    struct thread *t;
    if (__atomic_load_n(&started, __ATOMIC_ACQUIRE))
        return 0;
    mutex_lock(&start_lock);
    int r = started ? 0 : thread_create("net", worker, NULL, &t);
    if (r == 0 && !started) {
        thread_start(t);
        kobject_put(&t->obj);
        __atomic_store_n(&started, true, __ATOMIC_RELEASE);
    }
    mutex_unlock(&start_lock);
    return r;
}
