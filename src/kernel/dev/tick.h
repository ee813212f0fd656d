/* For timer drivers: what each periodic interrupt means to the kernel. */
#pragma once
#include "sched/clock.h"

/* TICK_HZ times a second on each running CPU, from the timer's interrupt handler. */
void tick_interrupt(void);
