/* The Linux personality: what init/ needs to know of it. */
#pragma once
#include "arch/trap.h"
#include "lib/types.h"

/* Hooks into task and tty, procfs, /dev/kmsg. After vfs and tty. */
void linux_init(void);
/* Starts process 1 from the root file system. argv[0] is path; argv and envp are NULL-terminated
 * kernel strings. Tries nothing else: -ENOENT, -ENOEXEC, ... for the caller to report. */
int linux_start_init(const char *path, const char *const argv[], const char *const envp[]) MUST_CHECK;

/* For self-tests. All of execve that can fail, and then its undoing. */
int linux_exec_try(const char *path) MUST_CHECK;
/* Runs a few machine instructions as a process of their own, without file or stack. *status gets
 * what wait4 would report. Before process 1 is there. */
int linux_run_code(const void *code, size_t size, int *status) MUST_CHECK;

/* Upcalls for programs, from init's switchboard. */
void linux_user_return(struct trap_frame *f);                   /* signals */
void linux_exception(struct trap_frame *f);                     /* #UD, #DE, #GP ... in ring 3 */
/* A page fault that vm could not resolve: reason as aspace_fault's. */
void linux_bad_access(struct trap_frame *f, vaddr_t addr, int reason);
/* Both halves of a call of a traced thread, or with an unknown number. */
bool linux_syscall_enter(struct trap_frame *f);
void linux_syscall_leave(struct trap_frame *f);
