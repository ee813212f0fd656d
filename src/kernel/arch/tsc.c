/* The time stamp counter: how fast it runs, and what time it makes that. */
#include "arch/tsc.h"
#include "arch/cpu.h"

#define FALLBACK_KHZ 1000000ull
#define KHZ_MIN 1000ull       /* an emulator that counts instructions slowly */
#define KHZ_MAX 100000000ull
#define REFERENCES_MAX 4
#define NSEC 1000000000ull
#define CYCLES_SHIFT 32

u64 tsc_khz;
struct tsc_scale tsc_scale;
static u64 cycles_per_ns; /* fixed point, CYCLES_SHIFT bits behind the point */
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

/* ns_scale is to fit in 64 bits: slow counters are shifted until they count faster than 1 GHz. Both
 * scales come from the same integer, so that programs that divide differently than the kernel
 * (linux/vdso) read the very same nanosecond. */
static void scale_set(u64 khz)
{
    u32 shift = 0;

    while ((khz << shift) <= NSEC / 1000)
        shift++;
    tsc_scale.sec_scale = UINT64_MAX / ((khz << shift) * 1000);
    tsc_scale.ns_scale = tsc_scale.sec_scale * NSEC;
    tsc_scale.shift = shift;
    tsc_scale.base = rdtsc();
}

const char *tsc_calibrate(u64 forced_khz)
{
    const char *by;
    u64 khz = find_khz(forced_khz, &by);

    cycles_per_ns = (khz << CYCLES_SHIFT) / 1000000;
    scale_set(khz);
    tsc_khz = khz;
    return by;
}

u64 tsc_now_ns(void)
{
    /* Before calibration the scale is 0. */
    u64 cycles = (rdtsc() - tsc_scale.base) << tsc_scale.shift;

    return (u64)((unsigned __int128)cycles * tsc_scale.ns_scale >> 64);
}

/* From now on, not from the beginning: the inexact factor must not add up over days. */
u64 tsc_at_ns(u64 ns)
{
    u64 tsc = rdtsc(), now = tsc_now_ns();
    unsigned __int128 cycles = (unsigned __int128)(ns > now ? ns - now : 0) * cycles_per_ns >> CYCLES_SHIFT;
    u64 left = UINT64_MAX - tsc;

    return cycles < left ? tsc + (u64)cycles + 1 : UINT64_MAX;
}

void tsc_delay_us(u64 us)
{
    u64 khz = tsc_khz ? tsc_khz : FALLBACK_KHZ * 4;
    u64 end = rdtsc() + us * khz / 1000;

    while ((i64)(rdtsc() - end) < 0)
        cpu_relax();
}
