/* See log_limit.h. */
#include "linux/log_limit.h"
#include "sched/clock.h"

#define LINES_MAX 10 /* in LINES_NS */
#define LINES_NS 5000000000ull

bool log_limit_allows(struct log_limit *l, unsigned *left_out)
{
    u64 now = clock_now_ns();
    spin_lock(&l->lock);
    if (now - l->since_ns > LINES_NS) {
        l->since_ns = now;
        l->said = 0;
    }
    bool allowed = l->said < LINES_MAX;
    *left_out = allowed ? l->left_out : 0;
    l->left_out = allowed ? 0 : l->left_out + 1;
    l->said += allowed;
    spin_unlock(&l->lock);
    return allowed;
}
