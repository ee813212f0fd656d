/* Scheduling policies (sched(7)): asking for them and the rights to. */
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/sched.h"
#include "linux/syscall.h"

enum { LX_SCHED_OTHER, LX_SCHED_FIFO, LX_SCHED_RR, LX_SCHED_BATCH, LX_SCHED_IDLE = 5, LX_SCHED_DEADLINE = 6 };
#define LX_SCHED_KEEP (-1)
#define LX_SCHED_RESET_ON_FORK 0x40000000

#define FLAG_RESET_ON_FORK 0x01u /* sched_setattr(2) */
#define FLAG_KEEP_POLICY 0x08u
#define FLAG_KEEP_PARAMS 0x10u
#define FLAGS_UTIL_CLAMP 0x60u
#define FLAGS_KNOWN 0x7fu

struct lx_sched_attr {
    u32 size, policy;
    u64 flags;
    i32 nice;
    u32 priority;
    u64 runtime, deadline, period;
    u32 util_min, util_max;
};
#define ATTR_SIZE_FIRST 48u
_Static_assert(sizeof(struct lx_sched_attr) == 56, "sched_setattr(2)");

struct search { int tid; struct thread *found; };

static bool is_target(struct uthread *ut, void *ctx)
{
    struct search *s = ctx;
    if (ut->tid != s->tid)
        return true;
    s->found = ut->thread;
    kobject_get(&s->found->obj);
    return false;
}

int lx_target_get(int tid, struct lx_target *out)
{
    struct search s = { .tid = tid ? tid : uthread_current()->tid };
    struct process *p = tid < 0 ? NULL : process_find_thread(s.tid);
    if (!p)
        return -ESRCH;
    process_for_each_thread(p, is_target, &s);
    *out = (struct lx_target){ p, s.found };
    if (s.found)
        return 0;
    kobject_put(&p->obj);
    return -ESRCH;
}

void lx_target_put(struct lx_target *t)
{
    kobject_put(&t->thread->obj);
    kobject_put(&t->process->obj);
}

bool lx_may_schedule(const struct process *p)
{
    const struct lx_process *me = lx_current();
    return me->euid == p->lx->uid || me->euid == p->lx->euid || lx_capable(LX_CAP_SYS_NICE);
}

bool lx_may_nice(const struct process *p, int nice)
{
    return lx_capable(LX_CAP_SYS_NICE) || (u64)(20 - nice) <= p->lx->rlimit[LX_RLIMIT_NICE].cur;
}

static int policy_parse(int policy, struct sched_params *p)
{
    switch (policy) {
    case LX_SCHED_OTHER: p->policy = SCHED_POLICY_OTHER; return 0;
    case LX_SCHED_FIFO: p->policy = SCHED_POLICY_FIFO; return 0;
    case LX_SCHED_RR: p->policy = SCHED_POLICY_RR; return 0;
    case LX_SCHED_BATCH: p->policy = SCHED_POLICY_BATCH; return 0;
    case LX_SCHED_IDLE: p->policy = SCHED_POLICY_IDLE; return 0;
    default: return -EINVAL; /* SCHED_DEADLINE, too */
    }
}

static int policy_number(enum sched_policy p)
{
    static const u8 number[] = {
        [SCHED_POLICY_OTHER] = LX_SCHED_OTHER, [SCHED_POLICY_BATCH] = LX_SCHED_BATCH, [SCHED_POLICY_IDLE] = LX_SCHED_IDLE,
        [SCHED_POLICY_FIFO] = LX_SCHED_FIFO, [SCHED_POLICY_RR] = LX_SCHED_RR,
    };
    return number[p];
}

/* What a thread without privilege may change: downwards, and upwards within its limits. */
static bool may_change(const struct process *p, const struct sched_params *old, const struct sched_params *new)
{
    u64 rt_limit = p->lx->rlimit[LX_RLIMIT_RTPRIO].cur;
    if (lx_capable(LX_CAP_SYS_NICE))
        return true;
    if (!lx_may_schedule(p) || (old->reset_on_fork && !new->reset_on_fork))
        return false;
    if (old->policy == SCHED_POLICY_IDLE && new->policy != SCHED_POLICY_IDLE && !lx_may_nice(p, old->nice))
        return false;
    if (!sched_policy_is_rt(new->policy))
        return new->nice >= old->nice || lx_may_nice(p, new->nice);
    if (new->policy != old->policy && !rt_limit)
        return false;
    return new->rt_prio <= old->rt_prio || new->rt_prio <= rt_limit;
}

/* What a call wants; what it keeps comes from the thread. */
struct wish { int policy; u32 priority; bool reset_on_fork, keep_policy, keep_params, set_nice; int nice; };

static int change(const struct lx_target *t, const struct wish *w)
{
    struct sched_params old = thread_sched_get(t->thread), new = old;
    int r = w->keep_policy ? 0 : policy_parse(w->policy, &new);
    if (r < 0)
        return r;
    u32 priority = w->keep_params ? old.rt_prio : w->priority;
    if (priority > RT_PRIO_MAX || (priority != 0) != sched_policy_is_rt(new.policy))
        return -EINVAL;
    new.rt_prio = (u8)priority;
    if (!w->keep_policy)
        new.reset_on_fork = w->reset_on_fork;
    if (w->set_nice && !w->keep_params && !sched_policy_is_rt(new.policy))
        new.nice = (i8)w->nice;
    if (!may_change(t->process, &old, &new))
        return -EPERM;
    thread_sched_set(t->thread, &new);
    return 0;
}

/* Its lock's owner may have run with the old priority. */
static bool pass_on(struct uthread *ut, void *thread)
{
    if (ut->thread != thread)
        return true;
    futex_boost_changed(&ut->lx->boost);
    return false;
}

static int change_tid(int tid, const struct wish *w)
{
    struct lx_target t;
    int r = lx_target_get(tid, &t);
    if (r < 0)
        return r;
    r = change(&t, w);
    if (r == 0)
        process_for_each_thread(t.process, pass_on, t.thread);
    lx_target_put(&t);
    return r;
}

static int set_scheduler(int tid, u64 uparam, struct wish *w)
{
    i32 priority;
    if (!uparam || tid < 0)
        return -EINVAL;
    if (copy_from_user(&priority, uptr(uparam), sizeof priority))
        return -EFAULT;
    w->priority = (u32)priority;
    return change_tid(tid, w);
}

long sys_sched_setscheduler(u64 tid, u64 apolicy, u64 uparam, u64 a3, u64 a4, u64 a5)
{
    int policy = (int)apolicy;
    struct wish w = { .policy = policy & ~LX_SCHED_RESET_ON_FORK, .reset_on_fork = policy & LX_SCHED_RESET_ON_FORK };
    return policy < 0 ? -EINVAL : set_scheduler((int)tid, uparam, &w);
}

long sys_sched_setparam(u64 tid, u64 uparam, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct wish w = { .keep_policy = true };
    return set_scheduler((int)tid, uparam, &w);
}

static int params_of(u64 tid, struct sched_params *out)
{
    struct lx_target t;
    if ((int)tid < 0)
        return -EINVAL;
    int r = lx_target_get((int)tid, &t);
    if (r < 0)
        return r;
    *out = thread_sched_get(t.thread);
    lx_target_put(&t);
    return 0;
}

long sys_sched_getscheduler(u64 tid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct sched_params p;
    int r = params_of(tid, &p);
    return r < 0 ? r : policy_number(p.policy) | (p.reset_on_fork ? LX_SCHED_RESET_ON_FORK : 0);
}

long sys_sched_getparam(u64 tid, u64 uparam, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct sched_params p;
    if (!uparam)
        return -EINVAL;
    int r = params_of(tid, &p);
    i32 priority = r < 0 ? 0 : p.rt_prio;
    return r < 0 ? r : copy_to_user(uptr(uparam), &priority, sizeof priority);
}

/* The caller's struct may be shorter than ours or longer, as long as it asks for nothing we do not
 * know. A wrong size is answered with the right one. */
static int attr_get(u64 uattr, struct lx_sched_attr *a)
{
    u32 size, right = sizeof *a;
    memset(a, 0, sizeof *a);
    if (copy_from_user(&size, uptr(uattr), sizeof size))
        return -EFAULT;
    if (!size)
        size = ATTR_SIZE_FIRST;
    bool fits = size >= ATTR_SIZE_FIRST && size <= PAGE_SIZE;
    for (u32 at = right; fits && at < size; at++) {
        u8 byte;
        if (copy_from_user(&byte, uptr(uattr + at), 1))
            return -EFAULT;
        fits = byte == 0;
    }
    if (!fits)
        return copy_to_user(uptr(uattr), &right, sizeof right) ? -EFAULT : -E2BIG;
    if (copy_from_user(a, uptr(uattr), MIN(size, right)))
        return -EFAULT;
    return (a->flags & FLAGS_UTIL_CLAMP) && size < right ? -EINVAL : 0;
}

long sys_sched_setattr(u64 tid, u64 uattr, u64 flags, u64 a3, u64 a4, u64 a5)
{
    struct lx_sched_attr a;
    if (!uattr || (int)tid < 0 || (u32)flags)
        return -EINVAL;
    int r = attr_get(uattr, &a);
    if (r < 0)
        return r;
    struct wish w = {
        .policy = (int)a.policy, .priority = a.priority, .reset_on_fork = a.flags & FLAG_RESET_ON_FORK,
        .keep_policy = a.flags & FLAG_KEEP_POLICY, .keep_params = a.flags & FLAG_KEEP_PARAMS,
        .set_nice = true, .nice = MAX(LX_NICE_MIN, MIN(a.nice, LX_NICE_MAX)),
    };
    if ((int)a.policy < 0 || (a.flags & ~(u64)FLAGS_KNOWN))
        return -EINVAL;
    if (a.flags & FLAGS_UTIL_CLAMP)
        return -EOPNOTSUPP;
    return change_tid((int)tid, &w);
}

long sys_sched_getattr(u64 tid, u64 uattr, u64 asize, u64 flags, u64 a4, u64 a5)
{
    struct sched_params p;
    u32 size = (u32)asize;
    if (!uattr || size < ATTR_SIZE_FIRST || size > PAGE_SIZE || (u32)flags)
        return -EINVAL;
    int r = params_of(tid, &p);
    if (r < 0)
        return r;
    struct lx_sched_attr a = {
        .size = MIN(size, (u32)sizeof a), .policy = (u32)policy_number(p.policy),
        .flags = p.reset_on_fork ? FLAG_RESET_ON_FORK : 0,
        .nice = sched_policy_is_rt(p.policy) ? 0 : p.nice, .priority = p.rt_prio,
    };
    return copy_to_user(uptr(uattr), &a, a.size);
}

long sys_sched_get_priority_max(u64 policy, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct sched_params p;
    if ((int)policy == LX_SCHED_DEADLINE)
        return 0;
    int r = policy_parse((int)policy, &p);
    return r < 0 ? r : sched_policy_is_rt(p.policy) ? (long)RT_PRIO_MAX : 0;
}

long sys_sched_get_priority_min(u64 policy, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    long max = sys_sched_get_priority_max(policy, 0, 0, 0, 0, 0);
    return max > 0 ? (long)RT_PRIO_MIN : max;
}

long sys_sched_rr_get_interval(u64 tid, u64 uinterval, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct sched_params p;
    int r = params_of(tid, &p);
    if (r < 0)
        return r;
    u64 ns = p.policy == SCHED_POLICY_FIFO ? 0 : p.policy == SCHED_POLICY_RR ? SCHED_RR_TURN_NS : SCHED_TURN_NS;
    i64 interval[2] = { 0, (i64)ns };
    return copy_to_user(uptr(uinterval), interval, sizeof interval);
}
