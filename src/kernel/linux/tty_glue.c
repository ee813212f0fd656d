/* Job control for the terminals: tty/ knows numbers, this file knows processes (POSIX 11.1.4).
 * A kernel thread stands for the machine itself: no session, never in the background. */
#include "lib/errno.h"
#include "linux/tty_job.h"

static void group_signal(int pgrp, int signo)
{
    struct lx_siginfo info = { .signo = signo, .code = LX_SI_KERNEL };
    if (lx_signal_pgrp(pgrp, &info) < 0)
        return; /* the group died between the key and now */
}

static int current_pgrp(void)
{
    struct process *p = process_current();
    return p ? p->pgrp : 0;
}

static int current_session(void)
{
    struct process *p = process_current();
    return p ? p->session : 0;
}

static struct tty *current_tty(void) { return process_current() ? lx_ctty_get() : NULL; }
static bool is_privileged(void) { return !process_current() || lx_capable(LX_CAP_SYS_ADMIN); }

static void current_ids(u32 *uid, u32 *gid)
{
    *uid = process_current() ? lx_current()->fsuid : 0;
    *gid = process_current() ? lx_current()->fsgid : 0;
}

static int background(int signo)
{
    struct process *p = process_current();
    if (!p)
        return 0;
    bool unwilling = (lx_thread_current()->sigmask & LX_SIGBIT(signo)) ||
        p->lx->actions->action[signo].handler == LX_SIG_IGN;
    if (unwilling)
        return signo == SIGTTIN ? -EIO : 0;
    if (lx_pgrp_is_orphaned(p->pgrp))
        return -EIO;
    group_signal(p->pgrp, signo);
    return -ERESTARTSYS;
}

const struct tty_ops lx_tty_ops = {
    .signal = group_signal,
    .current_pgrp = current_pgrp,
    .current_session = current_session,
    .background = background,
    .current_tty = current_tty,
    .is_privileged = is_privileged,
    .current_ids = current_ids,
    .session_hung_up = lx_tty_session_hung_up,
    .emergency = lx_sysrq,
    .restart = lx_ask_restart,
};
