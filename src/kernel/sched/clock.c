/* What time it is. Monotonic time is the time stamp counter's; wall time is that plus an offset
 * which the RTC sets once and clock_settime may change. */
#include "sched/clock.h"
#include "arch/spinlock.h"
#include "arch/tsc.h"

static struct spinlock watch_lock = SPINLOCK_INIT("clock watches"); /* irqsave */
static struct list watches = LIST_INIT(watches);
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
    u64 state = spin_lock_irqsave(&watch_lock);
    struct clock_watch *w;
    __atomic_store_n(&realtime_offset_ns, ns - clock_now_ns(), __ATOMIC_RELAXED);
    list_for_each(w, &watches, link)
        w->changed(w);
    spin_unlock_irqrestore(&watch_lock, state);
}

void clock_watch_add(struct clock_watch *w, void (*changed)(struct clock_watch *w))
{
    u64 state = spin_lock_irqsave(&watch_lock);
    w->changed = changed;
    list_push_back(&watches, &w->link);
    spin_unlock_irqrestore(&watch_lock, state);
}

void clock_watch_remove(struct clock_watch *w)
{
    u64 state = spin_lock_irqsave(&watch_lock);
    list_remove(&w->link);
    spin_unlock_irqrestore(&watch_lock, state);
}
