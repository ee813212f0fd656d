/* Running a function on other CPUs. */
#pragma once
#include "arch/percpu.h"

/* Runs fn(ctx) on each CPU of `who` but this one, and returns when all are done. fn runs there with
 * interrupts off, maybe in the middle of anything: it takes no lock, allocates nothing, and calls
 * nobody in turn. CPUs that call each other do not wait for ever, for who waits here or for a
 * spinlock answers meanwhile; whatever else waits with interrupts off must call smp_call_answer.
 * Not in interrupt handlers. Costs nothing if nobody else is in `who`. */
void smp_call(cpu_mask who, void (*fn)(void *ctx), void *ctx);
/* Does what other CPUs ask of this one. Interrupts off. */
void smp_call_answer(void);
/* The other CPU looks at its need_resched soon. */
void smp_send_resched(u32 cpu);
