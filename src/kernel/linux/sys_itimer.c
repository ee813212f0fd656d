/* The real-time interval timer: setitimer and alarm, one a process. The profiling timers are not
 * there (-EINVAL). */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define ITIMER_REAL 0

struct itimer { u64 value_ns, interval_ns; };

static struct itimer timer_read_locked(const struct lx_process *lx)
{
    u64 now = clock_now_ns(), at = lx->alarm_deadline_ns;
    return (struct itimer){ !at ? 0 : at > now ? at - now : 1000, lx->alarm_interval_ns };
}

/* The old one is stopped outside the lock, which its function takes. */
static struct itimer timer_replace(struct itimer new)
{
    struct lx_process *lx = lx_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct itimer old = timer_read_locked(lx);
    lx->alarm_deadline_ns = lx->alarm_interval_ns = 0;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    timer_cancel(&lx->alarm);
    if (!new.value_ns)
        return old;
    irq = spin_lock_irqsave(&lx->sighand->lock);
    lx->alarm_deadline_ns = lx_deadline(clock_now_ns(), new.value_ns);
    lx->alarm_interval_ns = new.interval_ns;
    timer_arm(&lx->alarm, lx->alarm_deadline_ns);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return old;
}

static int itimer_put(u64 user, struct itimer t)
{
    if (lx_timeval_put(uptr(user), t.interval_ns))
        return -EFAULT;
    return lx_timeval_put(uptr(user + sizeof(struct lx_timeval)), t.value_ns);
}

long sys_getitimer(u64 which, u64 ucur, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_process *lx = lx_current();
    if ((int)which != ITIMER_REAL)
        return -EINVAL;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct itimer t = timer_read_locked(lx);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return itimer_put(ucur, t);
}

long sys_setitimer(u64 which, u64 unew, u64 uold, u64 a3, u64 a4, u64 a5)
{
    struct itimer new = { 0 };
    if ((int)which != ITIMER_REAL)
        return -EINVAL;
    if (unew) {
        int r = lx_timeval_get(uptr(unew), &new.interval_ns);
        if (r == 0)
            r = lx_timeval_get(uptr(unew + sizeof(struct lx_timeval)), &new.value_ns);
        if (r < 0)
            return r;
    }
    struct itimer old = timer_replace(new);
    return uold ? itimer_put(uold, old) : 0;
}

/* Seconds left of the old one, rounded up: 0 means there was none. */
long sys_alarm(u64 seconds, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct itimer old = timer_replace((struct itimer){ (u32)seconds * NSEC_PER_SEC, 0 });
    return (long)((old.value_ns + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
}
