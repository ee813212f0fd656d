/* kill and its kin: who may signal whom (POSIX kill(): same user, or CAP_KILL). */
#include "lib/errno.h"
#include "linux/signal_priv.h"
#include "linux/syscall.h"

static bool may_signal(const struct process *p, int sig)
{
    const struct lx_process *me = lx_current(), *it = p->lx;
    if (lx_capable(LX_CAP_KILL) || me->euid == it->suid || me->euid == it->uid || me->uid == it->suid ||
        me->uid == it->uid)
        return true;
    return sig == SIGCONT && p->session == process_current()->session;
}

int lx_signal_checked(struct process *p, int tid, const struct lx_siginfo *info)
{
    if (!may_signal(p, info->signo))
        return -EPERM;
    if (info->signo == 0)
        return 0;
    return tid ? lx_signal_tid(p, tid, info) : lx_signal_process(p, info);
}

static int send_to_pid(int pid, const struct lx_siginfo *info)
{
    if (pid == process_current()->pid)
        return lx_signal_checked(process_current(), 0, info);
    struct process *p = process_find(pid);
    if (!p)
        return -ESRCH;
    int r = lx_signal_checked(p, 0, info);
    kobject_put(&p->obj);
    return r;
}

struct broadcast {
    int pgrp; /* 0: everybody but init and the caller */
    const struct lx_siginfo *info;
    int found, sent, error;
};

static void send_one(struct process *p, void *ctx)
{
    struct broadcast *b = ctx;
    bool meant = b->pgrp ? p->pgrp == b->pgrp : p->pid != 1 && p != process_current();
    if (!meant)
        return;
    int r = lx_signal_checked(p, 0, b->info);
    b->found++;
    b->sent += r == 0;
    if (r < 0)
        b->error = r;
}

/* In one go: who runs in between may be one of thousands that are to be killed, each with a turn. */
static int send_to_many(int pgrp, const struct lx_siginfo *info)
{
    struct broadcast b = { .pgrp = pgrp, .info = info };
    mutex_lock(&process_tree_lock);
    preempt_disable();
    process_for_each_locked(send_one, &b);
    preempt_enable_no_resched();
    mutex_unlock(&process_tree_lock);
    return !b.found ? -ESRCH : b.sent ? 0 : b.error;
}

long sys_kill(u64 apid, u64 signo, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int pid = (int)apid, sig = (int)signo;
    if (sig < 0 || sig > LX_NSIG)
        return -EINVAL;
    struct lx_siginfo info = lx_siginfo_user(sig, LX_SI_USER);
    if (pid > 0)
        return send_to_pid(pid, &info);
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid == -1)
        return send_to_many(0, &info);
    return send_to_many(pid ? -pid : process_current()->pgrp, &info);
}

struct tid_search { int tid; bool found; };

static bool is_tid(struct uthread *ut, void *ctx)
{
    struct tid_search *s = ctx;
    s->found = ut->tid == s->tid;
    return !s->found;
}

/* tgid 0: whichever process has the thread. */
static long signal_thread(int tgid, int tid, int sig, const struct lx_siginfo *info)
{
    if (tid <= 0 || tgid < 0 || sig < 0 || sig > LX_NSIG)
        return -EINVAL;
    struct process *me = process_current();
    if (tid == uthread_current()->tid && (!tgid || tgid == me->pid))
        return lx_signal_checked(me, tid, info);
    struct process *p = process_find_thread(tid);
    struct tid_search s = { .tid = tid };
    if (!p)
        return -ESRCH;
    process_for_each_thread(p, is_tid, &s);
    int r = s.found && (!tgid || p->pid == tgid) ? lx_signal_checked(p, tid, info) : -ESRCH;
    kobject_put(&p->obj);
    return r;
}

long sys_tkill(u64 tid, u64 signo, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct lx_siginfo info = lx_siginfo_user((int)signo, LX_SI_TKILL);
    return signal_thread(0, (int)tid, (int)signo, &info);
}

long sys_tgkill(u64 tgid, u64 tid, u64 signo, u64 a3, u64 a4, u64 a5)
{
    struct lx_siginfo info = lx_siginfo_user((int)signo, LX_SI_TKILL);
    if ((int)tgid <= 0)
        return -EINVAL;
    return signal_thread((int)tgid, (int)tid, (int)signo, &info);
}

long sys_rt_tgsigqueueinfo(u64 tgid, u64 tid, u64 signo, u64 uinfo, u64 a4, u64 a5)
{
    struct lx_siginfo info;
    if (copy_from_user(&info, uptr(uinfo), sizeof info))
        return -EFAULT;
    if ((int)tgid <= 0 || (int)tid <= 0)
        return -EINVAL;
    if ((info.code >= 0 || info.code == LX_SI_TKILL) && (int)tgid != process_current()->pid)
        return -EPERM;
    info.signo = (int)signo;
    return signal_thread((int)tgid, (int)tid, (int)signo, &info);
}

/* A program may not pretend to be the kernel or kill(), except towards itself. */
long sys_rt_sigqueueinfo(u64 pid, u64 signo, u64 uinfo, u64 a3, u64 a4, u64 a5)
{
    struct lx_siginfo info;
    int sig = (int)signo;
    if (copy_from_user(&info, uptr(uinfo), sizeof info))
        return -EFAULT;
    if (sig < 0 || sig > LX_NSIG)
        return -EINVAL;
    if ((info.code >= 0 || info.code == LX_SI_TKILL) && (int)pid != process_current()->pid)
        return -EPERM;
    info.signo = sig;
    return send_to_pid((int)pid, &info);
}
