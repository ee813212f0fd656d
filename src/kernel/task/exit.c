/* The end of threads and processes.
 *
 * The order of a last thread's end: linux/ undoes what lies in user memory; the address space and
 * the handles go; linux/ drops files; then, in one step under the tree lock, the children go to
 * init, the process becomes a zombie and its parent is told. From there on only numbers are left,
 * and the parent frees them. The thread itself goes last: sched frees its stack. */
#include "lib/errno.h"
#include "mm/slab.h"
#include "task/task_priv.h"

void process_begin_exit(struct process *p, int status)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    if (!p->exiting) {
        p->exiting = true;
        p->exit_status = status;
    }
    struct uthread *ut;
    list_for_each(ut, &p->threads, link)
        thread_interrupt(ut->thread, WORK_EXIT | WORK_SIGNAL);
    spin_unlock_irqrestore(&p->thread_lock, irq);
}

/* False: another thread of the process did it first, or the process is dying. */
static bool single_begin(struct process *p, struct uthread *self)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    bool first = !p->single && !p->exiting;
    struct uthread *ut;
    if (first) {
        p->single = self;
        list_for_each(ut, &p->threads, link)
            if (ut != self)
                thread_interrupt(ut->thread, WORK_EXIT | WORK_SIGNAL);
    }
    spin_unlock_irqrestore(&p->thread_lock, irq);
    return first;
}

int process_become_single(void)
{
    struct uthread *self = uthread_current();
    struct process *p = self->process, *child;
    if (!single_begin(p, self))
        return -EINTR;
    (void)wait_event(&p->single_wait, __atomic_load_n(&p->nthreads, __ATOMIC_ACQUIRE) == 1, false, 0);
    mutex_lock(&process_tree_lock);
    if (self->pid_link.nr) {
        pid_remove(&task_pids, &self->pid_link);
        self->pid_link.nr = 0;
    }
    self->tid = p->pid;
    list_for_each(child, &p->children, sibling)
        child->parent_tid = p->pid;
    mutex_unlock(&process_tree_lock);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    p->single = NULL;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    return 0;
}

/* Takes the thread out of its process. True if it was the last. */
static bool thread_leave_process(struct uthread *ut, int status)
{
    struct process *p = ut->process;
    u64 user, sys;
    if (__atomic_load_n(&p->nthreads, __ATOMIC_RELAXED) == 1)
        process_peak_note(p);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    thread_times(ut->thread, &user, &sys);
    p->dead_user_ns += user;
    p->dead_sys_ns += sys;
    p->dead_counts = task_counts_sum(p->dead_counts, thread_counts(ut->thread));
    list_remove(&ut->link);
    bool last = __atomic_sub_fetch(&p->nthreads, 1, __ATOMIC_RELEASE) == 0;
    if (last && !p->exiting) {
        p->exiting = true;
        p->exit_status = status;
    }
    spin_unlock_irqrestore(&p->thread_lock, irq);
    if (!last)
        waitq_wake_all(&p->single_wait);
    return last;
}

/* The tables this CPU runs on must not be those that are about to be freed. */
static void pagetable_leave(struct thread *t)
{
    preempt_disable();
    t->pagetable = &kernel_pagetable;
    pt_activate(&kernel_pagetable);
    preempt_enable();
}

static void process_release(struct process *p)
{
    mutex_lock(&process_tree_lock);
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct aspace *as = p->aspace;
    struct handle_table *h = p->handles;
    p->aspace = NULL;
    p->handles = NULL;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    mutex_unlock(&process_tree_lock);
    handle_table_put(h);
    aspace_put(as);
}

/* Who gets the children of p: the nearest ancestor that asked for orphans, or process 1. Never one
 * that is ending: p itself is, and an ancestor that ends hands over what it got. */
static struct process *reaper_locked(const struct process *p)
{
    for (struct process *a = p->parent; a; a = a->parent)
        if (__atomic_load_n(&a->is_subreaper, __ATOMIC_RELAXED) && a->state == PROCESS_ALIVE &&
            !__atomic_load_n(&a->exiting, __ATOMIC_RELAXED))
            return a;
    struct process *init = process_find_locked(1);
    return init == p ? NULL : init;
}

static void children_hand_over_locked(struct process *p)
{
    struct process *to = list_empty(&p->children) ? NULL : reaper_locked(p), *child, *next;
    list_for_each_safe(child, next, &p->children, sibling) {
        list_remove(&child->sibling);
        process_set_parent(child, to, to ? to->pid : 0);
        if (!child->parent)
            continue;
        list_push_back(&child->parent->children, &child->sibling);
        if (task_hooks)
            task_hooks->adopted(child, p);
        if (child->state == PROCESS_ZOMBIE && task_hooks)
            task_hooks->zombie(child);
    }
}

/* Another thread of p that goes on, or NULL. Tree lock held. */
static struct uthread *other_thread_locked(struct process *p, const struct uthread *self)
{
    struct uthread *ut, *found = NULL;
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    list_for_each(ut, &p->threads, link)
        if (!found && ut != self && !ut->gave_children)
            found = ut;
    spin_unlock_irqrestore(&p->thread_lock, irq);
    return found;
}

/* The children that ut answered for go to another thread; with the last one they leave the process. */
static void children_leave_thread_locked(struct uthread *ut)
{
    struct process *p = ut->process, *child;
    struct uthread *heir = list_empty(&p->children) ? NULL : other_thread_locked(p, ut);
    ut->gave_children = true;
    if (!heir)
        return;
    list_for_each(child, &p->children, sibling) {
        if (child->parent_tid != ut->tid)
            continue;
        child->parent_tid = heir->tid;
        if (task_hooks)
            task_hooks->parent_thread_ended(child);
    }
}

/* A thread without a number of its own, and a process without children, need no lock. */
static void thread_leave_tree(struct uthread *ut)
{
    bool is_only = __atomic_load_n(&ut->process->nthreads, __ATOMIC_ACQUIRE) == 1;
    if (is_only && !ut->pid_link.nr)
        return;
    mutex_lock(&process_tree_lock);
    children_leave_thread_locked(ut);
    if (ut->pid_link.nr)
        pid_remove(&task_pids, &ut->pid_link);
    mutex_unlock(&process_tree_lock);
}

static void process_end(struct process *p)
{
    process_release(p);
    if (task_hooks)
        task_hooks->process_exit(p);
    mutex_lock(&process_tree_lock);
    children_hand_over_locked(p);
    p->state = PROCESS_ZOMBIE;
    event_set(&p->end, PROCESS_ENDED);
    if (task_hooks)
        task_hooks->zombie(p);
    mutex_unlock(&process_tree_lock);
}

void uthread_exit(int status)
{
    struct uthread *ut = uthread_current();
    struct process *p = ut->process;
    struct thread *t = ut->thread;
    if (task_hooks)
        task_hooks->thread_exit(ut);
    pagetable_leave(t);
    thread_leave_tree(ut);
    if (thread_leave_process(ut, status))
        process_end(p);
    t->owner = NULL;
    t->cpu_watch = NULL;
    if (task_hooks)
        task_hooks->destroy_thread(ut);
    kfree(ut);
    kobject_put(&p->obj);
    kobject_put(&t->obj);
    thread_exit();
}
