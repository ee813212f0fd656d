/* Identities of processes: numbers, parents, groups, sessions (POSIX setpgid(), setsid()). */
#include "lib/errno.h"
#include "linux/syscall.h"
#include "linux/lx.h"
#include "linux/tty_job.h"

long sys_getpid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return process_current()->pid;
}

long sys_gettid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return uthread_current()->tid;
}

long sys_getppid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return __atomic_load_n(&process_current()->ppid, __ATOMIC_RELAXED);
}

long sys_getpgrp(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return process_current()->pgrp;
}

/* Group and session of any process; 0 is the caller. */
static int ids_of(int pid, int *pgrp, int *session)
{
    mutex_lock(&process_tree_lock);
    struct process *p = pid ? process_find_locked(pid) : process_current();
    *pgrp = p ? p->pgrp : 0;
    *session = p ? p->session : 0;
    mutex_unlock(&process_tree_lock);
    return p ? 0 : -ESRCH;
}

long sys_getpgid(u64 pid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int pgrp, session, r = ids_of((int)pid, &pgrp, &session);
    return r < 0 ? r : pgrp;
}

long sys_getsid(u64 pid, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    int pgrp, session, r = ids_of((int)pid, &pgrp, &session);
    return r < 0 ? r : session;
}

struct group_search { int pgrp, session; bool found; };

static void group_in_session(struct process *p, void *ctx)
{
    struct group_search *s = ctx;
    s->found |= p->pgrp == s->pgrp && p->session == s->session;
}

static int setpgid_locked(struct process *me, struct process *p, int pgrp)
{
    if (!p || p->state != PROCESS_ALIVE || (p != me && p->parent != me))
        return -ESRCH;
    if (p->session != me->session || p->session == p->pid)
        return -EPERM;
    if (p != me && p->lx->did_exec)
        return -EACCES;
    /* A group of one's own session, or a new one named after the process. */
    struct group_search s = { .pgrp = pgrp, .session = me->session };
    if (pgrp != p->pid)
        process_for_each_locked(group_in_session, &s);
    if (pgrp != p->pid && !s.found)
        return -EPERM;
    process_set_group_locked(p, pgrp);
    return 0;
}

long sys_setpgid(u64 apid, u64 apgrp, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *me = process_current();
    int pid = (int)apid ? (int)apid : me->pid, pgrp = (int)apgrp ? (int)apgrp : pid;
    if (pid < 0 || pgrp < 0)
        return -EINVAL;
    mutex_lock(&process_tree_lock);
    int r = setpgid_locked(me, process_find_locked(pid), pgrp);
    mutex_unlock(&process_tree_lock);
    return r;
}

struct leader_search { int pid; bool found; };

static void leads_group(struct process *p, void *ctx)
{
    struct leader_search *s = ctx;
    s->found |= p->pgrp == s->pid;
}

long sys_setsid(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    struct process *me = process_current();
    struct leader_search s = { .pid = me->pid };
    mutex_lock(&process_tree_lock);
    process_for_each_locked(leads_group, &s);
    if (!s.found) {
        process_set_session_locked(me);
        lx_ctty_set_locked(me->lx, NULL);
        me->lx->lost_pgrp = 0;
    }
    mutex_unlock(&process_tree_lock);
    return s.found ? -EPERM : me->pid;
}

long sys_set_tid_address(u64 addr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    lx_thread_current()->clear_child_tid = addr;
    return uthread_current()->tid;
}
