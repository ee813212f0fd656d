/* The ends that exceptions lead to; panic() itself is in lib/assert.h. */
#pragma once
#include "arch/trap.h"

NORETURN void panic_exception(struct trap_frame *f);
/* Where every other CPU is, with its call chain, to the log: for a watchdog. Any context but NMI. */
void say_where_cpus_are(void);
NORETURN void panic_page_fault(struct trap_frame *f, vaddr_t addr);
