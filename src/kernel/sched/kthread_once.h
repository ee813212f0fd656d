/* A kernel thread that starts with the first call which needs it, so that a machine without such calls has none. */
#pragma once
#include "sched/waitq.h"

struct kthread_once { struct mutex lock; bool started /* atomic */; };
/* n: the lock's name */
#define KTHREAD_ONCE_INIT(o, n) { .lock = MUTEX_INIT((o).lock, n) }

int kthread_once_slowly(struct kthread_once *o, const char *name, void (*entry)(void *)) MUST_CHECK;
/* entry(NULL) runs in a thread, which this call started or one before it. -ENOMEM: the next call tries again. */
static inline MUST_CHECK int kthread_once(struct kthread_once *o, const char *name, void (*entry)(void *))
{
    return likely(__atomic_load_n(&o->started, __ATOMIC_ACQUIRE)) ? 0 : kthread_once_slowly(o, name, entry);
}
