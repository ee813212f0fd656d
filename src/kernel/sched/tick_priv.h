/* Between timer.c and tick.c. */
#pragma once
#include "sched/clock.h"

/* Runs this CPU's timers that are due at now_ns. In its clock interrupt. */
void timer_run(u64 now_ns);
/* When the first of this CPU's timers is due; TIME_NEVER. Interrupts off. */
u64 timer_first_ns(void);
/* Something on this CPU is due at deadline_ns: the hardware is armed for it if it was not for
 * something earlier. Interrupts off. */
void tick_program(u64 deadline_ns);
