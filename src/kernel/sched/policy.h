/* How a thread is scheduled, and who may change it: anybody, at any time; rights are linux's to check. */
#pragma once
#include "lib/types.h"
#include "sched/rtq.h"

struct thread;

enum sched_policy {
    SCHED_POLICY_OTHER,
    SCHED_POLICY_BATCH, /* like OTHER, but it computes: longer turns, never ahead of others by waking */
    SCHED_POLICY_IDLE,  /* what nobody else wants */
    SCHED_POLICY_FIFO,  /* real time: until it sleeps, yields or a higher priority comes */
    SCHED_POLICY_RR,    /* the same in turns of SCHED_RR_TURN_NS among those of one priority */
};
#define SCHED_RR_TURN_NS 100000000ull
#define SCHED_TURN_NS 4000000ull /* of the others, when few of them share a CPU */

static inline bool sched_policy_is_rt(enum sched_policy p) { return p >= SCHED_POLICY_FIFO; }

/* rt_prio: 1..99 for FIFO and RR, 0 for the rest. nice: -20..19; what is not fair keeps it for later. */
struct sched_params { enum sched_policy policy; u8 rt_prio; i8 nice; bool reset_on_fork; };

struct sched_params thread_sched_get(struct thread *t);
void thread_sched_set(struct thread *t, const struct sched_params *p);
/* Until it is told otherwise t runs with at least this real-time priority, whatever its policy; 0: no longer. True:
 * that made a difference. Any context. */
bool thread_boost(struct thread *t, unsigned prio);
/* The real-time priority that t runs with; 0: none. */
u8 thread_rt_prio(const struct thread *t);
/* A NEW thread gets what a child of `parent` gets, allowed CPUs included. */
void thread_sched_inherit(struct thread *child, struct thread *parent);

/* The CPUs that run threads, a bit each. */
u64 sched_cpus(void);
u64 thread_allowed_cpus(struct thread *t);
/* Those of mask that run; when this returns t runs on none of the others. -EINVAL: none of them. */
int thread_set_allowed_cpus(struct thread *t, u64 mask) MUST_CHECK;
