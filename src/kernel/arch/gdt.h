/* Descriptor tables of one CPU; used by trap.c only. */
#pragma once
#include "lib/types.h"

/* Interrupt stacks, by index in the TSS plus 1 as the IDT wants it. */
enum { IST_DOUBLE_FAULT = 1, IST_NMI = 2, IST_MACHINE_CHECK = 3, IST_COUNT = 3 };

/* tables: cpu_tables_size() bytes that live as long as the CPU; NULL: the boot CPU's own. */
void gdt_init(u32 cpu, void *tables);
void gdt_set_kernel_stack(vaddr_t top);
