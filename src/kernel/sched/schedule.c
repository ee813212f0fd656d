/* The switch from one thread to another, and the thread that runs when there is none.
 *
 *   schedule_locked: charge prev -> pick next -> save prev's user registers -> load next's
 *                    -> context_switch ==> (on next's stack) schedule_finish: unlock, reap
 *
 * The run queue's lock travels across the switch: taken on prev's stack, released on next's. As
 * long as it is held prev's stack is in use, and a waker on another CPU, who needs the same lock
 * to queue prev, waits. It is the only lock held then (preempt_count is exactly 1). */
#include "arch/context.h"
#include "arch/fpu.h"
#include "arch/paging.h"
#include "arch/tlb.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/clock.h"
#include "sched/cputime.h"
#include "sched/place.h"
#include "sched/cpu.h"
#include "sched/sched_priv.h"

static void enter_thread(struct cpu *c, struct thread *next)
{
    next->state = THREAD_RUNNING;
    next->cpu = c->id;
    c->current = next;
    c->pagetable_borrowed = !next->pagetable;
    c->syscall_limit = next->syscall_limit;
    if (next->pagetable && next->pagetable != c->pagetable)
        pt_activate(next->pagetable);
    if (next->owner)
        fs_base_set(next->fs_base);
    if (next->kstack)
        trap_set_kernel_stack((vaddr_t)next->kstack + next->kstack_pages * PAGE_SIZE);
}

/* Nobody is on prev's stack any more, so somebody else may free it, and another CPU run it. */
static NOINLINE void finish_rest_unlock(struct runq *rq, struct thread *prev)
{
    enum after_switch after = rq->after;
    rq->after = AFTER_NOTHING;
    if (after == AFTER_CARRY)
        rq = place_move_locked(rq, prev, place_least_loaded(prev->allowed_cpus & cpus_running_mask()));
    spin_unlock_no_resched(&rq->lock);
    if (after == AFTER_BURY)
        reaper_add(prev);
}

void schedule_finish(void)
{
    struct runq *rq = cpu_here->runq;
    struct thread *prev = rq->prev;
    rq->prev = NULL;
    if (unlikely(rq->after))
        finish_rest_unlock(rq, prev);
    else
        spin_unlock_no_resched(&rq->lock);
}

/* prev was stopped before its time: it will go on with what is left of its turn. */
static bool turn_left(struct thread *prev, u64 now_ns)
{
    bool left = prev->slice_end_ns > now_ns;
    if (unlikely(prev->rt_prio))
        prev->slice_left_ns = left ? prev->slice_end_ns - now_ns : 0;
    return left;
}

/* prev has been charged. Never returns a thread that is still on the queue. */
static inline struct thread *choose_locked(struct cpu *c, struct runq *rq, struct thread *prev, u64 now_ns)
{
    struct thread *stays = NULL;
    bool first = false;
    if (prev->state == THREAD_RUNNING) {
        bool may_stay = likely(place_allows(prev, c->id));
        if (!rq->nready && may_stay)
            return prev;
        prev->state = THREAD_READY;
        if (!may_stay) {
            rq->after = AFTER_CARRY;
            runq_leave_locked(rq, prev);
        } else if (likely(prev != c->idle)) {
            stays = prev;
            first = turn_left(prev, now_ns);
        }
    } else {
        runq_leave_locked(rq, prev);
    }
    struct thread *next = runq_next_locked(rq, stays, first);
    return likely(next) ? next : c->idle;
}

static void begin_or_end_idling_locked(struct cpu *c, struct runq *rq, bool idle)
{
    rq->busy = !idle;
    place_note_idle(idle);
    rq->look_ns = TIME_NEVER;
    tick_want(0); /* c->current is the new one: what it uses is looked at from now on, or no longer */
}

void schedule_locked(struct runq *rq)
{
    struct cpu *c = this_cpu();
    struct thread *prev = c->current;
    ASSERT(c->preempt_count == 1 && c->irq_depth == 0 && rq->lock.locked == c->id + 1);
    u64 now = clock_now_ns();
    runq_account_locked(rq, prev, now);
    struct thread *next = choose_locked(c, rq, prev, now);
    runq_begin_locked(rq, next, now);
    c->need_resched = 0;
    c->user_work = next->work;
    if (next == prev) {
        next->state = THREAD_RUNNING;
        runq_look_soon_locked(rq, next);
        spin_unlock_no_resched(&rq->lock);
        return;
    }
    rq->prev = prev;
    rq->switches++;
    if (prev->state == THREAD_READY)
        prev->npreempted++;
    else
        prev->nslept++;
    if (c->fpu_owner && prev->fpu)
        fpu_switch_out(prev->fpu);
    enter_thread(c, next);
    if (unlikely(next == c->idle || prev == c->idle))
        begin_or_end_idling_locked(c, rq, next == c->idle);
    if (rq->nready && unlikely(next->slice_end_ns < rq->look_ns))
        runq_look_soon_locked(rq, next);
    context_switch(&prev->sp, next->sp);
    schedule_finish();
}

void thread_yield(void)
{
    struct runq *rq;
    ASSERT(cpu_preempt_count() == 0 && cpu_irq_depth() == 0);
    u64 state = runq_lock_local(&rq);
    struct thread *t = thread_current();
    t->slice_end_ns = 0;
    fairq_yield(&rq->fair, &t->fair);
    schedule_locked(rq);
    irq_restore(state);
}

void sched_preempt(void)
{
    struct cpu *c;
    struct runq *rq;
    u64 state = irq_save();
    c = this_cpu();
    if (c->need_resched && c->preempt_count == 0 && c->irq_depth == 0) {
        (void)runq_lock_local(&rq);
        schedule_locked(rq);
    }
    irq_restore(state);
}

void sched_tick(void)
{
    struct cpu *c = this_cpu();
    struct thread *t = c->current;
    struct runq *rq;
    c->ticks++;
    if (!t)
        return; /* before sched_init */
    u64 state = runq_lock_local(&rq);
    u64 now = clock_now_ns();
    runq_account_locked(rq, t, now);
    cputime_look_locked(t);
    rq->look_ns = TIME_NEVER;
    if (runq_turn_over_locked(rq, t, now)) {
        t->slice_end_ns = 0; /* behind its equals, also if a moment is left */
        runq_resched_locked(rq);
    } else if (runq_rt_limit_locked(rq, t, now)) {
        runq_resched_locked(rq);
    } else {
        runq_look_soon_locked(rq, t);
    }
    place_note_ran(t, now);
    spin_unlock_no_resched(&rq->lock);
    balance_busy(now);
    irq_restore(state);
}

void sched_account(void)
{
    struct runq *rq;
    u64 state = runq_lock_local(&rq);
    runq_account_locked(rq, thread_current(), clock_now_ns());
    spin_unlock_irqrestore(&rq->lock, state);
}

bool sched_may_sleep(void)
{
    /* Until the first tick the boot thread runs alone with interrupts still off. */
    return cpu_preempt_count() == 0 && cpu_irq_depth() == 0 && (irqs_enabled() || !cpus[0].ticks);
}

/* Said first and looked at afterwards: who makes a thread ready meanwhile sees that this CPU idles,
 * or this one sees the thread. */
static bool find_work(void)
{
    if (cpus_running() == 1)
        return false;
    place_note_idle(true);
    return balance_idle() || cpu_here->need_resched;
}

static void idle_loop(void *unused)
{
    for (;;) {
        irq_disable();
        if (cpu_here->need_resched || find_work()) {
            sched_preempt();
            irq_enable();
        } else {
            tlb_idle_enter();
            cpu_idle_wait(); /* interrupts call tlb_idle_leave */
        }
    }
}

void sched_init(void)
{
    static struct runq boot_runq;
    struct cpu *c = this_cpu();
    struct runq *rq = &boot_runq;
    struct thread *idle;
    runq_init(rq, c->id);
    struct thread *first = thread_adopt("boot");
    if (!first || thread_alloc("idle", idle_loop, NULL, &idle))
        panic("sched: no memory for the first threads");
    first->state = THREAD_RUNNING;
    first->cpu = idle->cpu = c->id;
    idle->state = THREAD_READY;
    c->idle = idle;
    c->runq = rq;
    rq->busy = true;
    c->current = first;
    runq_begin_locked(rq, first, clock_now_ns());
    reaper_init();
}

int sched_cpu_prepare(u32 id, vaddr_t *stack_top)
{
    struct cpu *c = &cpus[id];
    struct thread *idle = c->idle;
    if (!idle) {
        struct runq *rq = kzalloc(sizeof *rq); /* aligned, for its size is a multiple of 64 (mm/slab.h) */
        int r = rq ? thread_alloc("idle", idle_loop, NULL, &idle) : -ENOMEM;
        if (r < 0) {
            kfree(rq);
            return r;
        }
        ASSERT(IS_ALIGNED((vaddr_t)rq, 64));
        runq_init(rq, id);
        idle->cpu = id;
        idle->state = THREAD_RUNNING;
        c->runq = rq;
        c->idle = c->current = idle;
    }
    *stack_top = (vaddr_t)thread_user_frame(idle);
    return 0;
}

void sched_cpu_run(void)
{
    struct thread *idle = this_cpu()->idle;
    trap_set_kernel_stack((vaddr_t)idle->kstack + idle->kstack_pages * PAGE_SIZE);
    this_cpu()->pagetable_borrowed = true;
    u64 now = clock_now_ns();
    runq_of(cpu_here->id)->began_ns = now;
    runq_begin_locked(cpu_here->runq, idle, now);
    place_note_idle(true);
    irq_enable();
    idle_loop(NULL);
    panic("sched: the idle loop of cpu %u ended", cpu_here->id);
}

u64 sched_idle_ns(void)
{
    u64 sum = 0, now = clock_now_ns();
    for (u32 i = 0; i < MAX_CPUS; i++) {
        const struct thread *idle = cpus[i].idle;
        if (idle)
            sum += idle->cpu_ns + (cpus[i].current == idle ? now - MIN(now, idle->started_ns) : 0);
    }
    return sum;
}

u64 sched_switches(void)
{
    u64 sum = 0;
    for (u32 i = 0; i < MAX_CPUS; i++)
        if (runq_of(i))
            sum += runq_of(i)->switches;
    return sum;
}
