/* What was used: getrusage, times. And what may be used: limits, priorities, CPUs. */
#include "lib/errno.h"
#include "linux/abi/rusage.h"
#include "linux/syscall.h"
#include "lib/string.h"

#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD 1
#define NS_PER_CLOCK_TICK (NSEC_PER_SEC / 100) /* USER_HZ is 100 on every Linux */

static struct lx_timeval timeval_of(u64 ns)
{
    return (struct lx_timeval){ (i64)(ns / NSEC_PER_SEC), (i64)(ns % NSEC_PER_SEC / 1000) };
}

static void rusage_fill(struct lx_rusage *out, u64 user_ns, u64 sys_ns)
{
    memset(out, 0, sizeof *out);
    out->user = timeval_of(user_ns);
    out->sys = timeval_of(sys_ns);
}

void lx_rusage_of_process(struct process *p, struct lx_rusage *out)
{
    u64 user, sys;
    process_times(p, &user, &sys);
    rusage_fill(out, user + p->children_user_ns, sys + p->children_sys_ns);
}

long sys_getrusage(u64 who, u64 uout, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *p = process_current();
    struct thread *t = thread_current();
    struct lx_rusage r;
    u64 user, sys;
    switch ((int)who) {
    case RUSAGE_SELF:
        process_times(p, &user, &sys);
        break;
    case RUSAGE_CHILDREN:
        user = p->children_user_ns;
        sys = p->children_sys_ns;
        break;
    case RUSAGE_THREAD:
        thread_times(t, &user, &sys);
        break;
    default:
        return -EINVAL;
    }
    rusage_fill(&r, user, sys);
    return copy_to_user(uptr(uout), &r, sizeof r);
}

long sys_times(u64 uout, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *p = process_current();
    u64 user, sys;
    process_times(p, &user, &sys);
    u64 t[4] = { user, sys, p->children_user_ns, p->children_sys_ns };
    for (size_t i = 0; i < ARRAY_SIZE(t); i++)
        t[i] /= NS_PER_CLOCK_TICK;
    if (uout && copy_to_user(uptr(uout), t, sizeof t))
        return -EFAULT;
    return (long)(clock_now_ns() / NS_PER_CLOCK_TICK);
}
