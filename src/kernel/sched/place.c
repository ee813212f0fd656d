/* Which CPU a thread goes to when it is new or wakes up.
 *
 * Handing over. Who writes into a pipe or wakes a futex often sleeps a moment later, and then its CPU
 * is free for the one it woke; another CPU would have to be interrupted, and would find nothing of
 * the data in its caches. Whether a thread does so is learnt: it gets a point when it slept within
 * HAND_OVER_NS of waking somebody, and loses all when it did not. With two points the woken thread
 * stays on the waker's CPU. If that was wrong it waits until the next tick there, which calls an
 * idle CPU (balance.c).
 *
 * Else: the CPU where it ran last if that has nothing to do, another one that has nothing to do, or
 * where it ran last. Real-time threads go where something less urgent runs. */
#include "sched/place.h"
#include "sched/clock.h"

#define HAND_OVER_NS 50000ull
#define HAND_OVER_SURE 2u
#define HAND_OVER_MAX 3u

static cpu_mask idle_cpus; /* atomic */

cpu_mask place_idle_cpus(void) { return __atomic_load_n(&idle_cpus, __ATOMIC_SEQ_CST); }

void place_note_idle(bool idle)
{
    cpu_mask me = cpu_bit(cpu_here->id);
    if (idle)
        __atomic_fetch_or(&idle_cpus, me, __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&idle_cpus, ~me, __ATOMIC_RELAXED);
}

/* Two wakers are not to choose the same one. */
static bool idle_claim(u32 cpu)
{
    return __atomic_fetch_and(&idle_cpus, ~cpu_bit(cpu), __ATOMIC_RELAXED) & cpu_bit(cpu);
}

void place_note_sleep(struct thread *t)
{
    bool soon = clock_now_ns() - t->woke_ns < HAND_OVER_NS;
    t->hands_over = soon ? MIN(t->hands_over + 1u, HAND_OVER_MAX) : 0;
    t->woke_ns = 0;
}

void place_note_ran(struct thread *t, u64 now_ns)
{
    if (!t->woke_ns || now_ns - t->woke_ns < HAND_OVER_NS)
        return;
    t->hands_over = 0;
    t->woke_ns = 0;
}

static bool waker_hands_over(struct cpu *c)
{
    struct thread *waker = c->current;
    if (c->irq_depth || waker == c->idle)
        return false;
    if (!waker->woke_ns)
        waker->woke_ns = clock_now_ns();
    return waker->hands_over >= HAND_OVER_SURE && !runq_of(c->id)->nready;
}

u32 place_load(u32 cpu)
{
    const struct runq *rq = runq_of(cpu);
    return __atomic_load_n(&rq->nready, __ATOMIC_RELAXED) + __atomic_load_n(&rq->busy, __ATOMIC_RELAXED);
}

u32 place_least_loaded(cpu_mask allowed)
{
    u32 best = (u32)__builtin_ctzl(allowed);
    for (cpu_mask left = allowed; left; left &= left - 1)
        if (place_load((u32)__builtin_ctzl(left)) < place_load(best))
            best = (u32)__builtin_ctzl(left);
    return best;
}

/* The CPU that runs the least urgent thread; `last` if no other is better. */
static u32 place_rt(cpu_mask allowed, u32 last)
{
    u32 best = allowed & cpu_bit(last) ? last : (u32)__builtin_ctzl(allowed);
    for (cpu_mask left = allowed; left; left &= left - 1) {
        u32 cpu = (u32)__builtin_ctzl(left);
        if (runq_of(cpu)->running_prio + runq_of(cpu)->rt.n < runq_of(best)->running_prio + runq_of(best)->rt.n)
            best = cpu;
    }
    return best;
}

static u32 place_elsewhere(const struct thread *t, cpu_mask allowed, u32 last)
{
    cpu_mask idle = place_idle_cpus() & allowed;
    if (idle & cpu_bit(last))
        return last;
    for (; idle; idle &= idle - 1)
        if (idle_claim((u32)__builtin_ctzl(idle)))
            return (u32)__builtin_ctzl(idle);
    if (unlikely(t->rt_prio))
        return place_rt(allowed, last);
    return likely(allowed & cpu_bit(last)) ? last : place_least_loaded(allowed);
}

u32 place_choose_locked(const struct runq *rq, const struct thread *t)
{
    struct cpu *here = this_cpu();
    if (cpus_running() == 1)
        return rq->cpu;
    cpu_mask allowed = t->allowed_cpus & cpus_running_mask();
    if (waker_hands_over(here) && (allowed & cpu_bit(here->id)) && !t->rt_prio)
        return here->id;
    return place_elsewhere(t, allowed, rq->cpu);
}

/* While no queue is locked the thread is READY and on none: others only mark it as woken, or change
 * what it is allowed. */
struct runq *place_move_locked(struct runq *rq, struct thread *t, u32 cpu)
{
    ASSERT(t->state == THREAD_READY && !t->queued);
    runq_come_back_locked(rq, t);
    i64 vtime = (i64)t->fair.vtime_ns + rq->skew * (1l << FAIRQ_SHIFT);
    for (;;) {
        __atomic_store_n(&t->cpu, cpu, __ATOMIC_RELAXED);
        spin_unlock_no_resched(&rq->lock);
        rq = runq_of(cpu);
        spin_lock(&rq->lock);
        if (likely(place_allows(t, cpu)))
            break;
        cpu = place_least_loaded(t->allowed_cpus & cpus_running_mask());
    }
    t->fair.vtime_ns = (u64)MAX(vtime - rq->skew * (1l << FAIRQ_SHIFT), 0);
    runq_enqueue_locked(rq, t, true);
    return rq;
}
