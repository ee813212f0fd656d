/* Armed timers in the order of their deadlines. Pure; sched/timer.c adds the lock. */
#pragma once
#include "sched/clock.h"

struct timerq { struct rb_tree tree; struct timer *first; /* NULL: empty */ };

void timerq_insert(struct timerq *q, struct timer *t); /* equal deadlines: first come, first served */
void timerq_remove(struct timerq *q, struct timer *t);
/* Takes out the first timer that is due at now_ns; NULL: none. */
struct timer *timerq_pop_due(struct timerq *q, u64 now_ns);
