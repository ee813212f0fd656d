/* Wait queues and what is built on them. */
#pragma once
#include "arch/spinlock.h"
#include "sched/thread.h"

struct waitq { struct spinlock lock; struct list waiters; };
struct waiter { struct list link; struct thread *thread; struct waitq *wq; bool exclusive; };

#define WAITQ_INIT(wq, n) { SPINLOCK_INIT_KIND(n, LOCK_WAITQ), LIST_INIT((wq).waiters) }
void waitq_init(struct waitq *wq, const char *name);
/* Add to / remove from the queue; a waiter may be on one queue, a thread on many (poll). */
void waitq_add(struct waitq *wq, struct waiter *w, bool exclusive);
void waitq_remove(struct waiter *w);
void waitq_wake_listed(struct waitq *wq, unsigned n); /* the slow half of waitq_wake */
/* Any context, also interrupt handlers. Wakes all non-exclusive waiters and up to n exclusive. */
static inline void waitq_wake(struct waitq *wq, unsigned n)
{
    /* The caller's change of the condition before the look at the list; a sleeper does the
     * opposite (waitq_add, then thread_block_prepare, then the condition). One sees the other. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (unlikely(__atomic_load_n(&wq->waiters.next, __ATOMIC_RELAXED) != &wq->waiters))
        waitq_wake_listed(wq, n);
}
static inline void waitq_wake_one(struct waitq *wq) { waitq_wake(wq, 1); }
static inline void waitq_wake_all(struct waitq *wq) { waitq_wake(wq, ~0u); }

#define WAIT_KILLABLE_NOT false
#define WAIT_INTERRUPTIBLE true
/* Sleeps until cond is true: 0, -EINTR or -ETIMEDOUT. cond is evaluated with no lock held and may
 * take locks. deadline_ns 0: for ever. */
#define wait_event(wq_ptr, cond, interruptible_, deadline_ns_)                               \
    ({                                                                                       \
        struct waiter w_;                                                                    \
        int r_ = 0;                                                                          \
        waitq_add((wq_ptr), &w_, false);                                                     \
        for (;;) {                                                                           \
            thread_block_prepare(interruptible_);                                            \
            if (cond) {                                                                      \
                thread_block_cancel();                                                       \
                r_ = 0;                                                                      \
                break;                                                                       \
            }                                                                                \
            if (r_) {                                                                        \
                thread_block_cancel();                                                       \
                break;                                                                       \
            }                                                                                \
            r_ = thread_block(deadline_ns_);                                                 \
        }                                                                                    \
        waitq_remove(&w_);                                                                   \
        r_;                                                                                  \
    })

/* Sleeping lock; knows its owner; not recursive; not from interrupts. Uncontended: one atomic. Those that
 * wait get it in their order; a newcomer may come before them, but not again and again. */
struct mutex { u64 owner; /* struct thread *, MUTEX_HUNGRY added; 0: free */ struct waitq wq; const char *name; };
#define MUTEX_HUNGRY 1ul /* the first waiter lost too often: it is next, whoever else comes */
#define MUTEX_INIT(m, n) { 0, WAITQ_INIT((m).wq, n), n }
void mutex_init(struct mutex *m, const char *name);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
static inline bool mutex_take_if_free(struct mutex *m) /* the atomic alone */
{
    u64 nobody = 0;
    return __atomic_compare_exchange_n(&m->owner, &nobody, (u64)thread_current(), false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}
static inline bool mutex_trylock(struct mutex *m)
{
    if (!mutex_take_if_free(m))
        return false;
    lock_tried(m, m->name, LOCK_MUTEX, NULL);
    return true;
}
static inline bool mutex_held(const struct mutex *m) { return (m->owner & ~MUTEX_HUNGRY) == (u64)thread_current(); }
