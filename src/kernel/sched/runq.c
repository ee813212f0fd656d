/* Run queues, one per CPU: round robin with turns that survive sleeping.
 *
 * A thread's turn is about 8 ms of CPU time, used in one piece or in many. While some of it is
 * left, the thread comes back to the head of the queue (after sleeping or being interrupted by
 * another); when it is used up, it goes to the tail with a new one. So who sleeps a lot gets the
 * CPU at once, and yet two threads that wake each other for ever cannot starve a third: each
 * stays at the head for one turn at most. New threads start at the tail, so that forking wins
 * nothing.
 *
 * This file is the policy; another one replaces it by keeping the names in sched_priv.h. */
#include "arch/smp_call.h"
#include "sched/clock.h"
#include "sched/sched_priv.h"

#define TICK_NS (NSEC_PER_SEC / TICK_HZ)
#define TURN_NICE_NS 400000ull /* per step of nice: 19 -> 0.4 ms, 0 -> 8 ms, -20 -> 16 ms */

struct runq runqs[MAX_CPUS];

void runq_init(struct runq *rq, u32 cpu)
{
    spin_init(&rq->lock, "runq");
    list_init(&rq->ready);
    rq->cpu = cpu;
}

u64 runq_lock_local(struct runq **rq)
{
    u64 state = irq_save();
    *rq = this_cpu()->runq;
    spin_lock(&(*rq)->lock);
    return state;
}

struct runq *runq_lock_of(struct thread *t, u64 *irq_state)
{
    for (;;) {
        struct runq *rq = &runqs[__atomic_load_n(&t->cpu, __ATOMIC_RELAXED)];
        *irq_state = spin_lock_irqsave(&rq->lock);
        if (rq->cpu == t->cpu)
            return rq;
        spin_unlock_irqrestore(&rq->lock, *irq_state); /* it moved meanwhile */
    }
}

static u64 turn_ns(const struct thread *t)
{
    int nice = MAX(-20, MIN(19, (int)t->nice));
    return (u64)(20 - nice) * TURN_NICE_NS;
}

static void queue_locked(struct runq *rq, struct thread *t)
{
    ASSERT(list_empty(&t->runq_link));
    if (t->slice_left_ns) {
        list_push_front(&rq->ready, &t->runq_link);
    } else {
        t->slice_left_ns = turn_ns(t);
        list_push_back(&rq->ready, &t->runq_link);
    }
    rq->nready++;
}

void runq_enqueue_locked(struct runq *rq, struct thread *t)
{
    struct cpu *c = &cpus[rq->cpu];
    bool eager = t->slice_left_ns != 0;
    queue_locked(rq, t);
    /* A device's wake-up goes first: somebody waits for it outside. A thread's does not: it is
     * probably about to sleep, and a switch for every byte written would cost more. */
    if (c->current == c->idle || (eager && this_cpu()->irq_depth))
        runq_resched_locked(rq);
    else if (rq->nready == 1 && c == this_cpu())
        tick_want(MAX(((struct thread *)c->current)->slice_end_ns, 1)); /* it has a rival now */
}

void runq_requeue_locked(struct runq *rq, struct thread *t)
{
    queue_locked(rq, t);
}

struct thread *runq_pick_locked(struct runq *rq)
{
    struct list *first = list_pop_front(&rq->ready);
    if (!first)
        return NULL;
    rq->nready--;
    return list_entry(first, struct thread, runq_link);
}

void runq_account_locked(struct thread *t, u64 now_ns)
{
    t->cpu_ns += now_ns - t->started_ns;
    t->started_ns = now_ns;
}

void runq_charge_locked(struct thread *t, u64 now_ns)
{
    runq_account_locked(t, now_ns);
    t->slice_left_ns = t->slice_end_ns > now_ns ? t->slice_end_ns - now_ns : 0;
}

void runq_begin_locked(struct thread *t, u64 now_ns)
{
    if (!t->slice_left_ns)
        t->slice_left_ns = turn_ns(t);
    t->started_ns = now_ns;
    t->slice_end_ns = now_ns + t->slice_left_ns;
}

bool runq_turn_over_locked(struct runq *rq, const struct thread *current, u64 now_ns)
{
    if (!rq->nready)
        return false;
    /* Half a tick early is nearer to the truth than half a tick late. */
    return current == cpus[rq->cpu].idle || now_ns + TICK_NS / 2 >= current->slice_end_ns;
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

/* --- which CPU ------------------------------------------------------------------------------ */

/* CPUs with nothing to do that nobody has given a thread yet. */
static cpu_mask idle_cpus; /* atomic */

static bool idle_claim(u32 cpu)
{
    return __atomic_fetch_and(&idle_cpus, ~cpu_bit(cpu), __ATOMIC_RELAXED) & cpu_bit(cpu);
}

void runq_note_idle_locked(struct runq *rq, bool idle)
{
    if (idle)
        __atomic_fetch_or(&idle_cpus, cpu_bit(rq->cpu), __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&idle_cpus, ~cpu_bit(rq->cpu), __ATOMIC_RELAXED);
}

/* Where it ran last, unless that CPU is busy and another has nothing to do. */
u32 runq_choose_cpu_locked(const struct thread *t)
{
    cpu_mask idle = __atomic_load_n(&idle_cpus, __ATOMIC_RELAXED);
    if (!idle || idle & cpu_bit(t->cpu))
        return t->cpu;
    u32 cpu = (u32)__builtin_ctzl(idle);
    return idle_claim(cpu) ? cpu : t->cpu;
}
