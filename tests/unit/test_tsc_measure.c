/* Sources: src/kernel/arch/tsc_measure.c */
#include "tests/unit/host.h"
#include "arch/cpu.h"
#include "arch/tsc.h"

/* Counters made of the host's own TSC, as if that ran at 2 GHz. */
#define KHZ 2000000ull

static u32 at_hz(u64 hz, u32 mask) { return (u32)((unsigned __int128)rdtsc() * hz / (KHZ * 1000)) & mask; }
static u32 read_fast(void) { return at_hz(100000000, UINT32_MAX); }
static u32 read_slow(void) { return at_hz(3579545, 0xffffff); }
static u32 read_narrow(void) { return at_hz(1193182, 0xffff); }
static u32 read_dead(void) { return 0xffffffff; }

/* Moves on a little and stops. */
static u32 read_dying(void)
{
    static u32 n;
    return n < 100 ? n++ : n;
}

static void expect_khz(const struct tsc_reference *ref)
{
    u64 khz = tsc_measure(ref);
    assert_in_range(khz, KHZ * 99 / 100, KHZ * 101 / 100);
}

static void counters_of_all_widths(void **state)
{
    expect_khz(&(struct tsc_reference){ "fast", 100000000, UINT32_MAX, read_fast });
    expect_khz(&(struct tsc_reference){ "slow", 3579545, 0xffffff, read_slow });
    expect_khz(&(struct tsc_reference){ "narrow", 1193182, 0xffff, read_narrow });
}

static void what_does_not_count_is_not_believed(void **state)
{
    assert_int_equal(tsc_measure(&(struct tsc_reference){ "dead", 100000000, UINT32_MAX, read_dead }), 0);
    assert_int_equal(tsc_measure(&(struct tsc_reference){ "dead", 1193182, 0xffff, read_dead }), 0);
    assert_int_equal(tsc_measure(&(struct tsc_reference){ "dying", 100000000, UINT32_MAX, read_dying }), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_of_all_widths),
        cmocka_unit_test(what_does_not_count_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
