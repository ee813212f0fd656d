/* The page fault's way through the kernel, called from init's switchboard. */
#pragma once
#include "arch/trap.h"

/* aspace: the current thread's, or NULL. Resolves the fault, applies a usercopy fix-up, or returns
 * the reason (negative) for the caller to signal the program or to panic. Interrupts may be on or
 * off on entry; turns them on while it works if they were on where the fault happened. */
struct aspace;
int vm_handle_fault(struct aspace *as, struct trap_frame *f, vaddr_t addr) MUST_CHECK;

/* Asked when a fault finds no memory, with no lock of this room held, though a system call that
 * copies may hold its own. True: try again, there may be some now; false: the fault fails with
 * -ENOMEM. from_user: the program itself touched the page. since_ns: when the fault first failed. */
typedef bool (*vm_memory_wait)(bool from_user, u64 since_ns);
void vm_set_memory_wait(vm_memory_wait wait);
bool vm_wait_for_memory(bool from_user, u64 since_ns) MUST_CHECK; /* asks who was set; false: nobody was */
