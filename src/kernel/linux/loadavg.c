/* Load averages: every five seconds the threads that run or want to are counted and folded into
 * three exponentially decaying averages, as uptime(1) has always shown them. */
#include "linux/procfs.h"
#include "sched/clock.h"

#define SAMPLE_NS (5 * NSEC_PER_SEC)
#define SHIFT 16

/* e^(-5/60), e^(-5/300), e^(-5/900) with 16 bits of fraction. */
static const u64 decay[3] = { 60296, 64453, 65173 };
static u64 average[3]; /* atomic each; written by the sampler alone */

static void count_active(struct thread *t, void *ctx)
{
    u64 *n = ctx;
    if (!t->owner || t == thread_current())
        return; /* the kernel's own threads are no load */
    if (t->state == THREAD_READY || t->state == THREAD_RUNNING || (t->state == THREAD_BLOCKED && !t->interruptible))
        (*n)++;
}

static void sample(void)
{
    u64 active = 0;
    thread_for_each(count_active, &active, true);
    for (int i = 0; i < 3; i++) {
        u64 old = average[i];
        u64 fresh = (old * decay[i] + (active << SHIFT) * ((1u << SHIFT) - decay[i])) >> SHIFT;
        __atomic_store_n(&average[i], fresh, __ATOMIC_RELAXED);
    }
}

static void sampler(void *arg)
{
    for (;;) {
        int r = sleep_until_ns(clock_now_ns() + SAMPLE_NS, false);
        (void)r;
        sample();
    }
}

void lx_loadavg_init(void) { kthread_run("loadavg", sampler, NULL); }

void lx_loadavg(u64 load[3])
{
    for (int i = 0; i < 3; i++)
        load[i] = __atomic_load_n(&average[i], __ATOMIC_RELAXED);
}
