/* The page that every program sees: the clock without a system call. Runs in ring 3, in the program's
 * own time and on its stack; compiled and linked apart from the kernel (tools/build.mk) as a shared
 * object of one page, which the C libraries find by AT_SYSINFO_EHDR (Linux, vdso(7)). */
#include "vdso.h"

#define NS_PER_SEC 1000000000ul
#define EXPORT __attribute__((visibility("default")))

/* Linux's numbers (uapi/linux/time.h). */
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_MONOTONIC_RAW = 4, CLOCK_REALTIME_COARSE = 5,
       CLOCK_MONOTONIC_COARSE = 6, CLOCK_BOOTTIME = 7, CLOCK_TAI = 11 };
enum { REAL_CLOCKS = 1u << CLOCK_REALTIME | 1u << CLOCK_REALTIME_COARSE | 1u << CLOCK_TAI,
       STEADY_CLOCKS = 1u << CLOCK_MONOTONIC | 1u << CLOCK_MONOTONIC_RAW | 1u << CLOCK_MONOTONIC_COARSE | 1u << CLOCK_BOOTTIME };

struct timespec { long sec, nsec; };
struct timeval { long sec, usec; };

#define HIDDEN __attribute__((visibility("hidden")))
extern const volatile struct vdso_clock vdso_clock HIDDEN; /* vdso.lds */
HIDDEN long vdso_clock_gettime_call(int id, struct timespec *ts); /* call.asm */

static unsigned long now_ns(void)
{
    unsigned long cycles = __builtin_ia32_rdtsc() - vdso_clock.tsc_base;
    return (unsigned long)((unsigned __int128)cycles * vdso_clock.ns_per_cycle >> 32);
}

EXPORT int __vdso_clock_gettime(int id, struct timespec *ts)
{
    unsigned bit = (unsigned)id < 32 ? 1u << id : 0;
    if (!(bit & (REAL_CLOCKS | STEADY_CLOCKS)))
        return (int)vdso_clock_gettime_call(id, ts);
    unsigned long ns = now_ns() + (bit & REAL_CLOCKS ? vdso_clock.realtime_offset_ns : 0);
    ts->sec = (long)(ns / NS_PER_SEC);
    ts->nsec = (long)(ns % NS_PER_SEC);
    return 0;
}

EXPORT int __vdso_gettimeofday(struct timeval *tv, int *zone)
{
    unsigned long ns = now_ns() + vdso_clock.realtime_offset_ns;
    if (tv)
        *tv = (struct timeval){ (long)(ns / NS_PER_SEC), (long)(ns % NS_PER_SEC / 1000) };
    if (zone)
        zone[0] = zone[1] = 0; /* as the system call: the kernel knows no time zone */
    return 0;
}

EXPORT long __vdso_time(long *out)
{
    long seconds = (long)((now_ns() + vdso_clock.realtime_offset_ns) / NS_PER_SEC);
    if (out)
        *out = seconds;
    return seconds;
}
