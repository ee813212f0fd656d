/* Changing how a thread is scheduled while it runs, waits or sleeps: out of its queue, changed, in
 * again, all under that queue's lock. */
#include "sched/policy.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "sched/clock.h"
#include "sched/place.h"

struct sched_params thread_sched_get(struct thread *t)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    struct sched_params p = { (enum sched_policy)t->policy, t->own_prio, t->nice, t->reset_on_fork };
    spin_unlock_irqrestore(&rq->lock, state);
    return p;
}

static void apply(struct thread *t, const struct sched_params *p)
{
    ASSERT((p->rt_prio != 0) == sched_policy_is_rt(p->policy) && p->rt_prio <= RT_PRIO_MAX);
    t->policy = (u8)p->policy;
    t->own_prio = p->rt_prio;
    t->nice = p->nice;
    t->reset_on_fork = p->reset_on_fork;
    t->slice_left_ns = 0;
    t->fair.cost = p->policy == SCHED_POLICY_IDLE ? FAIR_COST_IDLE : fair_cost_of_nice(p->nice);
}

/* p: NULL: only its boost has changed. */
static void change_locked(struct runq *rq, struct thread *t, const struct sched_params *p)
{
    bool queued = t->queued;
    if (queued)
        runq_remove_locked(rq, t);
    if (t->state == THREAD_RUNNING)
        runq_account_locked(rq, t, clock_now_ns()); /* until now at the old cost */
    if (p)
        apply(t, p);
    __atomic_store_n(&t->rt_prio, MAX(t->own_prio, t->boost), __ATOMIC_RELAXED);
    if (queued)
        runq_enqueue_locked(rq, t, false);
    else if (t->state == THREAD_RUNNING)
        runq_resched_locked(rq); /* perhaps another one is better now */
}

void thread_sched_set(struct thread *t, const struct sched_params *p)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    change_locked(rq, t, p);
    spin_unlock_irqrestore(&rq->lock, state);
}

bool thread_boost(struct thread *t, unsigned prio)
{
    u64 state;
    ASSERT(prio <= RT_PRIO_MAX);
    struct runq *rq = runq_lock_of(t, &state);
    u8 before = t->rt_prio;
    t->boost = (u8)prio;
    if (MAX(t->own_prio, t->boost) != before)
        change_locked(rq, t, NULL);
    bool changed = t->rt_prio != before;
    spin_unlock_irqrestore(&rq->lock, state);
    return changed;
}

u8 thread_rt_prio(const struct thread *t) { return __atomic_load_n(&t->rt_prio, __ATOMIC_RELAXED); }

void thread_sched_inherit(struct thread *child, struct thread *parent)
{
    ASSERT(child->state == THREAD_NEW);
    struct sched_params p = thread_sched_get(parent);
    if (p.reset_on_fork) {
        if (sched_policy_is_rt(p.policy))
            p = (struct sched_params){ .policy = SCHED_POLICY_OTHER };
        p.nice = MAX(p.nice, 0);
        p.reset_on_fork = false;
    }
    apply(child, &p);
    child->rt_prio = child->own_prio;
    child->allowed_cpus = thread_allowed_cpus(parent);
}

u64 sched_cpus(void) { return cpus_running_mask(); }

u64 thread_allowed_cpus(struct thread *t) { return __atomic_load_n(&t->allowed_cpus, __ATOMIC_RELAXED); }

/* RUNNING on a CPU that it must leave: it is made to choose again there, and carried on by the one
 * that runs next (schedule_finish). */
static struct runq *leave_cpu_locked(struct runq *rq, struct thread *t)
{
    if (t->state == THREAD_RUNNING)
        runq_resched_locked(rq);
    if (!t->queued)
        return rq;
    runq_remove_locked(rq, t);
    return place_move_locked(rq, t, place_least_loaded(t->allowed_cpus & cpus_running_mask()));
}

static bool runs_where_it_may(struct thread *t)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    bool ok = t->state != THREAD_RUNNING || place_allows(t, rq->cpu);
    spin_unlock_irqrestore(&rq->lock, state);
    return ok;
}

int thread_set_allowed_cpus(struct thread *t, u64 mask)
{
    u64 state;
    if (!(mask & sched_cpus()))
        return -EINVAL;
    struct runq *rq = runq_lock_of(t, &state);
    __atomic_store_n(&t->allowed_cpus, mask, __ATOMIC_RELAXED);
    if (!place_allows(t, rq->cpu))
        rq = leave_cpu_locked(rq, t);
    spin_unlock_irqrestore(&rq->lock, state);
    while (!runs_where_it_may(t))
        thread_yield();
    return 0;
}
