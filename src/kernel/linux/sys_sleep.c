/* Sleeping by the clock. A relative sleep ends after its time whatever is done to the real clock; an
 * absolute one by the real clock ends when that clock says so, and looks again when it is set. */
#include "lib/errno.h"
#include "linux/cpu_clock.h"
#include "linux/lx_clock.h"
#include "linux/syscall.h"

u64 lx_sleep_begin(u64 ns)
{
    struct lx_thread *lt = lx_thread_current();
    u64 deadline = lt->sleep_deadline_ns ? lt->sleep_deadline_ns : MAX(lx_deadline(clock_now_ns(), ns), 1);
    lt->sleep_deadline_ns = 0;
    return deadline;
}

/* Interrupted without a handler the sleep goes on to the same end: the deadline is kept with the
 * thread until the call comes again. */
static long sleep_relative(u64 ns, u64 uremain)
{
    struct lx_thread *lt = lx_thread_current();
    u64 deadline = lx_sleep_begin(ns);
    int r = sleep_until_ns(deadline, true);
    if (r != -EINTR)
        return r;
    u64 now = clock_now_ns();
    if (now >= deadline)
        return 0;
    if (uremain && lx_timespec_put(uptr(uremain), deadline - now))
        return -EFAULT;
    lt->sleep_deadline_ns = deadline;
    return -ERESTARTNOHAND;
}

struct real_sleep { struct clock_watch watch; struct thread *thread; };

static void real_clock_changed(struct clock_watch *w)
{
    thread_wake(container_of(w, struct real_sleep, watch)->thread);
}

static int sleep_until_real(u64 realtime_ns)
{
    struct real_sleep s = { .thread = thread_current() };
    int r = 0;
    clock_watch_add(&s.watch, real_clock_changed);
    while (r != -EINTR) {
        thread_block_prepare(true);
        if (clock_realtime_ns() >= realtime_ns) {
            thread_block_cancel();
            r = 0;
            break;
        }
        r = thread_block(lx_realtime_to_monotonic(realtime_ns));
    }
    clock_watch_remove(&s.watch);
    return r;
}

struct cpu_sleep { struct cpu_timer timer; struct lx_process *lx; struct thread *thread; bool done; };

static void cpu_sleep_end(struct cpu_timer *t)
{
    struct cpu_sleep *s = container_of(t, struct cpu_sleep, timer);
    __atomic_store_n(&s->done, true, __ATOMIC_RELEASE);
    thread_wake(s->thread);
}

/* Until the other threads of the process have used so much of the CPU. */
static int cpu_sleep_run(struct cpu_sleep *s, u64 deadline_ns)
{
    int r = 0;
    u64 irq = spin_lock_irqsave(&s->lx->sighand->lock);
    cpu_timer_arm_locked(s->lx, &s->timer, deadline_ns);
    spin_unlock_irqrestore(&s->lx->sighand->lock, irq);
    while (r != -EINTR) {
        thread_block_prepare(true);
        if (__atomic_load_n(&s->done, __ATOMIC_ACQUIRE)) {
            thread_block_cancel();
            r = 0;
            break;
        }
        r = thread_block(0);
    }
    irq = spin_lock_irqsave(&s->lx->sighand->lock);
    cpu_timer_cancel_locked(s->lx, &s->timer);
    spin_unlock_irqrestore(&s->lx->sighand->lock, irq);
    return r;
}

/* Only by the caller's own process: of another one nobody could tell us. */
static long sleep_cpu(const struct cpu_clock *clock, bool absolute, u64 ns, u64 uremain)
{
    u64 now;
    struct cpu_sleep s = { .timer = { .clock = *clock, .fire = cpu_sleep_end }, .lx = lx_current(),
                           .thread = thread_current() };
    int r = cpu_clock_read(clock, &now);
    if (r < 0 || (clock->per_thread && clock->id == uthread_current()->tid))
        return -EINVAL;
    if (!clock->per_thread && clock->id != process_current()->pid)
        return -EOPNOTSUPP;
    u64 deadline = absolute ? ns : lx_deadline(now, ns);
    r = now >= deadline ? 0 : cpu_sleep_run(&s, deadline);
    if (r != -EINTR)
        return r;
    if (absolute)
        return -ERESTARTNOHAND;
    if (uremain && (cpu_clock_read(clock, &now) || lx_timespec_put(uptr(uremain), deadline > now ? deadline - now : 0)))
        return -EFAULT;
    return -EINTR;
}

long sys_nanosleep(u64 uts, u64 uremain, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int r = lx_timespec_get(uptr(uts), &ns);
    return r < 0 ? r : sleep_relative(ns, uremain);
}

long sys_clock_nanosleep(u64 aid, u64 flags, u64 uts, u64 uremain, u64 a4, u64 a5)
{
    int id = (int)aid;
    bool absolute = flags & LX_TIMER_ABSTIME, real = lx_clock_is_real(id), steady = lx_clock_is_steady(id);
    struct cpu_clock cpu;
    u64 ns;
    if (lx_clock_only_tells(id) || id == LX_CLOCK_THREAD_CPU)
        return -EOPNOTSUPP;
    if (!real && !steady && !cpu_clock_parse(id, &cpu))
        return -EINVAL;
    int r = lx_timespec_get(uptr(uts), &ns);
    if (r < 0)
        return r;
    if (!real && !steady)
        return sleep_cpu(&cpu, absolute, ns, uremain);
    if (!absolute)
        return sleep_relative(ns, uremain);
    r = real ? sleep_until_real(ns) : sleep_until_ns(MAX(ns, 1), true);
    return r == -EINTR ? -ERESTARTNOHAND : r;
}
