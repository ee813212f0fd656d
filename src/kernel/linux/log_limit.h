/* Lines of the log that programs can cause as often as they like: so many in a while, the others are
 * counted. One struct log_limit for each kind of line. */
#pragma once
#include "arch/spinlock.h"

struct log_limit { struct spinlock lock; u64 since_ns; unsigned said, left_out; /* all by lock */ };
#define LOG_LIMIT_INIT(name) { .lock = SPINLOCK_INIT(name) }

/* May one be said now? *left_out: how many before it were not. */
bool log_limit_allows(struct log_limit *l, unsigned *left_out);
