/* Evening out the CPUs.
 *
 * A CPU that has nothing to do looks for a thread that waits elsewhere (balance_idle). A CPU where
 * threads wait wakes an idle one so that it does that, and gives a thread away to one that has two
 * less (balance_busy).
 *
 * Where the number of threads cannot be even, as three on two CPUs, fairness takes turns: virtual
 * time passes faster on the CPU with less to do, so a thread of the other one has the better claim
 * there soon, and is given away. For this the CPUs' times must be comparable: to each belongs a skew,
 * which moved threads take into account. When two have come so far apart that it means nothing (one
 * idled, or had only nice threads), the later time is right for both: all come to agree in this way,
 * which they would not if whoever compares believed the other.
 *
 * Never are two queues locked at once: a thread is carried (place_move_locked). What is read of
 * other CPUs without a lock may be old; the next time corrects it. */
#include "arch/smp_call.h"
#include "sched/clock.h"
#include "sched/place.h"

#define BALANCE_NS 8000000ull
#define LEAD_SLOTS 2   /* so far ahead must another CPU's time be */
#define APART_SLOTS 40 /* what two CPUs that share their threads never come to */
#define LOOKS_MAX 16u  /* threads that are looked at to find one that may move */

static bool is_allowed(const struct fair *f, u32 cpu)
{
    return place_allows(container_of(f, struct thread, fair), cpu);
}

/* A waiting thread that may run on `cpu`, out of its queue; NULL. last: the one with the least claim. */
static struct thread *take_locked(struct runq *rq, u32 cpu, bool last)
{
    struct fair *f = last ? fairq_last(&rq->fair) : fairq_first(&rq->fair);
    for (unsigned looks = 0; f && looks < LOOKS_MAX; looks++) {
        if (is_allowed(f, cpu)) {
            struct thread *t = container_of(f, struct thread, fair);
            runq_remove_locked(rq, t);
            return t;
        }
        f = last ? fairq_before(&rq->fair, f) : fairq_after(&rq->fair, f);
    }
    return NULL;
}

static struct thread *take_rt_locked(struct runq *rq, u32 cpu)
{
    struct thread *t;
    unsigned prio = rtq_highest(&rq->rt);
    if (!prio)
        return NULL;
    list_for_each(t, &rq->rt.prio[prio], runq_link)
        if (place_allows(t, cpu)) {
            runq_remove_locked(rq, t);
            return t;
        }
    return NULL;
}

/* Interrupts are off. True: something was there. */
static bool carry(u32 from, u32 to, bool last)
{
    struct runq *rq = runq_of(from);
    spin_lock(&rq->lock);
    struct thread *t = take_rt_locked(rq, to);
    if (!t)
        t = take_locked(rq, to, last);
    if (t)
        rq = place_move_locked(rq, t, to);
    spin_unlock_no_resched(&rq->lock);
    return t;
}

bool balance_idle(void)
{
    u32 me = this_cpu()->id, most = 0, from = me;
    for (u32 i = 0; i < cpus_running(); i++) {
        u32 n = __atomic_load_n(&runq_of(i)->nready, __ATOMIC_RELAXED);
        if (i != me && n > most) {
            most = n;
            from = i;
        }
    }
    return most && carry(from, me, false);
}

/* How far a CPU's virtual time has come, in slots; its skew included. */
static i64 time_of(u32 cpu)
{
    struct runq *rq = runq_of(cpu);
    spin_lock(&rq->lock);
    i64 slot = (i64)runq_time_locked(rq) + rq->skew;
    spin_unlock_no_resched(&rq->lock);
    return slot;
}

static void time_forward(u32 cpu, i64 slots)
{
    struct runq *rq = runq_of(cpu);
    spin_lock(&rq->lock);
    rq->skew += slots;
    spin_unlock_no_resched(&rq->lock);
}

/* The other CPU has less to do, but not so much less that a thread would stay there. */
static void take_turns(struct runq *rq, u32 to)
{
    i64 lead = time_of(to) - time_of(rq->cpu);
    if (lead > APART_SLOTS)
        time_forward(rq->cpu, lead);
    else if (lead < -APART_SLOTS)
        time_forward(to, -lead);
    else if (lead >= LEAD_SLOTS)
        (void)carry(rq->cpu, to, false);
}

/* Of those with equally little to do another one each time, so that all get their turn. */
static u32 receiver(struct runq *rq)
{
    cpu_mask others = cpus_running_mask() & ~cpu_bit(rq->cpu);
    rq->receiver = (rq->receiver + 1) % cpus_running();
    cpu_mask from_there = others & ~0ul << rq->receiver;
    u32 least = place_least_loaded(others);
    u32 next = from_there ? place_least_loaded(from_there) : least;
    return place_load(next) <= place_load(least) ? next : least;
}

static void give_away(struct runq *rq)
{
    u32 to = receiver(rq);
    u32 mine = rq->nready + 1, its = place_load(to);
    if (its + 2 <= mine)
        (void)carry(rq->cpu, to, true);
    else if (its < mine)
        take_turns(rq, to);
}

void balance_busy(u64 now_ns)
{
    struct cpu *c = this_cpu();
    struct runq *rq = c->runq;
    if (!rq->nready || now_ns < rq->balance_ns || cpus_running() == 1)
        return;
    rq->balance_ns = now_ns + BALANCE_NS;
    cpu_mask idle = place_idle_cpus() & ~cpu_bit(c->id);
    if (idle)
        smp_send_resched((u32)__builtin_ctzl(idle));
    else
        give_away(rq);
}
