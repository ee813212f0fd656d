/* Descriptor tables of one CPU; used by trap.c only. */
#pragma once
#include "arch/trap.h"

/* tables: cpu_tables_size() bytes that live as long as the CPU; NULL: the boot CPU's own. */
void gdt_init(u32 cpu, void *tables, const struct trap_stacks *stacks);
void gdt_set_kernel_stack(vaddr_t top);
