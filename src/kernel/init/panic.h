/* The ends that exceptions lead to; panic() itself is in lib/assert.h. */
#pragma once
#include "arch/trap.h"

NORETURN void panic_exception(struct trap_frame *f);
NORETURN void panic_page_fault(struct trap_frame *f, vaddr_t addr);
