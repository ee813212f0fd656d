/* Threads that run programs: made with the registers to start with, started, counted.
 *
 * The kernel thread beneath enters ring 3 from uthread_main and comes back only through traps;
 * it ends in uthread_exit (exit.c). */
#include "arch/cpu.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "task/task_priv.h"

#define SIGKILL_STATUS 9 /* wait(2): ended by signal 9 */

/* A signal or the end of the process may have come before the thread ever ran. */
static void uthread_main(void *arg)
{
    struct uthread *ut = arg;
    struct trap_frame *f = thread_user_frame(ut->thread);
    for (;;) {
        irq_disable();
        if (!(__atomic_load_n(&ut->thread->work, __ATOMIC_ACQUIRE) & (WORK_SIGNAL | WORK_EXIT)))
            break;
        irq_enable();
        upcall_user_return(f);
    }
    trap_enter_user(f);
}

static int tid_take(struct uthread *ut, int number)
{
    struct process *p = ut->process;
    if (p->state == PROCESS_NEW) {
        ut->tid = p->pid;
        return 0;
    }
    ut->pid_link.is_thread = true;
    ut->pid_link.process = p;
    mutex_lock(&process_tree_lock);
    int r = task_number_locked(&ut->pid_link, number);
    mutex_unlock(&process_tree_lock);
    ut->tid = ut->pid_link.nr;
    return r;
}

int uthread_create(struct process *p, const struct trap_frame *frame, u64 fs_base, int number, struct uthread **out)
{
    struct uthread *ut = kzalloc(sizeof *ut);
    if (!ut)
        return -ENOMEM;
    ut->process = p;
    list_init(&ut->link);
    int r = thread_create(p->name, uthread_main, ut, &ut->thread);
    if (r < 0)
        goto free_ut;
    r = tid_take(ut, number);
    if (r < 0)
        goto put_thread;
    *thread_user_frame(ut->thread) = *frame;
    ut->thread->owner = ut;
    ut->thread->cpu_watch = &p->cpu_watch;
    ut->thread->fs_base = fs_base;
    ut->thread->pagetable = aspace_pagetable(p->aspace);
    kobject_get(&p->obj);
    *out = ut;
    return 0;

put_thread:
    kobject_put(&ut->thread->obj);
free_ut:
    kfree(ut);
    return r;
}

void uthread_abandon(struct uthread *ut)
{
    struct process *p = ut->process;
    if (ut->pid_link.nr) {
        mutex_lock(&process_tree_lock);
        pid_remove(&task_pids, &ut->pid_link);
        mutex_unlock(&process_tree_lock);
    }
    ut->thread->owner = NULL;
    ut->thread->cpu_watch = NULL;
    ut->thread->pagetable = NULL;
    kobject_put(&ut->thread->obj);
    kfree(ut);
    kobject_put(&p->obj);
}

/* WORK_SIGNAL: signals sent to the process before it had a thread wait in its queue. */
static void thread_join_process(struct uthread *ut)
{
    struct process *p = ut->process;
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    list_push_back(&p->threads, &ut->link);
    p->nthreads++;
    bool leave = p->exiting || p->single;
    __atomic_fetch_or(&ut->thread->work, leave ? WORK_EXIT : WORK_SIGNAL, __ATOMIC_RELEASE);
    spin_unlock_irqrestore(&p->thread_lock, irq);
}

void uthread_start(struct uthread *ut)
{
    struct process *p = ut->process;
    if (p->state == PROCESS_NEW) {
        mutex_lock(&process_tree_lock);
        /* Whoever killed all processes under this lock could not see the child yet. */
        if (p->parent && __atomic_load_n(&p->parent->exiting, __ATOMIC_ACQUIRE))
            process_begin_exit(p, SIGKILL_STATUS);
        thread_join_process(ut);
        process_publish_locked(p);
        mutex_unlock(&process_tree_lock);
    } else {
        thread_join_process(ut);
    }
    thread_start(ut->thread);
}

void process_for_each_thread(struct process *p, bool (*fn)(struct uthread *ut, void *ctx), void *ctx)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct uthread *ut;
    list_for_each(ut, &p->threads, link)
        if (!fn(ut, ctx))
            break;
    spin_unlock_irqrestore(&p->thread_lock, irq);
}

void process_set_aspace(struct process *p, struct aspace *as)
{
    ASSERT(p->nthreads <= 1);
    if (p == process_current())
        process_peak_note(p);
    mutex_lock(&process_tree_lock);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct aspace *old = p->aspace;
    struct uthread *ut;
    p->aspace = as;
    __atomic_store_n(&p->aspace_seq, p->aspace_seq + 1, __ATOMIC_RELEASE);
    list_for_each(ut, &p->threads, link)
        ut->thread->pagetable = aspace_pagetable(as);
    if (p == process_current())
        pt_activate(aspace_pagetable(as));
    spin_unlock_irqrestore(&p->thread_lock, irq);
    mutex_unlock(&process_tree_lock);
    aspace_put(old);
}

void process_set_handles(struct process *p, struct handle_table *h)
{
    ASSERT(p->nthreads <= 1);
    mutex_lock(&process_tree_lock);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct handle_table *old = p->handles;
    p->handles = h;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    mutex_unlock(&process_tree_lock);
    handle_table_put(old);
}
