/* What the calls about scheduling share. */
#pragma once
#include "linux/lx.h"

#define LX_NICE_MIN (-20)
#define LX_NICE_MAX 19

/* A thread that a call names, with references. tid 0: the caller. -ESRCH. */
struct lx_target { struct process *process; struct thread *thread; };
int lx_target_get(int tid, struct lx_target *out) MUST_CHECK;
void lx_target_put(struct lx_target *t);

/* CAP_SYS_NICE, or the caller's effective user is p's real or effective one. */
bool lx_may_schedule(const struct process *p);
/* May a thread of p be given this nice value, lower than its own? (RLIMIT_NICE) */
bool lx_may_nice(const struct process *p, int nice);
