/* What processes used. A living thread has its own figures; those of the dead are summed up in their
 * process, those of processes in the parent that waited for them. */
#include "task/task_priv.h"

void process_times(struct process *p, u64 *user_ns, u64 *sys_ns)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    u64 user = p->dead_user_ns, sys = p->dead_sys_ns;
    struct uthread *ut;
    list_for_each(ut, &p->threads, link) {
        u64 u, s;
        thread_times(ut->thread, &u, &s);
        user += u;
        sys += s;
    }
    spin_unlock_irqrestore(&p->thread_lock, irq);
    *user_ns = user;
    *sys_ns = sys;
}

void process_counts(struct process *p, struct task_counts *out)
{
    u64 irq = spin_lock_irqsave(&p->thread_lock);
    struct task_counts sum = p->dead_counts;
    struct uthread *ut;
    list_for_each(ut, &p->threads, link)
        sum = task_counts_sum(sum, thread_counts(ut->thread));
    spin_unlock_irqrestore(&p->thread_lock, irq);
    *out = sum;
}

void process_peak_note(struct process *p)
{
    u64 most = p->aspace ? aspace_stats(p->aspace).peak_pages : 0;
    p->peak_pages = MAX(p->peak_pages, most);
}

void process_usage_inherit_locked(struct process *p)
{
    struct process *to = p->parent;
    ASSERT(mutex_held(&process_tree_lock) && p->state == PROCESS_ZOMBIE);
    to->children_user_ns += p->dead_user_ns + p->children_user_ns;
    to->children_sys_ns += p->dead_sys_ns + p->children_sys_ns;
    to->children_counts = task_counts_sum(to->children_counts, task_counts_sum(p->dead_counts, p->children_counts));
    to->children_peak_pages = MAX(to->children_peak_pages, MAX(p->peak_pages, p->children_peak_pages));
}
