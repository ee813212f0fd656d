/* The watchdog: says which CPU is stuck, and where all of them are.
 *
 * A CPU can be stuck in three ways. It runs the same thread with preemption off: its own clock interrupt
 * sees that. Or it takes no interrupts; or it idles though threads wait for it: these the others see,
 * whichever takes a clock interrupt first when the next look is due, and a timer of the boot CPU when
 * nobody else does anything.
 *
 * Stuck is who made no progress in LOOKS looks in a row, a step apart or more. So a host that pauses the
 * machine, which makes the clock jump, costs one look. It is said once, until there is progress again.
 *
 * Not seen: a CPU with interrupts off when no other runs anything, the timer's CPU included. */
#include "sched/watchdog.h"
#include "arch/debug.h"
#include "arch/smp_nmi.h"
#include "lib/format.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "sched/sched_priv.h"
#include "sched/clock.h"

#define LOOKS 10u
#define REST_NS (10 * NSEC_PER_SEC) /* between looks of the timer when all is well */

/* Of each CPU. */
static struct watch {
    u64 beats;      /* atomic: clock interrupts; its own CPU writes */
    u64 own_next_ns, own_switches; /* its own CPU's alone, as is this: */
    u32 own_looks;  /* without a moment of preemption in between */
    u32 looks;      /* looker, as are these: without progress */
    u64 seen;
} ALIGNED(64) watches[MAX_CPUS];

static u64 step_ns;      /* 0: off */
static u64 next_look_ns; /* atomic: who moves it on looks at all CPUs */
static bool suspicion;   /* atomic: the last look saw somebody without progress */
static struct timer timer;

/* --- saying so ------------------------------------------------------------------------------ */

static void say_call(u32 cpu, vaddr_t pc)
{
    struct symbol_name buf;
    u64 offset = 0;
    const char *name = symbol_lookup(pc, &offset, &buf);
    kerr("  cpu %u: %s+0x%lx", cpu, name ? name : "?", offset);
}

static void say_chain(u32 cpu, const vaddr_t *pc, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        say_call(cpu, pc[i] - (i > 0)); /* a return address may lie behind the function */
}

static void say_other(u32 cpu)
{
    struct cpu_where w;
    if (!smp_where(cpu, &w))
        kerr("  cpu %u: does not even answer to an NMI", cpu);
    else if (w.in_user)
        kerr("  cpu %u: in its program at 0x%lx", cpu, w.pc[0]);
    else
        say_chain(cpu, w.pc, w.n);
}

static void say_own(u32 cpu)
{
    vaddr_t pc[CPU_WHERE_MAX];
    unsigned n = 0;
    const struct trap_frame *f = this_cpu()->irq_frame;
    if (f && !frame_from_user(f)) {
        pc[n++] = f->rip;
        n += backtrace_collect(f->rbp, pc + n, CPU_WHERE_MAX - n);
    }
    say_chain(cpu, pc, n);
}

static void report(u32 cpu, const char *what)
{
    char name[32] = "";
    const struct thread *t = __atomic_load_n(&cpus[cpu].current, __ATOMIC_RELAXED);
    if (t) /* it may be gone since: only its letters are looked at */
        str_copy(name, t->name, sizeof name);
    kerr("watchdog: cpu %u, thread '%s': %s for %lu s", cpu, name, what,
         (unsigned long)(step_ns * LOOKS / NSEC_PER_SEC));
    for (u32 i = 0; i < cpus_running(); i++) {
        if (i == this_cpu()->id)
            say_own(i);
        else
            say_other(i);
    }
}

/* --- looking -------------------------------------------------------------------------------- */

static bool has_work(const struct cpu *c)
{
    const struct runq *rq = c->runq;
    return c->current != c->idle || (rq && __atomic_load_n(&rq->nready, __ATOMIC_RELAXED));
}

/* Clock interrupts and switches so far. */
static u64 progress(u32 cpu)
{
    const struct runq *rq = cpus[cpu].runq;
    return __atomic_load_n(&watches[cpu].beats, __ATOMIC_RELAXED) + (rq ? __atomic_load_n(&rq->switches, __ATOMIC_RELAXED) : 0);
}

/* True: no progress that should have been. */
static bool look_at(u32 cpu)
{
    struct watch *w = &watches[cpu];
    u64 now = progress(cpu);
    bool stands = now == w->seen && has_work(&cpus[cpu]);
    w->seen = now;
    w->looks = stands ? w->looks + 1 : 0;
    if (w->looks == LOOKS)
        report(cpu, cpus[cpu].current == cpus[cpu].idle ? "idles though threads wait" : "takes no interrupts");
    return stands;
}

static void look_at_others(u64 now_ns)
{
    u64 due = __atomic_load_n(&next_look_ns, __ATOMIC_RELAXED);
    bool any = false;
    if (now_ns < due || !__atomic_compare_exchange_n(&next_look_ns, &due, now_ns + step_ns, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    for (u32 i = 0; i < cpus_running(); i++)
        if (i != this_cpu()->id)
            any |= look_at(i);
    __atomic_store_n(&suspicion, any, __ATOMIC_RELAXED);
}

static void look_at_myself(struct watch *w)
{
    const struct runq *rq = this_cpu()->runq;
    w->own_looks = rq->switches == w->own_switches ? w->own_looks + 1 : 0;
    w->own_switches = rq->switches;
    if (w->own_looks == LOOKS)
        report(this_cpu()->id, "runs with preemption off");
}

void watchdog_tick(u64 now_ns)
{
    const struct cpu *c = this_cpu();
    struct watch *w = &watches[c->id];
    __atomic_store_n(&w->beats, w->beats + 1, __ATOMIC_RELAXED);
    if (!c->preempt_count)
        w->own_looks = 0;
    if (likely(now_ns < w->own_next_ns) || !step_ns)
        return;
    w->own_next_ns = now_ns + step_ns;
    if (c->preempt_count)
        look_at_myself(w);
    look_at_others(now_ns);
}

static void look_from_timer(struct timer *t)
{
    u64 now = clock_now_ns();
    look_at_others(now);
    timer_arm(t, now + (__atomic_load_n(&suspicion, __ATOMIC_RELAXED) ? step_ns : MAX(step_ns, REST_NS)));
}

void watchdog_start(unsigned seconds)
{
    if (!seconds)
        return;
    step_ns = seconds * NSEC_PER_SEC / LOOKS;
    timer_init(&timer, look_from_timer);
    timer_arm(&timer, clock_now_ns() + step_ns);
}
