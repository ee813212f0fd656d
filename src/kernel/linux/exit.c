/* What the end of a thread and of a process means to Linux programs. */
#include "dev/power.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/ipc.h"
#include "linux/syscall.h"
#include "linux/ptrace.h"
#include "linux/tty_job.h"
#include "mm/slab.h"

static void on_thread_exit(struct uthread *ut)
{
    lx_trace_thread_exit(ut, ut->lx->exit_status);
    lx_thread_leave_memory(ut, ut->tid);
    lx_io_thread_exit(ut);
}

static void on_process_exit(struct process *p)
{
    struct lx_process *lx = p->lx;
    if (p->pid == 1) {
        klog(LOG_EMERG, "init (process 1) ended with status 0x%x: nothing can run any more, system halted",
             p->exit_status);
        power_halt();
    }
    lx_oom_report(p);
    lx_trace_tracer_exit(p);
    lx_vfork_done(p);
    lx_tty_leader_exit(p);
    lx_itimers_stop(lx);
    lx_ptimers_delete(lx);
    lx_undos_put(lx->undos);
    lx->undos = NULL;
    mutex_lock(&process_tree_lock);
    struct lx_fs *fs = lx->fs;
    struct vnode *exe = lx->exe;
    lx->fs = NULL;
    lx->exe = NULL;
    lx_ctty_set_locked(lx, NULL);
    mutex_unlock(&process_tree_lock);
    lx_fs_put(fs);
    lx_exe_put(exe);
}

#define NS_PER_CLOCK_TICK (NSEC_PER_SEC / 100) /* USER_HZ is 100 on every Linux */

struct lx_siginfo lx_child_info(struct process *p, int code, int status)
{
    u64 user, sys;
    process_times(p, &user, &sys);
    struct lx_siginfo info = { .signo = SIGCHLD, .code = code };
    info.chld.pid = p->pid;
    info.chld.uid = p->lx->uid;
    info.chld.status = status;
    info.chld.utime = (i64)(user / NS_PER_CLOCK_TICK);
    info.chld.stime = (i64)(sys / NS_PER_CLOCK_TICK);
    return info;
}

static struct lx_siginfo end_info(struct process *p)
{
    int sig = p->exit_status & 0x7f;
    struct lx_siginfo info = lx_child_info(p, sig ? LX_CLD_KILLED : LX_CLD_EXITED, sig ? sig : p->exit_status >> 8 & 0xff);
    info.signo = p->lx->exit_signal;
    return info;
}

/* A parent that ignores SIGCHLD, or says SA_NOCLDWAIT, wants no zombies. */
static void on_zombie(struct process *p)
{
    struct process *parent = p->parent;
    lx_trace_process_end_locked(p);
    lx_actions_leave(p->lx);
    if (!parent)
        return;
    lx_pgrp_lost_parent_locked(p, parent);
    struct lx_siginfo info = end_info(p);
    struct lx_sigaction act = lx_signal_action_of(parent, SIGCHLD);
    bool unwanted = info.signo == SIGCHLD && (act.handler == LX_SIG_IGN || (act.flags & LX_SA_NOCLDWAIT));
    if (info.signo && !(unwanted && act.handler == LX_SIG_IGN))
        (void)lx_signal_process(parent, &info);
    if (unwanted)
        process_reap_locked(p);
    process_notify_parent(parent);
}

static void parent_death_tell(struct process *p, const struct process *parent)
{
    int sig = __atomic_load_n(&p->lx->pdeath_signal, __ATOMIC_RELAXED);
    if (sig)
        (void)lx_signal_process(p, &(struct lx_siginfo){ .signo = sig, .code = LX_SI_USER,
                                                         .kill = { .pid = parent->pid, .uid = parent->lx->uid } });
}

/* prctl(2): the "parent" of PR_SET_PDEATHSIG is the thread that made the child. */
static void on_parent_thread_ended(struct process *p) { parent_death_tell(p, p->parent); }

/* What clone asked for was between child and parent; init waits for ordinary children. */
static void on_adopted(struct process *p, struct process *old)
{
    p->lx->exit_signal = SIGCHLD;
    parent_death_tell(p, old);
    lx_pgrp_lost_parent_locked(p, old);
}

static void on_destroy(struct process *p)
{
    lx_process_destroy(p->lx);
    p->lx = NULL;
}

static void on_destroy_thread(struct uthread *ut)
{
    lx_signal_fini_thread(ut->process->lx, ut->lx);
    kfree(ut->lx);
}

const struct process_hooks lx_process_hooks = {
    .thread_exit = on_thread_exit,
    .process_exit = on_process_exit,
    .zombie = on_zombie,
    .adopted = on_adopted,
    .parent_thread_ended = on_parent_thread_ended,
    .destroy = on_destroy,
    .destroy_thread = on_destroy_thread,
};

long sys_exit(u64 code, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int status = (int)(code & 0xff) << 8;
    lx_trace_event(LX_EVENT_EXIT, (u64)status);
    lx_thread_current()->exit_status = status;
    uthread_exit(status);
}

long sys_exit_group(u64 code, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int status = (int)(code & 0xff) << 8;
    lx_trace_event(LX_EVENT_EXIT, (u64)status);
    process_begin_exit(process_current(), status);
    uthread_exit(status);
}
