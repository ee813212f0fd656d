/* The thread "net": does what nobody's call does. Timers of connections that are due, for a timer fires
 * where no connection can be locked; and packets that are left when a call has done its share of them.
 * Started with the first socket that can need it. */
#include "net/worker.h"
#include "lib/errno.h"
#include "net/netdev.h"
#include "net/tcp.h"
#include "sched/kthread_once.h"

static struct waitq wait = WAITQ_INIT(wait, "net work");
static bool wanted; /* atomic */

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
    static struct kthread_once once = KTHREAD_ONCE_INIT(once, "net start");
    return kthread_once(&once, "net", worker);
}
