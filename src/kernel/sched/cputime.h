/* A thread's CPU time, told apart into ring 3 and kernel.
 *
 * All of it (cpu_ns) is exact: the TSC is read at every switch. Where it went is looked up now and
 * then (sched/tick.c): what passed since the last look goes to where the thread is found. Reading
 * both clocks at every entry of the kernel would cost a null system call a third of its time.
 * Between looks, and when somebody asks, the last place seen is believed; at first ring 3. What was
 * told once stays told, so neither part ever goes back. */
#pragma once
#include "sched/sched_priv.h"

/* The clock interrupt found t running here, and cpu_ns is right. */
void cputime_look_locked(struct thread *t);

static inline bool cputime_is_watched(const struct thread *t)
{
    return t->cpu_watch && __atomic_load_n(t->cpu_watch, __ATOMIC_RELAXED);
}
