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

struct used { u64 user_ns, sys_ns, peak_pages; struct task_counts counts; };

/* Nothing is ever read from a slow device to answer a page fault: there are no major ones. */
static void rusage_fill(struct lx_rusage *out, const struct used *u)
{
    memset(out, 0, sizeof *out);
    out->user = timeval_of(u->user_ns);
    out->sys = timeval_of(u->sys_ns);
    out->maxrss_kib = (i64)(u->peak_pages * (PAGE_SIZE / 1024));
    out->minflt = (i64)u->counts.faults;
    out->nvcsw = (i64)u->counts.slept;
    out->nivcsw = (i64)u->counts.preempted;
}

static struct used used_by(struct process *p)
{
    struct used u = { .peak_pages = p->peak_pages };
    process_times(p, &u.user_ns, &u.sys_ns);
    process_counts(p, &u.counts);
    return u;
}

static struct used used_by_children(const struct process *p)
{
    return (struct used){ p->children_user_ns, p->children_sys_ns, p->children_peak_pages, p->children_counts };
}

static struct used used_here(const struct process *p, struct thread *t)
{
    struct used u = { .peak_pages = p->peak_pages, .counts = { t->nfaults, t->nslept, t->npreempted } };
    thread_times(t, &u.user_ns, &u.sys_ns);
    return u;
}

void lx_rusage_of_process(struct process *p, struct lx_rusage *out)
{
    struct used u = used_by(p), c = used_by_children(p);
    u.user_ns += c.user_ns;
    u.sys_ns += c.sys_ns;
    u.peak_pages = MAX(u.peak_pages, c.peak_pages);
    u.counts = (struct task_counts){ u.counts.faults + c.counts.faults, u.counts.slept + c.counts.slept,
                                     u.counts.preempted + c.counts.preempted };
    rusage_fill(out, &u);
}

long sys_getrusage(u64 who, u64 uout, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *p = process_current();
    struct lx_rusage r;
    struct used u;
    process_peak_note(p);
    switch ((int)who) {
    case RUSAGE_SELF: u = used_by(p); break;
    case RUSAGE_CHILDREN: u = used_by_children(p); break;
    case RUSAGE_THREAD: u = used_here(p, thread_current()); break;
    default: return -EINVAL;
    }
    rusage_fill(&r, &u);
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
