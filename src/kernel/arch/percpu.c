/* Per-CPU data: an array indexed by CPU, found through the GS base. The user's GS base waits in
 * the other register of the pair while the kernel runs (SWAPGS at every border). */
#include "arch/percpu.h"
#include "arch/cpu.h"
#include "arch/msr.h"
#include "lib/assert.h"

_Static_assert(offsetof(struct cpu, user_rsp) == CPU_OFF_USER_RSP, "entry.asm");
_Static_assert(offsetof(struct cpu, user_frame) == CPU_OFF_USER_FRAME, "entry.asm");
_Static_assert(offsetof(struct cpu, current) == CPU_OFF_CURRENT, "entry.asm");
_Static_assert(offsetof(struct cpu, user_work) == CPU_OFF_USER_WORK, "entry.asm");
_Static_assert(offsetof(struct cpu, preempt_count) == CPU_OFF_PREEMPT, "percpu.h");
_Static_assert(offsetof(struct cpu, syscall_limit) == CPU_OFF_SYSCALL_LIMIT, "entry.asm");
_Static_assert(offsetof(struct cpu, irq_depth) == CPU_OFF_IRQ_DEPTH, "percpu.h");

struct cpu cpus[MAX_CPUS];
u32 ncpus;

void percpu_init(u32 id)
{
    struct cpu *c = &cpus[id];

    c->self = c;
    c->id = id;
    wrmsr(MSR_GS_BASE, (u64)c);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
}

void percpu_set_running(void)
{
    u32 before = __atomic_fetch_add(&ncpus, 1, __ATOMIC_SEQ_CST);
    ASSERT(before == this_cpu()->id);
}
