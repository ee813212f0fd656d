/* What each CPU is doing, in words. */
#include "arch/debug.h"
#include "arch/smp_nmi.h"
#include "init/panic.h"
#include "lib/klog.h"
#include "sched/thread.h"

static void say_chain(u32 cpu, const struct cpu_where *w)
{
    const struct thread *t = w->thread;

    kwarn("cpu %u: thread '%s'%s", cpu, t ? t->name : "(none yet)", w->in_user ? ", in its program" : "");
    for (u32 i = 0; i < w->n && !w->in_user; i++) {
        struct symbol_name buf;
        u64 offset = 0;
        const char *name = symbol_lookup(w->pc[i], &offset, &buf);
        kwarn("cpu %u:   %016lx %s+0x%lx", cpu, w->pc[i], name ? name : "?", offset);
    }
}

void say_where_cpus_are(void)
{
    struct cpu_where w;

    for (u32 cpu = 0; cpu < cpus_running(); cpu++) {
        if (smp_where(cpu, &w))
            say_chain(cpu, &w);
        else if (cpu != this_cpu()->id)
            kwarn("cpu %u does not answer an NMI", cpu);
    }
}
