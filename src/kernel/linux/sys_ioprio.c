/* Priorities of input and output. No device here queues by priority: the value is kept, inherited and
 * told, as Linux does for a disk without a scheduler. */
#include "lib/errno.h"
#include "linux/sched.h"
#include "linux/syscall.h"

enum { WHO_PROCESS = 1, WHO_PGRP, WHO_USER }; /* ioprio_set(2) */
#define IOPRIO_CLASS_SHIFT 13
enum { IOPRIO_NONE, IOPRIO_RT, IOPRIO_BE, IOPRIO_IDLE };
#define IOPRIO_LEVEL 7u

static int ioprio_check(u32 value)
{
    switch (value >> IOPRIO_CLASS_SHIFT) {
    case IOPRIO_NONE: return value & IOPRIO_LEVEL ? -EINVAL : 0;
    case IOPRIO_RT: return lx_capable(LX_CAP_SYS_ADMIN) || lx_capable(LX_CAP_SYS_NICE) ? 0 : -EPERM;
    case IOPRIO_BE: case IOPRIO_IDLE: return 0;
    default: return -EINVAL;
    }
}

/* The stronger of two: a lower class first, none counts as best effort, then the lower level. */
static u32 ioprio_best(u32 a, u32 b)
{
    u32 ca = a >> IOPRIO_CLASS_SHIFT ? a : IOPRIO_BE << IOPRIO_CLASS_SHIFT | 4;
    u32 cb = b >> IOPRIO_CLASS_SHIFT ? b : IOPRIO_BE << IOPRIO_CLASS_SHIFT | 4;
    return ca <= cb ? a : b;
}

struct ioprio { u32 which; int id; u32 uid; bool set; u32 value, best; int found, error; };

static bool ioprio_thread(struct uthread *ut, void *ctx)
{
    struct ioprio *o = ctx;
    struct lx_thread *lt = ut->lx;
    if (o->which == WHO_PROCESS && o->id != ut->tid)
        return true;
    if (o->set && !lx_may_schedule(ut->process)) {
        o->error = -EPERM;
    } else if (o->set) {
        lt->ioprio = (u16)o->value;
    } else {
        o->best = o->found ? ioprio_best(o->best, lt->ioprio) : lt->ioprio;
    }
    o->found++;
    return true;
}

static void ioprio_process(struct process *p, void *ctx)
{
    struct ioprio *o = ctx;
    if (p->state != PROCESS_ALIVE || (o->which == WHO_PGRP && p->pgrp != o->id) ||
        (o->which == WHO_USER && p->lx->uid != o->uid))
        return;
    process_for_each_thread(p, ioprio_thread, o);
}

static int ioprio_run(struct ioprio *o, u64 which, u64 who)
{
    o->which = (u32)which;
    o->id = (int)who;
    o->uid = (int)who ? (u32)who : lx_current()->uid;
    if (!o->id && o->which == WHO_PROCESS)
        o->id = uthread_current()->tid;
    if (!o->id && o->which == WHO_PGRP)
        o->id = process_current()->pgrp;
    if (o->which < WHO_PROCESS || o->which > WHO_USER)
        return -EINVAL;
    process_for_each(ioprio_process, o);
    return o->found ? o->error : -ESRCH;
}

long sys_ioprio_set(u64 which, u64 who, u64 value, u64 a3, u64 a4, u64 a5)
{
    struct ioprio o = { .set = true, .value = (u32)value };
    int r = (int)value < 0 ? -EINVAL : ioprio_check((u32)value);
    return r < 0 ? r : ioprio_run(&o, which, who);
}

long sys_ioprio_get(u64 which, u64 who, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct ioprio o = { 0 };
    int r = ioprio_run(&o, which, who);
    return r < 0 ? r : (long)o.best;
}
