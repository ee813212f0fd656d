/* Sources: src/kernel/sched/timerq.c src/kernel/lib/rbtree.c */
#include "tests/unit/host.h"
#include "sched/timerq.h"
#include <stdlib.h>

static void in_order_of_deadline(void **state)
{
    enum { N = 500 };
    static struct timer t[N];
    struct timerq q = { 0 };
    srand(1);
    for (int i = 0; i < N; i++) {
        t[i].deadline_ns = (u64)rand() % 100;
        timerq_insert(&q, &t[i]);
    }
    for (int i = 0; i < N; i += 3)
        timerq_remove(&q, &t[i]);
    u64 last = 0;
    struct timer *got, *before = NULL;
    int n = 0;
    for (; (got = timerq_pop_due(&q, 99)); n++, before = got) {
        assert_false(got->armed);
        assert_true(got->deadline_ns >= last);
        if (before && before->deadline_ns == got->deadline_ns)
            assert_true(before < got); /* first come, first served */
        last = got->deadline_ns;
    }
    assert_int_equal(n, N - (N + 2) / 3);
}

static void only_what_is_due(void **state)
{
    struct timerq q = { 0 };
    struct timer a = { .deadline_ns = 10 }, b = { .deadline_ns = UINT64_MAX };
    assert_null(timerq_pop_due(&q, UINT64_MAX));
    timerq_insert(&q, &b);
    timerq_insert(&q, &a);
    assert_null(timerq_pop_due(&q, 9));
    assert_ptr_equal(timerq_pop_due(&q, 10), &a);
    assert_null(timerq_pop_due(&q, UINT64_MAX - 1));
    EXPECT_PANIC(timerq_insert(&q, &b));
    EXPECT_PANIC(timerq_remove(&q, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(in_order_of_deadline),
                                        cmocka_unit_test(only_what_is_due) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
