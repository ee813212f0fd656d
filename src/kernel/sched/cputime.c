/* The sums behind cputime.h; guarded by the thread's run queue lock. */
#include "sched/cputime.h"
#include "sched/clock.h"

static void split_locked(struct thread *t)
{
    if (!t->seen_in_kernel)
        t->user_ns += t->cpu_ns - t->split_ns;
    t->split_ns = t->cpu_ns;
}

/* Did this interrupt hit ring 3? The frame at the top of the stack is the one the kernel was
 * entered with: an interrupt's only if no system call or exception came before. */
static bool is_in_user(struct thread *t)
{
    if (!t->owner || !t->kstack)
        return false;
    const struct trap_frame *f = thread_user_frame(t);
    return f->vector >= VEC_IRQ_BASE && f->vector <= VEC_SPURIOUS && frame_from_user(f);
}

void cputime_look_locked(struct thread *t)
{
    t->seen_in_kernel = !is_in_user(t);
    split_locked(t);
    if (cputime_is_watched(t)) {
        __atomic_fetch_or(&t->work, WORK_CPU_TIME, __ATOMIC_SEQ_CST);
        cpu_user_work_add(WORK_CPU_TIME);
    }
}

void thread_times(struct thread *t, u64 *user_ns, u64 *sys_ns)
{
    u64 state;
    struct runq *rq = runq_lock_of(t, &state);
    if (t->state == THREAD_RUNNING)
        runq_account_locked(rq, t, clock_now_ns());
    split_locked(t);
    *user_ns = t->user_ns;
    *sys_ns = t->cpu_ns - t->user_ns;
    spin_unlock_irqrestore(&rq->lock, state);
}
