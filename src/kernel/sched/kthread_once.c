/* See kthread_once.h. The lock is held while the thread is made, so that who comes second does not make another. */
#include "sched/kthread_once.h"

int kthread_once_slowly(struct kthread_once *o, const char *name, void (*entry)(void *))
{
    struct thread *t;
    mutex_lock(&o->lock);
    int r = o->started ? 0 : thread_create(name, entry, NULL, &t);
    if (r == 0 && !o->started) {
        thread_start(t);
        kobject_put(&t->obj);
        __atomic_store_n(&o->started, true, __ATOMIC_RELEASE);
    }
    mutex_unlock(&o->lock);
    return r;
}
