/* Inside of the scheduler: run queues and the switch. Not for other rooms. */
#pragma once
#include "sched/thread.h"

/* One per CPU. What runs is not on the queue; nor is the idle thread, ever. */
struct runq {
    struct spinlock lock; /* irqsave; guards all fields here, and cpu->need_resched, ->user_work */
    struct list ready;
    u32 nready;
    u32 cpu;
    struct thread *prev; /* whom a switch in progress leaves behind */
    u64 switches;
};
extern struct runq runqs[MAX_CPUS];

void runq_init(struct runq *rq, u32 cpu);
/* Interrupts off, then the lock. Returns the state for spin_unlock_irqrestore. */
u64 runq_lock_local(struct runq **rq);
/* The queue that t belongs to. */
struct runq *runq_lock_of(struct thread *t, u64 *irq_state);

/* The policy: who is next. All with the lock held. */
void runq_enqueue_locked(struct runq *rq, struct thread *t); /* a new or woken thread */
void runq_requeue_locked(struct runq *rq, struct thread *t); /* it ran and still wants to */
struct thread *runq_pick_locked(struct runq *rq);            /* takes it out; NULL: none */
void runq_account_locked(struct thread *t, u64 now_ns);      /* it has run until now, and goes on */
void runq_charge_locked(struct thread *t, u64 now_ns);       /* it ran until now */
void runq_begin_locked(struct thread *t, u64 now_ns);        /* it runs from now */
/* Is the turn of what runs over? */
bool runq_turn_over_locked(struct runq *rq, const struct thread *current, u64 now_ns);

void runq_resched_locked(struct runq *rq);
/* NEW or BLOCKED -> READY, on the CPU that suits it. Returns its queue, which is locked instead of rq. */
struct runq *thread_ready_locked(struct runq *rq, struct thread *t) MUST_CHECK;
/* Which CPU a new or woken thread shall run on. */
u32 runq_choose_cpu_locked(const struct thread *t);
/* At a switch: does this CPU idle from now on? */
void runq_note_idle_locked(struct runq *rq, bool idle);

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
