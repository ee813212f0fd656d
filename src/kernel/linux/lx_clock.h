/* Linux's clocks by number. Private to linux/. */
#pragma once
#include "linux/lx.h"

/* uapi/linux/time.h */
enum { LX_CLOCK_REALTIME, LX_CLOCK_MONOTONIC, LX_CLOCK_PROCESS_CPU, LX_CLOCK_THREAD_CPU,
       LX_CLOCK_MONOTONIC_RAW, LX_CLOCK_REALTIME_COARSE, LX_CLOCK_MONOTONIC_COARSE, LX_CLOCK_BOOTTIME,
       LX_CLOCK_REALTIME_ALARM, LX_CLOCK_BOOTTIME_ALARM, LX_CLOCK_TAI = 11 };
#define LX_TIMER_ABSTIME 1

/* -EINVAL: no such clock. */
int lx_clock_read(int id, u64 *ns) MUST_CHECK;
/* Sets the real time, for the caller. -EPERM, -EINVAL. */
int lx_realtime_set(u64 ns) MUST_CHECK;
/* A clock that timers and sleeps understand as real or monotonic time. */
static inline bool lx_clock_is_real(int id) { return id == LX_CLOCK_REALTIME || id == LX_CLOCK_TAI; }
static inline bool lx_clock_is_steady(int id) { return id == LX_CLOCK_MONOTONIC || id == LX_CLOCK_BOOTTIME; }
/* One that only tells the time: no timers, no sleeping (-EOPNOTSUPP). */
static inline bool lx_clock_only_tells(int id)
{
    return id >= LX_CLOCK_MONOTONIC_RAW && id <= LX_CLOCK_BOOTTIME_ALARM && id != LX_CLOCK_BOOTTIME;
}
