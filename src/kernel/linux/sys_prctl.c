/* prctl: switches of a process. Each option answers what holds here; what this kernel has no notion
 * of is -EINVAL, as on a Linux built without it. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/capability.h"
#include "linux/missing.h"
#include "linux/syscall.h"
#include "linux/lx.h"

enum { /* linux/prctl.h */
    PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG = 2, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4, PR_GET_KEEPCAPS = 7,
    PR_SET_KEEPCAPS = 8, PR_GET_TIMING = 13, PR_SET_TIMING = 14, PR_SET_NAME = 15, PR_GET_NAME = 16,
    PR_GET_SECCOMP = 21, PR_CAPBSET_READ = 23, PR_CAPBSET_DROP = 24, PR_GET_TSC = 25, PR_SET_TSC = 26, PR_GET_SECUREBITS = 27,
    PR_SET_SECUREBITS = 28, PR_SET_TIMERSLACK = 29, PR_GET_TIMERSLACK = 30, PR_SET_CHILD_SUBREAPER = 36,
    PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS = 38, PR_GET_NO_NEW_PRIVS = 39, PR_GET_TID_ADDRESS = 40,
    PR_GET_THP_DISABLE = 42, PR_CAP_AMBIENT = 47,
};
#define PR_TSC_ENABLE 1u
#define PR_CAP_AMBIENT_IS_SET 1u
#define PR_CAP_AMBIENT_RAISE 2u
#define PR_CAP_AMBIENT_LOWER 3u
#define PR_CAP_AMBIENT_CLEAR_ALL 4u
#define PR_NAME_BYTES 16

struct naming { int tid; const char *name; bool done; };

static bool name_thread(struct uthread *ut, void *ctx)
{
    struct naming *n = ctx;
    n->done = ut->tid == n->tid;
    if (n->done)
        str_copy(ut->thread->name, n->name, sizeof ut->thread->name);
    return !n->done;
}

int lx_name_set(struct process *p, int tid, const char *name)
{
    struct naming n = { tid, name, false };
    process_for_each_thread(p, name_thread, &n);
    if (tid == p->pid)
        str_copy(p->name, name, sizeof p->name);
    return n.done || tid == p->pid ? 0 : -ESRCH;
}

static long name_set(u64 user)
{
    char name[PR_NAME_BYTES] = { 0 };
    long n = strncpy_from_user(name, uptr(user), sizeof name - 1);
    if (n < 0 && n != -ENAMETOOLONG)
        return n;
    name[sizeof name - 1] = 0;
    str_copy(thread_current()->name, name, sizeof thread_current()->name);
    if (uthread_current()->tid == process_current()->pid)
        str_copy(process_current()->name, name, sizeof name);
    return 0;
}

static long name_get(u64 user)
{
    char name[PR_NAME_BYTES] = { 0 };
    str_copy(name, thread_current()->name, sizeof name);
    return copy_to_user(uptr(user), name, sizeof name);
}

static long int_put(u64 user, i32 value) { return copy_to_user(uptr(user), &value, sizeof value); }

static long pdeath_set(u64 sig)
{
    if (sig > LX_NSIG)
        return -EINVAL;
    __atomic_store_n(&lx_current()->pdeath_signal, (int)sig, __ATOMIC_RELAXED);
    return 0;
}

static long flag_set(bool *flag, u64 value)
{
    if (value > 1)
        return -EINVAL;
    __atomic_store_n(flag, value, __ATOMIC_RELAXED);
    return 0;
}

/* Once and for all, and for the children. */
static long no_new_privs_set(u64 value, u64 a2, u64 a3, u64 a4)
{
    if (value != 1 || a2 || a3 || a4)
        return -EINVAL;
    __atomic_store_n(&lx_current()->no_new_privs, true, __ATOMIC_RELAXED);
    return 0;
}

/* One of capability.h's changes, with the lock that guards them. */
#define CAPS_CHANGE(change, ...)                                                             \
    ({                                                                                       \
        struct lx_process *lx_ = lx_current();                                               \
        u64 irq_ = spin_lock_irqsave(&lx_->sighand->lock);                                   \
        int r_ = change(&lx_->caps, __VA_ARGS__);                                            \
        spin_unlock_irqrestore(&lx_->sighand->lock, irq_);                                   \
        r_;                                                                                  \
    })

static long keep_caps_set(u64 value) { return value > 1 ? -EINVAL : CAPS_CHANGE(lx_caps_set_keep, value); }

static long bound_drop(u64 cap)
{
    if (cap <= LX_CAP_LAST)
        return CAPS_CHANGE(lx_caps_drop_bound, (unsigned)cap);
    return lx_capable(LX_CAP_SETPCAP) ? -EINVAL : -EPERM;
}

/* Timers here are as exact as the clock, which no slack forbids; it is kept for who asks. 0: the default. */
static long slack_set(u64 ns)
{
    lx_thread_current()->timer_slack_ns = (i64)ns <= 0 ? LX_TIMER_SLACK_NS : ns;
    return 0;
}

static int ambient_lower(struct lx_caps *c, u64 caps)
{
    c->ambient &= ~caps;
    return 0;
}

static long ambient(u64 what, u64 cap, u64 a3, u64 a4)
{
    if (a3 || a4)
        return -EINVAL;
    if (what == PR_CAP_AMBIENT_CLEAR_ALL)
        return cap ? -EINVAL : CAPS_CHANGE(ambient_lower, LX_CAP_ALL);
    if (cap > LX_CAP_LAST)
        return -EINVAL;
    switch (what) {
    case PR_CAP_AMBIENT_IS_SET: return lx_current()->caps.ambient >> cap & 1;
    case PR_CAP_AMBIENT_RAISE: return CAPS_CHANGE(lx_caps_raise_ambient, (unsigned)cap);
    case PR_CAP_AMBIENT_LOWER: return CAPS_CHANGE(ambient_lower, LX_CAP_BIT(cap));
    default: return -EINVAL;
    }
}

static long of_privileges(int option, u64 a1, u64 a2, u64 a3, u64 a4)
{
    struct lx_process *lx = lx_current();
    switch (option) {
    case PR_GET_DUMPABLE: return lx->dumpable;
    case PR_SET_DUMPABLE: return flag_set(&lx->dumpable, a1);
    case PR_GET_KEEPCAPS: return (lx->caps.securebits & LX_SECBIT_KEEP_CAPS) != 0;
    case PR_SET_KEEPCAPS: return keep_caps_set(a1);
    case PR_GET_SECUREBITS: return lx->caps.securebits;
    case PR_SET_SECUREBITS: return CAPS_CHANGE(lx_caps_set_securebits, a1);
    case PR_CAPBSET_READ: return a1 <= LX_CAP_LAST ? (long)(lx->caps.bounding >> a1 & 1) : -EINVAL;
    case PR_CAPBSET_DROP: return bound_drop(a1);
    case PR_CAP_AMBIENT: return ambient(a1, a2, a3, a4);
    case PR_SET_NO_NEW_PRIVS: return no_new_privs_set(a1, a2, a3, a4);
    case PR_GET_NO_NEW_PRIVS: return a1 || a2 || a3 || a4 ? -EINVAL : lx->no_new_privs;
    case PR_GET_SECCOMP: return 0;
    default: return lx_missing((u32)option, -EINVAL);
    }
}

long sys_prctl(u64 option, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *p = process_current();
    switch ((int)option) {
    case PR_SET_PDEATHSIG: return pdeath_set(a1);
    case PR_GET_PDEATHSIG: return int_put(a1, p->lx->pdeath_signal);
    case PR_SET_NAME: return name_set(a1);
    case PR_GET_NAME: return name_get(a1);
    case PR_GET_TIMING: return 0;
    case PR_SET_TIMING: return a1 ? -EINVAL : 0;
    case PR_GET_TSC: return int_put(a1, PR_TSC_ENABLE);
    case PR_SET_TSC: return a1 == PR_TSC_ENABLE ? 0 : -EINVAL;
    case PR_SET_TIMERSLACK: return slack_set(a1);
    case PR_GET_TIMERSLACK: return (long)lx_thread_current()->timer_slack_ns;
    case PR_SET_CHILD_SUBREAPER:
        __atomic_store_n(&p->is_subreaper, a1 != 0, __ATOMIC_RELAXED);
        return 0;
    case PR_GET_CHILD_SUBREAPER: return int_put(a1, p->is_subreaper);
    case PR_GET_TID_ADDRESS: return copy_to_user(uptr(a1), &lx_thread_current()->clear_child_tid, sizeof(u64));
    case PR_GET_THP_DISABLE: return a1 || a2 || a3 || a4 ? -EINVAL : 0;
    default: return of_privileges((int)option, a1, a2, a3, a4);
    }
}
