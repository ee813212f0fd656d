/* nice values and the priorities of input and output. */
#include "lib/errno.h"
#include "linux/sched.h"
#include "linux/syscall.h"

#define PRIO_PROCESS 0 /* sys/resource.h */
#define PRIO_PGRP 1
#define PRIO_USER 2

struct prio { int which, id; u32 uid; bool set; int nice; int found, best, error; };

static bool prio_thread(struct uthread *ut, void *ctx)
{
    struct prio *o = ctx;
    if (o->which == PRIO_PROCESS && o->id != ut->tid)
        return true;
    struct sched_params p = thread_sched_get(ut->thread);
    o->found++;
    o->best = MIN(o->best, p.nice);
    if (!o->set)
        return true;
    if (o->nice < p.nice && !lx_may_nice(ut->process, o->nice)) {
        o->error = -EACCES;
        return true;
    }
    p.nice = (i8)o->nice;
    thread_sched_set(ut->thread, &p);
    return true;
}

struct tid_search { int tid; bool found; };

static bool is_tid(struct uthread *ut, void *ctx)
{
    struct tid_search *s = ctx;
    s->found = ut->tid == s->tid;
    return !s->found;
}

static bool has_thread(struct process *p, int tid)
{
    struct tid_search s = { .tid = tid };
    process_for_each_thread(p, is_tid, &s);
    return s.found;
}

static void prio_process(struct process *p, void *ctx)
{
    struct prio *o = ctx;
    if (p->state != PROCESS_ALIVE)
        return;
    if ((o->which == PRIO_PGRP && p->pgrp != o->id) || (o->which == PRIO_USER && p->lx->uid != o->uid))
        return;
    if (o->set && !lx_may_schedule(p)) {
        if (o->which != PRIO_PROCESS || has_thread(p, o->id)) {
            o->found++;
            o->error = -EPERM;
        }
        return;
    }
    process_for_each_thread(p, prio_thread, o);
}

static int prio_run(struct prio *o, u64 which, u64 who)
{
    o->which = (int)which;
    o->id = (int)who;
    o->uid = (int)who ? (u32)who : lx_current()->uid;
    o->best = LX_NICE_MAX;
    if (!o->id && o->which == PRIO_PROCESS)
        o->id = uthread_current()->tid;
    if (!o->id && o->which == PRIO_PGRP)
        o->id = process_current()->pgrp;
    if (o->which < PRIO_PROCESS || o->which > PRIO_USER)
        return -EINVAL;
    process_for_each(prio_process, o);
    return o->found ? o->error : -ESRCH;
}

/* The system call answers 20 - nice, so that no value looks like an error. */
long sys_getpriority(u64 which, u64 who, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct prio o = { 0 };
    int r = prio_run(&o, which, who);
    return r < 0 ? r : 20 - o.best;
}

long sys_setpriority(u64 which, u64 who, u64 anice, u64 a3, u64 a4, u64 a5)
{
    int nice = (int)anice;
    struct prio o = { .set = true, .nice = MAX(LX_NICE_MIN, MIN(nice, LX_NICE_MAX)) };
    return prio_run(&o, which, who);
}
