/* /proc/stat, /proc/interrupts and /proc/loadavg: what the CPUs did, each for itself. */
#include "arch/percpu.h"
#include "arch/trap.h"
#include "dev/irq.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "linux/procfs.h"
#include "mm/slab.h"
#include "sched/clock.h"

#define USER_HZ 100u /* ticks as programs count them: sysconf(_SC_CLK_TCK) */
typedef unsigned long long ull; /* for %llu */

static ull ticks(u64 ns) { return ns / (NSEC_PER_SEC / USER_HZ); }

struct load { unsigned running, blocked, threads; };

static void count_thread(struct thread *th, void *ctx)
{
    struct load *l = ctx;
    if (!th->owner)
        return;
    l->threads++;
    l->running += th->state == THREAD_READY || th->state == THREAD_RUNNING;
    l->blocked += th->state == THREAD_BLOCKED && !th->interruptible;
}

/* What was not split into ring 3 and kernel yet is, for processes that are there. */
static void split_times(struct process *p, void *ctx)
{
    u64 user, sys;
    process_times(p, &user, &sys);
}

static void append_cpu(struct proc_text *t, const char *name, const struct sched_cpu_times *c)
{
    proc_printf(t, "%s %llu %llu %llu %llu 0 0 0 0 0 0\n", name, ticks(c->user_ns), ticks(c->nice_ns),
                ticks(c->kernel_ns), ticks(c->idle_ns));
}

/* The line of all CPUs is the sum of those that follow, of the same moment. */
static int append_cpus(struct proc_text *t)
{
    struct sched_cpu_times *c = kzalloc(MAX_CPUS * sizeof *c), all = { 0 };
    char name[16];
    if (!c)
        return -ENOMEM;
    for (u32 i = 0; i < ncpus; i++)
        if (sched_cpu_times(i, &c[i])) {
            all.user_ns += c[i].user_ns;
            all.nice_ns += c[i].nice_ns;
            all.kernel_ns += c[i].kernel_ns;
            all.idle_ns += c[i].idle_ns;
        }
    append_cpu(t, "cpu ", &all);
    for (u32 i = 0; i < ncpus; i++) {
        format(name, sizeof name, "cpu%u", i);
        append_cpu(t, name, &c[i]);
    }
    kfree(c);
    return 0;
}

static u64 sum_interrupts(unsigned vector)
{
    u64 sum = 0;
    for (u32 cpu = 0; cpu < ncpus; cpu++)
        sum += trap_count(cpu, vector);
    return sum;
}

/* proc_stat(5): the sum of all, then one number for each line up to the last that is known. */
static void append_intr(struct proc_text *t)
{
    u64 all = 0;
    unsigned end = 0;
    for (unsigned vector = VEC_IRQ_BASE; vector < 256; vector++) {
        u64 n = sum_interrupts(vector);
        all += n;
        if (n && vector < VEC_IRQ_BASE + VEC_IRQ_COUNT)
            end = vector - VEC_IRQ_BASE + 1;
    }
    proc_printf(t, "intr %llu", (ull)all);
    for (unsigned irq = 0; irq < end; irq++)
        proc_printf(t, " %llu", (ull)sum_interrupts(VEC_IRQ_BASE + irq));
    proc_printf(t, "\n");
}

int proc_stat(struct proc_text *t, const struct proc_key *k)
{
    struct load l = { 0 };
    process_for_each(split_times, NULL);
    thread_for_each(count_thread, &l, true);
    int r = append_cpus(t);
    append_intr(t);
    proc_printf(t, "ctxt %llu\n", (ull)sched_switches());
    proc_printf(t, "btime %llu\n", (ull)((clock_realtime_ns() - clock_now_ns()) / NSEC_PER_SEC));
    proc_printf(t, "processes %llu\nprocs_running %u\nprocs_blocked %u\n", (ull)process_nstarted(), l.running,
                l.blocked);
    return r;
}

int proc_loadavg(struct proc_text *t, const struct proc_key *k)
{
    u64 load[3];
    struct load l = { 0 };
    lx_loadavg(load);
    thread_for_each(count_thread, &l, true);
    for (int i = 0; i < 3; i++)
        proc_printf(t, "%llu.%02llu ", (ull)load[i] >> 16, ((ull)load[i] & 0xffff) * 100 >> 16);
    proc_printf(t, "%u/%u %d\n", l.running, l.threads, process_last_number());
    return 0;
}

static void append_counts(struct proc_text *t, const char *name, unsigned vector)
{
    proc_printf(t, "%3s:", name);
    for (u32 cpu = 0; cpu < ncpus; cpu++)
        proc_printf(t, " %10u", trap_count(cpu, vector));
}

static void append_line(struct proc_text *t, unsigned irq)
{
    const char *use = irq_name(irq);
    char number[8];
    if (!use && !sum_interrupts(VEC_IRQ_BASE + irq))
        return;
    format(number, sizeof number, "%u", irq);
    append_counts(t, number, VEC_IRQ_BASE + irq);
    const char *chip = irq_is_message(irq) ? "PCI-MSI" : irq_chip() ? irq_chip()->name : "none";
    proc_printf(t, "  %s  %s\n", chip, use ? use : "");
}

int proc_interrupts(struct proc_text *t, const struct proc_key *k)
{
    static const struct { const char *name; unsigned vector; const char *what; } rows[] = {
        { "NMI", VEC_NMI, "Non-maskable interrupts" }, { "LOC", VEC_LAPIC_TIMER, "Local timer interrupts" },
        { "RES", VEC_IPI_RESCHED, "Rescheduling interrupts" }, { "CAL", VEC_IPI_CALL, "Function call interrupts" },
        { "SPU", VEC_SPURIOUS, "Spurious interrupts" }, { "ERR", VEC_LAPIC_ERROR, "Local APIC errors" },
    };
    proc_printf(t, "    ");
    for (u32 cpu = 0; cpu < ncpus; cpu++)
        proc_printf(t, " %7s%-3u", "CPU", cpu);
    proc_printf(t, "\n");
    for (unsigned irq = 0; irq < VEC_IRQ_COUNT; irq++)
        append_line(t, irq);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        append_counts(t, rows[i].name, rows[i].vector);
        proc_printf(t, "  %s\n", rows[i].what);
    }
    return 0;
}
