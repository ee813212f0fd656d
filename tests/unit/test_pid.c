/* Sources: src/kernel/task/pid.c */
/* Numbers of processes: unique, upwards, reused only after the wrap, ending in -EAGAIN. */
#include "tests/unit/host.h"
#include "task/pid.h"
#include "lib/errno.h"

static struct pid_table t;
static struct pid_entry entries[PID_MAX + 1];

static void numbers_go_up_from_one(void **state)
{
    (void)state;
    pid_table_init(&t);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(pid_add(&t, &entries[i]), 0);
        assert_int_equal(entries[i].nr, i + 1);
        assert_ptr_equal(pid_lookup(&t, i + 1), &entries[i]);
    }
    assert_null(pid_lookup(&t, 501));
    assert_null(pid_lookup(&t, 0));
    assert_null(pid_lookup(&t, -5));
}

static void a_number_may_be_asked_for(void **state)
{
    (void)state;
    pid_table_init(&t);
    t.last = 1;
    assert_int_equal(pid_add(&t, &entries[0]), 0);
    assert_int_equal(entries[0].nr, 2);
    assert_int_equal(pid_add_at(&t, &entries[1], 1), 0);
    assert_ptr_equal(pid_lookup(&t, 1), &entries[1]);
    assert_int_equal(pid_add_at(&t, &entries[2], 2), -EEXIST);
    assert_int_equal(pid_add(&t, &entries[2]), 0);
    assert_int_equal(entries[2].nr, 3);
    assert_int_equal(t.used, 3);
}

static void freed_numbers_rest_until_the_wrap(void **state)
{
    (void)state;
    pid_table_init(&t);
    for (int i = 0; i < PID_MAX + 5; i++) {
        assert_int_equal(pid_add(&t, &entries[0]), 0);
        int nr = entries[0].nr;
        if (i < PID_MAX)
            assert_int_equal(nr, i + 1);
        else
            assert_int_equal(nr, PID_FIRST_AGAIN + i - PID_MAX);
        pid_remove(&t, &entries[0]);
        assert_null(pid_lookup(&t, nr));
    }
}

static void used_numbers_are_skipped_after_the_wrap(void **state)
{
    (void)state;
    struct pid_entry keep[400], e;
    pid_table_init(&t);
    for (int i = 0; i < 400; i++)
        assert_int_equal(pid_add(&t, &keep[i]), 0);
    for (int i = 400; i < PID_MAX; i++) {
        assert_int_equal(pid_add(&t, &e), 0);
        pid_remove(&t, &e);
    }
    assert_int_equal(pid_add(&t, &e), 0);
    assert_int_equal(e.nr, 401);
}

/* A process that is gone, but whose number is still the group's of another. */
static void a_group_holds_its_number_over_the_wrap(void **state)
{
    (void)state;
    struct pid_entry leader, e;
    pid_table_init(&t);
    t.last = PID_FIRST_AGAIN + 4;
    assert_int_equal(pid_add(&t, &leader), 0);
    int held = leader.nr;
    pid_use(&leader); /* its own group */
    pid_use(&leader); /* another member's */
    assert_false(pid_unuse(&t, &leader));
    assert_false(pid_unuse(&t, &leader)); /* it was reaped */
    for (int i = 0; i < 2 * PID_MAX; i++) {
        assert_int_equal(pid_add(&t, &e), 0);
        assert_int_not_equal(e.nr, held);
        assert_true(pid_unuse(&t, &e));
    }
    assert_int_equal(pid_add_at(&t, &e, held), -EEXIST);
    assert_true(pid_unuse(&t, &leader));
    assert_int_equal(pid_add_at(&t, &e, held), 0);
}

static void a_full_table_says_so(void **state)
{
    (void)state;
    int n = 0;
    pid_table_init(&t);
    while (pid_add(&t, &entries[n]) == 0)
        n++;
    assert_true(n > PID_MAX / 2 && n <= PID_MAX);
    pid_remove(&t, &entries[n / 2]);
    assert_int_equal(pid_add(&t, &entries[n]), 0);
    assert_int_equal(pid_add(&t, &entries[n / 2]), -EAGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_up_from_one),
        cmocka_unit_test(a_number_may_be_asked_for),
        cmocka_unit_test(freed_numbers_rest_until_the_wrap),
        cmocka_unit_test(used_numbers_are_skipped_after_the_wrap),
        cmocka_unit_test(a_group_holds_its_number_over_the_wrap),
        cmocka_unit_test(a_full_table_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
