/* wait4 and waitid: the parent learns what became of its children.
 *
 * One scan under process_tree_lock finds a child with news or says that there is none to wait
 * for; between scans the parent sleeps until child_seq moves, so no news is lost. */
#include "lib/errno.h"
#include "linux/abi/rusage.h"
#include "linux/syscall.h"
#include "linux/pidfd.h"
#include "linux/ptrace.h"

#define WNOHANG 1u
#define WUNTRACED 2u /* waitid calls it WSTOPPED */
#define WEXITED 4u
#define WCONTINUED 8u
#define WNOWAIT 0x1000000u
#define WNOTHREAD 0x20000000u
#define WALL 0x40000000u
#define WCLONE 0x80000000u
#define P_ALL 0
#define P_PID 1
#define P_PGID 2
#define P_PIDFD 3

struct wait {
    int pid, pgrp;      /* 0: any */
    u64 object;         /* identity of the one process meant (a pidfd); 0: any */
    unsigned options;
    bool is_polling;    /* by a pidfd that does not block: -EAGAIN instead of sleeping */
    int found_pid, status;
    struct lx_siginfo info;
    struct lx_rusage usage;
};

static bool is_meant(const struct wait *w, const struct process *p)
{
    bool is_clone = p->lx->exit_signal != SIGCHLD;
    if ((w->object && p->obj.id != w->object) || (w->pid && p->pid != w->pid) || (w->pgrp && p->pgrp != w->pgrp))
        return false;
    if ((w->options & WNOTHREAD) && p->parent_tid != uthread_current()->tid)
        return false;
    return (w->options & WALL) || is_clone == !!(w->options & WCLONE);
}

static void report(struct wait *w, struct process *p, int code, int code_status, int status)
{
    w->found_pid = p->pid;
    w->status = status;
    w->info = lx_child_info(p, code, code_status);
    lx_rusage_of_process(p, &w->usage);
}

static void report_exit(struct wait *w, struct process *p)
{
    int sig = p->exit_status & 0x7f;
    report(w, p, sig ? LX_CLD_KILLED : LX_CLD_EXITED, sig ? sig : p->exit_status >> 8 & 0xff, p->exit_status);
    if (w->options & WNOWAIT)
        return;
    process_usage_inherit_locked(p);
    process_reap_locked(p);
}

static bool take_stop_news_locked(struct wait *w, struct lx_process *lx)
{
    bool keep = w->options & WNOWAIT;
    if ((w->options & WUNTRACED) && lx->stopped && !lx->stop_reported) {
        lx->stop_reported = !keep;
        w->status = lx->stop_signal << 8 | 0x7f;
        return true;
    }
    if ((w->options & WCONTINUED) && lx->continued) {
        lx->continued = keep;
        w->status = 0xffff;
        return true;
    }
    return false;
}

static bool has_stop_news(struct wait *w, struct process *p)
{
    u64 irq = spin_lock_irqsave(&p->lx->sighand->lock);
    bool news = take_stop_news_locked(w, p->lx);
    spin_unlock_irqrestore(&p->lx->sighand->lock, irq);
    if (news && w->status == 0xffff)
        report(w, p, LX_CLD_CONTINUED, SIGCONT, w->status);
    else if (news)
        report(w, p, LX_CLD_STOPPED, w->status >> 8, w->status);
    return news;
}

/* The same of threads that the caller traces. */
static int scan_tracees(struct wait *w)
{
    struct lx_trace_news n;
    int r = lx_trace_news_locked(w->pid, w->pgrp, w->options & WEXITED, w->options & WNOWAIT, &n);
    if (r <= 0)
        return r;
    w->found_pid = n.pid;
    w->status = n.status;
    w->info = (struct lx_siginfo){ .signo = SIGCHLD, .code = n.code };
    w->info.chld.pid = n.pid;
    w->info.chld.uid = n.uid;
    w->info.chld.status = n.code_status;
    if (n.process)
        lx_rusage_of_process(n.process, &w->usage);
    return 1;
}

/* 1: w is filled in; 0: nothing yet; -ECHILD. */
static int scan(struct wait *w)
{
    struct process *p, *next;
    mutex_lock(&process_tree_lock);
    int r = w->object || list_empty(&process_current()->lx->tracees) ? -ECHILD : scan_tracees(w);
    if (r == 1)
        goto unlock;
    list_for_each_safe(p, next, &process_current()->children, sibling) {
        if (!is_meant(w, p))
            continue;
        r = 0;
        if (p->state == PROCESS_ZOMBIE && (w->options & WEXITED)) {
            report_exit(w, p);
            r = 1;
        } else if (p->state == PROCESS_ALIVE && !lx_trace_by_caller_locked(p) && has_stop_news(w, p)) {
            r = 1;
        }
        if (r)
            break;
    }
unlock:
    mutex_unlock(&process_tree_lock);
    return r;
}

static int wait_for(struct wait *w)
{
    struct process *me = process_current();
    bool interrupted = false;
    for (;;) {
        u32 seq = __atomic_load_n(&me->child_seq, __ATOMIC_ACQUIRE);
        int r = scan(w); /* once more after a signal: it may be the SIGCHLD of this very news */
        if (r || (w->options & WNOHANG))
            return r < 0 ? r : 0;
        if (w->is_polling)
            return -EAGAIN;
        if (interrupted)
            return -ERESTARTSYS;
        interrupted = wait_event(&me->child_wait, __atomic_load_n(&me->child_seq, __ATOMIC_ACQUIRE) != seq,
                                 WAIT_INTERRUPTIBLE, 0) < 0;
    }
}

long sys_wait4(u64 apid, u64 ustatus, u64 aoptions, u64 urusage, u64 a4, u64 a5)
{
    int pid = (int)apid;
    struct wait w = { .options = (unsigned)aoptions };
    if (w.options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE))
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    w.options |= WEXITED;
    if (pid > 0)
        w.pid = pid;
    else if (pid != -1)
        w.pgrp = pid ? -pid : process_current()->pgrp;
    int r = wait_for(&w);
    if (r < 0 || !w.found_pid)
        return r;
    if (ustatus && copy_to_user(uptr(ustatus), &w.status, sizeof w.status))
        return -EFAULT;
    if (urusage && copy_to_user(uptr(urusage), &w.usage, sizeof w.usage))
        return -EFAULT;
    return w.found_pid;
}

static int pidfd_target(struct wait *w, int fd)
{
    struct file *f;
    int r = fd < 0 ? -EINVAL : lx_file_get(fd, &f);
    if (r < 0)
        return r;
    const struct process *p = lx_pidfd_process(f);
    w->object = p ? p->obj.id : 0;
    w->is_polling = file_has(f, FILE_NONBLOCK);
    file_put(f);
    return p ? 0 : -EBADF;
}

static int waitid_target(struct wait *w, int which, int id)
{
    switch (which) {
    case P_ALL:
        return 0;
    case P_PID:
        w->pid = id;
        return id > 0 ? 0 : -EINVAL;
    case P_PGID:
        w->pgrp = id ? id : process_current()->pgrp;
        return id >= 0 ? 0 : -EINVAL;
    case P_PIDFD:
        return pidfd_target(w, id);
    default:
        return -EINVAL;
    }
}

long sys_waitid(u64 which, u64 id, u64 uinfo, u64 aoptions, u64 urusage, u64 a5)
{
    struct wait w = { .options = (unsigned)aoptions };
    if (w.options & ~(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT | WNOTHREAD | WALL | WCLONE))
        return -EINVAL;
    if (!(w.options & (WUNTRACED | WEXITED | WCONTINUED)))
        return -EINVAL;
    int r = waitid_target(&w, (int)which, (int)id);
    if (r == 0)
        r = wait_for(&w);
    if (uinfo && lx_siginfo_put(uptr(uinfo), &w.info)) /* all zero: no news, or an error */
        return -EFAULT;
    if (r < 0)
        return r;
    if (urusage && w.found_pid && copy_to_user(uptr(urusage), &w.usage, sizeof w.usage))
        return -EFAULT;
    return 0;
}
