/* New processes and new threads, as a struct clone asks for them.
 *
 * Everything that can fail happens while the child is invisible; uthread_start is the commit. */
#include "arch/context.h"
#include "lib/errno.h"
#include "linux/clone.h"
#include "linux/cpu_limit.h"
#include "linux/pidfd.h"
#include "linux/signal_fpu.h"
#include "linux/ipc.h"
#include "linux/ptrace.h"
#include "mm/slab.h"

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
    if (lx->uid == 0 || lx_capable(LX_CAP_SYS_RESOURCE) || lx_capable(LX_CAP_SYS_ADMIN) || most == UINT64_MAX)
        return 0;
    process_for_each(count_user, &c);
    return c.threads < most ? 0 : -EAGAIN;
}

/* What a tracer calls it (ptrace(2), PTRACE_O_TRACEFORK and so on); 0: it is not to see it. */
static int trace_event_of(const struct clone *c)
{
    if (c->flags & CLONE_UNTRACED)
        return 0;
    if (c->flags & CLONE_VFORK)
        return LX_EVENT_VFORK;
    return c->exit_signal == SIGCHLD ? LX_EVENT_FORK : LX_EVENT_CLONE;
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
    lx_trace_child_frame(&f);
    if (c->stack)
        f.rsp = c->stack;
    int r = lx_thread_create(&lt);
    if (r < 0)
        return r;
    r = lx_trace_child_make(trace_event_of(c), lt);
    if (r < 0)
        goto free_lt;
    r = lx_fpu_copy(&fpu);
    if (r < 0)
        goto free_trace;
    r = uthread_create(p, &f, tls, c->number, &ut);
    if (r < 0)
        goto free_fpu;
    lt->sigmask = me->sigmask;
    lt->ioprio = me->ioprio;
    lt->timer_slack_ns = me->timer_slack_ns;
    if (!(c->flags & CLONE_VM) || (c->flags & CLONE_VFORK)) { /* same stack: same alternate stack */
        lt->altstack_sp = me->altstack_sp;
        lt->altstack_size = me->altstack_size;
        lt->altstack_flags = me->altstack_flags;
    }
    if (c->flags & CLONE_CHILD_CLEARTID)
        lt->clear_child_tid = c->child_tid;
    ut->lx = lt;
    ut->thread->fpu = fpu;
    thread_sched_inherit(ut->thread, thread_current());
    *out = ut;
    return 0;

free_fpu:
    kfree(fpu);
free_trace:
    kfree(lt->trace);
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
    lx_trace_child_attach(ut);
    uthread_start(ut);
    lx_trace_event(trace_event_of(c), (u64)tid);
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

/* Its clock begins at 0. */
static void limit_begin(struct lx_process *lx)
{
    u64 irq = spin_lock_irqsave(&lx->sighand->lock);
    lx_cpu_limit_apply_locked(lx);
    spin_unlock_irqrestore(&lx->sighand->lock, irq);
}

/* A child process without thread, complete with its Linux side. */
static int child_process(const struct clone *c, struct process **out)
{
    struct lx_process *lx;
    struct aspace *as;
    struct handle_table *handles;
    int r = lx_process_create(lx_current(), c->flags & CLONE_FS, c->flags & CLONE_SIGHAND, &lx);
    if (r < 0)
        return r;
    if (c->flags & CLONE_SYSVSEM)
        r = lx_undos_share(lx_current(), &lx->undos);
    if (r == 0)
        r = child_memory(c, &as);
    if (r < 0)
        goto free_lx;
    r = child_handles(c, &handles);
    if (r < 0)
        goto put_as;
    r = process_create(process_current(), as, handles, c->number, out);
    if (r < 0)
        goto put_handles;
    lx->process = *out;
    lx->exit_signal = c->flags & CLONE_PARENT ? lx_current()->exit_signal : c->exit_signal;
    lx->is_vfork_child = c->flags & CLONE_VFORK;
    if (c->flags & CLONE_CLEAR_SIGHAND)
        lx_signal_exec(lx);
    (*out)->is_sibling = c->flags & CLONE_PARENT;
    (*out)->lx = lx;
    if (lx->rlimit[LX_RLIMIT_CPU].cur != UINT64_MAX || lx->rlimit[LX_RLIMIT_CPU].max != UINT64_MAX)
        limit_begin(lx);
    return 0;

put_handles:
    handle_table_put(handles);
put_as:
    aspace_put(as);
free_lx:
    lx_process_destroy(lx);
    return r;
}

/* Before its start. */
static void thread_abandon(struct uthread *ut)
{
    struct lx_thread *lt = ut->lx;
    uthread_abandon(ut);
    kfree(lt->trace);
    kfree(lt);
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
    r = c->flags & CLONE_PIDFD ? lx_pidfd_give(p, c->pidfd) : 0;
    if (r < 0) {
        thread_abandon(ut);
        process_abandon(p);
        return r;
    }
    put_tids(c, ut);
    kobject_get(&p->obj); /* it may be gone before uthread_start is back */
    lx_trace_child_attach(ut);
    uthread_start(ut);
    lx_trace_event(trace_event_of(c), (u64)pid);
    if (c->flags & CLONE_VFORK) { /* dying: nobody reads the result */
        (void)lx_wait_killable(&p->lx->vfork_done, !__atomic_load_n(&p->lx->is_vfork_child, __ATOMIC_ACQUIRE));
        lx_trace_event(LX_EVENT_VFORK_DONE, (u64)pid);
    }
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

long lx_clone(const struct clone *c)
{
    return c->flags & CLONE_THREAD ? clone_thread(c) : clone_process(c);
}
