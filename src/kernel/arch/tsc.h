/* The time stamp counter as a clock. */
#pragma once
#include "lib/types.h"

extern u64 tsc_khz; /* 0 until tsc_calibrate */

/* A counter of known frequency that the TSC can be measured against, made known by its driver.
 * read() may be called at any time and counts upwards, modulo mask + 1 (a power of two). */
struct tsc_reference { const char *name; u64 hz; u32 mask; u32 (*read)(void); };
/* Before tsc_calibrate. Kept by address, the first few; wide ones are asked before narrow ones. */
void tsc_reference_add(const struct tsc_reference *ref);

/* Finds the frequency: forced_khz (tsc_khz= on the command line), what CPUID or the hypervisor
 * says, a measurement against one of the references, or a guess. Every wait has an end. Returns
 * who said so, for the log. */
const char *tsc_calibrate(u64 forced_khz);
/* Nanoseconds since tsc_calibrate, never decreasing on one CPU. */
u64 tsc_now_ns(void);
/* The TSC's value at that time, within a cycle or so for times that are near. */
u64 tsc_at_ns(u64 ns);
/* The numbers behind it: (TSC - base) << shift, times sec_scale, is seconds with 64 bits behind the
 * point; times ns_scale it is nanoseconds, the same ones: ns_scale = sec_scale * 10^9. */
struct tsc_scale { u64 base, sec_scale, ns_scale; u32 shift; };
extern struct tsc_scale tsc_scale; /* after tsc_calibrate */
/* Spin, with interrupts as they are. For device waits of microseconds only. */
void tsc_delay_us(u64 us);

/* kHz by the reference, or 0 if it does not count evenly (tsc_measure.c). */
u64 tsc_measure(const struct tsc_reference *ref);
/* What the processor or its hypervisor says; 0: nothing (tsc_cpuid.c). */
u64 tsc_khz_told(const char **by);
/* The same, from the processor's nominal frequency: near, not exact. */
u64 tsc_khz_nominal(void);
