/* The thread "net": does what nobody's call does. Timers of connections that are due, for a timer fires
 * where no connection can be locked; and packets that are left when a call has done its share of them.
 * Started with the first socket that can need it. */
#include "net/worker.h"
#include "lib/errno.h"
#include "net/netdev.h"
#include "net/tcp.h"
#include "sched/waitq.h"

static struct waitq wait = WAITQ_INIT(wait, "net work");
static bool wanted; /* atomic */
static struct mutex start_lock = MUTEX_INIT(start_lock, "net start");
static bool started;

void net_worker_wake(void)
{
    __atomic_store_n(&wanted, true, __ATOMIC_RELEASE);
    waitq_wake_one(&wait);
}

static void worker(void *unused)
{
    for (;;) {
        (void)wait_event(&wait, __atomic_exchange_n(&wanted, false, __ATOMIC_ACQ_REL), WAIT_KILLABLE_NOT, 0);
        tcp_due_run();
        net_run();
    }
}

int net_worker_start(void)
{
    struct thread *t;
    if (likely(__atomic_load_n(&started, __ATOMIC_ACQUIRE)))
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
