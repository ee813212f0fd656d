/* The sums behind cputime.h; guarded by the thread's run queue lock. */
#include "sched/cputime.h"
#include "sched/clock.h"

static void split_locked(struct thread *t)
{
    u64 user = t->seen_in_kernel ? 0 : t->cpu_ns - t->split_ns;
    struct runq *rq = runq_of(t->cpu);
    t->user_ns += user;
    *(t->nice > 0 ? &rq->nice_ns : &rq->user_ns) += user;
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

static u64 idle_ns_locked(const struct cpu *c, u64 now_ns)
{
    const struct thread *idle = c->idle;
    return idle->cpu_ns + (c->current == idle ? now_ns - MIN(now_ns, idle->started_ns) : 0);
}

bool sched_cpu_times(u32 cpu, struct sched_cpu_times *out)
{
    struct runq *rq = cpu < MAX_CPUS && cpu_online(cpu) ? runq_of(cpu) : NULL;
    if (!rq || !cpus[cpu].idle)
        return false;
    u64 state = spin_lock_irqsave(&rq->lock);
    u64 now = clock_now_ns(), all = now - MIN(now, rq->began_ns);
    u64 idle = MIN(idle_ns_locked(&cpus[cpu], now), all), user = MIN(rq->user_ns, all - idle);
    u64 nice = MIN(rq->nice_ns, all - idle - user);
    *out = (struct sched_cpu_times){ .user_ns = user, .nice_ns = nice, .idle_ns = idle, .kernel_ns = all - idle - user - nice };
    spin_unlock_irqrestore(&rq->lock, state);
    return true;
}
