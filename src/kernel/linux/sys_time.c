/* What time it is, by which clock, and setting it. */
#include "lib/errno.h"
#include "linux/cpu_clock.h"
#include "linux/lx_clock.h"
#include "linux/syscall.h"
#include "linux/sys_timerfd.h"
#include "linux/vdso_page.h"

#define USEC_PER_SEC 1000000ll
#define SEC_MAX (UINT64_MAX / NSEC_PER_SEC)
#define SET_SEC_MAX ((INT64_MAX / (i64)NSEC_PER_SEC) - 30ll * 365 * 86400) /* 30 years may pass until the end */
#define RESOLUTION_NS 1u

int lx_timespec_get(uptr_t user, u64 *ns)
{
    struct lx_timespec ts;
    if (copy_from_user(&ts, user, sizeof ts))
        return -EFAULT;
    if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= (i64)NSEC_PER_SEC)
        return -EINVAL;
    *ns = (u64)ts.sec >= SEC_MAX ? UINT64_MAX : (u64)ts.sec * NSEC_PER_SEC + (u64)ts.nsec;
    return 0;
}

int lx_timespec_put(uptr_t user, u64 ns)
{
    struct lx_timespec ts = { (i64)(ns / NSEC_PER_SEC), (i64)(ns % NSEC_PER_SEC) };
    return copy_to_user(user, &ts, sizeof ts);
}

int lx_timeval_put(uptr_t user, u64 ns)
{
    struct lx_timeval tv = { (i64)(ns / NSEC_PER_SEC), (i64)(ns % NSEC_PER_SEC / 1000) };
    return copy_to_user(user, &tv, sizeof tv);
}

int lx_timeval_get(uptr_t user, u64 *ns)
{
    struct lx_timeval tv;
    if (copy_from_user(&tv, user, sizeof tv))
        return -EFAULT;
    if (tv.sec < 0 || tv.usec < 0 || tv.usec >= USEC_PER_SEC)
        return -EINVAL;
    *ns = (u64)tv.sec >= SEC_MAX ? UINT64_MAX : (u64)tv.sec * NSEC_PER_SEC + (u64)tv.usec * 1000;
    return 0;
}

u64 lx_realtime_to_monotonic(u64 realtime_ns)
{
    u64 now = clock_realtime_ns();
    return realtime_ns <= now ? clock_now_ns() : lx_deadline(clock_now_ns(), realtime_ns - now);
}

int lx_clock_read(int id, u64 *ns)
{
    struct cpu_clock cpu;
    switch (id) {
    case LX_CLOCK_REALTIME: case LX_CLOCK_REALTIME_COARSE: case LX_CLOCK_REALTIME_ALARM: case LX_CLOCK_TAI:
        *ns = clock_realtime_ns(); /* nobody told us of leap seconds: TAI is the same, as on Linux */
        return 0;
    case LX_CLOCK_MONOTONIC: case LX_CLOCK_MONOTONIC_RAW: case LX_CLOCK_MONOTONIC_COARSE: case LX_CLOCK_BOOTTIME:
    case LX_CLOCK_BOOTTIME_ALARM:
        *ns = clock_now_ns();
        return 0;
    default:
        return cpu_clock_parse(id, &cpu) ? cpu_clock_read(&cpu, ns) : -EINVAL;
    }
}

long sys_clock_gettime(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int r = lx_clock_read((int)id, &ns);
    return r < 0 ? r : lx_timespec_put(uptr(uts), ns);
}

/* Of the alarm clocks only the time is there: nothing here wakes a sleeping machine. */
static bool is_alarm_clock(int id) { return id == LX_CLOCK_REALTIME_ALARM || id == LX_CLOCK_BOOTTIME_ALARM; }

long sys_clock_getres(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int clock = (int)id, r = is_alarm_clock(clock) ? -EINVAL : lx_clock_read(clock, &ns);
    bool coarse = clock == LX_CLOCK_REALTIME_COARSE || clock == LX_CLOCK_MONOTONIC_COARSE;
    if (r < 0 || !uts)
        return r;
    return lx_timespec_put(uptr(uts), coarse ? NSEC_PER_SEC / TICK_HZ : RESOLUTION_NS);
}

/* The moment of the boot stays in the era, so that real time is never before monotonic time. */
int lx_realtime_set(u64 ns)
{
    if (ns / NSEC_PER_SEC >= (u64)SET_SEC_MAX)
        return -EINVAL;
    if (!lx_capable(LX_CAP_SYS_TIME))
        return -EPERM;
    if (ns < clock_now_ns())
        return -EINVAL;
    clock_set_realtime_ns(ns);
    vdso_clock_set();
    timerfd_clock_was_set();
    return 0;
}

long sys_clock_settime(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    struct cpu_clock cpu;
    int clock = (int)id;
    bool of_others = clock < 0 && cpu_clock_parse(clock, &cpu);
    if (clock != LX_CLOCK_REALTIME && !of_others)
        return -EINVAL;
    int r = lx_timespec_get(uptr(uts), &ns);
    if (r < 0)
        return r;
    if (of_others)
        return cpu_clock_read(&cpu, &ns) ? -EINVAL : -EPERM;
    return lx_realtime_set(ns);
}

/* Time zones belong to the C library: the second argument reads as zero. */
long sys_gettimeofday(u64 utv, u64 utz, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 utc = 0;
    if (utv && lx_timeval_put(uptr(utv), clock_realtime_ns()))
        return -EFAULT;
    return utz ? copy_to_user(uptr(utz), &utc, sizeof utc) : 0;
}

long sys_settimeofday(u64 utv, u64 utz, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns = 0;
    int r = utv ? lx_timeval_get(uptr(utv), &ns) : 0;
    if (r < 0)
        return r;
    if (!lx_capable(LX_CAP_SYS_TIME))
        return -EPERM;
    if (utz)
        return -EINVAL;
    return utv ? lx_realtime_set(ns) : 0;
}

long sys_time(u64 ut, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    i64 now = (i64)(clock_realtime_ns() / NSEC_PER_SEC);
    if (ut && copy_to_user(uptr(ut), &now, sizeof now))
        return -EFAULT;
    return now;
}
