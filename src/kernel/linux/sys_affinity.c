/* On which CPUs a thread may run, where it runs, and letting others go first. */
#include "lib/errno.h"
#include "linux/sched.h"
#include "linux/syscall.h"

#define MASK_BYTES 8u /* one word: MAX_CPUS is 64 */

long sys_sched_yield(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    thread_yield();
    return 0;
}

long sys_sched_getaffinity(u64 tid, u64 size, u64 umask, u64 a3, u64 a4, u64 a5)
{
    struct lx_target t;
    if ((u32)size < MASK_BYTES || size % MASK_BYTES)
        return -EINVAL;
    int r = lx_target_get((int)tid, &t);
    if (r < 0)
        return r;
    u64 mask = thread_allowed_cpus(t.thread) & sched_cpus();
    lx_target_put(&t);
    return copy_to_user(uptr(umask), &mask, sizeof mask) ? -EFAULT : (long)sizeof mask;
}

/* A short mask means that the rest is 0; of a long one only CPUs that can exist count. */
long sys_sched_setaffinity(u64 tid, u64 size, u64 umask, u64 a3, u64 a4, u64 a5)
{
    struct lx_target t;
    u64 mask = 0;
    if (copy_from_user(&mask, uptr(umask), MIN((u32)size, sizeof mask)))
        return -EFAULT;
    int r = lx_target_get((int)tid, &t);
    if (r < 0)
        return r;
    r = lx_may_schedule(t.process) ? thread_set_allowed_cpus(t.thread, mask) : -EPERM;
    lx_target_put(&t);
    return r;
}

long sys_getcpu(u64 ucpu, u64 unode, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 cpu = this_cpu()->id, node = 0;
    if ((ucpu && copy_to_user(uptr(ucpu), &cpu, sizeof cpu)) ||
        (unode && copy_to_user(uptr(unode), &node, sizeof node)))
        return -EFAULT;
    return 0;
}
