/* For drivers of timers that interrupt: struct clock_event, and what to call. A shared driver of
 * the old PC serves the boot CPU only. */
#pragma once
#include "sched/clock.h"
