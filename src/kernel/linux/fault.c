/* Exceptions in ring 3 become signals to the program that made them. */
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/linux.h"
#include "linux/signal_priv.h"

#define LX_FPE_FLTINV 7

struct fault_signal { int sig, code; bool has_rip; const char *reason; };

static const struct fault_signal by_vector[] = {
    [VEC_DE] = { SIGFPE, LX_FPE_INTDIV, true, "division error" },
    [VEC_DB] = { SIGTRAP, LX_TRAP_TRACE, true, NULL },
    [VEC_BP] = { SIGTRAP, LX_SI_KERNEL, false, NULL },
    [VEC_OF] = { SIGSEGV, LX_SI_KERNEL, false, "overflow trap" },
    [VEC_BR] = { SIGSEGV, LX_SI_KERNEL, false, "bound check" },
    [VEC_UD] = { SIGILL, LX_ILL_ILLOPN, true, "illegal instruction" },
    [VEC_TS] = { SIGSEGV, LX_SI_KERNEL, false, "invalid TSS" },
    [VEC_NP] = { SIGBUS, LX_SI_KERNEL, false, "segment not present" },
    [VEC_SS] = { SIGBUS, LX_SI_KERNEL, false, "stack segment" },
    [VEC_GP] = { SIGSEGV, LX_SI_KERNEL, false, "general protection" },
    [VEC_MF] = { SIGFPE, LX_FPE_FLTINV, true, "x87 exception" },
    [VEC_AC] = { SIGBUS, LX_BUS_ADRALN, false, "unaligned access" },
    [VEC_XM] = { SIGFPE, LX_FPE_FLTINV, true, "SSE exception" },
};

static void force_fault(const struct trap_frame *f, const struct fault_signal *s, u64 addr)
{
    struct lx_thread *lt = lx_thread_current();
    lt->fault_vector = f->vector;
    lt->fault_error = f->error;
    lt->fault_addr = addr;
    lt->fault_reason = s->reason;
    struct lx_siginfo info = { .signo = s->sig, .code = s->code };
    info.fault.addr = addr;
    lx_signal_force(&info);
}

void linux_exception(struct trap_frame *f)
{
    static const struct fault_signal unknown = { SIGSEGV, LX_SI_KERNEL, false, "unknown exception" };
    const struct fault_signal *s = &unknown;
    if (f->vector < ARRAY_SIZE(by_vector) && by_vector[f->vector].sig)
        s = &by_vector[f->vector];
    force_fault(f, s, s->has_rip ? f->rip : 0);
}

void linux_bad_access(struct trap_frame *f, vaddr_t addr, int reason)
{
    static const struct fault_signal not_mapped = { SIGSEGV, LX_SEGV_MAPERR, false, "not mapped" };
    static const struct fault_signal forbidden = { SIGSEGV, LX_SEGV_ACCERR, false, "not allowed" };
    static const struct fault_signal beyond = { SIGBUS, LX_BUS_ADRERR, false, "beyond the end of the object" };
    static const struct fault_signal unreadable = { SIGBUS, LX_BUS_ADRERR, false, "could not be read" };
    struct process *p = process_current();
    switch (reason) {
    case -EFAULT: force_fault(f, &not_mapped, addr); return;
    case -EACCES: force_fault(f, &forbidden, addr); return;
    case -ENXIO: force_fault(f, &beyond, addr); return;
    case -ENOMEM: /* oom.c found nobody else, or chose this one */
        process_begin_exit(p, SIGKILL);
        return;
    default: force_fault(f, &unreadable, addr); return;
    }
}
