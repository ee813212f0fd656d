/* fork, vfork, clone, clone3: arguments in, one struct clone out. The registers that the child gets
 * are in the caller's frame: entry.asm completes it on the way to the four functions at the end.
 *
 * Taken are the combinations that C libraries and their users ask for: a process (optionally sharing
 * memory, handlers, files or directory), or a thread that shares everything. The rest is -EINVAL: namespaces,
 * cgroups, threads with files or signals of their own. */
#include "linux/clone.h"
#include "arch/paging.h"
#include "lib/errno.h"
#include "linux/missing.h"
#include "linux/syscall.h"
#include "linux/lx.h"

#define CLONE_THREAD_NEEDS (CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS)
#define CLONE_KNOWN (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD | CLONE_PTRACE | CLONE_VFORK | \
                     CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |            \
                     CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO |      \
                     CLONE_CLEAR_SIGHAND)

static int check_thread(const struct clone *c)
{
    if ((c->flags & CLONE_THREAD_NEEDS) != CLONE_THREAD_NEEDS)
        return -EINVAL;
    return c->flags & (CLONE_VFORK | CLONE_PIDFD) ? -EINVAL : 0;
}

static int check(const struct clone *c)
{
    if (c->flags & ~CLONE_KNOWN)
        return (int)lx_missing(c->flags & ~CLONE_KNOWN, -EINVAL);
    if ((c->flags & CLONE_THREAD) && check_thread(c))
        return -EINVAL;
    if ((c->flags & CLONE_SIGHAND) && !(c->flags & CLONE_VM))
        return -EINVAL;
    if ((c->flags & CLONE_PARENT) && process_current()->pid == 1)
        return -EINVAL; /* process 1 has neither parent nor siblings */
    if ((unsigned)c->exit_signal > LX_NSIG || ((c->flags & CLONE_SETTLS) && c->tls >= USER_TOP))
        return -EINVAL;
    return 0;
}

/* struct clone_args (linux/sched.h): VER0 ends after tls, VER1 after set_tid_size. */
struct clone_args {
    u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
#define CLONE_ARGS_SIZE_VER0 64u
_Static_assert(sizeof(struct clone_args) == 88, "CLONE_ARGS_SIZE_VER2");

/* Fields that this kernel does not know may be there if they are zero. */
static int rest_is_zero(u64 user, u64 size)
{
    for (u64 at = sizeof(struct clone_args); at < size; at++) {
        u8 byte;
        if (copy_from_user(&byte, uptr(user + at), 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return 0;
}

static int args_get(struct clone_args *a, u64 user, u64 size)
{
    *a = (struct clone_args){ 0 };
    if (size > PAGE_SIZE)
        return -E2BIG;
    if (size < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    int r = rest_is_zero(user, size);
    return r ? r : copy_from_user(a, uptr(user), MIN(size, sizeof *a));
}

/* There is one namespace of numbers, so one number can be wished for. */
static int number_get(const struct clone_args *a, int *number)
{
    i32 wish;
    *number = 0;
    if (!a->set_tid && !a->set_tid_size)
        return 0;
    if (!a->set_tid || a->set_tid_size != 1)
        return -EINVAL;
    if (copy_from_user(&wish, uptr(a->set_tid), sizeof wish))
        return -EFAULT;
    if (wish < 1 || wish >= PID_MAX)
        return -EINVAL;
    *number = wish;
    return lx_capable(LX_CAP_CHECKPOINT_RESTORE) || lx_capable(LX_CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static int args_check(const struct clone_args *a)
{
    if (a->flags & (CSIGNAL | CLONE_DETACHED))
        return -EINVAL;
    if ((a->flags & (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) == (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND))
        return -EINVAL;
    if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
        return -EINVAL;
    if (a->exit_signal > LX_NSIG || !a->stack != !a->stack_size)
        return -EINVAL;
    return a->stack && !user_range_ok(uptr(a->stack), a->stack_size) ? -EINVAL : 0;
}

static long clone3(u64 user, u64 size)
{
    struct clone_args a;
    struct clone c;
    int r = args_get(&a, user, size);
    if (r == 0)
        r = args_check(&a);
    if (r == 0)
        r = number_get(&a, &c.number);
    if (r < 0)
        return r;
    c.flags = a.flags;
    c.pidfd = a.pidfd;
    c.child_tid = a.child_tid;
    c.parent_tid = a.parent_tid;
    c.stack = a.stack + a.stack_size;
    c.tls = a.tls;
    c.exit_signal = (int)a.exit_signal;
    r = check(&c);
    return r < 0 ? r : lx_clone(&c);
}

long syscall_fork(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return lx_clone(&(struct clone){ .exit_signal = SIGCHLD });
}

long syscall_vfork(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return lx_clone(&(struct clone){ .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD });
}

/* The pidfd goes where the number would. */
long syscall_clone(u64 flags, u64 stack, u64 parent_tid, u64 child_tid, u64 tls, u64 a5)
{
    struct clone c = { .flags = (u32)flags & ~CSIGNAL, .exit_signal = (int)(flags & CSIGNAL), .stack = stack,
                       .pidfd = parent_tid, .parent_tid = parent_tid, .child_tid = child_tid, .tls = tls };
    if ((flags & CLONE_PIDFD) && (flags & (CLONE_PARENT_SETTID | CLONE_DETACHED)))
        return -EINVAL;
    int r = check(&c);
    return r < 0 ? r : lx_clone(&c);
}

long syscall_clone3(u64 args, u64 size, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return clone3(args, size);
}
