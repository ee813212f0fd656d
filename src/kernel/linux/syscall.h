/* Every system call this kernel answers: long sys_NAME(u64 x 6), as syscalls.tbl lists them.
 *
 * A handler gets the six argument registers as they are and judges them itself: an int is the low
 * half of its register, a pointer becomes a uptr_t. What it returns goes into RAX: a result or
 * -errno, or -ERESTARTSYS and its like when a signal interrupted it (lib/errno.h). */
#pragma once
#include "lib/types.h"

#include "syscall_protos.inc"

/* Answers -ENOSYS for the rows of the table without a handler, and counts it (linux/missing.h). */
long lx_enosys(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);
/* The end of a call that has written a new frame: leaves with it for ring 3. */
struct trap_frame;
NORETURN void lx_frame_enter(struct trap_frame *f);
/* The call's name, or NULL for a number the table does not know. */
const char *lx_syscall_name(u64 nr);
