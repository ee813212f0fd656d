/* What wait4 and waitid tell a tracer: stops of its tracees, and their ends. */
#include "lib/errno.h"
#include "linux/ptrace.h"
#include "mm/slab.h"

static void report_stop(struct lx_trace *tr, struct lx_trace_news *n)
{
    n->status = tr->code << 8 | 0x7f;
    n->code = tr->code >> 8 == LX_EVENT_STOP || !tr->has_info ? LX_CLD_STOPPED : LX_CLD_TRAPPED;
    n->code_status = tr->code & 0xff;
    n->process = tr->process;
}

static void report_end(struct lx_trace *tr, struct lx_trace_news *n)
{
    int sig = tr->code & 0x7f;
    n->status = tr->code;
    n->code = sig ? LX_CLD_KILLED : LX_CLD_EXITED;
    n->code_status = sig ? sig : tr->code >> 8 & 0xff;
}

static bool take(struct lx_trace *tr, bool exits, bool keep, struct lx_trace_news *n)
{
    *n = (struct lx_trace_news){ .pid = tr->tid, .uid = tr->uid };
    if (tr->state == TRACE_STOPPED && !tr->reported) {
        report_stop(tr, n);
        tr->reported = !keep;
        return true;
    }
    if (tr->state != TRACE_ENDED || !exits)
        return false;
    report_end(tr, n);
    if (!keep) {
        list_remove(&tr->link);
        kfree(tr);
    }
    return true;
}

int lx_trace_news_locked(int pid, int pgrp, bool exits, bool keep, struct lx_trace_news *news)
{
    struct lx_trace *tr, *next;
    int r = -ECHILD;
    list_for_each_safe(tr, next, &process_current()->lx->tracees, link) {
        if ((pid && tr->tid != pid) || (pgrp && (tr->process ? tr->process->pgrp : tr->pgrp) != pgrp))
            continue;
        r = 0;
        if (take(tr, exits, keep, news))
            return 1;
    }
    return r;
}

bool lx_trace_by_caller_locked(const struct process *p)
{
    const struct lx_trace *tr;
    if (!__atomic_load_n(&p->lx->ntraced, __ATOMIC_RELAXED))
        return false;
    list_for_each(tr, &process_current()->lx->tracees, link)
        if (tr->process == p && tr->thread)
            return true;
    return false;
}
