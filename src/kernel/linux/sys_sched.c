/* Priorities, yielding, and on which CPUs a thread may run. */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define PRIO_PROCESS 0
#define PRIO_PGRP 1
#define PRIO_USER 2
#define NICE_MIN (-20)
#define NICE_MAX 19
#define MASK_BYTES 8u /* one word: MAX_CPUS is 64 */

long sys_sched_yield(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    thread_yield();
    return 0;
}

static int check_thread(int tid)
{
    if (tid < 0)
        return -EINVAL;
    struct process *p = tid ? process_find_thread(tid) : NULL;
    if (tid && !p)
        return -ESRCH;
    if (p)
        kobject_put(&p->obj);
    return 0;
}

static u64 running_cpus(void) { return ncpus >= 64 ? ~0ull : (1ull << ncpus) - 1; }

long sys_sched_getaffinity(u64 tid, u64 size, u64 umask, u64 a3, u64 a4, u64 a5)
{
    u64 mask = running_cpus();
    int r = check_thread((int)tid);
    if (r < 0)
        return r;
    if (size < MASK_BYTES || size % MASK_BYTES)
        return -EINVAL;
    return copy_to_user(uptr(umask), &mask, sizeof mask) ? -EFAULT : (long)sizeof mask;
}

/* Threads are not bound to CPUs here: only a mask that leaves all of them is true. */
long sys_sched_setaffinity(u64 tid, u64 size, u64 umask, u64 a3, u64 a4, u64 a5)
{
    u64 mask = 0;
    int r = check_thread((int)tid);
    if (r < 0)
        return r;
    if (copy_from_user(&mask, uptr(umask), MIN(size, sizeof mask)))
        return -EFAULT;
    return (mask & running_cpus()) == running_cpus() ? 0 : -EINVAL;
}

struct prio { int which, id; u32 uid; bool set; int nice; int found, best, error; };

static bool prio_thread(struct uthread *ut, void *ctx)
{
    struct prio *o = ctx;
    struct thread *t = ut->thread;
    if (o->which == PRIO_PROCESS && o->id != ut->process->pid && o->id != ut->tid)
        return true;
    o->found++;
    if (!o->set)
        o->best = MIN(o->best, t->nice);
    else if (o->nice < t->nice && !lx_is_root())
        o->error = -EACCES;
    else
        t->nice = (i8)o->nice;
    return true;
}

static void prio_process(struct process *p, void *ctx)
{
    struct prio *o = ctx;
    const struct lx_process *me = lx_current();
    if (p->state != PROCESS_ALIVE)
        return;
    if ((o->which == PRIO_PGRP && p->pgrp != o->id) || (o->which == PRIO_USER && p->lx->uid != o->uid))
        return;
    if (o->set && me->euid != 0 && me->euid != p->lx->uid && me->euid != p->lx->euid) {
        if (o->which != PRIO_PROCESS || p->pid == o->id) {
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
    o->best = NICE_MAX;
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
    struct prio o = { .set = true, .nice = MAX(NICE_MIN, MIN(nice, NICE_MAX)) };
    return prio_run(&o, which, who);
}

long sys_getcpu(u64 ucpu, u64 unode, u64 a2, u64 a3, u64 a4, u64 a5)
{
    u32 cpu = this_cpu()->id, node = 0;
    if ((ucpu && copy_to_user(uptr(ucpu), &cpu, sizeof cpu)) || (unode && copy_to_user(uptr(unode), &node, sizeof node)))
        return -EFAULT;
    return 0;
}

/* QUERY: no command is supported, and programs fall back to what works without. */
long sys_membarrier(u64 command, u64 flags, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return (int)command == 0 && (u32)flags == 0 ? 0 : -EINVAL;
}
