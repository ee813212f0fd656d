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
HIDDEN unsigned vdso_cpu(void);                                   /* call.asm */

static inline __attribute__((always_inline)) unsigned long cycles_now(void)
{
    return (__builtin_ia32_rdtsc() - vdso_clock.base) << vdso_clock.shift;
}

static inline __attribute__((always_inline)) unsigned long now_ns(void)
{
    return (unsigned long)((unsigned __int128)cycles_now() * vdso_clock.ns_scale >> 64);
}

/* Seconds and their fraction come out of one product: nothing is divided. */
static inline __attribute__((always_inline)) void steady_put(struct timespec *ts)
{
    unsigned __int128 seconds = (unsigned __int128)cycles_now() * vdso_clock.sec_scale;
    ts->sec = (long)(unsigned long)(seconds >> 64);
    ts->nsec = (long)(unsigned long)((unsigned __int128)(unsigned long)seconds * NS_PER_SEC >> 64);
}

static __attribute__((noinline)) int real_put(struct timespec *ts)
{
    unsigned long ns = now_ns() + vdso_clock.realtime_offset_ns;
    ts->sec = (long)(ns / NS_PER_SEC);
    ts->nsec = (long)(ns % NS_PER_SEC);
    return 0;
}

static __attribute__((noinline)) int other_clock(int id, struct timespec *ts)
{
    unsigned bit = (unsigned)id < 32 ? 1u << id : 0;
    if (bit & REAL_CLOCKS)
        return real_put(ts);
    if (!(bit & STEADY_CLOCKS))
        return (int)vdso_clock_gettime_call(id, ts);
    steady_put(ts);
    return 0;
}

/* The clock that nearly everybody asks for goes straight. */
EXPORT int __vdso_clock_gettime(int id, struct timespec *ts)
{
    if (__builtin_expect(id != CLOCK_MONOTONIC, 0))
        return other_clock(id, ts);
    steady_put(ts);
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

/* The machine has one node of memory. The third argument has been nothing for long. */
EXPORT long __vdso_getcpu(unsigned *cpu, unsigned *node)
{
    if (cpu)
        *cpu = vdso_cpu();
    if (node)
        *node = 0;
    return 0;
}
