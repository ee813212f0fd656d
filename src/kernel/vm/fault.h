/* The page fault's way through the kernel, called from init's switchboard. */
#pragma once
#include "arch/trap.h"

/* aspace: the current thread's, or NULL. Resolves the fault, applies a usercopy fix-up, or returns
 * the reason (negative) for the caller to signal the program or to panic. Interrupts may be on or
 * off on entry; turns them on while it works if they were on where the fault happened. */
struct aspace;
int vm_handle_fault(struct aspace *as, struct trap_frame *f, vaddr_t addr) MUST_CHECK;
