/* membarrier(2): a memory barrier on all CPUs where it may be missing, made by interrupting them.
 *
 * An interrupt and the IRETQ after it order all memory accesses and refill the pipeline (SDM vol. 3,
 * 8.2.5 and 8.3), so one kind of barrier serves all commands. A CPU that is not interrupted because
 * it did not have the address space loaded made a barrier of its own since, or makes one before it
 * loads it: the atomic change of the set of CPUs. */
#include "arch/smp_call.h"
#include "lib/errno.h"
#include "linux/missing.h"
#include "linux/syscall.h"
#include "linux/lx.h"
#include "sched/thread.h"

enum { /* linux/membarrier.h */
    QUERY = 0, GLOBAL = 1, GLOBAL_EXPEDITED = 2, REGISTER_GLOBAL_EXPEDITED = 4, PRIVATE_EXPEDITED = 8,
    REGISTER_PRIVATE_EXPEDITED = 16, PRIVATE_EXPEDITED_SYNC_CORE = 32, REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 64,
    GET_REGISTRATIONS = 512,
};
#define REGISTRATIONS (REGISTER_GLOBAL_EXPEDITED | REGISTER_PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)
#define COMMANDS (GLOBAL | GLOBAL_EXPEDITED | PRIVATE_EXPEDITED | PRIVATE_EXPEDITED_SYNC_CORE | REGISTRATIONS | GET_REGISTRATIONS)

static void barrier(void *unused) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static long barrier_on(cpu_mask who)
{
    barrier(NULL);
    preempt_disable();
    smp_call(who, barrier, NULL);
    preempt_enable();
    return 0;
}

/* The CPUs on which threads of this memory may run now. */
static cpu_mask own_cpus(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(&aspace_pagetable(process_current()->aspace)->cpus, __ATOMIC_SEQ_CST);
}

static long barrier_private(u32 registration)
{
    u32 has = __atomic_load_n(&lx_current()->membarriers, __ATOMIC_RELAXED);
    return has & registration ? barrier_on(own_cpus()) : -EPERM;
}

static long do_register(u32 which)
{
    __atomic_fetch_or(&lx_current()->membarriers, which, __ATOMIC_RELAXED);
    return 0;
}

long sys_membarrier(u64 command, u64 flags, u64 a2, u64 a3, u64 a4, u64 a5)
{
    if ((u32)flags)
        return -EINVAL;
    switch ((int)command) {
    case QUERY: return COMMANDS;
    case GLOBAL: case GLOBAL_EXPEDITED: return barrier_on(cpus_running_mask());
    case PRIVATE_EXPEDITED: return barrier_private(REGISTER_PRIVATE_EXPEDITED);
    case PRIVATE_EXPEDITED_SYNC_CORE: return barrier_private(REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    case REGISTER_GLOBAL_EXPEDITED: case REGISTER_PRIVATE_EXPEDITED: case REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        return do_register((u32)command);
    case GET_REGISTRATIONS: return __atomic_load_n(&lx_current()->membarriers, __ATOMIC_RELAXED);
    default: return lx_missing((u32)command, -EINVAL);
    }
}
