/* Starting the other CPUs, one at a time. */
#pragma once
#include "arch/percpu.h"

struct cpu_start {
    u32 id;             /* ncpus */
    u32 apic_id;
    paddr_t low_page;   /* a free page below 1 MiB, other than page 0 */
    void *tables;       /* cpu_tables_size() bytes, as trap_init_cpu() wants them */
    const struct trap_stacks *stacks;
    vaddr_t stack_top;
    void (*run)(void);  /* runs there, interrupts off, when all else is done; never returns */
    u32 patience_ms;    /* how long to wait for a sign of life, twice */
};

/* Returns when the CPU runs. -ETIMEDOUT: it does not start, -ENODEV: it is too unlike the boot CPU, -EDOM: their time
 * stamp counters disagree. It is stopped then, and id, tables and stacks are free again. Sleeps not, spins. */
int cpu_start(const struct cpu_start *s) MUST_CHECK;
