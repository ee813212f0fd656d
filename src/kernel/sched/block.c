/* Sleeping and waking.
 *
 * No wake-up is lost: prepare clears `woken` before the caller looks at its condition, and a waker
 * changes the condition before it sets `woken` under the run queue's lock, where thread_block looks
 * at it for the last time. A waker that comes while the sleeper is still on its way off the CPU
 * waits for that same lock (see schedule.c).
 *
 * Prepared sleeps nest, because a condition may take a mutex, which sleeps too. The inner sleep
 * uses up `woken`; when it ends it sets it again, so that the outer one looks at its condition
 * once more rather than miss something. */
#include "arch/smp_call.h"
#include "lib/errno.h"
#include "sched/clock.h"
#include "sched/place.h"
#include "sched/sched_priv.h"

#define WAIT_DEPTH_MAX 16

struct alarm { struct timer timer; struct thread *thread; bool fired; };

static void alarm_ring(struct timer *timer)
{
    struct alarm *a = container_of(timer, struct alarm, timer);
    __atomic_store_n(&a->fired, true, __ATOMIC_RELEASE);
    thread_wake(a->thread);
}

static bool interrupt_pending(const struct thread *t)
{
    return __atomic_load_n(&t->work, __ATOMIC_ACQUIRE) & (WORK_SIGNAL | WORK_EXIT);
}

void thread_block_prepare(bool interruptible)
{
    struct thread *t = thread_current();
    lock_may_sleep("waiting");
    ASSERT(t->wait_depth < WAIT_DEPTH_MAX);
    t->wait_depth++;
    t->wait_kinds = t->wait_kinds << 1 | interruptible;
    __atomic_store_n(&t->woken, false, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* before any load of the condition */
}

void thread_block_cancel(void)
{
    struct thread *t = thread_current();
    ASSERT(t->wait_depth > 0);
    t->wait_kinds >>= 1;
    if (--t->wait_depth)
        __atomic_store_n(&t->woken, true, __ATOMIC_SEQ_CST);
}

static void block_unless_woken(struct thread *t, bool interruptible)
{
    struct runq *rq;
    u64 state = runq_lock_local(&rq);
    if (t->woken || (interruptible && interrupt_pending(t))) {
        spin_unlock_irqrestore(&rq->lock, state);
        return;
    }
    if (t->woke_ns)
        place_note_sleep(t);
    t->interruptible = interruptible;
    t->state = THREAD_BLOCKED;
    schedule_locked(rq);
    irq_restore(state);
}

static bool block_until(struct thread *t, bool interruptible, u64 deadline_ns)
{
    struct alarm a = { .thread = t };
    if (clock_now_ns() >= deadline_ns)
        return true;
    timer_init(&a.timer, alarm_ring);
    timer_arm(&a.timer, deadline_ns);
    block_unless_woken(t, interruptible);
    timer_cancel(&a.timer);
    return __atomic_load_n(&a.fired, __ATOMIC_ACQUIRE);
}

int thread_block(u64 deadline_ns)
{
    struct thread *t = thread_current();
    bool interruptible = t->wait_kinds & 1, late = false;
    ASSERT(sched_may_sleep() && t->wait_depth > 0);
    if (deadline_ns)
        late = block_until(t, interruptible, deadline_ns);
    else
        block_unless_woken(t, interruptible);
    thread_block_cancel();
    if (interruptible && interrupt_pending(t))
        return -EINTR;
    return late ? -ETIMEDOUT : 0;
}

struct runq *thread_ready_locked(struct runq *rq, struct thread *t)
{
    ASSERT(t->state == THREAD_NEW || t->state == THREAD_BLOCKED);
    t->state = THREAD_READY;
    t->interruptible = false;
    u32 cpu = place_choose_locked(rq, t);
    if (unlikely(cpu != rq->cpu))
        return place_move_locked(rq, t, cpu);
    runq_enqueue_locked(rq, t, false);
    return rq;
}

void thread_wake(struct thread *t)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    if (t->state == THREAD_BLOCKED)
        rq = thread_ready_locked(rq, t);
    else
        __atomic_store_n(&t->woken, true, __ATOMIC_SEQ_CST);
    spin_unlock_irqrestore(&rq->lock, state);
}

/* What runs on this queue's CPU looks at its work before it returns to ring 3, and soon. */
static void thread_look_locked(struct runq *rq, u32 work_bits)
{
    cpus[rq->cpu].user_work |= work_bits;
    if (rq->cpu != cpu_here->id)
        smp_send_resched(rq->cpu);
}

void thread_interrupt(struct thread *t, u32 work_bits)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    ASSERT(!(work_bits & WORK_RESCHED)); /* a CPU's business, not a thread's */
    __atomic_or_fetch(&t->work, work_bits, __ATOMIC_SEQ_CST);
    if (t->state == THREAD_BLOCKED && t->interruptible)
        rq = thread_ready_locked(rq, t);
    else if (t->state == THREAD_RUNNING)
        thread_look_locked(rq, work_bits);
    spin_unlock_irqrestore(&rq->lock, state);
}

int sleep_until_ns(u64 deadline_ns, bool interruptible)
{
    while (clock_now_ns() < deadline_ns) {
        thread_block_prepare(interruptible);
        if (thread_block(deadline_ns) == -EINTR)
            return -EINTR;
    }
    return 0;
}
