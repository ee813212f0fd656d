/* Resource limits (POSIX getrlimit()). Kept and inherited for all; NOFILE, NPROC, STACK, AS, DATA
 * MEMLOCK and SIGPENDING are also held. */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"

static int limit_set(struct process *p, unsigned which, const struct lx_rlimit *new)
{
    struct lx_rlimit *old = &p->lx->rlimit[which];
    if (new->cur > new->max)
        return -EINVAL;
    if (new->max > old->max && !lx_is_root())
        return -EPERM;
    if (which == LX_RLIMIT_NOFILE && new->max > HANDLES_MAX)
        return -EPERM;
    *old = *new;
    bool known_to_aspace = which == LX_RLIMIT_STACK || which == LX_RLIMIT_AS;
    struct aspace *as = known_to_aspace ? process_aspace_get(p) : NULL;
    if (as) {
        aspace_set_limits(as, p->lx->rlimit[LX_RLIMIT_STACK].cur, p->lx->rlimit[LX_RLIMIT_AS].cur);
        aspace_put(as);
    }
    return 0;
}

static bool may_touch(const struct process *p)
{
    const struct lx_process *me = lx_current(), *it = p->lx;
    return p == process_current() || me->euid == 0 || (me->uid == it->uid && me->uid == it->euid && me->uid == it->suid);
}

static long limit_exchange(struct process *p, unsigned which, u64 unew, u64 uold)
{
    struct lx_rlimit new, old;
    if (!may_touch(p))
        return -EPERM;
    if (unew && copy_from_user(&new, uptr(unew), sizeof new))
        return -EFAULT;
    old = p->lx->rlimit[which];
    if (unew) {
        int r = limit_set(p, which, &new);
        if (r < 0)
            return r;
    }
    return uold ? copy_to_user(uptr(uold), &old, sizeof old) : 0;
}

long sys_prlimit64(u64 pid, u64 which, u64 unew, u64 uold, u64 a4, u64 a5)
{
    if ((u32)which >= LX_RLIMITS)
        return -EINVAL;
    struct process *p = process_find((int)pid ? (int)pid : process_current()->pid);
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
    struct lx_rlimit new;
    if ((u32)which >= LX_RLIMITS)
        return -EINVAL;
    if (copy_from_user(&new, uptr(unew), sizeof new))
        return -EFAULT;
    return limit_set(process_current(), (u32)which, &new);
}
