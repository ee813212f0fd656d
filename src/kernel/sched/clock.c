/* What time it is. Monotonic time is the time stamp counter's; wall time is that plus an offset
 * which the RTC sets once and clock_settime may change. */
#include "sched/clock.h"
#include "arch/tsc.h"

static u64 realtime_offset_ns; /* atomic; wraps if the clock is set to before the boot */

u64 clock_now_ns(void)
{
    return tsc_now_ns();
}

u64 clock_realtime_offset_ns(void)
{
    return __atomic_load_n(&realtime_offset_ns, __ATOMIC_RELAXED);
}

u64 clock_realtime_ns(void)
{
    return clock_now_ns() + clock_realtime_offset_ns();
}

void clock_set_realtime_ns(u64 ns)
{
    __atomic_store_n(&realtime_offset_ns, ns - clock_now_ns(), __ATOMIC_RELAXED);
}
