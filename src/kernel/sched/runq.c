/* Run queues, one per CPU: who is next, and for how long.
 *
 *   real time (SCHED_FIFO, SCHED_RR)    rtq.h: by priority, always before the rest
 *   fair (SCHED_OTHER, _BATCH, _IDLE)   fairq.h: by virtual time, which nice stretches
 *
 * A turn is 4 ms while few want the CPU and 1 ms when many do. It ends early, but not before 1 ms,
 * when somebody with a real claim waits.
 *
 * Waking. A sleeper keeps its distance to the others: neither claim nor debt changes by sleeping as
 * such. But half of its sleep is credited to it, up to FAIRQ_LAG_NS in all, so that it goes before
 * those that compute. All credit of one CPU comes from a reserve that grows by a quarter of the time:
 * those that only compute keep three quarters, whatever the others do, and if thousands wake at once
 * only some of them get ahead, and the shell that wakes a moment later finds credit again. Without any
 * credit it still goes before those that have come equally far and whose turn ended (FAIR_EARLY).
 *
 * A device's wake-up (from an interrupt) goes first if its claim is better: somebody waits for it
 * outside. A thread's does not, it waits for the end of the turn: its waker is probably about to
 * sleep, and a switch for every byte written would cost more than it brings.
 *
 * Real-time threads that never sleep are stopped for 50 ms in each second (as by sched(7)'s
 * defaults), so that a shell can end them. */
#include "arch/smp_call.h"
#include "sched/clock.h"
#include "sched/sched_priv.h"

#define MSEC 1000000ull
#define LOOK_EARLY_NS 50000ull /* a clock interrupt that comes so early is not worth another one */
#define TURN_FIFO_NS (1ull << 60) /* it has no end */
#define TURN_BATCH_NS (16 * MSEC)
#define RESERVE_MAX_NS (4 * FAIRQ_LAG_NS)
#define RESERVE_PART 4u        /* the reserve is a quarter of the CPU's time */
#define CREDIT_PART 2u         /* a sleeper's credit is half of its sleep */
#define RT_PERIOD_NS NSEC_PER_SEC
#define RT_LIMIT_NS (950 * MSEC)
#define RT_LOOK_NS (50 * MSEC)

void runq_init(struct runq *rq, u32 cpu)
{
    spin_init(&rq->lock, "runq");
    rq->cpu = cpu;
    fairq_init(&rq->fair);
    rtq_init(&rq->rt);
    rq->look_ns = TIME_NEVER;
}

static inline void insert_locked(struct runq *rq, struct thread *t, enum fair_order order)
{
    ASSERT(!t->queued);
    t->queued = true;
    rq->nready++;
    if (unlikely(t->rt_prio))
        rtq_insert(&rq->rt, &t->runq_link, t->rt_prio, order == FAIR_FIRST);
    else
        fairq_insert(&rq->fair, &t->fair, order);
}

void runq_remove_locked(struct runq *rq, struct thread *t)
{
    ASSERT(t->queued);
    t->queued = false;
    t->left_slot = rq->fair.now;
    rq->nready--;
    if (t->rt_prio)
        rtq_remove(&rq->rt, &t->runq_link, t->rt_prio);
    else
        fairq_remove(&rq->fair, &t->fair);
}

static NOINLINE struct thread *next_with_rt_locked(struct runq *rq, struct thread *prev, bool first)
{
    if (prev)
        insert_locked(rq, prev, first ? FAIR_FIRST : FAIR_LAST);
    bool wait = rq->rt_throttled && rq->fair.n;
    struct list *l = wait ? NULL : rtq_pop(&rq->rt);
    struct thread *t = l ? list_entry(l, struct thread, runq_link) : container_of(fairq_pop(&rq->fair), struct thread, fair);
    t->queued = false;
    rq->nready--;
    return t;
}

struct thread *runq_next_locked(struct runq *rq, struct thread *prev, bool first)
{
    if (!rq->nready && !prev)
        return NULL;
    if (unlikely(rq->rt.n || (prev && prev->rt_prio)))
        return next_with_rt_locked(rq, prev, first);
    struct fair *f;
    if (prev) {
        prev->queued = true;
        f = fairq_exchange(&rq->fair, &prev->fair, first);
    } else {
        f = fairq_pop(&rq->fair);
        rq->nready--;
    }
    struct thread *t = container_of(f, struct thread, fair);
    t->queued = false;
    return t;
}

u64 runq_turn_ns_locked(const struct runq *rq, struct thread *t)
{
    if (t->policy == SCHED_POLICY_FIFO)
        return TURN_FIFO_NS;
    if (t->policy == SCHED_POLICY_RR)
        return t->slice_left_ns ? t->slice_left_ns : SCHED_RR_TURN_NS;
    if (t->policy == SCHED_POLICY_BATCH)
        return TURN_BATCH_NS;
    return rq->nready < RUNQ_MANY ? SCHED_TURN_NS : SCHED_TURN_MIN_NS;
}

/* How far the CPU's virtual time has come is seen when somebody leaves the queue; while it is empty
 * nobody does. */
static void follow_current_locked(struct runq *rq, struct thread *current)
{
    if (rq->fair.n || !rq->busy || current->rt_prio)
        return;
    runq_account_locked(rq, current, clock_now_ns());
    fairq_follow(&rq->fair, &current->fair);
}

u64 runq_time_locked(struct runq *rq)
{
    follow_current_locked(rq, cpus[rq->cpu].current);
    return rq->fair.now;
}

static u64 reserve_locked(struct runq *rq, u64 now_ns)
{
    u64 passed = now_ns - MIN(now_ns, rq->reserve_at_ns);
    rq->reserve_at_ns = now_ns;
    rq->reserve_ns = MIN(RESERVE_MAX_NS, rq->reserve_ns + passed / RESERVE_PART);
    return rq->reserve_ns;
}

static void give_credit_locked(struct runq *rq, struct thread *t)
{
    u64 now = clock_now_ns(), slept = now > t->started_ns ? now - t->started_ns : 0;
    rq->reserve_ns -= fairq_credit(&rq->fair, &t->fair, MIN(slept / CREDIT_PART, reserve_locked(rq, now)));
}

/* t has slept, is new or comes from another CPU: where is it in this CPU's time? */
static void place_in_time_locked(struct runq *rq, struct thread *t, struct thread *current, bool foreign)
{
    follow_current_locked(rq, current);
    if (!foreign)
        runq_come_back_locked(rq, t);
    else if (!rq->busy && !rq->fair.n)
        fairq_follow(&rq->fair, &t->fair); /* nobody else is here: its time is the CPU's */
    fairq_bound(&rq->fair, &t->fair, foreign);
    if (rq->fair.n && t->policy == SCHED_POLICY_OTHER && t->fair.vtime_ns > fairq_floor_ns(&rq->fair) && !foreign)
        give_credit_locked(rq, t);
}

static bool has_better_claim(const struct fair *f, const struct thread *current)
{
    return !current->rt_prio && fair_slot(f) < fair_slot(&current->fair);
}

static bool goes_first_locked(struct runq *rq, struct thread *current, const struct thread *t)
{
    if (current == cpus[rq->cpu].idle)
        return true;
    if (unlikely(t->rt_prio | current->rt_prio))
        return t->rt_prio > current->rt_prio && !rq->rt_throttled;
    if (t->policy != SCHED_POLICY_OTHER)
        return false;
    if (current->policy == SCHED_POLICY_IDLE)
        return true;
    if (likely(!cpu_here->irq_depth)) /* started_ns: no later than now, and read without the clock */
        return has_better_claim(&t->fair, current) && current->started_ns >= current->slice_min_ns;
    runq_account_locked(rq, current, clock_now_ns());
    return t->fair.vtime_ns < current->fair.vtime_ns;
}

/* What runs has a rival. Another CPU finds out by choosing again. */
static void tell_rival_locked(struct runq *rq, struct thread *current)
{
    if (rq->cpu == cpu_here->id)
        runq_look_soon_locked(rq, current);
    else if (rq->nready == 1)
        runq_resched_locked(rq);
}

void runq_enqueue_locked(struct runq *rq, struct thread *t, bool foreign)
{
    struct thread *current = cpus[rq->cpu].current;
    if (likely(!t->rt_prio))
        place_in_time_locked(rq, t, current, foreign);
    insert_locked(rq, t, t->policy == SCHED_POLICY_OTHER && !foreign ? FAIR_EARLY : FAIR_LAST);
    if (goes_first_locked(rq, current, t)) {
        if (!current->rt_prio && fair_slot(&t->fair) == fair_slot(&current->fair))
            current->slice_end_ns = 0; /* else it went on, before its equals */
        runq_resched_locked(rq);
    } else {
        tell_rival_locked(rq, current);
    }
}

void runq_divide_locked(struct runq *rq, struct thread *parent, struct thread *child)
{
    child->left_slot = rq->fair.now;
    child->started_ns = clock_now_ns(); /* it has not slept: no credit for the time before its birth */
    if (parent->rt_prio || !rq->busy) {
        child->fair.vtime_ns = fairq_now_ns(&rq->fair);
        return;
    }
    follow_current_locked(rq, parent);
    child->left_slot = rq->fair.now;
    rq->reserve_ns -= fairq_divide(&rq->fair, &parent->fair, &child->fair, reserve_locked(rq, child->started_ns));
}

/* Somebody fair waits whose claim is better by a slot at least. */
static bool claim_waits_locked(const struct runq *rq, const struct thread *current)
{
    return rq->fair.n && !current->rt_prio && fairq_first_slot(&rq->fair) < fair_slot(&current->fair);
}

static u64 look_ns_locked(const struct runq *rq, const struct thread *current)
{
    if (!rq->nready)
        return TIME_NEVER;
    if (unlikely(current->rt_prio))
        return MIN(current->slice_end_ns, current->started_ns + RT_LOOK_NS);
    return claim_waits_locked(rq, current) ? current->slice_min_ns : current->slice_end_ns;
}

void runq_look_soon_locked(struct runq *rq, const struct thread *current)
{
    u64 at = look_ns_locked(rq, current);
    if (at >= rq->look_ns)
        return;
    rq->look_ns = at;
    tick_want(at);
}

bool runq_turn_over_locked(struct runq *rq, const struct thread *current, u64 now_ns)
{
    if (!rq->nready)
        return false;
    u64 end = claim_waits_locked(rq, current) ? current->slice_min_ns : current->slice_end_ns;
    return current == cpus[rq->cpu].idle || now_ns + LOOK_EARLY_NS >= end;
}

bool runq_rt_limit_locked(struct runq *rq, const struct thread *current, u64 now_ns)
{
    if (now_ns - rq->rt_since_ns >= RT_PERIOD_NS) {
        bool was = rq->rt_throttled;
        rq->rt_since_ns = now_ns;
        rq->rt_used_ns = 0;
        rq->rt_throttled = false;
        return was && rq->rt.n && !current->rt_prio;
    }
    if (rq->rt_used_ns < RT_LIMIT_NS || rq->rt_throttled || !rq->fair.n)
        return false;
    rq->rt_throttled = true;
    return current->rt_prio;
}

void runq_resched_locked(struct runq *rq)
{
    struct cpu *c = &cpus[rq->cpu];
    ASSERT(spin_held(&rq->lock));
    bool told = c->need_resched;
    c->need_resched = 1;
    c->user_work |= WORK_RESCHED;
    if (!told && c != this_cpu())
        smp_send_resched(rq->cpu);
}
