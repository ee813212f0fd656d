/* Who dies when memory ends (oom.c). Private to linux/. */
#pragma once
#include "linux/lx.h"

#define LX_OOM_ADJ_MAX 1000
#define LX_OOM_ADJ_NEVER (-1000)

/* Thousandths of memory that count for or against the process; a child begins with its parent's. */
static inline int lx_oom_adj(const struct lx_process *lx) { return __atomic_load_n(&lx->oom_adj, __ATOMIC_RELAXED); }
/* -EACCES: lower than the superuser had set it last, by somebody else. */
int lx_oom_adj_set(struct lx_process *lx, int adj) MUST_CHECK;
/* In thousandths of memory; 0: it is not chosen. process_tree_lock held. */
unsigned lx_oom_score_locked(struct process *p);
