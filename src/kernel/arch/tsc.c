/* The time stamp counter and how fast it runs.
 *
 * Asked first: CPUID 15h (SDM vol. 2, crystal ratio) and the hypervisors' leaf 40000010h. Else it is
 * measured against the PIT's channel 2, whose count can be read at any time: both counters are read
 * as a pair, twice, and the pair whose reading took least time is believed. On a busy host one
 * window may be off by a factor of six, so short windows are repeated until one is tight. */
#include "arch/tsc.h"
#include "arch/cpu.h"

#define PIT_HZ 1193182ull
#define PIT_CH2 0x42
#define PIT_CMD 0x43
#define PIT_GATE 0x61
#define WINDOW_TICKS 5966u /* 5 ms */
#define WINDOWS_MAX 8
#define FALLBACK_KHZ 1000000ull

u64 tsc_khz;
static u64 tsc_base;
static u64 ns_per_cycle; /* fixed point, NS_SHIFT bits behind the point */
#define NS_SHIFT 32

struct pair { u64 tsc, width; u16 count; };

static u16 pit_read(void)
{
    outb(PIT_CMD, 0x80); /* latch channel 2 */
    u16 lo = inb(PIT_CH2);
    return (u16)(lo | inb(PIT_CH2) << 8);
}

static struct pair read_pair(void)
{
    struct pair best = { .width = ~0ull };

    for (int i = 0; i < 3; i++) {
        u64 t0 = rdtsc();
        u16 count = pit_read();
        u64 t1 = rdtsc();
        if (t1 - t0 < best.width)
            best = (struct pair){ .tsc = t0 + (t1 - t0) / 2, .width = t1 - t0, .count = count };
    }
    return best;
}

static void pit_start(void)
{
    outb(PIT_GATE, (u8)((inb(PIT_GATE) & ~2) | 1)); /* gate on, speaker off */
    outb(PIT_CMD, 0xb0);                             /* channel 2, both bytes, mode 0: count down once */
    outb(PIT_CH2, 0xff);
    outb(PIT_CH2, 0xff);
}

/* kHz by one window; *error_ppm says how far off it may be. 0: the PIT does not count. */
static u64 measure(u64 *error_ppm)
{
    pit_start();
    struct pair a = read_pair();
    u16 elapsed = 0;

    for (unsigned tries = 0; elapsed < WINDOW_TICKS; tries++) {
        if (tries > 2000000 || (tries > 10000 && elapsed == 0))
            return 0;
        elapsed = (u16)(a.count - pit_read());
        cpu_relax();
    }
    struct pair b = read_pair();
    u64 ticks = (u16)(a.count - b.count), cycles = b.tsc - a.tsc;
    if (ticks == 0 || cycles == 0)
        return 0;
    *error_ppm = (a.width + b.width) * 500000 / cycles;
    return cycles * (PIT_HZ / 2) / ticks / 500;
}

static u64 ask_cpuid(void)
{
    u32 max = cpuid(0, 0).eax;

    if (max >= 0x15) {
        struct cpuid_regs r = cpuid(0x15, 0);
        if (r.eax && r.ebx && r.ecx)
            return (u64)r.ecx * r.ebx / r.eax / 1000;
    }
    if (cpuid(1, 0).ecx >> 31 && cpuid(0x40000000, 0).eax >= 0x40000010)
        return cpuid(0x40000010, 0).eax;
    return 0;
}

static u64 measure_best(void)
{
    u64 best = 0, best_error = ~0ull;

    for (int i = 0; i < WINDOWS_MAX && best_error > 500; i++) {
        u64 error = ~0ull, khz = measure(&error);
        if (khz == 0)
            break;
        if (error < best_error) {
            best = khz;
            best_error = error;
        }
    }
    return best;
}

void tsc_calibrate(u64 forced_khz)
{
    tsc_khz = forced_khz ? forced_khz : ask_cpuid();
    if (tsc_khz == 0)
        tsc_khz = measure_best();
    if (tsc_khz == 0)
        tsc_khz = FALLBACK_KHZ;
    ns_per_cycle = (1000000ull << NS_SHIFT) / tsc_khz;
    tsc_base = rdtsc();
}

u64 tsc_now_ns(void)
{
    /* 128 bits: the product outgrows 64 within seconds. Before calibration the factor is 0. */
    return (u64)((unsigned __int128)(rdtsc() - tsc_base) * ns_per_cycle >> NS_SHIFT);
}

void tsc_scale(u64 *base, u64 *ns_per_cycle_32)
{
    _Static_assert(NS_SHIFT == 32, "promised in tsc.h");
    *base = tsc_base;
    *ns_per_cycle_32 = ns_per_cycle;
}

void tsc_delay_us(u64 us)
{
    u64 khz = tsc_khz ? tsc_khz : FALLBACK_KHZ * 4;
    u64 end = rdtsc() + us * khz / 1000;

    while ((i64)(rdtsc() - end) < 0)
        cpu_relax();
}
