/* Measuring the TSC against another counter.
 *
 * Both are read as a pair, twice, 5 ms apart; of three readings the one that took least time is
 * believed, for the TSC is known best there. A host that is busy may stop a virtual machine in the
 * middle of it: windows whose readings took long are repeated. A narrow counter (the PIT's 16 bits
 * last 55 ms) may even wrap unseen, so there two windows must agree. */
#include "arch/cpu.h"
#include "arch/tsc.h"

#define WINDOW_PER_SEC 200u      /* windows of 5 ms */
#define WINDOWS_MAX 8
#define GOOD_PPM 500u
#define AGREE_PPM 2000u
#define WIDE_MASK 0xffffffu
#define TRIES_MAX 2000000u       /* reads: seconds even where one takes a microsecond */
#define TRIES_STUCK 10000u       /* it ought to have moved by then */

struct pair { u64 tsc, width; u32 count; };

static struct pair read_pair(const struct tsc_reference *ref)
{
    struct pair best = { .width = ~0ull };

    for (int i = 0; i < 3; i++) {
        u64 t0 = rdtsc();
        u32 count = ref->read();
        u64 t1 = rdtsc();
        if (t1 - t0 < best.width)
            best = (struct pair){ .tsc = t0 + (t1 - t0) / 2, .width = t1 - t0, .count = count };
    }
    return best;
}

/* kHz by one window, and how far off it may be. 0: the counter does not count. */
static u64 measure_window(const struct tsc_reference *ref, u64 *error_ppm)
{
    struct pair a = read_pair(ref);
    u32 elapsed = 0;

    for (unsigned tries = 0; elapsed < ref->hz / WINDOW_PER_SEC; tries++) {
        if (tries > TRIES_MAX || (tries > TRIES_STUCK && elapsed == 0))
            return 0;
        elapsed = (ref->read() - a.count) & ref->mask;
        cpu_relax();
    }
    struct pair b = read_pair(ref);
    u64 counts = (b.count - a.count) & ref->mask, cycles = b.tsc - a.tsc;
    u64 window_ns = counts * 1000000000 / ref->hz;
    if (window_ns == 0 || cycles == 0)
        return 0;
    *error_ppm = (a.width + b.width) * 500000 / cycles;
    return cycles * 1000000 / window_ns;
}

static bool agree(u64 a, u64 b)
{
    return (a > b ? a - b : b - a) <= a / 1000000 * AGREE_PPM + 1;
}

u64 tsc_measure(const struct tsc_reference *ref)
{
    u64 best = 0, best_error = ~0ull, last = 0;

    for (int i = 0; i < WINDOWS_MAX; i++) {
        u64 error = ~0ull, khz = measure_window(ref, &error);
        if (khz == 0)
            return 0;
        bool confirmed = ref->mask >= WIDE_MASK || (i > 0 && agree(khz, last));
        last = khz;
        if (error < best_error) {
            best = khz;
            best_error = error;
        }
        if (confirmed && best_error <= GOOD_PPM && agree(khz, best))
            return best;
    }
    return best;
}
