/* The time stamp counter as a clock. */
#pragma once
#include "lib/types.h"

extern u64 tsc_khz; /* 0 until tsc_calibrate */

/* Measures against the PIT by count (channel 2, gated), several short windows, keeping the best;
 * every wait has an end. forced_khz != 0 (tsc_khz= on the command line) is taken as it is. */
void tsc_calibrate(u64 forced_khz);
/* Nanoseconds since tsc_calibrate, never decreasing on one CPU. */
u64 tsc_now_ns(void);
/* The two numbers behind it: ns = (TSC - *base) * *ns_per_cycle >> 32. After tsc_calibrate. */
void tsc_scale(u64 *base, u64 *ns_per_cycle_32);
/* Spin, with interrupts as they are. For device waits of microseconds only. */
void tsc_delay_us(u64 us);
