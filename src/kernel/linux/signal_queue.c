/* Queues of waiting signals. A number's bit is set as long as at least one is waiting; without
 * memory for an entry a signal still counts, only its sender is forgotten. */
#include "linux/signal_queue.h"
#include "lib/string.h"
#include "mm/slab.h"

enum lx_sigdefault lx_sig_default(int sig)
{
    switch (sig) {
    case SIGCHLD: case SIGCONT: case SIGURG: case SIGWINCH:
        return LX_DEF_IGNORE;
    case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU:
        return LX_DEF_STOP;
    case SIGQUIT: case SIGILL: case SIGTRAP: case SIGABRT: case SIGBUS: case SIGFPE: case SIGSEGV:
    case SIGXCPU: case SIGXFSZ: case SIGSYS:
        return LX_DEF_CORE;
    default:
        return LX_DEF_TERM;
    }
}

bool lx_sig_is_ignored(const struct lx_sigaction *act, int sig)
{
    return act->handler == LX_SIG_IGN || (act->handler == LX_SIG_DFL && lx_sig_default(sig) == LX_DEF_IGNORE);
}

const char *lx_sig_name(int sig)
{
    static const char *const names[] = {
        "0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
        "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
        "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
        "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    };
    return (unsigned)sig < ARRAY_SIZE(names) ? names[sig] : "real-time signal";
}

int lx_sig_first(u64 set)
{
    u64 first = set & LX_FAULT_SIGNALS ? set & LX_FAULT_SIGNALS : set;
    return first ? __builtin_ctzll(first) + 1 : 0;
}

void lx_sigqueue_init(struct lx_sigqueue *q)
{
    list_init(&q->pending);
    q->set = 0;
}

void lx_sigqueue_add(struct lx_sigqueue *q, int sig, struct lx_sigentry *e)
{
    q->set |= LX_SIGBIT(sig);
    if (e)
        list_push_back(&q->pending, &e->link);
}

void lx_sigqueue_take(struct lx_sigqueue *q, int sig, struct lx_siginfo *info, struct lx_sigentry **e)
{
    struct lx_sigentry *pos, *found = NULL;
    bool more = false;
    list_for_each(pos, &q->pending, link) {
        if (pos->info.signo != sig)
            continue;
        more = found != NULL;
        if (more)
            break;
        found = pos;
    }
    if (found) {
        list_remove(&found->link);
        *info = found->info;
    } else {
        memset(info, 0, sizeof *info);
        info->signo = sig;
        info->code = LX_SI_KERNEL;
    }
    if (!more)
        q->set &= ~LX_SIGBIT(sig);
    if (found && found->taken) {
        found->taken(found, info);
        found = NULL;
    }
    *e = found;
}

unsigned lx_sigqueue_drop(struct lx_sigqueue *q, u64 set, struct list *dropped)
{
    struct lx_sigentry *e, *next;
    unsigned n = 0;
    q->set &= ~set;
    list_for_each_safe(e, next, &q->pending, link) {
        if (!(set & LX_SIGBIT(e->info.signo)))
            continue;
        list_remove(&e->link);
        if (e->taken) {
            e->taken(e, NULL);
            continue;
        }
        list_push_back(dropped, &e->link);
        n++;
    }
    return n;
}

void lx_sigentry_free(struct lx_sigentry *e)
{
    if (e && e->is_own)
        __atomic_store_n(&e->busy, false, __ATOMIC_RELEASE);
    else
        kfree(e);
}

void lx_sigentries_free_listed(struct list *dropped)
{
    struct list *l;
    while ((l = list_pop_front(dropped)))
        lx_sigentry_free(list_entry(l, struct lx_sigentry, link));
}
