/* Linux's ptrace on x86-64 (ptrace(2), linux/ptrace.h, asm/ptrace-abi.h, sys/user.h). */
#pragma once
#include "lib/types.h"

enum { LX_PTRACE_TRACEME = 0, LX_PTRACE_PEEKTEXT, LX_PTRACE_PEEKDATA, LX_PTRACE_PEEKUSER, LX_PTRACE_POKETEXT,
       LX_PTRACE_POKEDATA, LX_PTRACE_POKEUSER, LX_PTRACE_CONT, LX_PTRACE_KILL, LX_PTRACE_SINGLESTEP,
       LX_PTRACE_GETREGS = 12, LX_PTRACE_SETREGS, LX_PTRACE_GETFPREGS, LX_PTRACE_SETFPREGS, LX_PTRACE_ATTACH,
       LX_PTRACE_DETACH, LX_PTRACE_SYSCALL = 24, LX_PTRACE_SYSEMU = 31,
       LX_PTRACE_SETOPTIONS = 0x4200, LX_PTRACE_GETEVENTMSG, LX_PTRACE_GETSIGINFO, LX_PTRACE_SETSIGINFO,
       LX_PTRACE_GETREGSET, LX_PTRACE_SETREGSET, LX_PTRACE_SEIZE, LX_PTRACE_INTERRUPT, LX_PTRACE_LISTEN,
       LX_PTRACE_GETSIGMASK = 0x420a, LX_PTRACE_SETSIGMASK, LX_PTRACE_GET_SYSCALL_INFO = 0x420e };

enum { LX_EVENT_FORK = 1, LX_EVENT_VFORK, LX_EVENT_CLONE, LX_EVENT_EXEC, LX_EVENT_VFORK_DONE, LX_EVENT_EXIT,
       LX_EVENT_STOP = 128 };
#define LX_O_TRACESYSGOOD 1u
#define LX_O_EVENT(event) (1u << (event))
#define LX_O_EXITKILL 0x100000u
#define LX_O_KNOWN (LX_O_TRACESYSGOOD | 0x7eu | LX_O_EXITKILL)

struct lx_user_regs {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    u64 orig_rax, rip, cs, eflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs;
};
#define LX_USER_BYTES 928u          /* sizeof(struct user) */
#define LX_USER_DEBUGREG 848u       /* offset of u_debugreg[8] in it */
#define LX_NT_PRSTATUS 1u
#define LX_NT_PRFPREG 2u
#define LX_NT_X86_XSTATE 0x202u

#define LX_AUDIT_ARCH_X86_64 0xc000003eu
enum { LX_CALL_NONE, LX_CALL_ENTRY, LX_CALL_EXIT };
struct lx_call_info {
    u8 op, pad[3];
    u32 arch;
    u64 ip, sp;
    union {
        struct { u64 nr, args[6]; } entry;
        struct { i64 result; u8 is_error; } exit;
    };
};
_Static_assert(sizeof(struct lx_call_info) == 80, "struct ptrace_syscall_info without its seccomp part");
