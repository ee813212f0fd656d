/* What timerfds must hear. Private to linux/. */
#pragma once

/* After clock_set_realtime_ns, by whoever called it. */
void timerfd_clock_was_set(void);
