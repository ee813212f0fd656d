/* Resource limits (POSIX getrlimit()). Kept and inherited for all; CPU, FSIZE, NOFILE, NPROC, STACK, AS,
 * DATA, MEMLOCK, SIGPENDING, NICE and RTPRIO are also held. */
#include "lib/errno.h"
#include "linux/cpu_limit.h"
#include "linux/syscall.h"

/* Both halves of a limit are exchanged under the signal lock; whoever asks for one of them reads it
 * without. */
static int limit_replace_locked(struct lx_process *lx, unsigned which, const struct lx_rlimit *new)
{
    struct lx_rlimit *l = &lx->rlimit[which];
    if (new->max > l->max && !lx_capable(LX_CAP_SYS_RESOURCE))
        return -EPERM;
    __atomic_store_n(&l->cur, new->cur, __ATOMIC_RELAXED);
    __atomic_store_n(&l->max, new->max, __ATOMIC_RELAXED);
    if (which == LX_RLIMIT_CPU)
        lx_cpu_limit_apply_locked(lx);
    return 0;
}

struct lx_rlimit lx_limit_get(struct lx_process *lx, unsigned which)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    struct lx_rlimit limit = lx->rlimit[which];
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    return limit;
}

/* An address space that two processes share has the limits that were set last. */
static void aspace_limits_set(struct process *p)
{
    struct aspace *as = process_aspace_get(p);
    if (!as)
        return;
    aspace_set_limits(as, p->lx->rlimit[LX_RLIMIT_STACK].cur, p->lx->rlimit[LX_RLIMIT_AS].cur);
    aspace_put(as);
}

/* new NULL: only asks. */
static int limit_swap(struct process *p, unsigned which, const struct lx_rlimit *new, struct lx_rlimit *old)
{
    if (new && new->cur > new->max)
        return -EINVAL;
    if (new && which == LX_RLIMIT_NOFILE && new->max > HANDLES_MAX)
        return -EPERM;
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    *old = p->lx->rlimit[which];
    int r = new ? limit_replace_locked(p->lx, which, new) : 0;
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    if (r == 0 && new && (which == LX_RLIMIT_STACK || which == LX_RLIMIT_AS))
        aspace_limits_set(p);
    return r;
}

/* prlimit(2): all identities of the other must be the caller's real ones. */
static bool may_touch(const struct process *p)
{
    const struct lx_process *me = lx_current();
    struct lx_ids it = lx_ids_get(p->lx);
    bool same_user = me->uid == it.uid && me->uid == it.euid && me->uid == it.suid;
    bool same_group = me->gid == it.gid && me->gid == it.egid && me->gid == it.sgid;
    return p == process_current() || lx_capable(LX_CAP_SYS_RESOURCE) || (same_user && same_group);
}

static long limit_exchange(struct process *p, unsigned which, u64 unew, u64 uold)
{
    struct lx_rlimit new, old;
    if (unew && copy_from_user(&new, uptr(unew), sizeof new))
        return -EFAULT;
    if (!may_touch(p))
        return -EPERM;
    int r = limit_swap(p, which, unew ? &new : NULL, &old);
    return r == 0 && uold ? copy_to_user(uptr(uold), &old, sizeof old) : r;
}

long sys_prlimit64(u64 pid, u64 which, u64 unew, u64 uold, u64 a4, u64 a5)
{
    if ((u32)which >= LX_RLIMITS)
        return -EINVAL;
    struct process *p = process_find_thread((int)pid ? (int)pid : process_current()->pid);
    if (!p)
        return -ESRCH;
    long r = limit_exchange(p, (u32)which, unew, uold);
    kobject_put(&p->obj);
    return r;
}

long sys_getrlimit(u64 which, u64 uold, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return (u32)which >= LX_RLIMITS ? -EINVAL : limit_exchange(process_current(), (u32)which, 0, uold);
}

long sys_setrlimit(u64 which, u64 unew, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_rlimit new, old;
    if ((u32)which >= LX_RLIMITS)
        return -EINVAL;
    if (copy_from_user(&new, uptr(unew), sizeof new))
        return -EFAULT;
    return limit_swap(process_current(), (u32)which, &new, &old);
}
