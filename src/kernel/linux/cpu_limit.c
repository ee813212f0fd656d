/* RLIMIT_CPU: at so many seconds of CPU time SIGXCPU, again after each further second, and SIGKILL at
 * the hard limit (getrlimit(2)). The second's signal moves the soft limit on, as programs can see.
 *
 * One timer on the process's own clock, armed while there is a limit. */
#include "linux/cpu_limit.h"
#include "linux/cpu_clock.h"
#include "linux/signal_priv.h"

static u64 seconds_to_ns(u64 s) { return s > UINT64_MAX / NSEC_PER_SEC ? UINT64_MAX : s * NSEC_PER_SEC; }

void lx_cpu_limit_apply_locked(struct lx_process *lx)
{
    const struct lx_rlimit *limit = &lx->rlimit[LX_RLIMIT_CPU];
    u64 first = seconds_to_ns(MIN(limit->cur, limit->max));
    lx->cpu_limit.clock = (struct cpu_clock){ CPU_CLOCK_PROF, false, lx->process->pid };
    if (first == UINT64_MAX)
        cpu_timer_cancel_locked(lx, &lx->cpu_limit);
    else
        cpu_timer_arm_locked(lx, &lx->cpu_limit, first);
}

void lx_cpu_limit_fire(struct cpu_timer *t)
{
    struct lx_process *lx = container_of(t, struct lx_process, cpu_limit);
    struct lx_rlimit *limit = &lx->rlimit[LX_RLIMIT_CPU];
    u64 used = cpu_clock_own_locked(lx, CPU_CLOCK_PROF) / NSEC_PER_SEC;
    if (used >= limit->max) {
        lx_signal_from_timer(lx->process, SIGKILL);
        return;
    }
    lx_signal_from_timer(lx->process, SIGXCPU);
    limit->cur = used + 1;
    lx_cpu_limit_apply_locked(lx);
}
