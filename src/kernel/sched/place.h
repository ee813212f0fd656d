/* Which CPU a thread goes to. Inside of sched. */
#pragma once
#include "sched/sched_priv.h"

/* Where a new or woken thread is to wait for a CPU. rq: where it ran last; locked. */
u32 place_choose_locked(const struct runq *rq, const struct thread *t);
/* How many threads run or wait there; it may have changed already. */
u32 place_load(u32 cpu);
/* Some CPU that t may run on, the one with the least to do. */
u32 place_least_loaded(cpu_mask allowed);
/* t, READY and on no queue, goes to another CPU's. Returns that one, which is locked instead of rq. */
struct runq *place_move_locked(struct runq *rq, struct thread *t, u32 cpu) MUST_CHECK;

static inline bool place_allows(const struct thread *t, u32 cpu)
{
    return __atomic_load_n(&t->allowed_cpus, __ATOMIC_RELAXED) & cpu_bit(cpu);
}

/* CPUs with nothing to do that nobody has given a thread yet. */
cpu_mask place_idle_cpus(void);
/* This CPU idles from now on, or no longer. */
void place_note_idle(bool idle);

/* The current thread goes to sleep: had it just woken somebody? */
void place_note_sleep(struct thread *t);
/* It ran on until now. */
void place_note_ran(struct thread *t, u64 now_ns);

/* balance.c. Interrupts off, no queue locked. */
bool balance_idle(void);  /* takes a thread from a CPU that has too many; true: there is one to run */
void balance_busy(u64 now_ns); /* now and then on a CPU where threads wait */
