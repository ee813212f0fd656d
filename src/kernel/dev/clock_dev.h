/* For clock drivers: the wall time at boot, counters that the TSC is measured against, and short
 * waits for hardware. */
#pragma once
#include "arch/tsc.h"
#include "sched/clock.h"

/* Seconds since 1970-01-01 00:00 UTC, as the hardware clock has it. */
static inline void clock_dev_set(u64 unix_seconds) { clock_set_realtime_ns(unix_seconds * NSEC_PER_SEC); }
/* Spins. Microseconds to a few milliseconds only. */
static inline void delay_us(u64 us) { tsc_delay_us(us); }
