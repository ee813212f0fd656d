/* Switching kernel stacks. What a context needs is on its own stack; only the pointer is kept. */
#pragma once
#include "lib/types.h"

/* Saves the callee-saved registers on the current stack, stores the stack pointer in *save and
 * continues on `load`. Returns when somebody switches back. Interrupts must be off. */
void context_switch(vaddr_t *save, vaddr_t load);

/* Builds a stack so that the first switch to the returned value calls entry(arg) with interrupts
 * off and a 16-byte aligned stack; entry must not return. */
vaddr_t context_prepare(vaddr_t stack_top, void (*entry)(void *), void *arg);

/* Jump to fn on a new stack and never come back to the old one. */
NORETURN void context_leave(vaddr_t stack_top, void (*fn)(void *), void *arg);

/* FS base: the thread pointer of the program. */
u64 fs_base_get(void);
void fs_base_set(u64 v);
