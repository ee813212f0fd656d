/* The life of a POSIX timer; see posix_timer.h for its states. */
#include "linux/posix_timer.h"
#include "lib/errno.h"
#include "linux/lx_clock.h"

#define IGNORED_PAUSE_NS (NSEC_PER_SEC / TICK_HZ) /* nobody takes the signal: not more often than this */
#define LEFT_LEAST_NS 1u

static u64 now_locked(const struct ptimer *t)
{
    u64 ns;
    if (!t->is_cpu)
        return t->by_real ? clock_realtime_ns() : clock_now_ns();
    if (!t->cpu.clock.per_thread)
        return cpu_clock_own_locked(t->lx, t->cpu.clock.part);
    return cpu_clock_read(&t->cpu.clock, &ns) ? 0 : ns; /* a thread that ended uses no more time */
}

static void arm_locked(struct ptimer *t)
{
    if (!t->entry)
        return; /* who wants no signal is told when he asks */
    if (t->is_cpu)
        cpu_timer_arm_locked(t->lx, &t->cpu, t->deadline_ns);
    else
        timer_arm(&t->timer, t->by_real ? lx_realtime_to_monotonic(t->deadline_ns) : t->deadline_ns);
}

/* Puts the deadline behind `after`, in step. How many were passed over goes to overruns. */
static void forward_locked(struct ptimer *t, u64 after_ns)
{
    if (t->deadline_ns > after_ns)
        return;
    u64 n = (after_ns - t->deadline_ns) / t->interval_ns + 1;
    t->overruns += n;
    t->deadline_ns = lx_deadline(t->deadline_ns, n * t->interval_ns);
}

/* The first of those that passed is the one that was sent. */
static void settle_overruns_locked(struct ptimer *t)
{
    t->last_overrun = t->overruns ? MIN(t->overruns - 1, (u64)INT32_MAX) : 0;
    t->overruns = 0;
}

static struct ptimer *ptimer_of(struct lx_sigentry *e);

static void signal_taken(struct lx_sigentry *e, struct lx_siginfo *info)
{
    struct ptimer *t = ptimer_of(e);
    e->busy = false;
    if (t->waits && t->interval_ns)
        forward_locked(t, now_locked(t));
    settle_overruns_locked(t);
    if (info)
        info->timer.overrun = (i32)t->last_overrun;
    if (t->waits && t->interval_ns)
        arm_locked(t);
    t->waits = false;
}

/* The entry on the heap knows its timer, which may go before it. */
struct timer_entry { struct lx_sigentry entry; struct ptimer *timer; };
const size_t ptimer_entry_bytes = sizeof(struct timer_entry);

static struct ptimer *ptimer_of(struct lx_sigentry *e) { return container_of(e, struct timer_entry, entry)->timer; }

/* 1: the signal waits, or waited already. */
static int send_locked(struct ptimer *t)
{
    if (t->entry->busy)
        return 1;
    int r = lx_signal_entry_locked(t->lx->process, t->tid, t->entry, &t->lx->ptimers.litter);
    t->entry->busy = r > 0;
    return r;
}

static void expire_locked(struct ptimer *t)
{
    u64 now = now_locked(t);
    if (!t->deadline_ns || t->waits)
        return;
    if (t->deadline_ns > now) {
        arm_locked(t); /* the clock was set back, or a CPU's was looked at early */
        return;
    }
    int r = send_locked(t);
    if (!t->interval_ns) {
        t->deadline_ns = 0;
    } else if (r > 0) {
        t->waits = true;
    } else {
        forward_locked(t, now + IGNORED_PAUSE_NS);
        t->overruns = 0;
        arm_locked(t);
    }
}

static void on_timer(struct timer *timer)
{
    struct ptimer *t = container_of(timer, struct ptimer, timer);
    u64 irq = spin_lock_irqsave(&t->lx->sighand->lock);
    expire_locked(t);
    spin_unlock_irqrestore(&t->lx->sighand->lock, irq);
}

static void on_cpu_timer(struct cpu_timer *cpu) { expire_locked(container_of(cpu, struct ptimer, cpu)); }

static void on_clock_set(struct clock_watch *w)
{
    struct ptimer *t = container_of(w, struct ptimer, watch);
    u64 irq = spin_lock_irqsave(&t->lx->sighand->lock);
    if (t->by_real && t->deadline_ns && !t->waits)
        arm_locked(t);
    spin_unlock_irqrestore(&t->lx->sighand->lock, irq);
}

void ptimer_init(struct ptimer *t, struct lx_process *lx, int clock_id, struct lx_sigentry *entry)
{
    t->lx = lx;
    t->clock_id = clock_id;
    t->is_cpu = cpu_clock_parse(clock_id, &t->cpu.clock);
    t->cpu.fire = on_cpu_timer;
    timer_init(&t->timer, on_timer);
    t->entry = entry;
    if (entry) {
        entry->taken = signal_taken;
        container_of(entry, struct timer_entry, entry)->timer = t;
    }
    if (lx_clock_is_real(clock_id))
        clock_watch_add(&t->watch, on_clock_set);
}

/* A function that is about to run finds the timer off. */
static void off_locked(struct ptimer *t)
{
    t->deadline_ns = 0;
    t->waits = false;
    t->overruns = 0;
    cpu_timer_cancel_locked(t->lx, &t->cpu);
}

bool ptimer_fini(struct ptimer *t)
{
    u64 irq = spin_lock_irqsave(&t->lx->sighand->lock);
    bool sent = t->entry && t->entry->busy;
    off_locked(t);
    if (sent) { /* from now on an ordinary signal of this process */
        t->entry->taken = NULL;
        t->lx->nqueued++;
    }
    spin_unlock_irqrestore(&t->lx->sighand->lock, irq);
    timer_cancel(&t->timer);
    if (lx_clock_is_real(t->clock_id))
        clock_watch_remove(&t->watch);
    return !sent;
}

static struct ptimer_setting get_locked(struct ptimer *t)
{
    struct ptimer_setting s = { 0, t->interval_ns };
    if (!t->deadline_ns)
        return s;
    u64 now = now_locked(t);
    if (t->interval_ns && (t->waits || !t->entry))
        forward_locked(t, now);
    if (t->deadline_ns > now)
        s.value_ns = t->deadline_ns - now;
    else
        s.value_ns = t->entry ? LEFT_LEAST_NS : 0;
    return s;
}

struct ptimer_setting ptimer_get(struct ptimer *t)
{
    u64 irq = spin_lock_irqsave(&t->lx->sighand->lock);
    struct ptimer_setting s = get_locked(t);
    spin_unlock_irqrestore(&t->lx->sighand->lock, irq);
    return s;
}

/* A span is counted by the steady clock even if the timer is of the real one. */
struct ptimer_setting ptimer_set(struct ptimer *t, struct ptimer_setting s, bool absolute)
{
    u64 irq = spin_lock_irqsave(&t->lx->sighand->lock);
    struct ptimer_setting old = get_locked(t);
    off_locked(t);
    t->interval_ns = s.interval_ns;
    t->by_real = absolute && lx_clock_is_real(t->clock_id);
    if (s.value_ns) {
        t->deadline_ns = absolute ? s.value_ns : lx_deadline(now_locked(t), s.value_ns);
        arm_locked(t);
    }
    spin_unlock_irqrestore(&t->lx->sighand->lock, irq);
    return old;
}
