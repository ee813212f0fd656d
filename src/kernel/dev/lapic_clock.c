/* Clock interrupts from the local APIC: by the TSC's value where the CPU can, else by counting down.
 * How fast the count runs nobody says; it is measured against the TSC, once, for all CPUs have the
 * same clock. (SDM vol. 3, 11.5.4) */
#include "dev/lapic_clock.h"
#include "arch/cpu.h"
#include "arch/lapic.h"
#include "arch/tsc.h"
#include "lib/klog.h"
#include "sched/clock.h"

#define COUNT_MAX 0xffffffffu
#define WINDOW_NS 2000000u
#define GOOD_NS 1000u   /* readings take less than that: 0.1 % */
#define WINDOWS_MAX 8
#define SHIFT 32

static u64 counts_per_ns; /* fixed point; 0: the timer does not work */
static u64 wait_max_ns;

static void once_arm(u64 deadline_ns)
{
    u64 now = clock_now_ns();
    u64 wait = deadline_ns > now ? MIN(deadline_ns - now, wait_max_ns) : 0;

    lapic_timer_arm_count((u32)((unsigned __int128)wait * counts_per_ns >> SHIFT) + 1);
}

static void deadline_arm(u64 deadline_ns) { lapic_timer_arm_tsc(tsc_at_ns(deadline_ns)); }

static const struct clock_event by_count = { .name = "lapic", .arm = once_arm };
static const struct clock_event by_tsc = { .name = "lapic-deadline", .arm = deadline_arm };

/* The count at a moment, and how long it took to read. */
static u32 read_at(u64 *at_ns, u64 *took_ns)
{
    u64 t0 = tsc_now_ns();
    u32 left = lapic_timer_left();
    u64 t1 = tsc_now_ns();

    *at_ns = t0 + (t1 - t0) / 2;
    *took_ns = t1 - t0;
    return left;
}

/* Counts of one window as fixed point a nanosecond; *error_ns: what the readings took. */
static u64 measure(u64 *error_ns)
{
    u64 began, ended, took_begin, took_end;

    u32 first = read_at(&began, &took_begin);
    while (tsc_now_ns() - began < WINDOW_NS)
        cpu_relax();
    u32 last = read_at(&ended, &took_end);
    *error_ns = took_begin + took_end;
    return ended > began && first > last ? ((u64)(first - last) << SHIFT) / (ended - began) : 0;
}

static u64 measure_best(void)
{
    u64 best = 0, best_error = ~0ull;

    for (int i = 0; i < WINDOWS_MAX && best_error > 2 * GOOD_NS; i++) {
        u64 error, rate;
        lapic_timer_arm_count(COUNT_MAX);
        rate = measure(&error);
        if (rate == 0)
            break;
        if (error < best_error) {
            best = rate;
            best_error = error;
        }
    }
    lapic_timer_stop();
    return best;
}



void lapic_clock_init(void)
{
    if (!lapic_in_use())
        return;
    if (!lapic_timer_has_deadline()) {
        lapic_timer_mode(LAPIC_TIMER_ONCE);
        counts_per_ns = measure_best();
        if (!counts_per_ns) {
            kwarn("clock: the local APIC's timer does not count");
            return;
        }
        wait_max_ns = ((u64)(COUNT_MAX - 1) << SHIFT) / counts_per_ns;
    }
    lapic_clock_init_cpu();
}

bool lapic_clock_works(void) { return lapic_in_use() && (counts_per_ns || lapic_timer_has_deadline()); }

void lapic_clock_init_cpu(void)
{
    bool by_deadline = lapic_timer_has_deadline();

    if (!lapic_clock_works())
        return;
    lapic_timer_mode(by_deadline ? LAPIC_TIMER_DEADLINE : LAPIC_TIMER_ONCE);
    clock_event_use(by_deadline ? &by_tsc : &by_count);
}
