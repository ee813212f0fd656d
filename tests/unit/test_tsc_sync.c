/* Sources: */
#include "tests/unit/host.h"
#include "arch/tsc_sync.h"

static void agreeing(void **state)
{
    struct tsc_rounds r = { 0 };
    tsc_round_add(&r, 1000, 1100, 1200);
    tsc_round_add(&r, 2000, 2900, 3000);
    assert_true(r.n == 2 && r.impossible == 0 && r.ahead == 0 && r.best_width == 200);
}

static void behind_and_ahead(void **state)
{
    struct tsc_rounds r = { 0 };
    tsc_round_add(&r, 100000, 500, 100200);
    assert_int_equal(r.impossible, 1);
    assert_int_equal(r.ahead, 500 - 100100);
    tsc_round_add(&r, 200000, 900000, 200100);
    assert_int_equal(r.impossible, 2);
    assert_int_equal(r.ahead, 900000 - 200050);
}

/* A little off, but never outside: no program can notice. */
static void within_the_question(void **state)
{
    struct tsc_rounds r = { 0 };
    tsc_round_add(&r, 1000, 1190, 1200);
    assert_true(r.impossible == 0 && r.ahead == 90);
}

static void around_the_end_of_the_counter(void **state)
{
    struct tsc_rounds r = { 0 };
    tsc_round_add(&r, ~0ull - 100, 50, 200);
    assert_int_equal(r.impossible, 0);
    tsc_round_add(&r, 10, ~0ull - 20, 100);
    assert_int_equal(r.impossible, 1);
    assert_true(r.ahead < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreeing), cmocka_unit_test(behind_and_ahead), cmocka_unit_test(within_the_question),
        cmocka_unit_test(around_the_end_of_the_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
