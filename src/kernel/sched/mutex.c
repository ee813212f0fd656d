/* Mutexes. The owner field is the lock: 0 -> thread by compare-and-swap. Whoever fails looks on for
 * a moment if the owner runs on another CPU, then queues, tries again and sleeps. Unlocking wakes
 * the first waiter, which stays first until it has the lock. Meanwhile a running thread may take it:
 * that is faster than a lock that stands free until somebody wakes up. But a waiter that lost
 * LOSSES_MAX times says so in the owner field, and then the lock is handed over to it.
 *
 *     free --take--> owned --say_hungry--> owned|HUNGRY --unlock--> owned by the first waiter
 *       ^--unlock------'
 *
 * The fast paths do not know of this: to mutex_unlock an owner field with HUNGRY is not its own.
 * A HUNGRY that comes between its look and its store is lost; that waiter is woken and says it again. */
#include "sched/clock.h"
#include "sched/waitq.h"

#define LOSSES_MAX 2u
#define LOOK_ON_NS 20000ull /* about two switches and an interrupt to another CPU */

void mutex_init(struct mutex *m, const char *name)
{
    lock_gone(m, sizeof *m, "initialised");
    m->owner = 0;
    m->name = name;
    waitq_init(&m->wq, name);
}

/* The owner may be gone by now, so its address is compared and nothing else. *cpu: where it ran last. */
static bool runs_somewhere(u64 owner, u32 *cpu)
{
    for (u32 i = 0, n = cpus_running(); i < n; i++, *cpu = (*cpu + 1) % n)
        if ((u64)__atomic_load_n(&cpus[*cpu].current, __ATOMIC_RELAXED) == owner)
            return true;
    return false;
}

/* An owner that runs will be done sooner than this thread could sleep and wake. True: taken. */
static bool look_on(struct mutex *m)
{
    u32 cpu = 0;
    if (cpus_running() == 1)
        return false;
    u64 end = clock_now_ns() + LOOK_ON_NS;
    while (!cpu_here->need_resched && clock_now_ns() < end) {
        u64 owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
        if (!owner && mutex_take_if_free(m))
            return true;
        if (owner && ((owner & MUTEX_HUNGRY) || !runs_somewhere(owner, &cpu)))
            return false;
        cpu_relax();
    }
    return false;
}

static void say_hungry(struct mutex *m)
{
    u64 owner = __atomic_load_n(&m->owner, __ATOMIC_RELAXED);
    if (owner)
        (void)__atomic_compare_exchange_n(&m->owner, &owner, owner | MUTEX_HUNGRY, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static void lock_contended(struct mutex *m)
{
    struct waiter w;
    waitq_add(&m->wq, &w, true);
    for (unsigned losses = 0;; losses++) {
        thread_block_prepare(WAIT_KILLABLE_NOT);
        if (mutex_take_if_free(m) || mutex_held(m))
            break;
        if (losses >= LOSSES_MAX)
            say_hungry(m);
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
    if (!look_on(m))
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

/* A waiter leaves the list only under its lock, so it lives as long as that is held. */
static struct thread *first_waiter_locked(struct mutex *m)
{
    return list_empty(&m->wq.waiters) ? NULL : list_entry(m->wq.waiters.next, struct waiter, link)->thread;
}

static __attribute__((noinline, cold)) void wake_first(struct mutex *m)
{
    u64 state = spin_lock_irqsave(&m->wq.lock);
    struct thread *first = first_waiter_locked(m);
    if (first)
        thread_wake(first);
    spin_unlock_irqrestore(&m->wq.lock, state);
}

static __attribute__((noinline, cold)) void hand_over(struct mutex *m)
{
    if (!mutex_held(m))
        not_holder(m);
    lock_releasing(m, m->name, LOCK_MUTEX);
    u64 state = spin_lock_irqsave(&m->wq.lock);
    struct thread *first = first_waiter_locked(m);
    __atomic_store_n(&m->owner, (u64)first, __ATOMIC_SEQ_CST);
    if (first)
        thread_wake(first);
    spin_unlock_irqrestore(&m->wq.lock, state);
}

void mutex_unlock(struct mutex *m)
{
    if (unlikely(m->owner != (u64)thread_current())) {
        hand_over(m);
        return;
    }
    lock_releasing(m, m->name, LOCK_MUTEX);
    /* With the barrier that waitq_wake has between the change and the look at the list. */
    __atomic_store_n(&m->owner, 0, __ATOMIC_SEQ_CST);
    if (unlikely(__atomic_load_n(&m->wq.waiters.next, __ATOMIC_RELAXED) != &m->wq.waiters))
        wake_first(m);
}
