/* Whose terminal it is: session and foreground process group, as numbers.
 *
 * The groups themselves belong to linux/, which fills in tty_ops; before it does, nobody owns the
 * terminal and nothing is checked. */
#include "lib/errno.h"
#include "tty/tty_priv.h"

static const struct tty_ops *ops;

void tty_set_ops(const struct tty_ops *o)
{
    __atomic_store_n(&ops, o, __ATOMIC_RELEASE);
}

const struct tty_ops *tty_ops_get(void)
{
    return __atomic_load_n(&ops, __ATOMIC_ACQUIRE);
}

static void owner_get(struct tty *t, int *session, int *pgrp)
{
    mutex_lock(&t->lock);
    *session = t->session;
    *pgrp = t->pgrp;
    mutex_unlock(&t->lock);
}

void tty_signal(struct tty *t, int signo)
{
    const struct tty_ops *o = tty_ops_get();
    int session, pgrp;

    owner_get(t, &session, &pgrp);
    if (o && pgrp)
        o->signal(pgrp, signo);
}

int tty_check_background(struct tty *t, int signo)
{
    const struct tty_ops *o = tty_ops_get();
    int session, pgrp;

    if (!o)
        return 0;
    owner_get(t, &session, &pgrp);
    if (!session || !pgrp || o->current_session() != session || o->current_pgrp() == pgrp)
        return 0;
    return o->background(signo);
}

int tty_get_pgrp(struct tty *t)
{
    int session, pgrp;

    owner_get(t, &session, &pgrp);
    return pgrp;
}

int tty_get_session(struct tty *t)
{
    int session, pgrp;

    owner_get(t, &session, &pgrp);
    return session;
}

int tty_set_pgrp(struct tty *t, int pgrp)
{
    const struct tty_ops *o = tty_ops_get();

    if (!o)
        return -ENOTTY;
    int r = tty_check_background(t, TTY_SIGTTOU);
    if (r < 0)
        return r;
    int caller = o->current_session();
    mutex_lock(&t->lock);
    r = caller && caller == t->session ? 0 : -ENOTTY;
    if (r == 0)
        t->pgrp = pgrp;
    mutex_unlock(&t->lock);
    return r;
}

int tty_set_session(struct tty *t, int session, int pgrp, bool steal)
{
    int r = 0;

    mutex_lock(&t->lock);
    if (t->session && t->session != session && !steal)
        r = -EPERM;
    if (r == 0 && t->session != session) {
        t->session = session;
        t->pgrp = pgrp;
    }
    mutex_unlock(&t->lock);
    return r;
}

/* The foreground group learns that its terminal is gone (POSIX.1-2017 11.1.3, 11.1.10). */
void tty_drop_session(struct tty *t, int session)
{
    const struct tty_ops *o = tty_ops_get();
    int pgrp = 0;

    mutex_lock(&t->lock);
    if (session && t->session == session) {
        pgrp = t->pgrp;
        t->session = t->pgrp = 0;
        tty_changed_locked(t);
    }
    mutex_unlock(&t->lock);
    if (!o || !pgrp)
        return;
    o->signal(pgrp, TTY_SIGHUP);
    o->signal(pgrp, TTY_SIGCONT);
}
