/* fork, vfork, clone: new processes and new threads.
 *
 * Everything that can fail happens while the child is invisible; uthread_start is the commit.
 * The registers to copy are in the frame: entry.asm
 * completes it on the way to the three functions at the end.
 *
 * clone takes the combinations that C libraries use: a process (optionally sharing memory, files
 * or directory), or a thread that shares everything. Other flags are -EINVAL. */
#include "arch/context.h"
#include "lib/errno.h"
#include "linux/signal_fpu.h"
#include "linux/syscall.h"
#include "linux/lx.h"
#include "mm/slab.h"

#define CSIGNAL 0xffull
#define CLONE_VM 0x100ull
#define CLONE_FS 0x200ull
#define CLONE_FILES 0x400ull
#define CLONE_SIGHAND 0x800ull
#define CLONE_VFORK 0x4000ull
#define CLONE_THREAD 0x10000ull
#define CLONE_SYSVSEM 0x40000ull        /* no System V semaphores here: nothing to share */
#define CLONE_SETTLS 0x80000ull
#define CLONE_PARENT_SETTID 0x100000ull
#define CLONE_CHILD_CLEARTID 0x200000ull
#define CLONE_DETACHED 0x400000ull      /* ignored by Linux since 2.6.2 */
#define CLONE_CHILD_SETTID 0x1000000ull
#define CLONE_THREAD_NEEDS (CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS)
#define CLONE_KNOWN (CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | CLONE_THREAD | \
                     CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)

struct clone { u64 flags; u64 stack, parent_tid, child_tid, tls; };

static int clone_check(const struct clone *c)
{
    bool thread = c->flags & CLONE_THREAD;
    if (c->flags & ~CLONE_KNOWN)
        return -EINVAL;
    if (thread && (c->flags & CLONE_THREAD_NEEDS) != CLONE_THREAD_NEEDS)
        return -EINVAL;
    if (!thread && (c->flags & CLONE_SIGHAND))
        return -EINVAL;
    if (thread && (c->flags & CLONE_VFORK))
        return -EINVAL;
    if ((c->flags & CSIGNAL) > LX_NSIG || ((c->flags & CLONE_SETTLS) && c->tls >= USER_TOP))
        return -EINVAL;
    return 0;
}

struct census { u32 uid; u64 threads; };

static void count_user(struct process *p, void *ctx)
{
    struct census *c = ctx;
    if (p->lx && p->lx->uid == c->uid)
        c->threads += MAX(p->nthreads, 1u);
}

/* Before any work: who forks for ever is to cost little. RLIMIT_NPROC (getrlimit(2)) counts the
 * threads of the caller's user; the superuser has no limit of its own. */
static int number_check(void)
{
    if (!process_has_room())
        return -EAGAIN;
    const struct lx_process *lx = lx_current();
    struct census c = { .uid = lx->uid };
    u64 most = lx->rlimit[LX_RLIMIT_NPROC].cur;
    if (lx->uid == 0 || lx_is_root() || most == UINT64_MAX)
        return 0;
    process_for_each(count_user, &c);
    return c.threads < most ? 0 : -EAGAIN;
}

/* The child's thread: the caller's registers, with 0 as the result. */
static int child_thread(struct process *p, const struct clone *c, struct uthread **out)
{
    struct trap_frame f = *thread_user_frame(thread_current());
    struct lx_thread *me = lx_thread_current(), *lt;
    struct uthread *ut;
    void *fpu;
    u64 tls = c->flags & CLONE_SETTLS ? c->tls : fs_base_get();
    f.rax = 0;
    if (c->stack)
        f.rsp = c->stack;
    int r = lx_thread_create(&lt);
    if (r < 0)
        return r;
    r = lx_fpu_copy(&fpu);
    if (r < 0)
        goto free_lt;
    r = uthread_create(p, &f, tls, &ut);
    if (r < 0)
        goto free_fpu;
    lt->sigmask = me->sigmask;
    if (!(c->flags & CLONE_VM) || (c->flags & CLONE_VFORK)) { /* same stack: same alternate stack */
        lt->altstack_sp = me->altstack_sp;
        lt->altstack_size = me->altstack_size;
        lt->altstack_flags = me->altstack_flags;
    }
    if (c->flags & CLONE_CHILD_CLEARTID)
        lt->clear_child_tid = c->child_tid;
    ut->lx = lt;
    ut->thread->fpu = fpu;
    ut->thread->nice = thread_current()->nice;
    *out = ut;
    return 0;

free_fpu:
    kfree(fpu);
free_lt:
    kfree(lt);
    return r;
}

/* A bad address is the program's loss: as on Linux it does not undo the clone. */
static void put_tids(const struct clone *c, const struct uthread *ut)
{
    i32 tid = ut->tid;
    if ((c->flags & CLONE_PARENT_SETTID) && copy_to_user(uptr(c->parent_tid), &tid, sizeof tid))
        return;
    if (!(c->flags & CLONE_CHILD_SETTID))
        return;
    ssize_t_k done UNUSED = aspace_write(ut->process->aspace, c->child_tid, &tid, sizeof tid);
}

static long clone_thread(const struct clone *c)
{
    struct uthread *ut;
    int r = number_check();
    if (r == 0)
        r = child_thread(process_current(), c, &ut);
    if (r < 0)
        return r;
    int tid = ut->tid;
    put_tids(c, ut);
    uthread_start(ut);
    return tid;
}

static int child_memory(const struct clone *c, struct aspace **out)
{
    struct aspace *mine = process_current()->aspace;
    if (!(c->flags & CLONE_VM))
        return aspace_clone(mine, out);
    *out = aspace_get(mine);
    return 0;
}

static int child_handles(const struct clone *c, struct handle_table **out)
{
    struct handle_table *mine = process_current()->handles;
    if (!(c->flags & CLONE_FILES))
        return handle_table_clone(mine, out);
    *out = handle_table_get(mine);
    return 0;
}

/* A child process without thread, complete with its Linux side. */
static int child_process(const struct clone *c, struct process **out)
{
    struct lx_process *lx;
    struct aspace *as;
    struct handle_table *handles;
    int r = lx_process_create(lx_current(), c->flags & CLONE_FS, &lx);
    if (r < 0)
        return r;
    r = child_memory(c, &as);
    if (r < 0)
        goto free_lx;
    r = child_handles(c, &handles);
    if (r < 0)
        goto put_as;
    r = process_create(process_current(), as, handles, out);
    if (r < 0)
        goto put_handles;
    lx->process = *out;
    lx->exit_signal = (int)(c->flags & CSIGNAL);
    lx->is_vfork_child = c->flags & CLONE_VFORK;
    (*out)->lx = lx;
    return 0;

put_handles:
    handle_table_put(handles);
put_as:
    aspace_put(as);
free_lx:
    lx_process_destroy(lx);
    return r;
}

static long clone_process(const struct clone *c)
{
    struct process *p;
    struct uthread *ut;
    int r = number_check();
    if (r == 0)
        r = child_process(c, &p);
    if (r < 0)
        return r;
    r = child_thread(p, c, &ut);
    if (r < 0) {
        process_abandon(p);
        return r;
    }
    int pid = p->pid;
    put_tids(c, ut);
    kobject_get(&p->obj); /* it may be gone before uthread_start is back */
    uthread_start(ut);
    if (c->flags & CLONE_VFORK) /* dying: nobody reads the result */
        (void)lx_wait_killable(&p->lx->vfork_done, !__atomic_load_n(&p->lx->is_vfork_child, __ATOMIC_ACQUIRE));
    kobject_put(&p->obj);
    return pid;
}

void lx_vfork_done(struct process *p)
{
    if (!p->lx->is_vfork_child)
        return;
    __atomic_store_n(&p->lx->is_vfork_child, false, __ATOMIC_RELEASE);
    waitq_wake_all(&p->lx->vfork_done);
}

long syscall_fork(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return clone_process(&(struct clone){ .flags = SIGCHLD });
}

long syscall_vfork(u64 a0, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
    return clone_process(&(struct clone){ .flags = CLONE_VM | CLONE_VFORK | SIGCHLD });
}

long syscall_clone(u64 flags, u64 stack, u64 parent_tid, u64 child_tid, u64 tls, u64 a5)
{
    struct clone c = { flags & UINT32_MAX, stack, parent_tid, child_tid, tls };
    int r = clone_check(&c);
    if (r < 0)
        return r;
    return c.flags & CLONE_THREAD ? clone_thread(&c) : clone_process(&c);
}
