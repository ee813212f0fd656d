/* Queues of waiting signals and what the kernel does for a signal without a handler. Pure. */
#pragma once
#include "linux/lx.h"

#define LX_SIGRTMIN 32
#define LX_SIGQUEUE_MAX 1024 /* entries per process; RLIMIT_SIGPENDING's ceiling */
#define LX_UNMASKABLE (LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP))
#define LX_STOP_SIGNALS (LX_SIGBIT(SIGSTOP) | LX_SIGBIT(SIGTSTP) | LX_SIGBIT(SIGTTIN) | LX_SIGBIT(SIGTTOU))
#define LX_FAULT_SIGNALS (LX_SIGBIT(SIGSEGV) | LX_SIGBIT(SIGBUS) | LX_SIGBIT(SIGILL) | LX_SIGBIT(SIGTRAP) | LX_SIGBIT(SIGFPE) | LX_SIGBIT(SIGSYS))

enum lx_sigdefault { LX_DEF_TERM, LX_DEF_CORE, LX_DEF_IGNORE, LX_DEF_STOP };
enum lx_sigdefault lx_sig_default(int sig);
bool lx_sig_is_ignored(const struct lx_sigaction *act, int sig);
const char *lx_sig_name(int sig); /* "SIGSEGV" */

/* The signal of `set` that goes first: faults, then the lowest number. 0 if there is none. */
int lx_sig_first(u64 set);
void lx_sigqueue_init(struct lx_sigqueue *q);
/* e may be NULL: then only the number is remembered. */
void lx_sigqueue_add(struct lx_sigqueue *q, int sig, struct lx_sigentry *e);
/* Takes the oldest `sig` out. *e is its entry, for the caller to free, or NULL; info is filled in
 * either way. */
void lx_sigqueue_take(struct lx_sigqueue *q, int sig, struct lx_siginfo *info, struct lx_sigentry **e);
/* Drops all signals of `set`; their entries go to *dropped, except those with a `taken`. */
unsigned lx_sigqueue_drop(struct lx_sigqueue *q, u64 set, struct list *dropped);
void lx_sigentries_free_listed(struct list *dropped);
static inline void lx_sigentries_free(struct list *dropped) /* most often there are none */
{
    if (unlikely(!list_empty(dropped)))
        lx_sigentries_free_listed(dropped);
}
void lx_sigentry_free(struct lx_sigentry *e); /* NULL is allowed; no spinlock held */
