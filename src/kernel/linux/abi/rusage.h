/* struct rusage (linux/resource.h). What is not counted here is 0. */
#pragma once
#include "linux/lx.h"

struct lx_rusage {
    struct lx_timeval user, sys;
    i64 maxrss_kib, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock, msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};
_Static_assert(sizeof(struct lx_rusage) == 144, "struct rusage");

/* p's own threads and its waited-for children together (what wait4 gives). */
void lx_rusage_of_process(struct process *p, struct lx_rusage *out);
