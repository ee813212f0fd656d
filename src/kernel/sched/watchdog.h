/* Who notices that a CPU is stuck (watchdog.c). */
#pragma once
#include "lib/types.h"

/* A CPU without progress for so long is reported; 0: none ever is. Begins to look; once, at boot, with
 * interrupts on. */
void watchdog_start(unsigned seconds);
/* In each clock interrupt. */
void watchdog_tick(u64 now_ns);
