/* Linux's signal numbers and structs on x86-64 (asm/signal.h, asm-generic/siginfo.h,
 * asm/sigcontext.h). */
#pragma once
#include "lib/types.h"

enum { SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
       SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
       SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS };
#define LX_NSIG 64
#define LX_SIG_DFL 0ul
#define LX_SIG_IGN 1ul
#define LX_SA_NOCLDSTOP 1ul
#define LX_SA_NOCLDWAIT 2ul
#define LX_SA_SIGINFO 4ul
#define LX_SA_EXPOSE_TAGBITS 0x800ul /* no tags in addresses on x86-64 without LAM: nothing to do */
#define LX_SA_RESTORER 0x04000000ul
#define LX_SA_ONSTACK 0x08000000ul
#define LX_SA_RESTART 0x10000000ul
#define LX_SA_NODEFER 0x40000000ul
#define LX_SA_RESETHAND 0x80000000ul
#define LX_SA_KNOWN (LX_SA_NOCLDSTOP | LX_SA_NOCLDWAIT | LX_SA_SIGINFO | LX_SA_EXPOSE_TAGBITS | LX_SA_RESTORER | \
                     LX_SA_ONSTACK | LX_SA_RESTART | LX_SA_NODEFER | LX_SA_RESETHAND)
#define LX_SIGBIT(n) (1ull << ((n) - 1))

struct lx_sigaction { u64 handler, flags, restorer, mask; };

#define LX_SI_USER 0
#define LX_SI_KERNEL 0x80
#define LX_SI_QUEUE (-1)
#define LX_SI_TIMER (-2)
#define LX_SI_MESGQ (-3)
#define LX_SI_TKILL (-6)
/* SIGIO's, or of the signal that F_SETSIG chose. */
#define LX_POLL_IN 1
#define LX_POLL_OUT 2
#define LX_POLL_PRI 5
#define LX_POLL_HUP 6
#define LX_SEGV_MAPERR 1
#define LX_SEGV_ACCERR 2
#define LX_BUS_ADRALN 1
#define LX_BUS_ADRERR 2
#define LX_FPE_INTDIV 1
#define LX_ILL_ILLOPN 2
#define LX_TRAP_BRKPT 1
#define LX_TRAP_TRACE 2
#define LX_CLD_EXITED 1
#define LX_CLD_KILLED 2
#define LX_CLD_DUMPED 3
#define LX_CLD_TRAPPED 4
#define LX_CLD_STOPPED 5
#define LX_CLD_CONTINUED 6

/* siginfo_t as far as anything is in it; to a program it is LX_SIGINFO_BYTES long, the rest zero. */
struct lx_siginfo {
    i32 signo, errno_, code, pad_;
    union {
        struct { i32 pid; u32 uid; } kill;
        struct { i32 pid; u32 uid; u64 value; } rt;
        struct { i32 pid; u32 uid; i32 status; i32 pad; i64 utime, stime; } chld;
        struct { i32 id, overrun; u64 value; } timer;
        struct { u64 addr; } fault;
        struct { i64 band; i32 fd; } poll;
    };
};
#define LX_SIGINFO_BYTES 128
_Static_assert(sizeof(struct lx_siginfo) == 48, "the longest, SIGCHLD's, ends at 48");
