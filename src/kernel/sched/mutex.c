/* Mutexes. The owner field is the lock: NULL -> thread by compare-and-swap. Whoever fails queues,
 * tries again and sleeps; unlocking wakes one. The lock is not handed over: a running thread may
 * take it before the woken one does, which then sleeps again. */
#include "sched/waitq.h"

void mutex_init(struct mutex *m, const char *name)
{
    m->owner = NULL;
    m->name = name;
    waitq_init(&m->wq, name);
}

bool mutex_trylock(struct mutex *m)
{
    struct thread *nobody = NULL;
    ASSERT(thread_current());
    return __atomic_compare_exchange_n(&m->owner, &nobody, thread_current(), false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static void mutex_lock_slow(struct mutex *m)
{
    struct waiter w;
    waitq_add(&m->wq, &w, true);
    for (;;) {
        thread_block_prepare(WAIT_KILLABLE_NOT);
        if (mutex_trylock(m))
            break;
        (void)!thread_block(0);
    }
    thread_block_cancel();
    waitq_remove(&w);
}

void mutex_lock(struct mutex *m)
{
    if (unlikely(!sched_may_sleep()))
        panic("mutex %s taken where sleeping is not allowed", m->name);
    if (likely(mutex_trylock(m)))
        return;
    if (mutex_held(m))
        panic("mutex %s taken twice by %s", m->name, thread_current()->name);
    mutex_lock_slow(m);
}

void mutex_unlock(struct mutex *m)
{
    if (unlikely(!mutex_held(m)))
        panic("mutex %s released by %s, who does not hold it", m->name, thread_current()->name);
    __atomic_store_n(&m->owner, NULL, __ATOMIC_RELEASE);
    waitq_wake_one(&m->wq);
}
