/* The dispatch table, generated from syscalls.tbl, and the answer to calls nobody answers. */
#include "linux/syscall.h"
#include "arch/trap.h"
#include "lib/errno.h"
#include "linux/linux.h"
#include "linux/missing.h"
#include "linux/ptrace.h"

#include "syscall_table.inc"
#include "syscall_names.inc"

const char *lx_syscall_name(u64 nr)
{
    return nr < ARRAY_SIZE(syscall_names) ? syscall_names[nr] : NULL;
}

long lx_enosys(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return lx_missing_call(thread_user_frame(thread_current())->error);
}

bool linux_syscall_enter(struct trap_frame *f)
{
    if (thread_current()->syscall_limit == 0 && !lx_trace_call_enter(f))
        return false;
    if (f->error < syscall_table_count)
        return true;
    f->rax = (u64)lx_missing_call(f->error);
    return false;
}

void linux_syscall_leave(struct trap_frame *f)
{
    if (thread_current()->syscall_limit == 0)
        lx_trace_call_leave(f);
}

void lx_frame_enter(struct trap_frame *f)
{
    linux_syscall_leave(f);
    trap_enter_user(f);
}
