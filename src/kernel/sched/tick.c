/* When a CPU's clock interrupts it: for the first of its timers, for the scheduler's wish
 * (tick_want), and now and then to see what runs (see cputime.h). Nothing is periodic: without any
 * of the three the hardware is left alone and HLT lasts.
 *
 * The hardware is programmed for one time, armed_ns. Wishes that come earlier program it anew,
 * later ones wait, and one that is withdrawn is not undone: the interrupt comes, finds nothing and
 * arms the next. So a context switch costs a comparison.
 *
 * Looking at what runs: every 4 ms, and more and more seldom (to 128 ms) while the same thread
 * stays alone on its CPU; never while the CPU idles. */
#include "sched/cputime.h"
#include "sched/sched_priv.h"
#include "sched/tick_priv.h"
#include "sched/watchdog.h"

#define LOOK_NS (NSEC_PER_SEC / TICK_HZ)
#define LOOK_MAX_NS (32 * LOOK_NS)

/* Its own CPU's alone, with interrupts off. */
struct tick_cpu {
    u64 armed_ns; /* what the hardware is programmed for; 0: not to be programmed now */
    u64 want_ns;
    u64 look_ns;  /* when to look at what runs; TIME_NEVER: the CPU was idle */
    u64 look_step_ns, looked_switches;
    const struct clock_event *event;
} ALIGNED(64);

static struct tick_cpu ticks[MAX_CPUS] = {
    [0 ... MAX_CPUS - 1] = { .want_ns = TIME_NEVER, .look_ns = TIME_NEVER }
};

static struct tick_cpu *tick_here(void) { return &ticks[cpu_here->id]; }

static NOINLINE void program(struct tick_cpu *t, u64 deadline_ns)
{
    t->armed_ns = deadline_ns;
    t->event->arm(deadline_ns);
}

void tick_program(u64 deadline_ns)
{
    struct tick_cpu *t = tick_here();
    if (deadline_ns < t->armed_ns)
        program(t, deadline_ns);
}

static NOINLINE void look_begin(struct tick_cpu *t)
{
    struct cpu *c = this_cpu();
    if (c->current == c->idle)
        return;
    t->look_step_ns = LOOK_NS;
    t->look_ns = clock_now_ns() + LOOK_NS;
    tick_program(t->look_ns);
}

void tick_want(u64 deadline_ns)
{
    struct tick_cpu *t = tick_here();
    t->want_ns = deadline_ns ? deadline_ns : TIME_NEVER;
    if (unlikely(t->want_ns < t->armed_ns))
        program(t, t->want_ns);
    if (unlikely(t->look_ns == TIME_NEVER))
        look_begin(t);
}

void tick_look_soon(void)
{
    u64 state = irq_save();
    struct tick_cpu *t = tick_here();
    u64 soon = clock_now_ns() + LOOK_NS;
    t->look_step_ns = LOOK_NS;
    if (t->look_ns > soon) {
        t->look_ns = soon;
        tick_program(soon);
    }
    irq_restore(state);
}

static void look_again(struct tick_cpu *t, u64 now_ns)
{
    struct cpu *c = this_cpu();
    u64 switches = runq_of(c->id)->switches;
    if (c->current == c->idle) {
        t->look_ns = TIME_NEVER;
        return;
    }
    bool undisturbed = switches == t->looked_switches && !cputime_is_watched(c->current);
    t->look_step_ns = undisturbed ? MIN(t->look_step_ns * 2, LOOK_MAX_NS) : LOOK_NS;
    t->looked_switches = switches;
    t->look_ns = now_ns + t->look_step_ns;
}

static void tick_run(struct tick_cpu *t, u64 now_ns)
{
    if (t->want_ns <= now_ns)
        t->want_ns = TIME_NEVER;
    if (t->look_ns <= now_ns)
        look_again(t, now_ns);
    sched_tick();
}

static void program_next(struct tick_cpu *t)
{
    u64 next = MIN(timer_first_ns(), MIN(t->want_ns, t->look_ns));
    if (next < t->armed_ns)
        program(t, next);
}

void clock_event_interrupt(void)
{
    struct tick_cpu *t = tick_here();
    u64 now = clock_now_ns();
    if (!t->event)
        return;
    watchdog_tick(now);
    t->armed_ns = 0; /* whatever is armed meanwhile is programmed once, below */
    timer_run(now);
    if (t->want_ns <= now || t->look_ns <= now)
        tick_run(t, now);
    t->armed_ns = TIME_NEVER;
    program_next(t);
}

void clock_event_use(const struct clock_event *e)
{
    u64 state = irq_save();
    struct tick_cpu *t = tick_here();
    t->event = e;
    t->armed_ns = TIME_NEVER;
    program_next(t);
    irq_restore(state);
}

const struct clock_event *clock_event_of(u32 cpu)
{
    return cpu < MAX_CPUS ? __atomic_load_n(&ticks[cpu].event, __ATOMIC_RELAXED) : NULL;
}
