/* CPUs that are stuck on purpose for a few seconds: with watchdog=1 the log says so, and the machine
 * goes on. The second one needs a second CPU. */
#include "arch/cpu.h"
#include "init/selftest.h"
#include "sched/clock.h"
#include "sched/thread.h"

#define STUCK_NS (3 * NSEC_PER_SEC)

static NOINLINE void stuck_here(void)
{
    for (u64 end = clock_now_ns() + STUCK_NS; clock_now_ns() < end;)
        cpu_relax();
}

static void stuck_without_preemption(void)
{
    preempt_disable();
    stuck_here();
    preempt_enable();
}
SELFTEST("bench-stuck-preempt", stuck_without_preemption);

static void stuck_thread(void *done)
{
    irq_disable();
    stuck_here();
    irq_enable();
    __atomic_store_n((bool *)done, true, __ATOMIC_RELEASE);
}

static void stuck_without_interrupts(void)
{
    bool done = false;
    kobject_put(&kthread_run("stuck", stuck_thread, &done)->obj);
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        thread_yield();
}
SELFTEST("bench-stuck-irqs", stuck_without_interrupts);
