/* A moment of a process or a thread, for /proc.
 *
 * Taken under process_tree_lock and, for threads, the process's thread lock: who is found there is
 * whole, and cannot end meanwhile. Written out with no lock held. */
#include "linux/procfs_snapshot.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "linux/ptrace.h"
#include "linux/signal_queue.h"
#include "object/slots.h"

struct thread_look { struct snapshot *s; int tid; bool any; };

char lx_thread_state(const struct uthread *ut)
{
    const struct thread *t = ut->thread;
    const struct lx_trace *tr = ut->lx->trace;
    if (tr > TRACE_CLOSED && tr->state == TRACE_STOPPED)
        return 't';
    if (t->state == THREAD_BLOCKED)
        return t->interruptible ? 'S' : 'D';
    return t->state == THREAD_DEAD ? 'X' : 'R';
}

static void take_sched(struct snapshot *s, struct thread *t)
{
    static const u8 linux_policy[] = { [SCHED_POLICY_OTHER] = 0, [SCHED_POLICY_FIFO] = 1, [SCHED_POLICY_RR] = 2,
                                       [SCHED_POLICY_BATCH] = 3, [SCHED_POLICY_IDLE] = 5 }; /* linux/sched.h */
    s->cpu = t->cpu;
    s->nice = t->nice;
    s->policy = linux_policy[t->policy];
    s->rt_prio = t->own_prio;
    s->prio = t->rt_prio ? -1 - t->rt_prio : 20 + t->nice;
    s->allowed_cpus = t->allowed_cpus & cpus_running_mask();
}

static void take_thread(struct snapshot *s, struct uthread *ut)
{
    struct thread *t = ut->thread;
    s->user_ns = t->user_ns;
    s->sys_ns = t->cpu_ns > t->user_ns ? t->cpu_ns - t->user_ns : 0;
    s->faults = t->nfaults;
    s->slept = t->nslept;
    s->preempted = t->npreempted;
    if (ut->tid != s->pid)
        str_copy(s->name, t->name, sizeof(s->name));
}

/* A process is shown as its first thread is: 'Z' once that one has ended, though others may run on. */
static bool look_at_thread(struct uthread *ut, void *ctx)
{
    struct thread_look *l = ctx;
    if (ut->tid != (l->tid ? l->tid : l->s->pid))
        return true;
    l->s->state = lx_thread_state(ut);
    take_sched(l->s, ut->thread);
    l->s->sig_thread = ut->lx->pending.set;
    l->s->sig_blocked = ut->lx->sigmask;
    l->s->tracer = ut->lx->trace > TRACE_CLOSED && ut->lx->trace->tracer ? ut->lx->trace->tracer->pid : 0;
    if (l->tid)
        take_thread(l->s, ut);
    l->any = true;
    return false;
}

static void take_signals(struct snapshot *s, struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    for (int sig = 1; sig <= LX_NSIG; sig++) {
        u64 handler = lx->actions->action[sig].handler;
        s->sig_ignored |= handler == LX_SIG_IGN ? LX_SIGBIT(sig) : 0;
        s->sig_caught |= handler > LX_SIG_IGN ? LX_SIGBIT(sig) : 0;
    }
    s->sig_shared = lx->shared.set;
    s->sig_queued = lx->nqueued;
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    s->sig_limit = MIN(lx->rlimit[LX_RLIMIT_SIGPENDING].cur, (u64)LX_SIGQUEUE_MAX);
}

static void take_lx(struct snapshot *s, struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    const u32 uid[4] = { lx->uid, lx->euid, lx->suid, lx->fsuid }, gid[4] = { lx->gid, lx->egid, lx->sgid, lx->fsgid };
    memcpy(s->uid, uid, sizeof(uid));
    memcpy(s->gid, gid, sizeof(gid));
    s->caps = lx->caps;
    s->ngroups = lx->ngroups;
    memcpy(s->groups, lx->groups, s->ngroups * sizeof(u32));
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
    s->arg_start = lx->arg_start, s->arg_end = lx->arg_end;
    s->env_start = lx->env_start, s->env_end = lx->env_end;
    s->code_start = lx->code_start, s->code_end = lx->code_end, s->stack_start = lx->stack_start;
    s->auxv_n = MIN(lx->auxv_n, (unsigned)ARRAY_SIZE(s->auxv));
    memcpy(s->auxv, lx->auxv, s->auxv_n * sizeof(u64));
    s->exit_signal = lx->exit_signal;
    s->no_new_privs = lx->no_new_privs;
    s->personality = lx->personality;
    s->tty = lx->ctty;
    if (s->tty) {
        tty_get(s->tty);
        s->tty_number = tty_number(s->tty);
    }
    s->umask = lx->fs ? lx->fs->umask : 0;
    if (lx->stopped && s->state != 'Z' && s->state != 't')
        s->state = 'T';
    take_signals(s, lx);
}

/* Tree lock held. False: the thread is not there. */
static bool take_locked(struct snapshot *s, struct process *p, int tid)
{
    struct thread_look look = { s, tid, false };
    struct task_counts counts;
    *s = (struct snapshot){
        .pid = p->pid, .tid = tid ? tid : p->pid, .ppid = p->parent ? p->parent->pid : 0, .pgrp = p->pgrp,
        .session = p->session, .exit_status = p->exit_status, .nthreads = p->nthreads, .start_ns = p->start_ns,
        .cuser_ns = p->children_user_ns, .csys_ns = p->children_sys_ns, .cfaults = p->children_counts.faults,
        .tpgid = -1, .prio = 20,
    };
    str_copy(s->name, p->name, sizeof(s->name));
    process_times(p, &s->user_ns, &s->sys_ns);
    process_counts(p, &counts);
    s->faults = counts.faults, s->slept = counts.slept, s->preempted = counts.preempted;
    process_for_each_thread(p, look_at_thread, &look);
    if (tid && !look.any)
        return false;
    if (!look.any || p->state == PROCESS_ZOMBIE)
        s->state = 'Z';
    if (p->lx)
        take_lx(s, p->lx);
    return true;
}

static void count_slots(const struct slots *slots, void *ctx) { *(unsigned *)ctx = slots->cap; }

/* What has locks of its own, after the tree's. */
static void take_rest(struct snapshot *s, struct process *p)
{
    struct aspace *as = process_aspace_get(p);
    struct handle_table *h = process_handles_get(p);
    if (!as || !process_current() || !lx_may_access(p))
        s->code_start = s->code_end = s->stack_start = 0;
    if (s->tty)
        s->tpgid = tty_get_pgrp(s->tty); /* a terminal's lock comes before the tree's */
    tty_put(s->tty);
    s->tty = NULL;
    if (h) {
        handle_table_look(h, count_slots, &s->fd_slots);
        handle_table_put(h);
    }
    if (!as)
        return;
    s->live_aspace = true;
    s->mem = aspace_stats(as);
    aspace_put(as);
}

int proc_snapshot(struct snapshot *s, const struct proc_key *k)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    mutex_lock(&process_tree_lock);
    bool found = p->state != PROCESS_REAPED && take_locked(s, p, k->id[PROC_TID]);
    mutex_unlock(&process_tree_lock);
    if (found)
        take_rest(s, p);
    kobject_put(&p->obj);
    return found ? 0 : -ESRCH;
}

int proc_aspace(const struct proc_key *k, bool secret, struct aspace **out)
{
    struct process *p = process_find(k->id[PROC_PID]);
    if (!p)
        return -ESRCH;
    int r = 0;
    if (secret && process_current())
        r = lx_aspace_of(p, out);
    else
        *out = process_aspace_get(p);
    kobject_put(&p->obj);
    return r < 0 ? -EACCES : 0;
}
