/* The timer in each CPU's local APIC, as its source of clock interrupts. */
#pragma once
#include "lib/types.h"

/* Boot CPU, after the TSC's frequency is known: tries the timer out and uses it if it counts. */
void lapic_clock_init(void);
/* Can it serve other CPUs? */
bool lapic_clock_works(void);
/* On each other CPU, with its local APIC on and interrupts off. */
void lapic_clock_init_cpu(void);
