/* What the files of mm/ share. */
#pragma once
#include "arch/cpu.h"
#include "lib/types.h"

/* Memory below 1 MiB never enters circulation: firmware data, the real-mode start of other CPUs,
 * and a page 0 that must not look like "no page". */
#define LOW_MEMORY_END 0x100000ull

/* kstack_mark.c: called when a stack is made. */
void kstack_mark_new(void *base, size_t npages);

/* The checks compare sums that lie in several places, and what is just moving from one to the other
 * is in neither or in both. A difference is real when it stays: so many looks, with a pause after
 * each in which others, also a preempted thread of this CPU, get on. */
#define CHECK_LOOKS 2000u
static inline void check_pause(void)
{
    for (unsigned i = 0; i < 500; i++)
        cpu_relax();
}
