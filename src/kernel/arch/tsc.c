/* The time stamp counter: how fast it runs, and what time it makes that. */
#include "arch/tsc.h"
#include "arch/cpu.h"

#define FALLBACK_KHZ 1000000ull
#define KHZ_MIN 1000ull       /* an emulator that counts instructions slowly */
#define KHZ_MAX 100000000ull
#define REFERENCES_MAX 4
#define NS_SHIFT 32

u64 tsc_khz;
static u64 tsc_base;
static u64 ns_per_cycle, cycles_per_ns; /* fixed point, NS_SHIFT bits behind the point */
static const struct tsc_reference *references[REFERENCES_MAX];

void tsc_reference_add(const struct tsc_reference *ref)
{
    unsigned i = REFERENCES_MAX - 1;

    if (references[i])
        return;
    for (; i > 0 && (!references[i - 1] || references[i - 1]->mask < ref->mask); i--)
        references[i] = references[i - 1];
    references[i] = ref;
}

static bool is_plausible(u64 khz) { return khz >= KHZ_MIN && khz <= KHZ_MAX; }

static u64 find_khz(u64 forced_khz, const char **by)
{
    u64 khz = forced_khz;

    *by = "the command line";
    if (is_plausible(khz))
        return khz;
    khz = tsc_khz_told(by);
    if (is_plausible(khz))
        return khz;
    for (unsigned i = 0; i < REFERENCES_MAX && references[i]; i++) {
        *by = references[i]->name;
        khz = tsc_measure(references[i]);
        if (is_plausible(khz))
            return khz;
    }
    *by = "the processor's nominal frequency";
    khz = tsc_khz_nominal();
    if (is_plausible(khz))
        return khz;
    *by = "a guess, for nothing here tells the time";
    return FALLBACK_KHZ;
}

const char *tsc_calibrate(u64 forced_khz)
{
    const char *by;
    u64 khz = find_khz(forced_khz, &by);

    ns_per_cycle = (1000000ull << NS_SHIFT) / khz;
    cycles_per_ns = (khz << NS_SHIFT) / 1000000;
    tsc_base = rdtsc();
    tsc_khz = khz;
    return by;
}

u64 tsc_now_ns(void)
{
    /* 128 bits: the product outgrows 64 within seconds. Before calibration the factor is 0. */
    return (u64)((unsigned __int128)(rdtsc() - tsc_base) * ns_per_cycle >> NS_SHIFT);
}

/* One cycle more than the product: at that count tsc_now_ns has reached ns, not nearly. */
u64 tsc_at_ns(u64 ns)
{
    unsigned __int128 cycles = (unsigned __int128)ns * cycles_per_ns >> NS_SHIFT;
    u64 last = UINT64_MAX - tsc_base;

    return cycles < last ? tsc_base + (u64)cycles + 1 : UINT64_MAX;
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
