/* Calls, flushes and questions between CPUs. With one CPU they cost nothing and must do nothing. */
#include "arch/smp_call.h"
#include "arch/smp_nmi.h"
#include "init/panic.h"
#include "init/selftest.h"
#include "init/selftest_util.h"
#include "lib/assert.h"
#include "lib/klog.h"
#include "mm/kmem.h"
#include "mm/pmm.h"
#include "mm/slab.h"
#include "sched/thread.h"

#define ROUNDS 100
#define THREADS 8

static u64 ran[MAX_CPUS];

static void count_here(void *ctx)
{
    ASSERT(!irqs_enabled());
    __atomic_fetch_add(&ran[this_cpu()->id], 1, __ATOMIC_RELAXED);
}

static u32 callers_left; /* atomic */

/* Half of them with interrupts off: they must answer each other all the same. */
static void caller(void *arg)
{
    for (u32 i = 0; i < ROUNDS; i++) {
        u64 irq = i & 1 ? irq_save() : RFLAGS_IF;
        smp_call(cpus_running_mask(), count_here, NULL);
        irq_restore(irq);
    }
    __atomic_fetch_sub(&callers_left, 1, __ATOMIC_RELEASE);
}

static void smp_calls(void)
{
    u64 sum = 0;

    __atomic_store_n(&callers_left, THREADS, __ATOMIC_RELAXED);
    for (u32 i = 0; i < THREADS; i++)
        kthread_run("caller", caller, NULL);
    while (__atomic_load_n(&callers_left, __ATOMIC_ACQUIRE))
        sleep_ms(1);
    for (u32 i = 0; i < MAX_CPUS; i++)
        sum += ran[i];
    ASSERT(sum == (u64)ROUNDS * THREADS * (ncpus - 1));
}
SELFTEST("smp-calls", smp_calls);

static u32 readers_left;

/* What was read through a stale translation would be another piece's byte. */
static void reader(void *arg)
{
    for (u32 i = 0; i < ROUNDS; i++) {
        u8 *p = kmem_alloc(3);
        if (!p)
            break;
        for (u32 k = 0; k < 3; k++)
            p[k * PAGE_SIZE] = (u8)(i + k);
        thread_yield();
        for (u32 k = 0; k < 3; k++)
            ASSERT(p[k * PAGE_SIZE] == (u8)(i + k));
        kmem_free(p, 3);
    }
    __atomic_fetch_sub(&readers_left, 1, __ATOMIC_RELEASE);
}

static void smp_kernel_unmap(void)
{
    __atomic_store_n(&readers_left, THREADS, __ATOMIC_RELAXED);
    for (u32 i = 0; i < THREADS; i++)
        kthread_run("unmapper", reader, NULL);
    while (__atomic_load_n(&readers_left, __ATOMIC_ACQUIRE))
        sleep_ms(1);
}
SELFTEST("smp-kernel-unmap", smp_kernel_unmap);

#define LOG_LINES 40

static void log_here(void *ctx) { kinfo("log-lines interrupt cpu %u line %u end.", this_cpu()->id, *(u32 *)ctx); }

/* Lines of several lengths, and of interrupt handlers that strike in the middle of them. */
static void logger(void *arg)
{
    static const char filler[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    u32 me = __atomic_fetch_sub(&callers_left, 1, __ATOMIC_RELAXED);

    for (u32 i = 0; i < LOG_LINES; i++) {
        kinfo("log-lines thread %u line %u %.*s end.", me, i, (int)(i * 7 % sizeof filler), filler);
        if (i % 4 == 0)
            smp_call(cpus_running_mask(), log_here, &i);
    }
    __atomic_fetch_sub(&readers_left, 1, __ATOMIC_RELEASE);
}

static void smp_log_lines(void)
{
    __atomic_store_n(&callers_left, THREADS, __ATOMIC_RELAXED);
    __atomic_store_n(&readers_left, THREADS, __ATOMIC_RELAXED);
    for (u32 i = 0; i < THREADS; i++)
        kthread_run("logger", logger, NULL);
    while (__atomic_load_n(&readers_left, __ATOMIC_ACQUIRE))
        sleep_ms(1);
}
SELFTEST("bench-log-lines", smp_log_lines);

#define PIECES 40

/* Small and large pieces, more than a CPU keeps at hand, so that lists are refilled and drained. */
static void allocator(void *arg)
{
    while (!__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE)) {
        void *p[PIECES];
        for (u32 i = 0; i < PIECES; i++)
            p[i] = kmalloc(i % 8 ? i * 24 : PAGE_SIZE);
        for (u32 i = 0; i < PIECES; i++)
            kfree(p[i]);
    }
    __atomic_fetch_sub(&readers_left, 1, __ATOMIC_RELEASE);
}

static void smp_heap_check(void)
{
    static bool enough; /* atomic */

    __atomic_store_n(&readers_left, THREADS, __ATOMIC_RELAXED);
    for (u32 i = 0; i < THREADS; i++)
        kthread_run("allocator", allocator, &enough);
    for (u32 i = 0; i < 5; i++) {
        heap_check();
        pmm_check();
        struct heap_stats h = heap_stats();
        ASSERT(h.objects < pmm_total() * PAGE_SIZE / 16 && h.bytes_used <= pmm_total() * PAGE_SIZE);
        thread_yield();
    }
    __atomic_store_n(&enough, true, __ATOMIC_RELEASE);
    while (__atomic_load_n(&readers_left, __ATOMIC_ACQUIRE))
        sleep_ms(1);
}
SELFTEST("smp-heap-check", smp_heap_check);

static void smp_where_are_they(void)
{
    struct cpu_where w;

    for (u32 cpu = 0; cpu < ncpus; cpu++) {
        if (cpu == this_cpu()->id)
            continue;
        ASSERT(smp_where(cpu, &w));
        ASSERT(w.n >= 1 && w.thread);
    }
    ASSERT(!smp_where(ncpus, &w));
    say_where_cpus_are();
}
SELFTEST("smp-where", smp_where_are_they);
