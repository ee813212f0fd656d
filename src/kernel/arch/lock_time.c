/* LOCK_DEBUG: how long interrupts and preemption stay off.
 *
 * A CPU notes when they went off and where. Who turns them on again looks at the clock and, if it took
 * longer than the limit, says so once for each place where they went off. Time is the guest's own, and
 * a host that pauses the machine makes it jump: that is why this is said and never a panic.
 *
 * Interrupts that a return to ring 3 or a trap's own IRETQ turns on are not seen: the note stays, and
 * the next one overwrites it. So no time is ever too long by mistake. */
#include "arch/cpu.h"
#include "arch/debug.h"
#include "arch/lock_check_priv.h"
#include "arch/percpu.h"
#include "arch/tsc.h"
#include "lib/klog.h"

#define PLACES 64u
#define DEFAULT_MS 1000u

struct off { u64 since_tsc; const void *at; };
static struct { struct off irqs, preempt; bool telling; } noted[MAX_CPUS];
static const void *told[PLACES]; /* atomic */
static u32 limit_ms = DEFAULT_MS;

void lock_time_limit(u32 ms) { limit_ms = ms; }

/* False: it was told, or the table is full. */
static bool first_time(const void *at)
{
    for (unsigned i = 0; i < PLACES; i++) {
        const void *none = NULL;
        if (__atomic_compare_exchange_n(&told[i], &none, at, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
        if (none == at)
            return false;
    }
    return false;
}

static void say_warning(const char *line) { kwarn("%s", line); }

static void tell(const char *what, const void *at, u64 ms)
{
    struct symbol_name buf;
    u64 offset = 0;
    const char *name = symbol_lookup((vaddr_t)at - 1, &offset, &buf);

    kwarn("%s off for %lu ms on cpu %u, since %s+0x%lx; on again here:", what, ms, this_cpu()->id, name ? name : "?", offset);
    dump_backtrace(0, (vaddr_t)__builtin_frame_address(0), say_warning);
}

static void on_again(struct off *off, const char *what)
{
    u64 ms = off->since_tsc && tsc_khz ? (rdtsc() - off->since_tsc) / tsc_khz : 0;
    bool *telling = &noted[this_cpu()->id].telling;

    off->since_tsc = 0;
    if (likely(ms < limit_ms) || *telling || !first_time(off->at))
        return;
    *telling = true;
    tell(what, off->at, ms);
    *telling = false;
}

void lock_time_irqs_off(const void *at)
{
    if (lock_check_running())
        noted[this_cpu()->id].irqs = (struct off){ rdtsc(), at ? at : __builtin_return_address(0) };
}

void lock_time_irqs_on(void)
{
    if (!lock_check_running())
        return;
    lock_check_irqs_on();
    on_again(&noted[this_cpu()->id].irqs, "interrupts");
}

void lock_time_preempt_off(const void *at)
{
    if (lock_check_running() && cpu_preempt_count() == 1)
        noted[this_cpu()->id].preempt = (struct off){ rdtsc(), at ? at : __builtin_return_address(0) };
}

void lock_time_preempt_on(void)
{
    if (lock_check_running() && cpu_preempt_count() == 1)
        on_again(&noted[this_cpu()->id].preempt, "preemption");
}
