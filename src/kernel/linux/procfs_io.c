/* /proc/PID/io (proc_pid_io(5)): what a process or a thread moved by read, write and their kin. Nothing is read
 * from a device or written to one on behalf of anybody: files are in memory. */
#include "lib/errno.h"
#include "linux/procfs_snapshot.h"
#include "linux/ptrace.h"

struct tally { int tid; bool any; struct lx_io sum[2]; };

static void add(struct lx_io *to, const struct lx_io *from)
{
    for (unsigned i = 0; i < 2; i++) {
        to[i].bytes += __atomic_load_n(&from[i].bytes, __ATOMIC_RELAXED);
        to[i].calls += __atomic_load_n(&from[i].calls, __ATOMIC_RELAXED);
    }
}

/* With the lock held under which a thread that ends hands its sums over. */
static bool add_thread(struct uthread *ut, void *ctx)
{
    struct tally *t = ctx;
    if (t->tid && ut->tid != t->tid)
        return true;
    if (!t->tid && !t->any)
        add(t->sum, ut->process->lx->dead_io);
    t->any = true;
    add(t->sum, ut->lx->io);
    return true;
}

void lx_io_thread_exit(struct uthread *ut)
{
    u64 irq = spin_lock_irqsave(&ut->process->thread_lock);
    add(ut->process->lx->dead_io, ut->lx->io);
    for (unsigned i = 0; i < 2; i++)
        ut->lx->io[i] = (struct lx_io){ 0, 0 };
    spin_unlock_irqrestore(&ut->process->thread_lock, irq);
}

int proc_io(struct proc_text *t, const struct proc_key *k)
{
    struct process *p = process_find(k->id[PROC_PID]);
    struct tally sums = { .tid = k->id[PROC_TID] };
    if (!p)
        return -ESRCH;
    int r = lx_may_access(p) ? 0 : -EACCES;
    if (r == 0)
        process_for_each_thread(p, add_thread, &sums);
    if (r == 0 && !sums.any && !sums.tid)
        add(sums.sum, p->lx->dead_io); /* a zombie */
    kobject_put(&p->obj);
    if (r == 0)
        proc_printf(t, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n",
                    (ull)sums.sum[0].bytes, (ull)sums.sum[1].bytes, (ull)sums.sum[0].calls, (ull)sums.sum[1].calls);
    return r;
}
