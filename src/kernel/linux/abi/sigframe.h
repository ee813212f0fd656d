/* What lies on a program's stack while a signal handler runs: struct rt_sigframe of Linux x86-64
 * (asm/sigcontext.h, asm/ucontext.h). Debuggers, unwinders and libcs know it by offset. */
#pragma once
#include "linux/abi/signal.h"

struct lx_sigcontext {
    u64 r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    u16 cs, gs, fs, ss;
    u64 err, trapno, oldmask, cr2, fpstate, reserved[8];
};
_Static_assert(sizeof(struct lx_sigcontext) == 256, "struct sigcontext");

struct lx_ucontext {
    u64 flags, link;
    u64 ss_sp; i32 ss_flags, ss_pad; u64 ss_size;
    struct lx_sigcontext mcontext;
    u64 sigmask;
};
#define LX_UC_FP_XSTATE 1u          /* fpstate is an XSAVE image */
#define LX_UC_SIGCONTEXT_SS 2u      /* mcontext.ss is valid */
#define LX_UC_STRICT_RESTORE_SS 4u

struct lx_sigframe {
    u64 restorer; /* where the handler returns to: calls rt_sigreturn */
    struct lx_ucontext uc;
    struct lx_siginfo info;
    u64 info_rest[(LX_SIGINFO_BYTES - sizeof(struct lx_siginfo)) / sizeof(u64)];
};
_Static_assert(sizeof(struct lx_sigframe) == 440, "struct rt_sigframe");

/* FXSAVE image (SDM vol. 1, 10.5.1) and what Linux keeps in its unused end. */
#define LX_FX_SIZE 512u
#define LX_FX_MXCSR 24u
#define LX_FX_MXCSR_MASK 28u
#define LX_FX_SW 464u               /* struct lx_fpx_sw */
#define LX_XSTATE_BV 512u           /* XSAVE header, SDM vol. 1, 13.4.2 */
#define LX_XSTATE_HDR_END 576u
#define LX_FP_XSTATE_MAGIC1 0x46505853u
#define LX_FP_XSTATE_MAGIC2 0x46505845u
struct lx_fpx_sw { u32 magic1, extended_size; u64 xfeatures; u32 xstate_size, padding[7]; };
_Static_assert(sizeof(struct lx_fpx_sw) == 48, "struct _fpx_sw_bytes");

#define LX_SS_ONSTACK 1
#define LX_SS_DISABLE 2
#define LX_SS_AUTODISARM (1u << 31)
#define LX_MINSIGSTKSZ 2048u
