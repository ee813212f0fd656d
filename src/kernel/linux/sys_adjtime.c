/* adjtimex and clock_adjtime: what an NTP client sees, and stepping the clock. The clock is not
 * steered here: it runs by the TSC as measured, and says that nobody synchronised it. */
#include "lib/errno.h"
#include "linux/lx_clock.h"
#include "linux/syscall.h"

/* uapi/linux/timex.h */
struct lx_timex {
    u32 modes, pad0;
    i64 offset, freq, maxerror, esterror;
    i32 status, pad1;
    i64 constant, precision, tolerance;
    struct lx_timeval time;
    i64 tick, ppsfreq, jitter;
    i32 shift, pad2;
    i64 stabil, jitcnt, calcnt, errcnt, stbcnt;
    i32 tai, pad3[11];
};
_Static_assert(sizeof(struct lx_timex) == 208, "struct timex");

#define ADJ_SETOFFSET 0x0100u
#define ADJ_NANO 0x2000u
#define ADJ_OFFSET_SS_READ 0xa001u /* asks only, in the old adjtime's words */
#define STA_UNSYNC 0x40
#define TIME_ERROR 5               /* the return value while unsynchronised */
#define MAX_ERROR_US 16000000      /* NTP_PHASE_LIMIT */
#define TOLERANCE_PPM_16 (500 << 16)
#define TICK_US 10000              /* between two ticks of USER_HZ */

static int step(const struct lx_timex *t)
{
    i64 unit = t->modes & ADJ_NANO ? 1 : 1000;
    if (t->time.usec < 0 || t->time.usec * unit >= (i64)NSEC_PER_SEC)
        return -EINVAL;
    __int128 target = (__int128)clock_realtime_ns() + (__int128)t->time.sec * NSEC_PER_SEC + t->time.usec * unit;
    return target < 0 || target > INT64_MAX ? -EINVAL : lx_realtime_set((u64)target);
}

static int adjust(const struct lx_timex *t)
{
    if (t->modes == 0 || t->modes == ADJ_OFFSET_SS_READ)
        return 0;
    if (!lx_capable(LX_CAP_SYS_TIME))
        return -EPERM;
    return t->modes & ~(ADJ_SETOFFSET | ADJ_NANO) ? -EOPNOTSUPP : t->modes & ADJ_SETOFFSET ? step(t) : 0;
}

static long adjtime(u64 user)
{
    struct lx_timex t;
    if (copy_from_user(&t, uptr(user), sizeof t))
        return -EFAULT;
    int r = adjust(&t);
    if (r < 0)
        return r;
    u64 now = clock_realtime_ns();
    t = (struct lx_timex){
        .modes = t.modes, .maxerror = MAX_ERROR_US, .esterror = MAX_ERROR_US, .status = STA_UNSYNC, .constant = 2,
        .precision = 1, .tolerance = TOLERANCE_PPM_16, .tick = TICK_US,
        .time = { (i64)(now / NSEC_PER_SEC), (i64)(now % NSEC_PER_SEC / 1000) },
    };
    return copy_to_user(uptr(user), &t, sizeof t) ? -EFAULT : TIME_ERROR;
}

long sys_adjtimex(u64 user, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5) { return adjtime(user); }

long sys_clock_adjtime(u64 id, u64 user, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u64 ns;
    if ((int)id == LX_CLOCK_REALTIME)
        return adjtime(user);
    return lx_clock_read((int)id, &ns) ? -EINVAL : -EOPNOTSUPP;
}
