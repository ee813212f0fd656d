/* Orphaned process groups (POSIX.1-2017 3.264): no member has a parent outside the group in the
 * same session, so nobody could continue what stops. Such a group is not stopped by the terminal,
 * and one that becomes orphaned with a stopped member gets SIGHUP and SIGCONT. */
#include "lib/errno.h"
#include "linux/lx.h"

struct look { int pgrp; bool shepherd, stopped; };

static void look_at(struct process *p, void *ctx)
{
    struct look *l = ctx;
    if (p->pgrp != l->pgrp || p->state != PROCESS_ALIVE)
        return;
    l->stopped |= p->lx->stopped;
    l->shepherd |= p->parent && p->parent->pgrp != p->pgrp && p->parent->session == p->session;
}

bool lx_pgrp_is_orphaned(int pgrp)
{
    struct look l = { .pgrp = pgrp };
    process_for_each(look_at, &l);
    return !l.shepherd;
}

static void hang_up_member(struct process *p, void *ctx)
{
    const struct look *l = ctx;
    if (p->pgrp != l->pgrp || p->state != PROCESS_ALIVE)
        return;
    (void)lx_signal_process(p, &(struct lx_siginfo){ .signo = SIGHUP, .code = LX_SI_KERNEL });
    (void)lx_signal_process(p, &(struct lx_siginfo){ .signo = SIGCONT, .code = LX_SI_KERNEL });
}

void lx_pgrp_lost_parent_locked(const struct process *member, const struct process *parent)
{
    struct look l = { .pgrp = member->pgrp };
    if (!parent || parent->pgrp == member->pgrp || parent->session != member->session)
        return; /* it was no shepherd */
    process_for_each_locked(look_at, &l);
    if (!l.shepherd && l.stopped)
        process_for_each_locked(hang_up_member, &l);
}
