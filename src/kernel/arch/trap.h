/* Entry into the kernel: exceptions, interrupts, system calls.
 *
 * One frame layout for all three. It lies at the very top of the thread's kernel stack when it
 * comes from ring 3, so sched can find it from the stack's address. */
#pragma once
#include "lib/types.h"

struct trap_frame {
    u64 r15, r14, r13, r12, rbp, rbx;                /* callee-saved: pushed last */
    u64 r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    u64 vector; /* exception or interrupt number; TRAP_SYSCALL for SYSCALL */
    u64 error;  /* exception's error code; for SYSCALL the number that was in RAX */
    u64 rip, cs, rflags, rsp, ss; /* as IRETQ wants them */
};
#define TRAP_SYSCALL 0x100

/* Linux's numbers: debuggers tell 64-bit programs from 32-bit ones by CS. */
#define SEL_KCODE 0x10
#define SEL_KDATA 0x18
#define SEL_UDATA 0x2b /* SYSRET order: user data below user code (SDM vol. 3, 5.8.8) */
#define SEL_UCODE 0x33
#define SEL_TSS 0x40 /* and 0x48: 16 bytes */
#define SEL_CPU 0x7b /* its limit is the CPU's number: programs ask by LSL */
#define GDT_ENTRIES 16

enum { /* exception vectors, SDM vol. 3, table 6-1 */
    VEC_DE = 0, VEC_DB = 1, VEC_NMI = 2, VEC_BP = 3, VEC_OF = 4, VEC_BR = 5, VEC_UD = 6, VEC_NM = 7,
    VEC_DF = 8, VEC_TS = 10, VEC_NP = 11, VEC_SS = 12, VEC_GP = 13, VEC_PF = 14, VEC_MF = 16,
    VEC_AC = 17, VEC_MC = 18, VEC_XM = 19,
};
#define VEC_IRQ_BASE 0x20 /* lines of interrupt controllers (dev/irq.h); the 8259's are 0x20..0x2f */
#define VEC_IRQ_COUNT 208
/* The local APIC's own, above everything that devices get. */
#define VEC_LAPIC_TIMER 0xf0
#define VEC_IPI_RESCHED 0xf1
#define VEC_IPI_CALL 0xf2
#define VEC_LAPIC_ERROR 0xfe
#define VEC_SPURIOUS 0xff /* low bits all set: older CPUs insist (SDM vol. 3, 11.9) */

#define PF_PRESENT 1ul /* error code of #PF, SDM vol. 3, 4.7 */
#define PF_WRITE 2ul
#define PF_USER 4ul
#define PF_RESERVED 8ul
#define PF_FETCH 16ul

static inline bool frame_from_user(const struct trap_frame *f) { return (f->cs & 3) == 3; }

/* What #DF, NMI and #MC run on, each on its own, whatever the interrupted stack is worth: the upper ends.
 * The numbers are those in the gates, so they begin with 1 (SDM vol. 3, 6.14.5). */
enum trap_stack { TRAP_STACK_DF = 1, TRAP_STACK_NMI, TRAP_STACK_MC, TRAP_STACKS = 3 };
struct trap_stacks { vaddr_t top[TRAP_STACKS]; };
#define TRAP_STACK_PAGES 2 /* a panic formats and unwinds on one */

/* GDT, TSS with trap stacks, IDT with all 256 gates, SYSCALL registers. Once per CPU.
 * tables: cpu_tables_size() bytes, aligned to 16, for as long as the CPU runs. The boot CPU has tables and stacks
 * of its own: NULL. */
void trap_init_cpu(u32 cpu, void *tables, const struct trap_stacks *stacks);
size_t cpu_tables_size(void);
/* This CPU's from now on. Not while one of the old ones is in use. */
void trap_set_stacks(const struct trap_stacks *s);
vaddr_t trap_stack_top(enum trap_stack which);
/* Tells entry code and the TSS where the current thread's kernel stack ends. */
void trap_set_kernel_stack(vaddr_t top);

/* Upcalls: declared here, defined in init/switchboard.c. They run on the thread's own kernel
 * stack (#DF, NMI, #MC: on stacks of their own); interrupts are off on entry except
 * where said. */
void upcall_irq(unsigned irq); /* irq = vector - VEC_IRQ_BASE */
void upcall_local_timer(void); /* this CPU's LAPIC timer fired */
void upcall_page_fault(struct trap_frame *f, vaddr_t addr);
void upcall_exception(struct trap_frame *f); /* every other exception that comes from ring 3 */
/* An NMI. It may have stopped anything, a lock's holder or a half-done entry: only atomic counting
 * is allowed here, and nothing that could fault (its return would let the next NMI in). */
void upcall_nmi(void);
/* An exception the kernel itself raised, or #DF, #MC: the end. */
NORETURN void upcall_kernel_exception(struct trap_frame *f);
/* #NM from ring 3: the program wants the FPU. Interrupts stay off. */
void upcall_fpu_needed(void);
/* Before returning to ring 3 while cpu->user_work is set: reschedule, deliver signals. Interrupts
 * are on. May change the frame. */
void upcall_user_return(struct trap_frame *f);

/* The system call table, indexed by number; defined by linux/. Entry code calls
 * table[rax](rdi, rsi, rdx, r10, r8, r9) with interrupts on and stores what it returns in RAX.
 * Numbers at or above the thread's limit go a slow way: unknown ones, and every call of a thread
 * whose limit is 0 because somebody traces it (sched's thread_calls_slow). */
typedef long (*syscall_fn)(u64, u64, u64, u64, u64, u64);
extern const syscall_fn syscall_table[];
extern const u64 syscall_table_count;
/* The slow way, with a complete frame. enter: may change it; true: the call that it says now is to be
 * made, its number is in the table; false: RAX in it is the result. leave: the result is in it; the
 * way out is IRETQ. A call that ends in trap_enter_user sees to the second half itself. */
bool upcall_syscall_enter(struct trap_frame *f);
void upcall_syscall_leave(struct trap_frame *f);

/* Of a system call's frame the entry fills in what the call may need (all but rbx, r12-r15, rcx and
 * r11) and expects cs and ss to be there: they are the same for every program, and whoever makes a
 * thread for one puts them at its stack's top. The way out by SYSRET loads what the entry stored,
 * and rax. The frame is complete in upcall_user_return, and in these calls, whose C halves the entry
 * calls once it is: */
long syscall_fork(u64, u64, u64, u64, u64, u64);
long syscall_vfork(u64, u64, u64, u64, u64, u64);
long syscall_clone(u64, u64, u64, u64, u64, u64);
long syscall_clone3(u64, u64, u64, u64, u64, u64);

/* Leave for ring 3 with exactly this register state, by IRETQ. Never returns: so ends a system call
 * that replaces its own frame (execve, rt_sigreturn). */
NORETURN void trap_enter_user(const struct trap_frame *f);

/* Name of an exception vector ("#PF page fault"). */
/* Interrupts and NMIs of this vector that this CPU took; wraps. Exceptions are not counted. */
u32 trap_count(u32 cpu, unsigned vector);
const char *trap_name(u64 vector);
