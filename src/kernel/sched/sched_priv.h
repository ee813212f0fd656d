/* Inside of the scheduler: run queues and the switch. Not for other rooms. */
#pragma once
#include "sched/fairq.h"
#include "sched/rtq.h"
#include "sched/thread.h"

#define RUNQ_MANY 16u /* ready threads, from which on a turn is the least one */
#define SCHED_TURN_MIN_NS 1000000ull

/* One per CPU. What runs is not on the queue; nor is the idle thread, ever. */
struct runq {
    struct spinlock lock; /* irqsave; guards all fields here, and cpu->need_resched, ->user_work */
    u32 nready;
    u32 cpu;
    bool rt_throttled;
    bool busy;           /* not idle; others look at this and at the next without the lock */
    u8 running_prio;     /* rt_prio of what runs */
    struct thread *prev; /* whom a switch in progress leaves behind */
    enum after_switch { AFTER_NOTHING, AFTER_BURY, AFTER_CARRY } after; /* what else is to be done with it */
    u64 switches;
    u64 began_ns, user_ns, nice_ns;     /* since when it runs; what was told to be ring 3's, of nice > 0 apart */
    u64 rt_since_ns, rt_used_ns;        /* a period of the real-time limit, and what was used of it */
    u64 reserve_ns, reserve_at_ns;      /* what sleepers may still get on credit, as of when */
    u64 look_ns;                        /* what was asked of tick_want and has not come; TIME_NEVER */
    i64 skew;                           /* slots to add when virtual times of CPUs are compared */
    u32 receiver;                       /* who was given a thread last */
    u64 balance_ns;                     /* when to look at the other CPUs again; this CPU's alone */
    struct fairq fair;
    struct rtq rt;
} ALIGNED(64);

static inline struct runq *runq_of(u32 cpu) { return cpus[cpu].runq; }

void runq_init(struct runq *rq, u32 cpu);

/* Interrupts off, then the lock. Returns the state for spin_unlock_irqrestore. */
static inline u64 runq_lock_local(struct runq **rq)
{
    u64 state = irq_save();
    *rq = cpu_here->runq;
    spin_lock(&(*rq)->lock);
    return state;
}
/* The queue that t belongs to. */
static inline struct runq *runq_lock_of(struct thread *t, u64 *irq_state)
{
    for (;;) {
        struct runq *rq = runq_of(__atomic_load_n(&t->cpu, __ATOMIC_RELAXED));
        *irq_state = spin_lock_irqsave(&rq->lock);
        if (likely(rq->cpu == t->cpu))
            return rq;
        spin_unlock_irqrestore(&rq->lock, *irq_state); /* it moved meanwhile */
    }
}

/* The policy: who is next. All with the lock held. */
void runq_enqueue_locked(struct runq *rq, struct thread *t, bool foreign); /* a new, woken or moved thread */
void runq_remove_locked(struct runq *rq, struct thread *t);
/* Takes out the next one; `prev`, which ran and still wants to, comes in first unless it is NULL. `first`: it
 * goes on before its equals. NULL: none. */
struct thread *runq_next_locked(struct runq *rq, struct thread *prev, bool first);
u64 runq_turn_ns_locked(const struct runq *rq, struct thread *t); /* for one that begins */
/* Gives a child of `parent`, which runs here, its place in time. */
void runq_divide_locked(struct runq *rq, struct thread *parent, struct thread *child);
/* The slot that this CPU's virtual time has reached. */
u64 runq_time_locked(struct runq *rq);
/* Is the turn of what runs over? */
bool runq_turn_over_locked(struct runq *rq, const struct thread *current, u64 now_ns);
/* Asks for sched_tick() when that has to be looked at, if what runs has a rival. On this CPU. An earlier wish
 * that was not fulfilled yet stays: it is cheaper to be asked once in vain than to wish at every switch. */
void runq_look_soon_locked(struct runq *rq, const struct thread *current);
/* Once in a while: keeps real-time threads from taking all of the CPU. True: somebody else's turn. */
bool runq_rt_limit_locked(struct runq *rq, const struct thread *current, u64 now_ns);

/* It has run until now, and goes on. Another CPU's clock may be a little behind. */
static inline void runq_account_locked(struct runq *rq, struct thread *t, u64 now_ns)
{
    u64 ran = now_ns > t->started_ns ? now_ns - t->started_ns : 0;
    t->cpu_ns += ran;
    t->started_ns += ran;
    if (unlikely(t->rt_prio))
        rq->rt_used_ns += ran;
    else
        fair_charge(&t->fair, ran);
}

/* t runs from now. */
static inline void runq_begin_locked(struct runq *rq, struct thread *t, u64 now_ns)
{
    bool common = t->policy == SCHED_POLICY_OTHER && rq->nready < RUNQ_MANY;
    u64 turn = likely(common) ? SCHED_TURN_NS : runq_turn_ns_locked(rq, t);
    rq->running_prio = t->rt_prio;
    t->started_ns = now_ns;
    t->slice_min_ns = now_ns + SCHED_TURN_MIN_NS;
    t->slice_end_ns = now_ns + turn;
}

/* t, which has run until now, leaves this queue's time, and comes back to it as far from the others as it was. */
static inline void runq_leave_locked(struct runq *rq, struct thread *t)
{
    if (!rq->fair.n)
        fairq_follow(&rq->fair, &t->fair);
    t->left_slot = rq->fair.now;
}
static inline void runq_come_back_locked(const struct runq *rq, struct thread *t)
{
    t->fair.vtime_ns += (rq->fair.now - t->left_slot) << FAIRQ_SHIFT;
}

void runq_resched_locked(struct runq *rq);
/* NEW or BLOCKED -> READY, on the CPU that suits it. Returns its queue, which is locked instead of rq. */
struct runq *thread_ready_locked(struct runq *rq, struct thread *t) MUST_CHECK;

/* Gives the CPU to the next thread; returns when the caller runs again. Called with the current
 * CPU's queue locked (and nothing else) and interrupts off; returns unlocked, interrupts off. */
void schedule_locked(struct runq *rq);
/* First thing on a new thread's stack: the second half of the switch that led there. */
void schedule_finish(void);

/* thread.c: a thread without a place on any queue. */
int thread_alloc(const char *name, void (*entry)(void *), void *arg, struct thread **out) MUST_CHECK;
struct thread *thread_adopt(const char *name);
/* reaper.c: drops the scheduler's reference to a dead thread, later, where sleeping is allowed. */
void reaper_init(void);
void reaper_add(struct thread *dead);
/* Buries a few at once: so that no more of them wait than threads were made. Where memory may be freed. */
void reaper_help(void);
