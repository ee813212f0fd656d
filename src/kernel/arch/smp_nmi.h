/* Reaching CPUs that do not listen: by NMI, which nothing but another NMI holds back. */
#pragma once
#include "arch/percpu.h"
#include "arch/trap.h"

#define CPU_WHERE_MAX 16

/* Where a CPU was: the addresses of its call chain, innermost first. */
struct cpu_where {
    u32 n;
    bool in_user;  /* pc[0] is the program's, and all there is */
    void *thread;  /* sched: struct thread *; it may be gone since */
    vaddr_t pc[CPU_WHERE_MAX];
};

/* Asks another CPU; any context but NMI. False: no answer within some milliseconds. */
bool smp_where(u32 cpu, struct cpu_where *out);
/* For a panic: the others stop where they are, for ever. Returns who did, at the latest after a
 * tenth of a second; *out of each that did is in smp_stopped_where(). */
cpu_mask smp_stop_others(void);
const struct cpu_where *smp_stopped_where(u32 cpu);

/* For trap.c: was this NMI one of ours? */
bool smp_nmi_answer(const struct trap_frame *f);
