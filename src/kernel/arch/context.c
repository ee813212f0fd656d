/* The C half of contexts: what a stack must look like for context.asm, and the FS base. */
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/msr.h"

extern char context_start[];

vaddr_t context_prepare(vaddr_t stack_top, void (*entry)(void *), void *arg)
{
    u64 *sp = (u64 *)ROUND_DOWN(stack_top, 16);

    *--sp = 0; /* keeps entry's stack 16-byte aligned at its call */
    *--sp = (u64)context_start;
    *--sp = 0;          /* rbx */
    *--sp = 0;          /* rbp */
    *--sp = (u64)entry; /* r12 */
    *--sp = (u64)arg;   /* r13 */
    *--sp = 0;          /* r14 */
    *--sp = 0;          /* r15 */
    return (vaddr_t)sp;
}

u64 fs_base_get(void) { return rdmsr(MSR_FS_BASE); }
void fs_base_set(u64 v) { wrmsr(MSR_FS_BASE, v); }
