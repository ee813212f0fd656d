/* Forgetting translations on every CPU that may know them.
 *
 * Who takes rights or pages away changes the tables, flushes, and only then lets go of the pages.
 * An entry that becomes present or gains rights needs no flush: the processor walks again before it
 * faults (SDM vol. 3, 4.10.4.3), and the fault of another CPU that still knows less is resolved by
 * returning. */
#pragma once
#include "arch/paging.h"

/* [va, end) of a program's table: leaves this CPU's TLB and that of every CPU that has it loaded. A
 * CPU that only borrows the table (a kernel thread runs there) gives it back instead. */
void tlb_flush_range(struct pagetable *pt, vaddr_t va, vaddr_t end);
/* The same on this CPU alone. */
void tlb_flush_here(struct pagetable *pt, vaddr_t va, vaddr_t end);
/* All of a program's half, and what the processors remember of tables above it. */
void tlb_flush_user(struct pagetable *pt);
/* [va, end) of the kernel's half, on all CPUs. */
void tlb_flush_kernel(vaddr_t va, vaddr_t end);
/* Before the table goes: no CPU has it loaded afterwards. No thread may want it any more. */
void tlb_leave(struct pagetable *pt);
/* Around HLT, interrupts off: meanwhile this CPU is not woken for flushes. The first interrupt calls
 * the second one before it touches anything that could have been unmapped. */
void tlb_idle_enter(void);
void tlb_idle_leave(void);
/* Everything on this CPU, global pages too. */
void tlb_flush_all_here(void);
