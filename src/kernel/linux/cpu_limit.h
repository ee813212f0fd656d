/* The limit of a process's CPU time (RLIMIT_CPU). */
#pragma once
#include "linux/lx.h"

/* The limit was set or inherited: it holds from now on. Signal lock held; lx->process is set. */
void lx_cpu_limit_apply_locked(struct lx_process *lx);
void lx_cpu_limit_fire(struct cpu_timer *t); /* lx->cpu_limit's function */
