/* The controlling terminal (POSIX.1-2017 11.1): one per session, got by its leader.
 *
 * lx->ctty of every process is guarded by process_tree_lock, which process_for_each takes. The
 * terminal itself keeps session and foreground group (tty/); this file keeps the two in step. */
#include "linux/abi/ioctl.h"
#include "linux/sys_priv.h"
#include "linux/tty_job.h"

static bool current_has(const struct tty *t)
{
    mutex_lock(&process_tree_lock);
    bool has = t && lx_current()->ctty == t;
    mutex_unlock(&process_tree_lock);
    return has;
}

struct tty *lx_ctty_get(void)
{
    mutex_lock(&process_tree_lock);
    struct tty *t = lx_current()->ctty;
    if (t)
        tty_get(t);
    mutex_unlock(&process_tree_lock);
    return t;
}

void lx_ctty_set_locked(struct lx_process *lx, struct tty *t)
{
    if (t)
        tty_get(t);
    tty_put(lx->ctty);
    lx->ctty = t;
}

static void set_current_ctty(struct tty *t)
{
    mutex_lock(&process_tree_lock);
    lx_ctty_set_locked(lx_current(), t);
    if (t)
        lx_current()->lost_pgrp = 0;
    mutex_unlock(&process_tree_lock);
}

static bool current_has_any(void)
{
    mutex_lock(&process_tree_lock);
    bool has = lx_current()->ctty != NULL;
    mutex_unlock(&process_tree_lock);
    return has;
}

struct ctty_change { struct tty *tty; int session; };

static void forget_if_session(struct process *p, void *ctx)
{
    struct ctty_change *c = ctx;
    if (p->lx && p->lx->ctty == c->tty && p->session == c->session)
        lx_ctty_set_locked(p->lx, NULL);
}

static void session_forget_tty(struct tty *t, int session)
{
    struct ctty_change c = { t, session };
    process_for_each(forget_if_session, &c);
}

static bool is_leader(const struct process *p) { return p->session == p->pid; }

/* /dev/console, /dev/tty0 and a master only stand for a terminal and never become the controlling one by
 * being opened (Linux: tty_open's noctty). */
static bool is_alias(struct file *f)
{
    struct vattr a;
    return tty_file_is_master(f) || file_getattr(f, &a) < 0 || a.rdev == makedev(5, 1) || a.rdev == makedev(5, 0) ||
           a.rdev == makedev(4, 0);
}

void lx_tty_opened(struct file *f)
{
    struct process *p = process_current();
    struct tty *t = tty_of_file(f);
    if (!t || !(f->flags & FILE_READ) || !is_leader(p) || current_has_any() || tty_get_session(t) != 0 || is_alias(f))
        return;
    if (tty_set_session(t, p->session, p->pgrp, false) == 0)
        set_current_ctty(t);
}

static long take_tty(struct tty *t, bool steal)
{
    struct process *p = process_current();
    int holder = tty_get_session(t);
    if (is_leader(p) && current_has(t) && holder == p->session)
        return 0;
    if (!is_leader(p) || current_has_any())
        return -EPERM;
    steal = steal && lx_capable(LX_CAP_SYS_ADMIN);
    if (holder != 0 && !steal)
        return -EPERM;
    int r = tty_set_session(t, p->session, p->pgrp, steal);
    if (r < 0)
        return r;
    if (holder != 0 && holder != p->session)
        session_forget_tty(t, holder);
    set_current_ctty(t);
    return 0;
}

static long leave_tty(struct tty *t)
{
    struct process *p = process_current();
    if (!current_has(t))
        return -ENOTTY;
    if (!is_leader(p)) {
        set_current_ctty(NULL);
        return 0;
    }
    tty_drop_session(t, p->session); /* tells the foreground group */
    session_forget_tty(t, p->session);
    return 0;
}

struct group_search { int pgrp, session; bool found, in_session; };

static void group_matches(struct process *p, void *ctx)
{
    struct group_search *s = ctx;
    if (p->pgrp != s->pgrp || p->state == PROCESS_REAPED)
        return;
    s->found = true;
    s->in_session |= p->session == s->session;
}

static long set_foreground(struct tty *t, u64 arg)
{
    i32 pgrp;
    struct group_search s = { .session = process_current()->session };
    if (!current_has(t) || tty_get_session(t) != s.session)
        return -ENOTTY;
    if (copy_from_user(&pgrp, uptr(arg), sizeof(pgrp)) < 0)
        return -EFAULT;
    if (pgrp < 0)
        return -EINVAL;
    s.pgrp = pgrp;
    process_for_each(group_matches, &s);
    if (!s.found)
        return -ESRCH;
    if (!s.in_session)
        return -EPERM;
    return tty_set_pgrp(t, pgrp);
}

struct hung_up { struct ctty_change c; int pgrp; };

static void hang_up_member(struct process *p, void *ctx)
{
    const struct hung_up *h = ctx;
    if (p->session != h->c.session || !p->lx)
        return;
    if (is_leader(p) && p->state == PROCESS_ALIVE) {
        (void)lx_signal_process(p, &(struct lx_siginfo){ .signo = SIGHUP, .code = LX_SI_KERNEL });
        (void)lx_signal_process(p, &(struct lx_siginfo){ .signo = SIGCONT, .code = LX_SI_KERNEL });
        p->lx->lost_pgrp = h->pgrp;
    }
    if (p->lx->ctty == h->c.tty)
        lx_ctty_set_locked(p->lx, NULL);
}

void lx_tty_session_hung_up(struct tty *t, int session, int pgrp)
{
    struct hung_up h = { { t, session }, pgrp };
    process_for_each(hang_up_member, &h);
}

/* Whose terminal hung up earlier still owes the foreground group the news (Linux: tty_old_pgrp). */
static void tell_lost_group(struct process *p)
{
    mutex_lock(&process_tree_lock);
    int pgrp = p->lx->lost_pgrp;
    p->lx->lost_pgrp = 0;
    mutex_unlock(&process_tree_lock);
    if (!pgrp)
        return;
    (void)lx_signal_pgrp(pgrp, &(struct lx_siginfo){ .signo = SIGHUP, .code = LX_SI_KERNEL });
    (void)lx_signal_pgrp(pgrp, &(struct lx_siginfo){ .signo = SIGCONT, .code = LX_SI_KERNEL });
}

void lx_tty_leader_exit(struct process *p)
{
    if (!is_leader(p))
        return;
    struct tty *t = lx_ctty_get();
    if (!t) {
        tell_lost_group(p);
        return;
    }
    tty_drop_session(t, p->session); /* tells the foreground group */
    session_forget_tty(t, p->session);
    tty_put(t);
}

void lx_tty_vhangup(void)
{
    struct tty *t = lx_ctty_get();
    if (t)
        tty_hangup(t);
    tty_put(t);
}

static long put_number(u64 arg, i32 n)
{
    return copy_to_user(uptr(arg), &n, sizeof(n));
}

/* Whose terminal it is, only its own processes may know, and who holds the master. */
static bool may_ask(const struct tty *t, const struct file *f) { return tty_file_is_master(f) || current_has(t); }

long lx_tty_job_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg)
{
    switch (cmd) {
    case LX_TIOCSCTTY: return take_tty(t, arg == 1);
    case LX_TIOCNOTTY: return tty_file_is_master(f) ? -ENOTTY : leave_tty(t);
    case LX_TIOCSPGRP: return set_foreground(t, arg);
    case LX_TIOCGPGRP: return may_ask(t, f) ? put_number(arg, tty_get_pgrp(t)) : -ENOTTY;
    case LX_TIOCGSID:
        if (!may_ask(t, f) || tty_get_session(t) == 0)
            return -ENOTTY;
        return put_number(arg, tty_get_session(t));
    default: return -ENOTTY;
    }
}
