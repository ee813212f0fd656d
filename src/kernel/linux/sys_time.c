/* Clocks and sleeping. A realtime deadline is turned into a monotonic one when the sleep begins. */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"
#include "linux/sys_timerfd.h"
#include "linux/vdso_page.h"

enum { LX_CLOCK_REALTIME, LX_CLOCK_MONOTONIC, LX_CLOCK_PROCESS_CPU, LX_CLOCK_THREAD_CPU,
       LX_CLOCK_MONOTONIC_RAW, LX_CLOCK_REALTIME_COARSE, LX_CLOCK_MONOTONIC_COARSE, LX_CLOCK_BOOTTIME,
       LX_CLOCK_TAI = 11 };
#define TIMER_ABSTIME 1
#define USEC_PER_SEC 1000000ll
#define SEC_MAX (UINT64_MAX / NSEC_PER_SEC)
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

static int clock_read(int id, u64 *ns)
{
    u64 user, sys;
    switch (id) {
    case LX_CLOCK_REALTIME: case LX_CLOCK_REALTIME_COARSE: case LX_CLOCK_TAI:
        *ns = clock_realtime_ns();
        return 0;
    case LX_CLOCK_MONOTONIC: case LX_CLOCK_MONOTONIC_RAW: case LX_CLOCK_MONOTONIC_COARSE: case LX_CLOCK_BOOTTIME:
        *ns = clock_now_ns();
        return 0;
    case LX_CLOCK_PROCESS_CPU:
        process_times(process_current(), &user, &sys);
        *ns = user + sys;
        return 0;
    case LX_CLOCK_THREAD_CPU:
        sched_account();
        *ns = thread_current()->cpu_ns;
        return 0;
    default:
        return -EINVAL;
    }
}

long sys_clock_gettime(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int r = clock_read((int)id, &ns);
    return r < 0 ? r : lx_timespec_put(uptr(uts), ns);
}

long sys_clock_getres(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int clock = (int)id, r = clock_read(clock, &ns);
    bool coarse = clock == LX_CLOCK_REALTIME_COARSE || clock == LX_CLOCK_MONOTONIC_COARSE;
    if (r < 0 || !uts)
        return r;
    return lx_timespec_put(uptr(uts), coarse ? NSEC_PER_SEC / TICK_HZ : RESOLUTION_NS);
}

long sys_clock_settime(u64 id, u64 uts, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    if ((int)id != LX_CLOCK_REALTIME)
        return -EINVAL;
    if (!lx_is_root())
        return -EPERM;
    int r = lx_timespec_get(uptr(uts), &ns);
    if (r < 0)
        return r;
    clock_set_realtime_ns(ns);
    vdso_clock_set();
    timerfd_clock_was_set();
    return 0;
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
    u64 ns;
    if (!lx_is_root())
        return -EPERM;
    if (utz)
        return -EINVAL;
    if (!utv)
        return 0;
    int r = lx_timeval_get(uptr(utv), &ns);
    if (r < 0)
        return r;
    clock_set_realtime_ns(ns);
    vdso_clock_set();
    timerfd_clock_was_set();
    return 0;
}

long sys_time(u64 ut, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    i64 now = (i64)(clock_realtime_ns() / NSEC_PER_SEC);
    if (ut && copy_to_user(uptr(ut), &now, sizeof now))
        return -EFAULT;
    return now;
}

u64 lx_sleep_begin(u64 ns)
{
    struct lx_thread *lt = lx_thread_current();
    u64 deadline = lt->sleep_deadline_ns ? lt->sleep_deadline_ns : MAX(lx_deadline(clock_now_ns(), ns), 1);
    lt->sleep_deadline_ns = 0;
    return deadline;
}

/* Interrupted without a handler the sleep goes on to the same end: the deadline is kept with the
 * thread until the call comes again. */
static long sleep_relative(u64 ns, u64 uremain)
{
    struct lx_thread *lt = lx_thread_current();
    u64 deadline = lx_sleep_begin(ns);
    int r = sleep_until_ns(deadline, true);
    if (r != -EINTR)
        return r;
    u64 now = clock_now_ns();
    if (now >= deadline)
        return 0;
    if (uremain && lx_timespec_put(uptr(uremain), deadline - now))
        return -EFAULT;
    lt->sleep_deadline_ns = deadline;
    return -ERESTARTNOHAND;
}

long sys_nanosleep(u64 uts, u64 uremain, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    int r = lx_timespec_get(uptr(uts), &ns);
    return r < 0 ? r : sleep_relative(ns, uremain);
}

long sys_clock_nanosleep(u64 aid, u64 flags, u64 uts, u64 uremain, u64 a4, u64 a5)
{
    int id = (int)aid;
    bool realtime = id == LX_CLOCK_REALTIME || id == LX_CLOCK_TAI;
    u64 ns;
    if (!realtime && id != LX_CLOCK_MONOTONIC && id != LX_CLOCK_BOOTTIME)
        return id == LX_CLOCK_PROCESS_CPU ? -EOPNOTSUPP : -EINVAL;
    if (flags & ~(u64)TIMER_ABSTIME)
        return -EINVAL;
    int r = lx_timespec_get(uptr(uts), &ns);
    if (r < 0)
        return r;
    if (!(flags & TIMER_ABSTIME))
        return sleep_relative(ns, uremain);
    r = sleep_until_ns(MAX(realtime ? lx_realtime_to_monotonic(ns) : ns, 1), true);
    return r == -EINTR ? -ERESTARTNOHAND : r;
}
