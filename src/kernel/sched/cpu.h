/* A CPU joins the scheduler: prepared by one that runs already, then entered by itself. */
#pragma once
#include "lib/types.h"

/* Run queue and idle thread of CPU id, on whose stack it shall start. Once more for the same CPU does
 * no harm. -ENOMEM. */
int sched_cpu_prepare(u32 id, vaddr_t *stack_top) MUST_CHECK;
/* On that CPU, interrupts off: it becomes its idle thread, and runs what there is. */
NORETURN void sched_cpu_run(void);
