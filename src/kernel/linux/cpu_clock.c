/* CPU time as a clock, and timers on it.
 *
 * Nothing interrupts at the very moment a process has used so much: while a process has armed
 * timers (process.cpu_watch), its running threads are looked at every 4 ms of their time, and on
 * their way to ring 3 they compare. What sleeps uses no time and need not be asked. */
#include "linux/cpu_clock.h"
#include "lib/errno.h"
#include "linux/signal_priv.h"

#define LX_CLOCK_PROCESS_CPU 2
#define LX_CLOCK_THREAD_CPU 3
#define DYNAMIC_THREAD 4u
#define DYNAMIC_PART 3u

bool cpu_clock_parse(int clock_id, struct cpu_clock *out)
{
    const struct uthread *ut = uthread_current();
    bool dynamic = clock_id < 0;
    if (!dynamic && clock_id != LX_CLOCK_PROCESS_CPU && clock_id != LX_CLOCK_THREAD_CPU)
        return false;
    unsigned part = (unsigned)clock_id & DYNAMIC_PART;
    if (dynamic && part > CPU_CLOCK_SCHED)
        return false; /* a descriptor's clock: there is no such device */
    out->part = dynamic ? (enum cpu_clock_part)part : CPU_CLOCK_SCHED;
    out->per_thread = dynamic ? !!((unsigned)clock_id & DYNAMIC_THREAD) : clock_id == LX_CLOCK_THREAD_CPU;
    out->id = dynamic ? ~(clock_id >> 3) : 0;
    if (!out->id)
        out->id = out->per_thread ? ut->tid : ut->process->pid;
    return true;
}

static u64 part_of(enum cpu_clock_part part, u64 user, u64 sys)
{
    return part == CPU_CLOCK_VIRT ? user : user + sys;
}

struct search { const struct cpu_clock *clock; u64 ns; bool found; };

static bool read_thread(struct uthread *ut, void *ctx)
{
    struct search *s = ctx;
    u64 user, sys;
    if (ut->tid != s->clock->id)
        return true;
    thread_times(ut->thread, &user, &sys);
    s->ns = part_of(s->clock->part, user, sys);
    s->found = true;
    return false;
}

int cpu_clock_read(const struct cpu_clock *c, u64 *ns)
{
    u64 user, sys;
    if (c->per_thread) {
        struct search s = { .clock = c };
        if (uthread_current()->tid == c->id)
            read_thread(uthread_current(), &s);
        else
            process_for_each_thread(process_current(), read_thread, &s);
        *ns = s.ns;
        return s.found ? 0 : -EINVAL;
    }
    struct process *me = process_current();
    struct process *p = c->id == me->pid ? me : process_find(c->id);
    if (!p)
        return -EINVAL;
    process_times(p, &user, &sys);
    if (p != me)
        kobject_put(&p->obj);
    *ns = part_of(c->part, user, sys);
    return 0;
}

u64 cpu_clock_own_locked(struct lx_process *lx, enum cpu_clock_part part)
{
    u64 user, sys;
    process_times(lx->process, &user, &sys);
    return part_of(part, user, sys);
}

static void watch_set_locked(struct lx_process *lx)
{
    __atomic_store_n(&lx->process->cpu_watch, !list_empty(&lx->cpu_timers), __ATOMIC_RELAXED);
}

void cpu_timer_arm_locked(struct lx_process *lx, struct cpu_timer *t, u64 deadline_ns)
{
    t->deadline_ns = deadline_ns;
    if (!t->armed)
        list_push_back(&lx->cpu_timers, &t->link);
    t->armed = true;
    watch_set_locked(lx);
    if (lx->process == process_current())
        tick_look_soon();
}

void cpu_timer_cancel_locked(struct lx_process *lx, struct cpu_timer *t)
{
    if (t->armed)
        list_remove(&t->link);
    t->armed = false;
    watch_set_locked(lx);
}

/* A thread's timer is compared by that thread alone. */
static bool is_due(const struct cpu_timer *t, u64 user, u64 sys)
{
    const struct uthread *me = uthread_current();
    if (t->clock.per_thread) {
        if (t->clock.id != me->tid)
            return false;
        thread_times(me->thread, &user, &sys);
    }
    return part_of(t->clock.part, user, sys) >= t->deadline_ns;
}

/* What fires goes to another list first: it may be armed again, which is judged at the next look. */
void cpu_timers_check(void)
{
    struct process *p = process_current();
    struct lx_process *lx = p->lx;
    struct list due = LIST_INIT(due), *l;
    struct cpu_timer *t, *next;
    u64 user, sys;
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    process_times(p, &user, &sys);
    list_for_each_safe(t, next, &lx->cpu_timers, link) {
        if (!is_due(t, user, sys))
            continue;
        list_remove(&t->link);
        list_push_back(&due, &t->link);
    }
    while ((l = list_pop_front(&due))) {
        t = list_entry(l, struct cpu_timer, link);
        t->armed = false;
        t->fire(t);
    }
    watch_set_locked(lx);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}
