/* The tick: due timers first, so that whom they wake is judged in the same tick. */
#include "dev/tick.h"
#include "sched/thread.h"

void tick_interrupt(void)
{
    timer_run();
    sched_tick();
}
