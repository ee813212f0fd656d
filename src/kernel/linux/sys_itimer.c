/* Interval timers: setitimer and alarm. One of real time and two of CPU time for each process; they
 * send SIGALRM, SIGVTALRM and SIGPROF.
 *
 * The real one goes on when its signal is taken, not when it is sent, in step with its beginning: a
 * process that does not come to take them costs nothing, however short the interval. */
#include "lib/errno.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"

enum { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
#define LEAST_NS 1000u /* what getitimer says of one that is due this moment */

struct itimer { u64 value_ns, interval_ns; };

/* The first moment after now that is in step with `from`. */
static u64 next_in_step(u64 from_ns, u64 interval_ns, u64 now_ns)
{
    if (from_ns > now_ns)
        return from_ns;
    return lx_deadline(from_ns, ((now_ns - from_ns) / interval_ns + 1) * interval_ns);
}

static void real_fire(struct timer *t)
{
    struct lx_process *lx = container_of(t, struct lx_process, itimers.real);
    struct lx_itimers *it = &lx->itimers;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    if (it->real_deadline_ns && it->real_deadline_ns <= clock_now_ns() && !it->real_waits) {
        it->real_waits = it->real_interval_ns != 0;
        if (!it->real_waits)
            it->real_deadline_ns = 0;
        lx_signal_from_timer(lx->process, SIGALRM);
    }
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

void lx_itimer_taken_locked(struct lx_process *lx)
{
    struct lx_itimers *it = &lx->itimers;
    if (!it->real_waits)
        return;
    it->real_waits = false;
    it->real_deadline_ns = next_in_step(it->real_deadline_ns, it->real_interval_ns, clock_now_ns());
    timer_arm(&it->real, it->real_deadline_ns);
}

static void cpu_fire_locked(struct cpu_timer *t, unsigned i, int sig)
{
    struct lx_process *lx = lx_current();
    u64 interval = lx->itimers.cpu_interval_ns[i];
    lx_signal_from_timer(lx->process, sig);
    if (interval)
        cpu_timer_arm_locked(lx, t, next_in_step(t->deadline_ns, interval, cpu_clock_own_locked(lx, t->clock.part)));
}

static void virtual_fire(struct cpu_timer *t) { cpu_fire_locked(t, 0, SIGVTALRM); }
static void prof_fire(struct cpu_timer *t) { cpu_fire_locked(t, 1, SIGPROF); }

void lx_itimers_init(struct lx_process *lx)
{
    struct lx_itimers *it = &lx->itimers;
    timer_init(&it->real, real_fire);
    it->cpu[0] = (struct cpu_timer){ .clock.part = CPU_CLOCK_VIRT, .fire = virtual_fire };
    it->cpu[1] = (struct cpu_timer){ .clock.part = CPU_CLOCK_PROF, .fire = prof_fire };
}

void lx_itimers_stop(struct lx_process *lx)
{
    struct lx_itimers *it = &lx->itimers;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    it->real_deadline_ns = it->real_interval_ns = 0;
    it->real_waits = false;
    for (int i = 0; i < 2; i++)
        if (it->cpu[i].armed)
            cpu_timer_cancel_locked(lx, &it->cpu[i]);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    timer_cancel(&it->real);
}

static struct itimer left_until(u64 deadline_ns, u64 now_ns, u64 interval_ns)
{
    return (struct itimer){ deadline_ns > now_ns ? deadline_ns - now_ns : LEAST_NS, interval_ns };
}

static struct itimer read_locked(struct lx_process *lx, int which)
{
    struct lx_itimers *it = &lx->itimers;
    if (which == ITIMER_REAL)
        return it->real_deadline_ns ? left_until(it->real_deadline_ns, clock_now_ns(), it->real_interval_ns)
                                    : (struct itimer){ 0, it->real_interval_ns };
    const struct cpu_timer *t = &it->cpu[which - ITIMER_VIRTUAL];
    u64 interval = it->cpu_interval_ns[which - ITIMER_VIRTUAL];
    return t->armed ? left_until(t->deadline_ns, cpu_clock_own_locked(lx, t->clock.part), interval)
                    : (struct itimer){ 0, interval };
}

static void cpu_set_locked(struct lx_process *lx, int i, struct itimer new)
{
    struct cpu_timer *t = &lx->itimers.cpu[i];
    lx->itimers.cpu_interval_ns[i] = new.interval_ns;
    if (new.value_ns)
        cpu_timer_arm_locked(lx, t, lx_deadline(cpu_clock_own_locked(lx, t->clock.part), new.value_ns));
    else
        cpu_timer_cancel_locked(lx, t);
}

static void real_set_locked(struct lx_itimers *it, struct itimer new)
{
    it->real_waits = false;
    it->real_interval_ns = new.interval_ns;
    it->real_deadline_ns = new.value_ns ? lx_deadline(clock_now_ns(), new.value_ns) : 0;
    if (new.value_ns)
        timer_arm(&it->real, it->real_deadline_ns);
}

/* A function of the old timer that is about to run finds that nothing is due. */
static struct itimer replace(int which, struct itimer new)
{
    struct lx_process *lx = lx_current();
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct itimer old = read_locked(lx, which);
    if (which == ITIMER_REAL)
        real_set_locked(&lx->itimers, new);
    else
        cpu_set_locked(lx, which - ITIMER_VIRTUAL, new);
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
    if ((u32)which > ITIMER_PROF)
        return -EINVAL;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct itimer t = read_locked(lx, (int)which);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return itimer_put(ucur, t);
}

long sys_setitimer(u64 which, u64 unew, u64 uold, u64 a3, u64 a4, u64 a5)
{
    struct itimer new = { 0 };
    if (unew) {
        int r = lx_timeval_get(uptr(unew), &new.interval_ns);
        if (r == 0)
            r = lx_timeval_get(uptr(unew + sizeof(struct lx_timeval)), &new.value_ns);
        if (r < 0)
            return r;
    }
    if ((u32)which > ITIMER_PROF)
        return -EINVAL;
    struct itimer old = replace((int)which, new);
    return uold ? itimer_put(uold, old) : 0;
}

/* Seconds left of the old one, to the nearest, but not 0 while there is one. */
long sys_alarm(u64 seconds, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct itimer old = replace(ITIMER_REAL, (struct itimer){ (u32)seconds * NSEC_PER_SEC, 0 });
    return (long)MAX((old.value_ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC, old.value_ns != 0);
}
