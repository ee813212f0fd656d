/* Mutexes. The owner field is the lock: NULL -> thread by compare-and-swap. Whoever fails queues,
 * tries again and sleeps; unlocking wakes one. The lock is not handed over: a running thread may
 * take it before the woken one does, which then sleeps again. */
#include "sched/waitq.h"

void mutex_init(struct mutex *m, const char *name)
{
    lock_gone(m, sizeof *m, "initialised");
    m->owner = NULL;
    m->name = name;
    waitq_init(&m->wq, name);
}

static void lock_contended(struct mutex *m)
{
    struct waiter w;
    waitq_add(&m->wq, &w, true);
    for (;;) {
        thread_block_prepare(WAIT_KILLABLE_NOT);
        if (mutex_take_if_free(m))
            break;
        (void)!thread_block(0);
    }
    thread_block_cancel();
    waitq_remove(&w);
}

/* Kept out of line so that taking a free lock needs no frame for the waiter. */
static __attribute__((noinline, cold)) void lock_slow(struct mutex *m)
{
    if (!sched_may_sleep())
        panic("mutex %s taken where sleeping is not allowed", m->name);
    if (mutex_take_if_free(m))
        return;
    if (mutex_held(m))
        panic("mutex %s taken twice by %s", m->name, thread_current()->name);
    lock_contended(m);
}

/* A spinlock held or an interrupt is looked for every time; interrupts switched off, which costs more
 * to find out, when the lock is not free (and by thread_block). */
void mutex_lock(struct mutex *m)
{
    lock_may_sleep(m->name);
    lock_taking(m, m->name, LOCK_MUTEX, __builtin_return_address(0));
    if (unlikely(cpu_preempt_count() || cpu_irq_depth()) || unlikely(!mutex_take_if_free(m)))
        lock_slow(m);
}

static NORETURN __attribute__((noinline, cold)) void not_holder(const struct mutex *m)
{
    panic("mutex %s released by %s, who does not hold it", m->name, thread_current()->name);
}

void mutex_unlock(struct mutex *m)
{
    if (unlikely(!mutex_held(m)))
        not_holder(m);
    lock_releasing(m, m->name, LOCK_MUTEX);
    /* With the barrier that waitq_wake has between the change and the look at the list. */
    __atomic_store_n(&m->owner, NULL, __ATOMIC_SEQ_CST);
    if (unlikely(__atomic_load_n(&m->wq.waiters.next, __ATOMIC_RELAXED) != &m->wq.waiters))
        waitq_wake_listed(&m->wq, 1);
}
