/* The dispatch table, generated from syscalls.tbl, and the answer to calls nobody answers. */
#include "linux/syscall.h"
#include "arch/trap.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "linux/linux.h"
#include "linux/ptrace.h"

#include "syscall_table.inc"
#include "syscall_names.inc"

/* Which (process, number) were said already: a few hundred bits, so that a program that asks in a
 * loop fills no log. Two that share a bit cost one line, nothing else. */
#define SAID_BITS 1024u
static u64 said[SAID_BITS / 64];
static u64 unanswered; /* calls since boot */

const char *lx_syscall_name(u64 nr)
{
    return nr < ARRAY_SIZE(syscall_names) ? syscall_names[nr] : NULL;
}

u64 lx_enosys_count(void)
{
    return __atomic_load_n(&unanswered, __ATOMIC_RELAXED);
}

static void say_once(u64 nr)
{
    struct process *p = process_current();
    u64 bit = ((u64)p->pid * 2654435761u ^ nr * 40503u) % SAID_BITS; /* Knuth's multiplicative hash */
    const char *name = lx_syscall_name(nr);
    __atomic_fetch_add(&unanswered, 1, __ATOMIC_RELAXED);
    if (__atomic_fetch_or(&said[bit / 64], 1ull << (bit % 64), __ATOMIC_RELAXED) & 1ull << (bit % 64))
        return;
    kdebug("%d %s: system call %lu (%s) is not there: ENOSYS", p->pid, p->name, nr, name ? name : "unknown");
}

long lx_enosys(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    say_once(thread_user_frame(thread_current())->error);
    return -ENOSYS;
}

bool linux_syscall_enter(struct trap_frame *f)
{
    if (thread_current()->syscall_limit == 0 && !lx_trace_call_enter(f))
        return false;
    if (f->error < syscall_table_count)
        return true;
    say_once(f->error);
    f->rax = (u64)-ENOSYS;
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
